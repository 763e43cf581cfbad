"""Read the user's IDX and .npz files, as data sets or instead of a download."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.answers import Answers, class_indices, read_answers
from engine.data.archive_names import Found, RawPart, find_parts
from engine.data.files import named
from engine.data.idx import read_idx
from engine.data.info import DataInfo, ImagePreparation
from engine.data.inputs import Inputs, read_inputs
from engine.data.loaded import Part
from engine.data.npz import read_npz
from engine.data.official import read_official
from engine.data.progress import IsCancelled, Progress
from engine.data.samples import Samples
from engine.errors import BadInput, quoted

Array: TypeAlias = npt.NDArray[Any]

_CHUNK = 4096  # samples looked at together
_PARTS: Final = ("train", "t10k")
_IDX_CONTENTS: Final = (("images", 3), ("labels", 1))
_IDX_NAMES: Final = ("{part}-{what}-idx{axes}-ubyte", "{part}-{what}.idx{axes}-ubyte")


def read_local(
    path: Path, options: Mapping[str, Any], progress: Progress, cancelled: IsCancelled
) -> Samples:
    """Return the samples of a local file or folder, described by what it holds.

    Parameters
    ----------
    path
        A folder with the usual four (or two) IDX files, an IDX file of pictures with its labels
        beside it, or an .npz archive.
    options
        "task" and "inputs" as `engine.data.readers.arrays` has them.

    Raises
    ------
    BadInput
        If the file is missing, broken or hostile; names it.
    """
    found = _read(path, progress, cancelled)
    inputs = read_inputs(found.parts, options["inputs"], path.name)
    told = read_answers(found.parts, options["task"], path.name)
    described = _described(named(path), inputs, told)
    if found.unused:
        unused = quoted(" and ".join(found.unused), 40)
        note = f"{unused} are not used: the validation part is cut off by its share."
        described = replace(described, notes=(*described.notes, note))
    return _samples(described, inputs, told.parts)


def read_replacement(
    path: Path, info: DataInfo, progress: Progress, cancelled: IsCancelled
) -> Samples:
    """Return the samples of a local file or folder that replaces a known set.

    Raises
    ------
    BadInput
        If the file is missing, broken or hostile, or its samples have another shape or other classes; names it.
    """
    if _is_only_official(path, info):
        return read_official(info, path)
    found = _read(path, progress, cancelled)
    inputs = read_inputs(found.parts, "auto", path.name)
    described, answers = _fitting(found, inputs, info, named(path))
    return _samples(described, inputs, answers)


def is_arrays(path: Path) -> bool:
    """Tell from its name whether a file or folder is one that `read_local` reads."""
    if os.path.isdir(path):
        return any(_idx_name(path, "train", what, axes) for what, axes in _IDX_CONTENTS)
    return path.name.lower().endswith((".npz", ".idx", "-ubyte", "-ubyte.gz"))


def _samples(info: DataInfo, inputs: Inputs, answers: tuple[Array, ...]) -> Samples:
    parts = [Part(x, y) for x, y in zip(inputs.parts, answers, strict=True)]
    described = replace(info, own_test=len(parts) > 1)
    return Samples(described, parts[0], parts[1] if len(parts) > 1 else None)


def _is_only_official(path: Path, info: DataInfo) -> bool:
    """Tell whether only the official file can be read."""
    return info.kind != "picture" or path.name.endswith((".tar.gz", "_archive"))


def _read(path: Path, progress: Progress, cancelled: IsCancelled) -> Found:
    if os.path.isdir(path):
        return _idx_folder(path, progress, cancelled)
    if path.suffix.lower() == ".npz":
        return find_parts(read_npz(path, cancelled, texts=True), path.name)
    return _idx_pair(path, progress, cancelled)


# ---- IDX ----


def _idx_folder(folder: Path, progress: Progress, cancelled: IsCancelled) -> Found:
    found = {
        part: [_idx_name(folder, part, what, axes) for what, axes in _IDX_CONTENTS]
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
    return Found(
        tuple(RawPart(x, y, f"{part}-images", f"{part}-labels") for part, (x, y) in read.items())
    )


def _idx_name(folder: Path, part: str, what: str, axes: int) -> Path | None:
    for pattern in _IDX_NAMES:
        for ending in (".gz", ""):
            path = folder / (pattern.format(part=part, what=what, axes=axes) + ending)
            if os.path.exists(path):
                return path
    return None


def _idx_pair(path: Path, progress: Progress, cancelled: IsCancelled) -> Found:
    x = read_idx(path, progress, cancelled)
    if x.ndim == 1:
        raise BadInput(f'"{named(path)}" holds labels: choose the file of pictures beside it')
    y = read_idx(_labels_beside(path), progress, cancelled)
    return Found((RawPart(x, y, "the file of pictures", "the file of labels"),))


def _labels_beside(path: Path) -> Path:
    stem = path.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    for name in (f"{stem}.gz", stem):
        if name != path.name and os.path.exists(path.parent / name):
            return path.parent / name
    raise BadInput(f'"{named(path)}" has no labels beside it: put "{named(stem)}" there')


# ---- What they are ----


def _fitting(
    found: Found, inputs: Inputs, info: DataInfo, name: str
) -> tuple[DataInfo, tuple[Array, ...]]:
    """Return the answers of a file that replaces a known set of pictures, refused if it does not fit."""
    has, wants = inputs.parts[0].shape[1:], info.input_shape
    if has != wants:
        shapes = f"{_shape(has)}, {info.title} has {_shape(wants)}"
        raise BadInput(f'"{name}" holds samples of {shapes}: use "Your own file"')
    answers = [class_indices(part, info.n_classes, name) for part in found.parts]
    known = tuple(each for each in answers if each is not None)
    if len(known) < len(answers):
        raise BadInput(
            f'"{name}" does not hold the {info.n_classes} classes of {info.title}, numbered from 0: '
            'use "Your own file"'
        )
    if len(np.unique(known[0])) < 2:
        raise BadInput(f'"{name}" holds samples of one class only: there is nothing to learn')
    return info, known


def _described(name: str, inputs: Inputs, answers: Answers) -> DataInfo:
    """Return what a file that is a set of its own holds."""
    x = inputs.parts[0]
    is_picture = inputs.kind == "picture"
    value_range = _value_range(inputs.parts) if is_picture else None
    stem = {"number": "column", "sequence": "value"}.get(inputs.kind, "")
    return DataInfo.single(
        source="file", title=name, kind=inputs.kind, task=answers.task,
        input_shape=x.shape[1:], labels=answers.labels, value_range=value_range,
        input_dtype="float64" if x.dtype == np.float64 else "float32",
        n_targets=1 if answers.task == "classification" else len(answers.labels),
        feature_names=tuple(f"{stem} {i + 1}" for i in range(x.shape[-1])) if stem else (),
        image=_preparation(x, value_range) if value_range else None,
        notes=(*answers.notes, *inputs.notes),
    )  # fmt: skip


def _shape(sizes: tuple[int, ...]) -> str:
    return " x ".join(map(str, sizes))


def _value_range(parts: tuple[Array, ...]) -> tuple[float, float]:
    """Return the usual range that holds all values, or exactly theirs."""
    low, high = min(float(x.min()) for x in parts), max(float(x.max()) for x in parts)
    if parts[0].dtype == np.uint8:
        return 0.0, 255.0
    for usual in ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)):
        if usual[0] <= low and high <= usual[1]:
            return usual
    return low, high if high > low else low + 1.0


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
