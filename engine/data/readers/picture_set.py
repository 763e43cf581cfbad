"""A folder of pictures as samples: which size and colours, what is left out, what is there twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data.column_array import ColumnArray
from engine.data.files import named
from engine.data.findings import Finding
from engine.data.images import picture_facts
from engine.data.info import DataInfo, ImagePreparation
from engine.data.loaded import Part
from engine.data.progress import IsCancelled, Progress, never, silent
from engine.data.readers.picture_cache import PictureCache
from engine.data.readers.picture_folder import PartName, PictureFolder, find_pictures
from engine.data.readers.picture_source import PictureColumn, read_column
from engine.data.readers.reader import ReadRequest
from engine.data.samples import Samples
from engine.errors import BadInput
from engine.machine.memory import memory_for_samples

PART_NAMES: Final[tuple[PartName, ...]] = ("training", "validation", "test")
_USUAL_SIDE: Final = 64  # pixels; a usual network learns in minutes on it
_LARGEST_KEPT_SIDE: Final = 96  # pictures of one size up to this one keep it
_STEP: Final = 8  # a side that is halved three times stays whole
_LOOKED_AT: Final = 256  # pictures whose size and colours decide
_CACHE_FOLDER: Final = "pictures"
_MOST_NAMED: Final = 1000  # details of a finding


@dataclass(frozen=True, eq=False)
class PictureSet:
    """The pictures of a folder as samples.

    Attributes
    ----------
    options
        With the size and colours that were chosen, so that more pictures do not change them.
    column
        All pictures: those of the training part, then of the validation and the test part.
    y
        (n,) int32 class of each.
    parts
        The samples of each part that the folder has, by number.
    """

    folder: PictureFolder
    options: Mapping[str, Any]
    preparation: ImagePreparation
    column: PictureColumn
    y: npt.NDArray[np.int32]
    parts: Mapping[PartName, range]
    findings: tuple[Finding, ...]


def read_pictures(
    path: Path,
    options: Mapping[str, Any],
    *,
    cache: PictureCache | None = None,
    memory_limit_bytes: int | None = None,
    progress: Progress = silent,
    cancelled: IsCancelled = never,
) -> PictureSet:
    """Read a folder of pictures; equal files and options give equal samples, however they are kept.

    Parameters
    ----------
    options
        A value for each option of `engine.data.readers.pictures`.
    cache, memory_limit_bytes
        As in `engine.data.readers.picture_source.read_column`.

    Raises
    ------
    BadInput
        If it is no folder of pictures in classes, or too few can be read; names it.
    Cancelled
        If ``cancelled`` said so.
    """
    progress("Looking for pictures", 0, 0)
    folder = find_pictures(path, cancelled)
    files = [file for part in PART_NAMES for file in folder.parts.get(part, ())]
    chosen = chosen_options(folder, options)
    preparation = ImagePreparation(
        chosen["height"], chosen["width"], 1 if chosen["colour"] == "grey" else 3,
        fit=chosen["fit"], resampling="bilinear",
    )  # fmt: skip
    column, problems = read_column(
        folder.root, files, preparation, cache=cache, memory_limit_bytes=memory_limit_bytes,
        progress=progress, cancelled=cancelled,
    )  # fmt: skip
    y = np.array([file.label for file in column.files], np.int32)
    parts = _parts(folder, problems)
    _refuse_lost(folder, y[list(parts["training"])], problems)
    findings = (
        *_unreadable(problems, len(files)),
        *folder.findings,
        *_twice(column, y, parts, folder.labels),
        *([_not_cached(cache)] if cache is not None and cache.problem else []),
    )
    return PictureSet(folder, chosen, preparation, column, y, parts, findings)


def read_samples(path: Path, request: ReadRequest) -> Samples:
    """Return a folder of pictures as samples: in memory if they fit, else unread; errors as `read_pictures`."""
    limit = request.memory_limit_bytes
    cache = None if request.cache is None else PictureCache(request.cache / _CACHE_FOLDER)
    found = read_pictures(
        path, request.options, cache=cache,
        memory_limit_bytes=memory_for_samples() if limit is None else limit,
        progress=request.progress, cancelled=request.cancelled,
    )  # fmt: skip
    info = DataInfo.single(
        "pictures", named(path), "picture", "classification", found.column.shape, found.folder.labels,
        value_range=(0.0, 255.0), image=found.preparation, own_test="test" in found.parts,
    )  # fmt: skip
    parts = {part: _part(found, rows) for part, rows in found.parts.items()}
    return Samples(
        info, parts["training"], parts.get("test"), parts.get("validation"), found.findings
    )


def _part(found: PictureSet, rows: range) -> Part:
    held = found.column.held
    numbers = np.arange(rows.start, rows.stop)
    x = ColumnArray(found.column, numbers) if held is None else held[rows.start : rows.stop]
    return Part(x, found.y[rows.start : rows.stop])


# ---- Size and colours ----


def chosen_options(folder: PictureFolder, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with a size and colours, where the pictures are to decide.

    Pictures of one small size keep it. Others are made square: as their shorter sides mostly are,
    64 pixels at most.
    """
    chosen = dict(options)
    if chosen["height"] and chosen["width"] and chosen["colour"] != "auto":
        return chosen
    looks = list(_looks(folder))
    height, width = _size([(look.height, look.width) for look in looks])
    if chosen["height"] or chosen["width"]:  # one is given: the picture is square
        height = width = chosen["height"] or chosen["width"]
    chosen["height"], chosen["width"] = chosen["height"] or height, chosen["width"] or width
    if chosen["colour"] == "auto":
        chosen["colour"] = (
            "colour" if any(look.has_colour for look in looks) or not looks else "grey"
        )
    return chosen


def _looks(folder: PictureFolder) -> Iterator[Any]:
    """Yield what the heads of some pictures say, taken evenly from all."""
    files = [file for part in PART_NAMES for file in folder.parts.get(part, ())]
    for file in files[:: max(1, -(-len(files) // _LOOKED_AT))]:
        try:
            yield picture_facts(folder.root / file.name)
        except BadInput:
            continue


def _size(sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    if not sizes:
        return _USUAL_SIDE, _USUAL_SIDE
    if len(set(sizes)) == 1 and max(sizes[0]) <= _LARGEST_KEPT_SIDE:
        return sizes[0]
    side = int(median(min(size) for size in sizes))
    side = max(_STEP, min(_USUAL_SIDE, side // _STEP * _STEP))
    return side, side


# ---- Parts and findings ----


def _parts(folder: PictureFolder, problems: Mapping[int, str]) -> dict[PartName, range]:
    """Return the numbers of the samples of each part, counted without what cannot be read."""
    found: dict[PartName, range] = {}
    first = place = 0
    for part in PART_NAMES:
        files = len(folder.parts.get(part, ()))
        good = sum(row not in problems for row in range(place, place + files))
        if good:
            found[part] = range(first, first + good)
        first, place = first + good, place + files
    return {"training": range(0), **found}


def _refuse_lost(
    folder: PictureFolder, y: npt.NDArray[np.int32], problems: Mapping[int, str]
) -> None:
    """Refuse a folder of which so much cannot be read that there is nothing to tell apart."""
    if len(np.unique(y)) >= 2:
        return
    first = next(iter(problems.values()))
    raise BadInput(
        f"{len(problems):,} pictures cannot be read and fewer than two classes are left: {first}"
    )


def _unreadable(problems: Mapping[int, str], count: int) -> Iterator[Finding]:
    if problems:
        are, they = ("are", "they") if len(problems) > 1 else ("is", "it")
        text = f"{len(problems):,} of {count:,} pictures {are} left out: {they} cannot be read."
        yield Finding("unreadable", text, details=tuple(problems.values())[:_MOST_NAMED])


def _not_cached(cache: PictureCache) -> Finding:
    text = f"Pictures are decoded whenever they are needed, because {cache.problem}."
    return Finding("not_cached", text)


def _twice(
    column: PictureColumn,
    y: npt.NDArray[np.int32],
    parts: Mapping[PartName, range],
    labels: Sequence[str],
) -> Iterator[Finding]:
    """Yield findings on files that are there more than once: worst first."""
    groups = _groups(column.digests)
    part_of = np.zeros(len(column), np.int8)
    for number, part in enumerate(PART_NAMES):
        part_of[list(parts.get(part, ()))] = number
    conflicts = [rows for rows in groups if len({*y[rows].tolist()}) > 1]
    leaks = [rows for rows in groups if len({*part_of[rows].tolist()}) > 1]
    plain = [
        rows
        for rows in groups
        if not len({*y[rows].tolist()}) > 1 and not len({*part_of[rows].tolist()}) > 1
    ]
    table = (
        ("conflict", conflicts, "in more than one class: only one can be right"),
        ("leak", leaks, "in more than one part: figures of the test look better than they are"),
        ("duplicate", plain, "there more than once"),
    )
    for kind, found, where in table:
        if found:
            what = "pictures are" if len(found) > 1 else "picture is"
            rows = tuple(row for group in found for row in group)
            details = tuple(" = ".join(column.files[row].name for row in group) for group in found)
            yield Finding(kind, f"{len(found):,} {what} {where}.", rows, details[:_MOST_NAMED])


def _groups(digests: npt.NDArray[np.uint64]) -> list[list[int]]:
    """Return the rows of each number that is there more than once, in order."""
    order = np.argsort(digests, kind="stable")
    changes = np.flatnonzero(np.diff(digests[order])) + 1
    groups = [group.tolist() for group in np.split(order, changes) if len(group) > 1]
    return sorted(groups)
