"""Which samples a run learned from and which it kept apart, known by their content.

A data file may move, grow or be exchanged after a training. What a run used is written beside its checkpoint, so that
no sample it learned from is ever counted as one it has not seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.column_array import Inputs
from engine.data.npz import read_npz
from engine.errors import BadInput
from engine.storage import write_with

FILE_NAME: Final = "samples.npz"
_PARTS: Final = ("training", "validation", "test")
_DIGEST_BYTES: Final = 8
_CHUNK: Final = 1024  # samples looked at together

Digests: TypeAlias = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class SampleParts:
    """Digests of the samples of each part.

    Attributes
    ----------
    training, validation, test
        (n,) as `digests` gives them, in the part's order.
    """

    training: Digests
    validation: Digests
    test: Digests

    @cached_property
    def key(self) -> str:
        """Equal for the same samples in the same parts and order."""
        digest = hashlib.blake2b(digest_size=16)
        for part in (self.training, self.validation, self.test):
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part.astype("<u8").tobytes())
        return digest.hexdigest()

    def write(self, path: Path) -> None:
        """Replace the file in one step.

        Raises
        ------
        JobFailed
            If the disk refuses; an older file is untouched.
        """
        arrays: dict[str, Any] = {name: getattr(self, name) for name in _PARTS}
        write_with(path, lambda temporary: np.savez(temporary, **arrays))


def read_parts(path: Path) -> SampleParts | None:
    """Return the parts that a file holds; None if it is missing or damaged: older runs have none."""
    try:
        arrays = read_npz(path, only=_PARTS)
    except BadInput:
        return None
    if any(name not in arrays or arrays[name].dtype.kind != "u" for name in _PARTS):
        return None
    return SampleParts(*(arrays[name].astype(np.uint64).ravel() for name in _PARTS))


def digests(
    inputs: Sequence[npt.NDArray[Any]],
    targets: Sequence[npt.NDArray[Any]],
    labels: Sequence[Sequence[str]],
) -> Digests:
    """Return (n,) a number for each sample that follows from its inputs and its answers.

    Only values count: 255 is the same in a byte and in a decimal number, -0.0 is 0.0.

    Parameters
    ----------
    inputs, targets
        Columns of the same length.
    labels
        Class names by index of each target: a class counts by its name, since its index depends on the other
        classes. Empty where the answers are numbers.
    """
    answers = [_answer_bytes(y, names) for y, names in zip(targets, labels, strict=True)]
    found = bytearray()
    for values in zip(*answers, *(_value_bytes(x) for x in inputs), strict=True):
        digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
        for value in values:
            digest.update(value)
        found += digest.digest()
    return np.frombuffer(bytes(found), "<u8").astype(np.uint64)


def _answer_bytes(y: npt.NDArray[Any], labels: Sequence[str]) -> Iterator[bytes]:
    if not labels:
        return _value_bytes(y)
    names = [label.encode() for label in labels]
    return (names[index] for index in y)


def _value_bytes(values: Inputs) -> Iterator[bytes]:
    """Give bytes of each row, equal for equal values: of 32 bits where that loses nothing, else of 64."""
    for start in range(0, len(values), _CHUNK):
        rows = values[start : start + _CHUNK]
        with np.errstate(over="ignore"):
            narrow = rows.astype("<f4") + np.float32(0.0)  # -0.0 becomes 0.0
        exact = (narrow == rows).reshape(len(rows), -1).all(axis=1)
        for row, short, is_exact in zip(rows, narrow, exact, strict=True):
            yield short.tobytes() if is_exact else (row.astype("<f8") + 0.0).tobytes()
