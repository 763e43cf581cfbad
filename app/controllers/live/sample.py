"""The sample that is pinned, and what a unit of the selected layer sees of it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.live.captions import sample_words
from engine.data.preview import as_picture
from engine.probes.pinned import PinnedSample, pinned_sample
from engine.spec.project import ProjectSpec
from engine.spec.sample import SampleSpec
from widgets.sample import SamplePanel

_SELECT: Final = "Select a convolution or pooling block to see what one of its units sees."
_KEY: Final = "pinned"


class SampleController(QObject):
    """Shows the pinned sample, pins another one, and marks the receptive field of a unit."""

    def __init__(
        self, document: Document, app_model: AppModel, panel: SamplePanel, parent: QObject | None = None
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._panel = panel
        self._place = (0.5, 0.5)  # of the unit: down and right, as shares
        document.spec_changed.connect(self._on_spec)
        app_model.data_changed.connect(self._show_sample)
        app_model.selection_changed.connect(self._show_field)
        app_model.facts_changed.connect(self._show_field)
        panel.seen.connect(self._show_sample)
        panel.part_requested.connect(self._on_part)
        panel.number_requested.connect(self._on_number)
        panel.view.place_chosen.connect(self._on_place)
        panel.view.step_requested.connect(self._on_step)

    # ---- Which sample ----

    def go(self, step: int) -> None:
        """Pin the sample so many further in its part; after the last comes the first."""
        sample = self._sample
        if sample is not None:
            self._pin(sample.part, (sample.number + step) % sample.count)

    def _on_part(self, part: str) -> None:
        self._pin(part, self._document.spec.pinned[0].number)

    def _on_number(self, number: int) -> None:
        sample = self._sample
        if sample is not None:
            self._pin(sample.part, number)

    def _pin(self, part: str, number: int) -> None:
        spec = self._document.spec
        first = SampleSpec.model_validate({"part": part, "number": number})
        self._document.edit(
            "Choose Another Sample", spec.but(pinned=(first, *spec.pinned[1:])), _KEY
        )

    @property
    def _sample(self) -> PinnedSample | None:
        data, pinned = self._app_model.data, self._document.spec.pinned[0]
        return pinned_sample(data, pinned.part, pinned.number) if data is not None else None

    def _on_spec(self, old: ProjectSpec, new: ProjectSpec) -> None:
        if old.pinned != new.pinned:
            self._show_sample()

    def _show_sample(self) -> None:
        data, sample = self._app_model.data, self._sample
        if not self._panel.isVisible():
            return
        if data is None or sample is None:
            self._panel.show_sample(None, "The data is not loaded yet.")
            self._panel.show_field(None, "")
            return
        counts = {n: len(getattr(data, n)) for n in ("training", "validation", "test")}
        self._panel.show_choice(sample.part, sample.number, counts)
        words = sample_words(sample, data.info)
        values = (
            as_picture(sample.x, data.info) if data.info.kind == "picture" else as_matrix(sample.x)
        )
        self._panel.show_sample(values, f"{words[:1].upper()}{words[1:]}")
        self._show_field()

    # ---- What a unit sees ----

    def _on_place(self, down: float, right: float) -> None:
        self._place = (down, right)
        self._show_field()

    def _on_step(self, down: int, right: int) -> None:
        places = self._places
        if places:
            sizes = places if len(places) == 2 else (1, *places)
            unit = self._unit(places)
            unit = unit if len(unit) == 2 else (0, *unit)
            moved = zip(unit, (down, right), sizes, strict=True)
            shares = [(min(max(at + by, 0), size - 1) + 0.5) / size for at, by, size in moved]
            self._on_place(shares[0], shares[1])

    @property
    def _selected(self) -> str:
        chosen = self._app_model.selection
        return chosen[0] if len(chosen) == 1 else ""

    @property
    def _places(self) -> tuple[int, ...]:
        """Rows and columns (or time steps) of the selected layer's output, () if it has none."""
        fact = self._app_model.facts.get(self._selected)
        shape = fact.output_shape if fact is not None else None
        if shape is None or None in shape or not 2 <= len(shape) <= 3:
            return ()
        return tuple(size or 0 for size in shape[:-1])

    def _unit(self, places: tuple[int, ...]) -> tuple[int, ...]:
        shares = self._place if len(places) == 2 else self._place[1:]
        return tuple(
            min(int(share * size), size - 1) for share, size in zip(shares, places, strict=True)
        )

    def _show_field(self) -> None:
        if not self._panel.isVisible() or self._app_model.data is None:
            return
        places = self._places
        mask = None
        if places:
            network = self._document.spec.network
            unit = self._unit(places)
            mask = heavy.receptive_field(network, self._app_model.facts, self._selected, unit)
        if mask is None:
            self._panel.show_field(None, self._no_field_words())
        else:
            self._panel.show_field(
                _as_drawn(mask), field_text(self._selected, self._unit(places), mask)
            )

    def _no_field_words(self) -> str:
        fact = self._app_model.facts.get(self._selected)
        if fact is None or fact.output_shape is None:
            return _SELECT
        return f"{self._selected} has no places: each of its units sees the whole sample."


def as_matrix(x: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    """Return a sample that is no picture as it is drawn: time runs from left to right."""
    values = np.asarray(x, np.float32)
    return values.T if values.ndim == 2 else values.reshape(1, -1)


def field_text(layer_id: str, unit: tuple[int, ...], mask: npt.NDArray[np.bool_]) -> str:
    """Return what a unit sees in words, its place counted from 1."""
    where = ", ".join(str(at + 1) for at in unit)
    seen = np.argwhere(mask)
    if not len(seen):
        return f"Unit {where} of {layer_id} sees nothing but padding."
    spans = " × ".join(f"{size:,}" for size in seen.max(axis=0) - seen.min(axis=0) + 1)
    whole = " × ".join(f"{size:,}" for size in mask.shape)
    holes = "" if len(seen) == np.prod(np.ptp(seen, axis=0) + 1) else ", with gaps"
    return f"Unit {where} of {layer_id} sees {spans} of {whole} places{holes}."


def _as_drawn(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the mask as the sample is drawn: time runs from left to right."""
    return mask[np.newaxis] if mask.ndim == 1 else mask
