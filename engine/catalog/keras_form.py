"""Values of the catalogue's one way of writing, as Keras's constructors take them. Loads without Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.catalog.model import Field

# Of these one number is an axis, several are axes.
_AXIS_NAMES: Final = frozenset({"axis", "axes"})
# Before and after each axis; for one axis Keras takes the two numbers as they are.
_SIDES: Final = frozenset({"padding", "cropping"})
RESCALING: Final = "Rescaling"
WIDE_FIELDS: Final = ("scale", "offset")
WIDE_DTYPE: Final = "float64"


def plain(field: Field, value: Any) -> Any:
    """Return a checked value that holds no Keras object as the constructor wants it.

    Many constructors refuse 1 where they want 1.0, and a description may hold either.
    """
    if field.type == "ints":
        return whole_numbers(field, value)
    if field.type in ("float", "floats"):
        return with_fractions(value)
    if field.name == "vocabulary":
        return list(value)
    return tuple(value) if isinstance(value, list) else value


def with_fractions(value: Any) -> Any:
    """Return a number, or each of several, as a float; None stays."""
    if isinstance(value, (list, tuple)):
        return tuple(map(float, value))
    return None if value is None else float(value)


def whole_numbers(field: Field, value: int | Sequence[int]) -> Any:
    """Return one number where Keras wants one, pairs for the two sides of an axis, else a tuple."""
    numbers = (value,) * max(field.length, 1) if isinstance(value, int) else tuple(value)
    if field.name in _SIDES and field.length > 2:
        return tuple(zip(numbers[::2], numbers[1::2], strict=True))
    single = field.length == 1 or (field.name in _AXIS_NAMES and len(numbers) == 1)
    return numbers[0] if single else numbers


def is_wide(kind: str, parameters: Mapping[str, Any]) -> bool:
    """Tell whether a layer computes in 64 bits: a `Rescaling` with numbers for each feature.

    In 32 bits it would lose what small differences of large numbers say. Keras reads lists in 32 bits,
    so that it must be given arrays.
    """
    return kind == RESCALING and any(
        isinstance(parameters.get(name), (list, tuple)) for name in WIDE_FIELDS
    )
