"""Values of the catalogue's one way of writing, as Keras's constructors take them. Loads without Keras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from engine.catalog.model import Field

# Of these one number is an axis, several are axes.
_AXIS_NAMES: Final = frozenset({"axis", "axes"})
# Before and after each axis; for one axis Keras takes the two numbers as they are.
_SIDES: Final = frozenset({"padding", "cropping"})


def whole_numbers(field: Field, value: int | Sequence[int]) -> Any:
    """Return one number where Keras wants one, pairs for the two sides of an axis, else a tuple."""
    numbers = (value,) * max(field.length, 1) if isinstance(value, int) else tuple(value)
    if field.name in _SIDES and field.length > 2:
        return tuple(zip(numbers[::2], numbers[1::2], strict=True))
    single = field.length == 1 or (field.name in _AXIS_NAMES and len(numbers) == 1)
    return numbers[0] if single else numbers
