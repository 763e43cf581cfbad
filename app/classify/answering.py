"""What is put to a trained network on the Classify page and what it answers; works on a job's thread."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from app import failures, heavy
from engine.data.info import DataInfo
from engine.data.picture_formats import SUFFIXES
from engine.errors import BadInput, Cancelled, NetsmithError
from engine.runs.trained import Trained

if TYPE_CHECKING:
    import numpy.typing as npt

MOST_PICTURES: Final = (
    200  # in one table; each keeps what the network sees and a copy for the screen
)
_MOST_LISTED: Final = 100_000  # files of a folder that are looked at
_AT_ONCE: Final = 16  # pictures read and answered between two reports
_PREVIEW_SIDE_PX: Final = 480  # of a picture in the table, when it is shown large

Source: TypeAlias = Path | bytes | tuple[float, ...]
Results: TypeAlias = tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class Sample:
    """One input as the user gave it: a file, the bytes of a picture, or the numbers of a row."""

    source: Source

    @property
    def name(self) -> str:
        """What it is called where there are several."""
        return self.source.name if isinstance(self.source, Path) else ""


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights that answer.

    Attributes
    ----------
    step
        Iteration of the running training that they are of; None: no training is changing them.
    """

    trained: Trained
    step: int | None = None


@dataclass(frozen=True, eq=False)
class Reading:
    """A sample as the network takes it, or why it does not.

    Attributes
    ----------
    prepared
        One sample, unscaled; None if it was refused.
    picture
        What it was made of, if it is a picture.
    error
        Why it was refused, "" if it was not.
    """

    prepared: npt.NDArray[Any] | None
    picture: heavy.Picture | None = None
    error: str = ""


@dataclass(frozen=True, eq=False)
class Answer:
    """What some weights say of a sample.

    Attributes
    ----------
    results
        (label, probability) pairs, the most probable first, or (name, number) pairs; empty if the sample
        was refused.
    """

    sample: Sample
    weights: Weights
    reading: Reading
    results: Results = ()

    @property
    def error(self) -> str:
        """Why there is no answer, "" if there is one."""
        return self.reading.error


@dataclass(frozen=True)
class Found:
    """The pictures that some files and folders stand for.

    Attributes
    ----------
    paths
        At most `MOST_PICTURES`.
    total
        How many there were.
    from_folder
        A folder was among them.
    """

    paths: tuple[Path, ...]
    total: int
    from_folder: bool


def find_pictures(paths: Sequence[Path]) -> Found:
    """Return the files themselves and the pictures in the folders, in the order of their names.

    Raises
    ------
    BadInput
        If a folder holds no picture and nothing else was given.
    """
    found: list[Path] = []
    folders = [path for path in paths if path.is_dir()]
    for path in paths:
        found.extend(_pictures_below(path) if path in folders else [path])
    if not found and folders:
        raise BadInput(f'"{folders[0].name}" holds no pictures: choose another folder')
    return Found(tuple(found[:MOST_PICTURES]), len(found), bool(folders))


def _pictures_below(folder: Path) -> list[Path]:
    """Return the pictures of a folder and its folders, sorted; links are not followed."""
    files = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return sorted(path for path in islice(files, _MOST_LISTED) if path.suffix.lower() in SUFFIXES)


def fits(source: Source, info: DataInfo) -> bool:
    """Tell whether a network for this data can read what was given."""
    if isinstance(source, tuple):
        return info.image is None and len(source) == math.prod(info.input_shape)
    return info.image is not None


@dataclass(eq=False)
class Answerer:
    """Reads samples once and asks networks for answers; for one thread."""

    classifier: heavy.Classifier = field(default_factory=heavy.Classifier)
    _read: dict[Sample, Reading] = field(default_factory=dict)
    _read_for: DataInfo | None = None

    def answers(
        self, weights: Weights, samples: Sequence[Sample], cancelled: Callable[[], bool]
    ) -> Iterator[tuple[Answer, ...]]:
        """Give the answers to some samples, a few at a time.

        Raises
        ------
        Cancelled
            If ``cancelled`` says so between two of them.
        """
        info = weights.trained.info
        if self._read_for != info:
            self._read, self._read_for = {}, info
        self._read = {s: self._read[s] for s in samples if s in self._read}
        is_one = len(samples) == 1
        for first in range(0, len(samples), _AT_ONCE):
            batch = samples[first : first + _AT_ONCE]
            for sample in batch:
                if cancelled():
                    raise Cancelled("The pictures were cancelled.")
                if sample not in self._read:
                    self._read[sample] = _reading(sample.source, info, is_one)
            yield self._answered(weights, batch)

    def _answered(self, weights: Weights, samples: Sequence[Sample]) -> tuple[Answer, ...]:
        readings = [self._read[sample] for sample in samples]
        usable = [reading.prepared for reading in readings if reading.prepared is not None]
        trained = weights.trained
        found = iter(self.classifier.answers(trained, np.stack(usable)) if usable else ())
        return tuple(
            Answer(sample, weights, reading, () if reading.error else next(found))
            for sample, reading in zip(samples, readings, strict=True)
        )


def _reading(source: Source, info: DataInfo, is_one: bool) -> Reading:
    try:
        if isinstance(source, tuple) and fits(source, info):
            dtype = np.float64 if info.input_dtype == "float64" else np.float32
            return Reading(np.asarray(source, dtype).reshape(info.input_shape))
        if info.image is None or isinstance(source, tuple):
            raise BadInput("this network reads other data: train again for the chosen data")
        side = heavy.SCREEN_SIDE_PX if is_one else _PREVIEW_SIDE_PX
        picture = heavy.read_picture(source, info.image, side)
    except NetsmithError as error:
        return Reading(None, error=failures.sentence(error))
    return Reading(picture.prepared, picture)
