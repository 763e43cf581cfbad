"""Arithmetic on constants of scripts and formulas, with limits on size."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final


class Unknown:
    """A value that cannot be told without running the script."""


UNKNOWN: Final = Unknown()
LONGEST: Final = 10_000  # items of a list, letters of a string
_LARGEST: Final = 2**63
_LARGEST_POWER: Final = 64

_NUMBERS: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, holder: item in holder,
    ast.NotIn: lambda item, holder: item not in holder,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


def combined(kind: type[ast.operator], left: Any, right: Any) -> Any:
    """Return the result of a binary operation on constants, `UNKNOWN` if it is invalid or too large."""
    if is_number(left) and is_number(right):
        return _number(kind, left, right)
    if kind is ast.Add and type(left) is type(right) and isinstance(left, (str, list, tuple)):
        return left + right if len(left) + len(right) <= LONGEST else UNKNOWN
    if kind is ast.Mult and isinstance(left, (list, tuple)) and isinstance(right, int):
        return left * right if right >= 0 and len(left) * right <= LONGEST else UNKNOWN
    return UNKNOWN


def compared(kind: type[ast.cmpop], left: Any, right: Any) -> Any:
    """Return the result of a comparison of constants, `UNKNOWN` if it is invalid."""
    if kind not in _COMPARISONS or left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    try:
        return bool(_COMPARISONS[kind](left, right))
    except TypeError:
        return UNKNOWN


def negated(value: Any) -> Any:
    """Return ``-value`` of a number."""
    return -value if is_number(value) else UNKNOWN


def is_number(value: Any) -> bool:
    """Tell whether a value is an int or float, but no bool."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(kind: type[ast.operator], left: float, right: float) -> Any:
    if max(abs(left), abs(right)) >= _LARGEST:
        return UNKNOWN
    try:
        if kind is ast.Pow:
            small = 0 <= right <= _LARGEST_POWER
            return _within(left**right) if small else UNKNOWN
        return _within(_NUMBERS[kind](left, right))
    except (KeyError, ArithmeticError):
        return UNKNOWN


def _within(value: Any) -> Any:
    return value if is_number(value) and abs(value) < _LARGEST else UNKNOWN
