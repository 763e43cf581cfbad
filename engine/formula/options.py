"""Kinds of constant arguments in a formula, and their checks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

LARGEST_NUMBER: Final = 1e30  # within the range of a 32-bit float
LARGEST_WHOLE: Final = 2**31 - 1
_LARGEST_SIZE: Final = 100_000
_MOST_AXES: Final = 8
_TYPES: Final = ("float32", "int32", "bool")
_MODES: Final = ("constant", "reflect", "symmetric")
_NOT_SAMPLES: Final = "axis 0 are the samples, which a formula never mixes"


def is_whole(value: Any) -> bool:
    """Tell whether a value is an integer of 32 bits, but no bool."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_WHOLE


def is_number(value: Any) -> bool:
    """Tell whether a value is a number that a formula may contain."""
    if isinstance(value, float):
        return math.isfinite(value) and abs(value) <= LARGEST_NUMBER
    return is_whole(value)


def _is_axis(value: Any) -> bool:
    return is_whole(value) and abs(value) <= _MOST_AXES and value != 0


def _is_size(value: Any) -> bool:
    return is_whole(value) and 1 <= value <= _LARGEST_SIZE


def _is_axes(value: Any) -> bool:
    return _is_axis(value) or _every(value, _is_axis)


def _is_order(value: Any) -> bool:
    return _every(value, is_whole) and value[0] == 0 and sorted(value) == list(range(len(value)))


def _is_shape(value: Any) -> bool:
    return _every(value, is_whole) and value[0] == -1 and all(map(_is_size, value[1:]))


def _is_repeats(value: Any) -> bool:
    return _every(value, _is_size) and value[0] == 1


def _is_margins(value: Any) -> bool:
    pairs = _every(value, lambda pair: isinstance(pair, tuple) and len(pair) == 2)
    return (
        pairs
        and tuple(value[0]) == (0, 0)
        and all(is_whole(size) and 0 <= size <= _LARGEST_SIZE for pair in value for size in pair)
    )


def _every(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, tuple) and 1 <= len(value) <= _MOST_AXES and all(map(fits, value))


# Kind of a constant -> check of a value, and valid values in words.
CHECKS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "number": (is_number, "a number"),
    "whole": (is_whole, "a whole number"),
    "size": (_is_size, f"a whole number from 1 to {_LARGEST_SIZE:,}"),
    "flag": (lambda value: isinstance(value, bool), "True or False"),
    "axis": (_is_axis, f"an axis such as 1 or -1; {_NOT_SAMPLES}"),
    "axes": (_is_axes, f"an axis such as -1, or several such as (1, 2); {_NOT_SAMPLES}"),
    "new_axis": (_is_axis, f"an axis such as 1 or -1; {_NOT_SAMPLES}"),
    "order": (_is_order, "each axis once, 0 first, such as (0, 2, 1)"),
    "shape": (_is_shape, "-1 for the samples, then sizes, such as (-1, 4, 8)"),
    "repeats": (_is_repeats, "1 for the samples, then one number an axis, such as (1, 2)"),
    "margins": (_is_margins, "(0, 0) for the samples, then a pair an axis: ((0, 0), (1, 1))"),
    "dtype": (lambda value: value in _TYPES, f"one of {', '.join(_TYPES)}"),
    "mode": (lambda value: value in _MODES, f"one of {', '.join(_MODES)}"),
}
