"""The inputs of a local file: what their shape means, and that they can be computed with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.archive_names import RawPart
from engine.data.columns import Columns, columns_of
from engine.data.files import named
from engine.data.preprocessing import LEAST_DEVIATION
from engine.errors import BadInput, quoted

Array: TypeAlias = npt.NDArray[Any]
Meaning = Literal["auto", "pictures", "series"]

# What a network computes in 32 bits: squares of an input stay finite up to this, and sums of
# squares of many answers up to that.
LARGEST_INPUT: Final = 1e19
LARGEST_ANSWER: Final = 1e15
_LARGEST_PIXEL: Final = 1e8  # as a model card may say of a picture's range
_LONGEST_SIDE: Final = 65_536  # pixels, as a model card may say
_MOST_COLUMNS: Final = 100_000  # as many as a model card may name
_LEVELS: Final = 1000  # steps of 32 bits that a standard deviation has to span
_LEVELS_64: Final = 10
APART: Final = 30.0  # times: parts whose numbers differ by more are of different kinds
_APART_PICTURES: Final = 8.0
_FAR: Final = 3.0  # standard deviations between the means of two parts
_CHUNK: Final = 4096  # samples looked at together
_LEAST_SIDE: Final = 16  # pixels of a picture that is not square


@dataclass(frozen=True)
class Inputs:
    """Inputs of every part, in one type and shape.

    Attributes
    ----------
    parts
        (n, h, w, c) uint8 or float32 pictures; (n, features) or (n, time, features) float32, or
        float64 where 32 bits would lose the differences.
    notes
        One sentence each.
    """

    kind: str
    parts: tuple[Array, ...]
    notes: tuple[str, ...] = ()


def read_inputs(parts: Sequence[RawPart], meaning: Meaning, file: str) -> Inputs:
    """Return the inputs of all parts, checked.

    Raises
    ------
    BadInput
        If they are no pictures, rows or series of usable numbers, or differ in kind from part to
        part; names the file, the array and the place.
    """
    for part in parts:
        _check_shape(part, file)
    kind, why = _kind(parts[0], meaning, file)
    shaped = [_shaped(part.x, kind) for part in parts]
    if len({x.shape[1:] for x in shaped}) > 1:
        has = " and ".join(_shape(part.x.shape[1:]) for part in parts)
        raise BadInput(f'"{named(file)}" holds samples of {has}: all parts need one shape')
    _check_sides(shaped[0], kind, file)
    for part, x in zip(parts, shaped, strict=True):
        check_numbers(x, part.x_name, _LARGEST_PIXEL if kind == "picture" else LARGEST_INPUT, file)
    why = (*why, *_constant_notes(shaped[0], parts[0].x_name))
    as_bytes = kind == "picture" and all(x.dtype == np.uint8 for x in shaped)
    if as_bytes:
        return Inputs(kind, tuple(shaped), why)
    columns = [columns_of(x) for x in shaped]
    names = [part.x_name for part in parts]
    shifted = check_alike(columns, names, _APART_PICTURES if kind == "picture" else APART, file)
    if kind == "picture":
        return Inputs(kind, tuple(x.astype(np.float32) for x in shaped), why)
    dtype = np.float64 if any(_needs_64_bits(each) for each in columns) else np.float32
    lost = np.logical_or.reduce([_lost(x, each) for x, each in zip(shaped, columns, strict=True)])
    notes = (*why, *_column_notes(parts[0].x_name, columns[0], lost), *shifted)
    return Inputs(kind, tuple(x.astype(dtype) for x in shaped), notes)


def check_numbers(values: Array, name: str, largest: float, file: str) -> None:
    """Refuse numbers that are infinite, no numbers, or too large for 32 bits; names the first.

    Raises
    ------
    BadInput
        Names the file, the array, the sample and, of rows, the column.
    """
    if values.dtype.kind in "bu" and values.dtype.itemsize < 4:
        return
    for start in range(0, len(values), _CHUNK):
        chunk = values[start : start + _CHUNK].astype(np.float64)
        fine = np.abs(chunk) <= largest  # not a number is not
        if not fine.all():
            raise _bad_number(chunk, ~fine, start, name, largest, file)


def check_alike(
    parts: Sequence[Columns], names: Sequence[str], apart: float, file: str
) -> tuple[str, ...]:
    """Refuse a test part whose numbers are of another order than the others.

    Parameters
    ----------
    apart
        So many times larger both the largest number and the usual size of a column must be.

    Returns
    -------
    tuple
        A note where the test part lies far away from the other one.

    Raises
    ------
    BadInput
        Names both and their ranges.
    """
    if len(parts) < 2:
        return ()
    first, test = parts[:2]
    sizes = [np.sqrt(each.mean**2 + each.variance) for each in parts]
    told = (sizes[0] > 0.0) & (sizes[1] > 0.0)
    if told.any() and abs(_log_ratio(first.largest.max(), test.largest.max())) > np.log(apart):
        usual = np.median(np.log(sizes[0][told] / sizes[1][told]))
        if abs(usual) > np.log(apart):
            ranges = " and ".join(
                f"{name} ({each.low.min():.3g} to {each.high.max():.3g})"
                for name, each in zip(names, parts, strict=True)
            )
            raise BadInput(f'"{named(file)}" holds {ranges}: scale all parts alike and save again')
    spread = np.sqrt(first.variance)
    varies = spread > 0.0
    far = np.abs(test.mean - first.mean)[varies] / spread[varies]
    if varies.any() and np.median(far) > _FAR:
        return (f"{names[1]} lies far away from {names[0]}: check that both are scaled alike.",)
    return ()


# ---- Shapes ----


def _check_shape(part: RawPart, file: str) -> None:
    x = part.x
    if x.dtype.kind in "US":
        raise BadInput(f'"{named(file)}": {part.x_name} holds texts: numbers are needed')
    if 0 in x.shape:
        raise BadInput(
            f'"{named(file)}": {part.x_name} has the shape {_shape(x.shape)}: it holds no numbers'
        )
    if not 1 <= x.ndim <= 4 or (x.ndim == 4 and x.shape[3] not in (1, 3)):
        needed = (
            "pictures have 1 or 3 channels, last" if x.ndim == 4 else "use pictures, rows or series"
        )
        raise BadInput(f'"{named(file)}" holds inputs of shape {_shape(x.shape)}: {needed}')


def _kind(part: RawPart, meaning: Meaning, file: str) -> tuple[str, tuple[str, ...]]:
    """Return what one sample is, and a note where its shape leaves a choice."""
    x = part.x
    if x.ndim == 4 or (x.ndim < 3 and meaning == "auto"):
        found = "picture" if x.ndim == 4 else "number"
    elif meaning == "auto":
        found = "picture" if _looks_like_pictures(x) else "sequence"
    else:
        found = "picture" if meaning == "pictures" else "sequence"
    wanted = {"auto": found, "pictures": "picture", "series": "sequence"}[meaning]
    if found != wanted or (x.ndim < 3 and found == "picture"):
        raise BadInput(
            f'"{named(file)}": {part.x_name} has the shape {_shape(x.shape)}, which cannot be '
            f"{meaning}: set data.options.inputs to auto"
        )
    if x.ndim != 3 or meaning != "auto" or (found == "picture" and x.dtype == np.uint8):
        return found, ()
    what = "grey pictures" if found == "picture" else f"series of {x.shape[1]} steps"
    other = "series" if found == "picture" else "pictures"
    size = f"{x.shape[1]} × {x.shape[2]}"
    return found, (f"Samples of {size} numbers: {what} (set inputs to {other} if not).",)


def _looks_like_pictures(x: Array) -> bool:
    """Tell pictures from series by their proportions: (n, 28, 28), not (n, 20, 6)."""
    narrow, wide = sorted(x.shape[1:])
    return bool(narrow == wide or (narrow >= _LEAST_SIDE and wide <= 2 * narrow))


def _shaped(x: Array, kind: str) -> Array:
    if x.ndim == 1:
        x = x[:, None]
    if (kind == "picture" and x.ndim == 3) or (kind == "sequence" and x.ndim == 2):
        return x[..., None]
    return x


def _check_sides(x: Array, kind: str, file: str) -> None:
    limit, what = (
        (_LONGEST_SIDE, "pixels a side") if kind == "picture" else (_MOST_COLUMNS, "columns")
    )
    longest = max(x.shape[1:])
    if longest > limit:
        raise BadInput(
            f'"{named(file)}" holds {longest} {what}: at most {limit} can be learned from'
        )


def _shape(sizes: Sequence[int]) -> str:
    return " x ".join(map(str, sizes)) or "one number"


# ---- Numbers ----


def _bad_number(
    chunk: Array, wrong: Array, start: int, name: str, largest: float, file: str
) -> BadInput:
    place = np.argwhere(wrong)[0]
    value = chunk[tuple(place)]
    where = f"{'row' if chunk.ndim <= 2 else 'sample'} {start + int(place[0]) + 1}"
    if chunk.ndim == 2 and chunk.shape[1] > 1:
        where += f", column {int(place[1]) + 1}"
    cure = f"use other units, at most {largest:g}" if np.isfinite(value) else "fill or remove it"
    return BadInput(f'"{named(file)}": {quoted(name, 20)} holds {value:g} in {where}: {cure}')


def _log_ratio(first: float, second: float) -> float:
    tiny = np.finfo(np.float64).tiny
    return float(np.log(max(first, tiny)) - np.log(max(second, tiny)))


def are_coarse(columns: Columns, dtype: type[np.floating[Any]]) -> npt.NDArray[np.bool_]:
    """Return the columns that a number type has too few steps for: their spread is a few of them."""
    step = columns.largest * np.finfo(dtype).eps
    return np.asarray(np.sqrt(columns.variance) < _LEVELS * step)


def _needs_64_bits(columns: Columns) -> bool:
    """Tell whether 32 bits, or Keras's own scaling in them, would lose the differences of a column."""
    is_tiny = np.sqrt(columns.variance) < LEAST_DEVIATION
    loses = are_coarse(columns, np.float32) | is_tiny
    return bool((loses & ~columns.is_constant).any())


def _lost(x: Array, columns: Columns) -> npt.NDArray[np.bool_]:
    """Return the columns whose differences even 64 bits lose, or the file's own type has lost."""
    rows = x.reshape(-1, x.shape[-1])
    differs = rows.min(axis=0) != rows.max(axis=0)
    own = x.dtype if x.dtype.kind == "f" else np.float64
    step = columns.largest * np.finfo(own).eps
    return np.asarray(differs & (np.sqrt(columns.variance) < _LEVELS_64 * step))


def _constant_notes(x: Array, name: str) -> Iterator[str]:
    if len(x) > 1 and bool((x == x[:1]).all()):
        yield f"Every sample of {name} is the same: there is nothing to learn from."


def _column_notes(name: str, columns: Columns, lost: npt.NDArray[np.bool_]) -> Iterator[str]:
    constant, coarse = np.flatnonzero(columns.is_constant & ~lost), np.flatnonzero(lost)
    if 0 < len(constant) < len(lost):
        verb, tells = ("is", "tells") if len(constant) == 1 else ("are", "tell")
        which = _columns_text(name, constant)
        yield f"{which} {verb} the same in every sample and {tells} nothing."
    if len(coarse):
        verb = "loses its" if len(coarse) == 1 else "lose their"
        yield (
            f"{_columns_text(name, coarse)} {verb} differences in rounding: "
            "subtract the smallest value before saving, or use other units."
        )


def _columns_text(name: str, which: npt.NDArray[np.intp]) -> str:
    """Return ``Column 3 of x``, ``Columns 3, 4, 5 and 7 more of x``."""
    numbers = [str(place + 1) for place in which[:3]]
    more = f" and {len(which) - 3} more" if len(which) > 3 else ""
    return f"Column{'s' if len(which) > 1 else ''} {', '.join(numbers)}{more} of {name}"
