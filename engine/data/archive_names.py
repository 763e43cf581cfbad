"""Find the inputs and targets in an archive by the usual names of arrays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy.typing as npt

from engine.data.files import named
from engine.errors import BadInput, quoted

# The first name of a row that is in the archive counts.
_INPUTS: Final = (
    "x", "inputs", "input", "features", "images", "image", "pictures", "samples", "data",
)  # fmt: skip
_ANSWERS: Final = (
    "y", "labels", "label", "targets", "target", "answers", "classes", "outputs", "output",
)  # fmt: skip
_TRAINING: Final = ("training", "train")
_TEST: Final = ("testing", "test")
_VALIDATION: Final = ("validation", "valid", "val", "dev")
_MOST_NAMED: Final = 40  # letters of a list of names


@dataclass(frozen=True)
class RawPart:
    """Inputs and targets of a file, and their names in it."""

    x: npt.NDArray[Any]
    y: npt.NDArray[Any]
    x_name: str = "x"
    y_name: str = "y"


@dataclass(frozen=True)
class Found:
    """The parts of an archive: samples to be split, then a test part if there is one.

    Attributes
    ----------
    unused
        Names of arrays of a validation part, which is not used.
    """

    parts: tuple[RawPart, ...]
    unused: tuple[str, ...] = ()


def find_parts(arrays: Mapping[str, npt.NDArray[Any]], file: str) -> Found:
    """Return the arrays to learn from, by their usual names in any case.

    Raises
    ------
    BadInput
        If inputs or targets are not found by name; says which names there are.
    """
    main = _pair(arrays, _TRAINING) or _pair(arrays, ("",))
    if main is None or not all(main):
        there = quoted(", ".join(arrays), _MOST_NAMED) or "no arrays"
        raise BadInput(
            f'"{named(file)}" holds {there}: name its inputs x or x_train and its answers y or y_train'
        )
    test = _pair(arrays, _TEST)
    if test is not None and not all(test):
        lone, lacking = (test[0], "answers") if test[0] else (test[1], "inputs")
        raise BadInput(
            f'"{named(file)}" holds {quoted(lone, 30)} without {lacking} beside it: '
            "save x_test and y_test, or neither"
        )
    pairs = [main, *([test] if test else [])]
    parts = tuple(RawPart(arrays[x], arrays[y], quoted(x, 20), quoted(y, 20)) for x, y in pairs)
    unused = tuple(name for name in _pair(arrays, _VALIDATION) or () if name)
    return Found(parts, unused)


def _pair(arrays: Mapping[str, Any], markers: tuple[str, ...]) -> tuple[str, str] | None:
    """Return the names of a part's inputs and targets, "" for a missing one; None if both are missing."""
    pair = _first(arrays, _INPUTS, markers), _first(arrays, _ANSWERS, markers)
    return pair if any(pair) else None


def _first(arrays: Mapping[str, Any], stems: tuple[str, ...], markers: tuple[str, ...]) -> str:
    plain = {re.sub(r"[^a-z0-9]", "", name.casefold()): name for name in arrays}
    for stem in stems:
        for marker in markers:
            for wanted in (stem + marker, marker + stem):
                if wanted in plain:
                    return plain[wanted]
    return ""
