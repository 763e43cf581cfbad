"""Find the test samples of a run in data that may have changed since."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.data.column_array import of_parts
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part
from engine.data.sample_parts import SampleParts
from engine.errors import BadInput, quoted
from engine.models.card import LONGEST_TEXT


@dataclass(frozen=True)
class HeldOut:
    """Test samples of a run.

    Attributes
    ----------
    part
        The samples, with the class indices of the run.
    missing
        Test samples of the run that the data no longer contains, or contains with another target.
    new
        Samples of the data that are new since the run.
    """

    part: Part
    missing: int = 0
    new: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What changed since the run, as sentences for the user; () if nothing relevant did."""
        found = []
        if self.new:
            found.append(
                f"{self.new:,} {'sample is' if self.new == 1 else 'samples are'} new and not measured"
            )
        if self.missing:
            total = self.missing + len(self.part)
            found.append(
                f"{self.missing:,} of its {total:,} test samples {'is' if self.missing == 1 else 'are'} gone"
            )
        return (f"The data changed since the run: {', '.join(found)}.",) if found else ()


def held_out(parts: SampleParts, learned: DataInfo, data: LoadedData) -> HeldOut:
    """Return the test samples of a run that ``data`` still contains, in any part.

    Parameters
    ----------
    learned
        The data of the run, with the shape of its samples and its labels in order.

    Raises
    ------
    BadInput
        If the data has samples of another shape or targets of another kind, or contains none of the samples.
    """
    refuse_other_kind(learned, data.info)
    if parts.key == data.parts.key:
        return HeldOut(_relabelled(data.test, data.info, learned))
    places: dict[int, list[int]] = {}  # of the test samples that were not found yet
    for place, digest in enumerate(parts.test.tolist()):
        places.setdefault(digest, []).append(place)
    known = {*places, *parts.training.tolist(), *parts.validation.tolist()}
    here = _as_learned(data, learned).parts
    digests = np.concatenate([here.test, here.training, here.validation]).tolist()
    found = {places[digest].pop(0): row for row, digest in enumerate(digests) if places.get(digest)}
    if len(parts.test) and not found:
        raise BadInput(
            "the data holds none of the samples that the run was tested on, or other answers to them: "
            "choose the data it learned from"
        )
    rows = [found[place] for place in sorted(found)]  # in the run's order
    everything = (data.test, data.training, data.validation)
    inputs, targets = (
        {
            name: of_parts([getattr(part, role)[name] for part in everything], rows)
            for name in getattr(data.test, role)
        }
        for role in ("inputs", "targets")
    )
    return HeldOut(
        _relabelled(Part(inputs, targets), data.info, learned),
        missing=len(parts.test) - len(found),
        new=sum(digest not in known for digest in digests),
    )


def _as_learned(data: LoadedData, learned: DataInfo) -> LoadedData:
    """Return the data in 32 bits like the run's, if new samples made it one of 64 bits."""
    if learned.input_dtype == "float64" or data.info.input_dtype != "float64":
        return data
    training, validation, test = (
        Part({name: _narrow(column) for name, column in part.inputs.items()}, part.targets)
        for part in (data.training, data.validation, data.test)
    )
    return replace(data, training=training, validation=validation, test=test)


def _narrow(column: Any) -> Any:
    return column.astype(np.float32) if column.dtype == np.float64 else column


def refuse_other_kind(learned: DataInfo, info: DataInfo) -> None:
    """Raise BadInput if a network trained on one data set cannot predict samples of the other."""
    if info.input_shape != learned.input_shape:
        now, then = ("×".join(map(str, each.input_shape)) for each in (info, learned))
        raise BadInput(
            f"the samples are {now} now, the run learned {then}: choose the data it learned from"
        )
    if (info.task, info.n_targets) != (learned.task, learned.n_targets):
        raise BadInput("the answers are of another kind now: choose the data the run learned from")


def _relabelled(part: Part, info: DataInfo, learned: DataInfo) -> Part:
    """Return samples with the class indices of the run; other targets unchanged."""
    if info.task != "classification" or info.labels == learned.labels:
        return part
    numbers = {label: number for number, label in enumerate(learned.labels)}
    # A card has cleaned labels. Samples with labels that the run did not know are never used.
    labels = (quoted(label, LONGEST_TEXT) for label in info.labels)
    table = np.array([numbers.get(label, 0) for label in labels], part.y.dtype)
    first = next(iter(part.targets))
    return Part(part.inputs, {**part.targets, first: table[part.y]})
