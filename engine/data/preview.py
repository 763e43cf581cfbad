"""What the data page shows of a loaded set: a few samples and the facts of each part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data.column_array import Inputs
from engine.data.columns import pieces
from engine.data.features import kind_of
from engine.data.findings import Finding
from engine.data.info import DataInfo, Task
from engine.data.loaded import LoadedData, Part

MOST_POINTS = 2000  # more cannot be told apart in a scatter plot
_PART_NAMES = ("training", "validation", "test")


@dataclass(frozen=True)
class PartFacts:
    """One part in numbers.

    Attributes
    ----------
    name
        ``"training"``, ``"validation"`` or ``"test"``.
    class_counts
        Samples of each class in the order of the labels; empty for regression.
    """

    name: str
    samples: int
    class_counts: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Preview:
    """Samples of the training part and the facts of all; arrays that nobody writes to.

    Attributes
    ----------
    input_shape, dtype
        Of one sample as stored.
    labels
        Class names, or the names of the numbers to predict.
    minimum, maximum, mean
        Over all inputs of the training part.
    captions
        Answer of each sample shown, ``"7"`` or ``"151"``, in the order of ``pictures``, ``rows``,
        ``series`` or ``texts``, whichever the kind fills; the others are empty.
    pictures
        uint8, (h, w) grey or (h, w, 3) RGB, 0 black to 255 white.
    columns, rows
        Names and values of a table or of points.
    series
        (samples, time, features) float32.
    texts
        Word numbers, padding left out, ``"14 22 16"``.
    points
        (n, 1) or (n, 2) float32 inputs for a plot, at most `MOST_POINTS`; none unless the kind is
        points.
    point_answers
        (n,) class index or number of each point.
    notes
        One sentence each on what is unusual.
    findings
        What is unusual in the set, with details.
    answers
        The picture to be drawn for each of ``pictures``, of the same form; empty where answers are no pictures.
    """

    source: str
    title: str
    kind: str
    task: Task
    input_shape: tuple[int, ...]
    dtype: str
    labels: tuple[str, ...]
    parts: tuple[PartFacts, ...]
    minimum: float
    maximum: float
    mean: float
    captions: tuple[str, ...]
    pictures: tuple[npt.NDArray[np.uint8], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    series: npt.NDArray[np.float32]
    texts: tuple[str, ...]
    points: npt.NDArray[np.float32]
    point_answers: npt.NDArray[Any]
    notes: tuple[str, ...]
    answers: tuple[npt.NDArray[np.uint8], ...] = ()
    findings: tuple[Finding, ...] = ()


def preview(data: LoadedData, count: int = 24, seed: int = 0) -> Preview:
    """Return ``count`` samples drawn from the training part, and the facts of every part."""
    info, part = data.info, data.training
    drawn = np.random.default_rng(seed).permutation(len(part))
    shown = part.rows(drawn[:count])
    x, y = np.asarray(shown.x), shown.y
    points, point_answers = _points(part, drawn[:MOST_POINTS], info)
    minimum, maximum, mean = _overall(part.x)
    parts = _parts(data)
    return Preview(
        source=info.source, title=info.title, kind=info.kind, task=info.task,
        input_shape=info.input_shape, dtype=str(part.x.dtype), labels=info.labels, parts=parts,
        minimum=minimum, maximum=maximum, mean=mean,
        captions=tuple(caption(answer, info) for answer in y),
        pictures=_pictures(x, info),
        columns=_columns(info), rows=_rows(x, info),
        series=_series(x, info),
        texts=_texts(x, info),
        points=points, point_answers=point_answers,
        notes=tuple(_notes(parts, info)),
        answers=_answers(y, info), findings=data.findings,
    )  # fmt: skip


def data_notes(data: LoadedData) -> tuple[str, ...]:
    """Return how a local file was understood and what is unusual in the parts, one sentence each."""
    findings = (finding.text for finding in data.findings)
    return (*data.info.notes, *findings, *_notes(_parts(data), data.info))


def caption(answer: Any, info: DataInfo) -> str:
    """Return a sample's answer in words: the class name, or the numbers."""
    if info.answer_shape is not None:
        return "a picture"
    target = info.targets[0]
    return kind_of(target).caption(target, answer)


def as_picture(sample: npt.NDArray[Any], info: DataInfo) -> npt.NDArray[np.uint8]:
    """Return one (h, w, c) sample as uint8, (h, w) grey or (h, w, 3) RGB, over the set's range."""
    return _stretched(sample, info.value_range or (float(sample.min()), float(sample.max())))


def _stretched(sample: npt.NDArray[Any], value_range: tuple[float, float]) -> npt.NDArray[np.uint8]:
    low, high = value_range
    stretched = (sample.astype(np.float32) - low) * (255.0 / ((high - low) or 1.0))
    picture = np.clip(np.rint(stretched), 0, 255).astype(np.uint8)
    return picture if picture.shape[-1] == 3 else np.asarray(picture[:, :, 0])


def _pictures(x: npt.NDArray[Any], info: DataInfo) -> tuple[npt.NDArray[np.uint8], ...]:
    return tuple(as_picture(sample, info) for sample in x) if info.kind == "picture" else ()


def _answers(y: npt.NDArray[Any], info: DataInfo) -> tuple[npt.NDArray[np.uint8], ...]:
    if info.answer_shape is None or not len(y):
        return ()
    value_range = float(y.min()), float(y.max())
    return tuple(_stretched(answer.reshape(info.answer_shape), value_range) for answer in y)


def _columns(info: DataInfo) -> tuple[str, ...]:
    if info.kind not in ("number", "point"):
        return ()
    return info.feature_names or tuple(f"column {i + 1}" for i in range(info.input_shape[0]))


def _rows(x: npt.NDArray[Any], info: DataInfo) -> tuple[tuple[float, ...], ...]:
    if info.kind not in ("number", "point"):
        return ()
    return tuple(tuple(float(value) for value in row) for row in x)


def _series(x: npt.NDArray[Any], info: DataInfo) -> npt.NDArray[np.float32]:
    if info.kind != "sequence":
        return np.empty((0, 0, 0), np.float32)
    return np.asarray(x, np.float32)


def _points(
    part: Part, rows: npt.NDArray[np.integer[Any]], info: DataInfo
) -> tuple[npt.NDArray[np.float32], npt.NDArray[Any]]:
    if info.kind != "point":
        return np.empty((0, 2), np.float32), np.empty(0, np.int32)
    y = part.y[rows]
    return np.asarray(part.x[rows], np.float32), y if y.ndim == 1 else y[:, 0]


def _overall(x: Inputs) -> tuple[float, float, float]:
    """Return the smallest and largest of all numbers and their mean, with few of them in memory."""
    low, high, total = np.inf, -np.inf, 0.0
    for piece in pieces(x):
        rows = x[piece]
        low, high = min(low, float(rows.min())), max(high, float(rows.max()))
        total += float(rows.sum(dtype=np.int64 if rows.dtype == np.uint8 else np.float64))
    return low, high, total / x.size


def _texts(x: npt.NDArray[Any], info: DataInfo) -> tuple[str, ...]:
    if info.kind != "text":
        return ()
    return tuple(" ".join(str(word) for word in row if word) for row in x)


def _parts(data: LoadedData) -> tuple[PartFacts, ...]:
    return tuple(
        PartFacts(name, len(each), _class_counts(each, data.info))
        for name, each in zip(_PART_NAMES, (data.training, data.validation, data.test), strict=True)
    )


def _class_counts(part: Part, info: DataInfo) -> tuple[int, ...]:
    if info.task != "classification":
        return ()
    return tuple(int(count) for count in np.bincount(part.y, minlength=info.n_classes))


def _notes(parts: tuple[PartFacts, ...], info: DataInfo) -> list[str]:
    """Return a sentence for each part that has samples and lacks classes."""
    notes = []
    for part in parts:
        missing = [
            name for name, count in zip(info.labels, part.class_counts, strict=False) if count == 0
        ]
        if missing and part.samples:
            others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            notes.append(f'The {part.name} part has no sample of "{missing[0]}"{others}.')
    return notes
