"""The user's own files in place of a download, or as a set of their own: IDX and .npz."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.files import named
from engine.data.idx import read_idx
from engine.data.info import DataInfo, ImagePreparation, Task
from engine.data.loaded import Part
from engine.data.npz import read_npz
from engine.data.official import read_official
from engine.data.progress import IsCancelled, Progress
from engine.data.samples import Samples
from engine.errors import BadInput

Array: TypeAlias = npt.NDArray[Any]

_MOST_CLASSES = 10_000
_MOST_COLUMNS = 100_000  # as many as a model card may name
_CHUNK = 4096  # samples looked at together
# What the arrays of an archive may be called: inputs and answers, then those of the test part.
_NAMES: Final = (
    ("x_train", "y_train", "x_test", "y_test"),
    ("train_images", "train_labels", "test_images", "test_labels"),
    ("x", "y", "x_test", "y_test"),
    ("X", "y", "X_test", "y_test"),
    ("images", "labels", "test_images", "test_labels"),
    ("data", "target", "test_data", "test_target"),
)
_PARTS: Final = ("train", "t10k")
_IDX_NAMES: Final = ("{part}-{what}-idx{axes}-ubyte", "{part}-{what}.idx{axes}-ubyte")


@dataclass(frozen=True)
class _Arrays:
    """Inputs and answers as a file holds them; a test part if it has one."""

    x: Array
    y: Array
    test: tuple[Array, Array] | None = None


def read_local(
    path: Path, info: DataInfo | None, progress: Progress, cancelled: IsCancelled
) -> Samples:
    """Return the samples of a local file or folder.

    Parameters
    ----------
    path
        A folder with the usual four (or two) IDX files, an IDX file of pictures with its labels
        beside it, or an .npz archive.
    info
        The set that the file replaces: its samples must have the same shape and classes. None: the
        file is a set of its own, described by what it holds.

    Raises
    ------
    BadInput
        If the file is missing, broken, hostile or does not fit; names it.
    """
    name = named(path)
    if info is not None and _is_only_official(path, info):
        return read_official(info, path)
    arrays = _read(path, progress, cancelled)
    pairs = [(arrays.x, arrays.y), *([arrays.test] if arrays.test else [])]
    inputs = [_inputs(x, name) for x, _ in pairs]
    answers = [_answers(y, len(x), name) for x, y in pairs]
    if len({(x.shape[1:], y.shape[1:]) for x, y in zip(inputs, answers, strict=True)}) > 1:
        raise BadInput(f'"{name}" holds training and test samples of different shapes')
    described = _described(name, inputs, answers) if info is None else info
    _check_fit(name, described, inputs, answers)
    parts = [Part(x, y) for x, y in zip(inputs, answers, strict=True)]
    described = replace(described, own_test=len(parts) > 1)
    return Samples(described, parts[0], parts[1] if len(parts) > 1 else None)


def _is_only_official(path: Path, info: DataInfo) -> bool:
    """Tell whether only the official file will do: its content must be known to be read right."""
    return info.kind != "image" or path.name.endswith((".tar.gz", "_archive"))


def _read(path: Path, progress: Progress, cancelled: IsCancelled) -> _Arrays:
    if os.path.isdir(path):
        return _idx_folder(path, progress, cancelled)
    if path.suffix.lower() == ".npz":
        return _from_archive(read_npz(path, cancelled), named(path))
    return _idx_pair(path, progress, cancelled)


# ---- IDX ----


def _idx_folder(folder: Path, progress: Progress, cancelled: IsCancelled) -> _Arrays:
    found = {
        part: [_idx_name(folder, part, what, axes) for what, axes in (("images", 3), ("labels", 1))]
        for part in _PARTS
    }
    if None in found["train"]:
        missing = "images" if found["train"][0] is None else "labels"
        name = named(folder)
        raise BadInput(f'"{name}" has no train-{missing} file: choose a folder with the IDX files')
    read = {
        part: [read_idx(path, progress, cancelled) for path in paths if path is not None]
        for part, paths in found.items()
        if None not in paths
    }
    x, y = read["train"]
    test_x, test_y = read.get("t10k", (None, None))
    return _Arrays(x, y, None if test_x is None or test_y is None else (test_x, test_y))


def _idx_name(folder: Path, part: str, what: str, axes: int) -> Path | None:
    for pattern in _IDX_NAMES:
        for ending in (".gz", ""):
            path = folder / (pattern.format(part=part, what=what, axes=axes) + ending)
            if os.path.exists(path):
                return path
    return None


def _idx_pair(path: Path, progress: Progress, cancelled: IsCancelled) -> _Arrays:
    x = read_idx(path, progress, cancelled)
    if x.ndim == 1:
        raise BadInput(f'"{named(path)}" holds labels: choose the file of pictures beside it')
    return _Arrays(x, read_idx(_labels_beside(path), progress, cancelled))


def _labels_beside(path: Path) -> Path:
    stem = path.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    for name in (f"{stem}.gz", stem):
        if name != path.name and os.path.exists(path.parent / name):
            return path.parent / name
    raise BadInput(f'"{named(path)}" has no labels beside it: put "{named(stem)}" there')


# ---- .npz ----


def _from_archive(arrays: Mapping[str, Array], name: str) -> _Arrays:
    for x, y, test_x, test_y in _NAMES:
        if x in arrays and y in arrays:
            has_test = test_x in arrays and test_y in arrays
            return _Arrays(
                arrays[x], arrays[y], (arrays[test_x], arrays[test_y]) if has_test else None
            )
    raise BadInput(f'"{name}" holds no samples: save arrays named x and y, or x_train and y_train')


# ---- What any of them must be ----


def _inputs(x: Array, name: str) -> Array:
    """Return samples as (n, h, w, c) uint8 or float32 pictures or (n, features) float32 rows."""
    if x.ndim not in (2, 3, 4) or 0 in x.shape or (x.ndim == 4 and x.shape[3] not in (1, 3)):
        shape = " x ".join(str(size) for size in x.shape)
        raise BadInput(f'"{name}" holds inputs of shape {shape}: pictures or a table are needed')
    if x.ndim == 2 and x.shape[1] > _MOST_COLUMNS:
        raise BadInput(
            f'"{name}" holds {x.shape[1]} columns: at most {_MOST_COLUMNS} can be learned from'
        )
    pictures = x[..., None] if x.ndim == 3 else x
    if x.dtype == np.uint8 and x.ndim > 2:
        return pictures
    with np.errstate(over="ignore"):  # what is too large for float32 is refused as infinite below
        numbers = pictures.astype(np.float32)
    if not all(np.isfinite(numbers[i : i + _CHUNK]).all() for i in range(0, len(numbers), _CHUNK)):
        raise BadInput(f'"{name}" holds inputs that are no finite numbers: fill or remove them')
    return numbers


def _answers(y: Array, samples: int, name: str) -> Array:
    """Return (n,) int32 class indices or (n, targets) float32 numbers."""
    if len(np.atleast_1d(y)) != samples or y.ndim == 0:
        count = len(np.atleast_1d(y))
        raise BadInput(f'"{name}" holds {samples} samples and {count} labels: they must be as many')
    if y.dtype.kind == "f":
        targets = y.reshape(samples, -1).astype(np.float32)
        if y.ndim > 2 or not np.isfinite(targets).all():
            raise BadInput(
                f'"{name}" holds answers that are no finite numbers: fill or remove them'
            )
        return targets
    if y.size != samples:
        raise BadInput(f'"{name}" holds several labels a sample: save one whole number for each')
    if y.min() < 0 or y.max() >= _MOST_CLASSES:
        worst = y.min() if y.min() < 0 else y.max()
        raise BadInput(
            f'"{name}" holds the label {worst}: number classes from 0, or save decimals to predict'
        )
    return y.reshape(-1).astype(np.int32)


def _check_fit(name: str, info: DataInfo, inputs: list[Array], answers: list[Array]) -> None:
    if inputs[0].shape[1:] != info.input_shape:
        has, wants = (" x ".join(map(str, s)) for s in (inputs[0].shape[1:], info.input_shape))
        raise BadInput(
            f'"{name}" holds samples of {has}, {info.title} has {wants}: use "Your own file"'
        )
    task: Task = "classification" if answers[0].ndim == 1 else "regression"
    if task != info.task or any(answer.ndim != answers[0].ndim for answer in answers):
        raise BadInput(f'"{name}" does not hold answers for {info.task}: use "Your own file"')
    if task == "classification" and len(np.unique(answers[0])) < 2:
        raise BadInput(f'"{name}" holds samples of one class only: there is nothing to learn')
    if task == "classification" and max(int(y.max()) for y in answers) >= info.n_classes:
        raise BadInput(f'"{name}" holds more classes than {info.title} has: use "Your own file"')


# ---- A set of its own ----


def _described(name: str, inputs: list[Array], answers: list[Array]) -> DataInfo:
    x, y = inputs[0], answers[0]
    is_picture = x.ndim == 4
    value_range = _value_range(inputs) if is_picture else None
    if y.ndim == 1:
        labels = tuple(str(i) for i in range(max(int(each.max()) for each in answers) + 1))
    else:
        labels = tuple(f"target {i + 1}" for i in range(y.shape[1]))
    return DataInfo(
        source="file", title=name, kind="image" if is_picture else "table",
        task="classification" if y.ndim == 1 else "regression",
        input_shape=x.shape[1:], labels=labels, value_range=value_range,
        n_targets=1 if y.ndim == 1 else y.shape[1],
        feature_names=() if is_picture else tuple(f"column {i + 1}" for i in range(x.shape[1])),
        image=_preparation(x, value_range) if value_range else None,
    )  # fmt: skip


def _value_range(inputs: list[Array]) -> tuple[float, float]:
    """Return the usual range that holds all values, or exactly theirs."""
    low = min(float(x.min()) for x in inputs)
    high = max(float(x.max()) for x in inputs)
    if inputs[0].dtype == np.uint8:
        return 0.0, 255.0
    for usual in ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)):
        if usual[0] <= low and high <= usual[1]:
            return usual
    return low, high


def _preparation(x: Array, value_range: tuple[float, float]) -> ImagePreparation:
    """Return how pictures become like these; dark if their borders mostly are."""
    height, width, channels = x.shape[1:]
    first = x[:_CHUNK]
    border = np.concatenate([first[:, 0].ravel(), first[:, -1].ravel(), first[:, :, 0].ravel()])
    is_dark = channels == 1 and float(np.median(border)) < sum(value_range) / 2
    return ImagePreparation(
        height, width, channels, value_range,
        fit="pad" if is_dark else "crop", background="dark" if is_dark else "any",
    )  # fmt: skip
