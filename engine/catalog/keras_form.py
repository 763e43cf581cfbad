"""Convert values from the catalogue's form to arguments of Keras. Loads without Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.catalog.model import Field

# One number means an axis, several mean axes.
_AXIS_NAMES: Final = frozenset({"axis", "axes"})
# Before and after each axis; for one axis Keras takes a plain pair.
_SIDES: Final = frozenset({"padding", "cropping"})
# Keras writes a tuple of these into its files as an object of its own.
_LISTS: Final = frozenset({"mean", "variance"})
RESCALING: Final = "Rescaling"
WIDE_FIELDS: Final = ("scale", "offset")
WIDE_DTYPE: Final = "float64"


def plain(field: Field, value: Any) -> Any:
    """Return a checked value without nested objects as an argument for Keras.

    Many constructors refuse 1 for 1.0, and a description may contain either.
    """
    if field.type == "ints":
        return whole_numbers(field, value)
    if field.name in _LISTS and isinstance(value, (list, tuple)):
        return list(map(float, value))
    if field.type in ("float", "floats"):
        return with_fractions(value)
    if field.name == "vocabulary":
        return list(value)
    return tuple(value) if isinstance(value, list) else value


def with_fractions(value: Any) -> Any:
    """Return a number, or several, as floats; None stays None."""
    if isinstance(value, (list, tuple)):
        return tuple(map(float, value))
    return None if value is None else float(value)


def whole_numbers(field: Field, value: int | Sequence[int]) -> Any:
    """Return one integer, pairs for the two sides of each axis, or a tuple, as Keras expects."""
    numbers = (value,) * max(field.length, 1) if isinstance(value, int) else tuple(value)
    if field.name in _SIDES and field.length > 2:
        return tuple(zip(numbers[::2], numbers[1::2], strict=True))
    single = field.length == 1 or (field.name in _AXIS_NAMES and len(numbers) == 1)
    return numbers[0] if single else numbers


def is_wide(kind: str, parameters: Mapping[str, Any]) -> bool:
    """Tell whether a layer computes in 64 bits: a `Rescaling` with one number for each feature.

    In 32 bits, small differences of large numbers would be lost. Keras converts lists to 32 bits, so it must be
    given arrays.
    """
    return kind == RESCALING and any(
        isinstance(parameters.get(name), (list, tuple)) for name in WIDE_FIELDS
    )
