"""A layer and its input shapes, for the rules of `engine.estimate`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.catalog import catalog

Size: TypeAlias = int | None
Shape: TypeAlias = tuple[Size, ...]


class Unknown(Exception):
    """There is no rule; Keras has to compute it."""


@dataclass(frozen=True)
class Estimate:
    """Output shape of a layer for one sample, None for a free size, and its number of weights."""

    shape: Shape
    parameters: int = 0


@dataclass(frozen=True)
class Layer:
    """One layer and its input shapes.

    Attributes
    ----------
    inputs
        Shapes of one sample, by port.
    """

    kind: str
    parameters: Mapping[str, Any]
    inputs: tuple[Shape, ...]

    def value(self, name: str) -> Any:
        """Return a constructor argument, or Keras's default."""
        if name in self.parameters:
            return self.parameters[name]
        kind = catalog().family("layer").get(self.kind)
        fields = kind.fields if kind is not None else ()
        return next((field.default for field in fields if field.name == name), None)

    def number(self, name: str) -> int:
        """Return an argument that is one integer."""
        value = self.value(name)
        if not isinstance(value, int):
            raise Unknown
        return int(value)

    def numbers(self, name: str, count: int) -> tuple[int, ...]:
        """Return an argument that is ``count`` integers, or one for all of them."""
        value = self.value(name)
        found = (value,) * count if isinstance(value, int) else tuple(value or ())
        if len(found) != count or not all(isinstance(number, int) for number in found):
            raise Unknown
        return found

    def refuse(self, *names: str) -> None:
        """Raise `Unknown` if one of these arguments is set."""
        if any(self.value(name) for name in names):
            raise Unknown

    @property
    def taken(self) -> Shape:
        """Shape of the only input."""
        if len(self.inputs) != 1:
            raise Unknown
        return self.inputs[0]

    def of_rank(self, rank: int) -> Shape:
        """Return the shape of the only input, channels last; it must have this rank."""
        shape = self.taken
        if len(shape) != rank:
            raise Unknown
        return (*shape[1:], shape[0]) if self.is_channels_first else shape

    def placed(self, shape: Shape) -> Shape:
        """Return a shape with channels last in the layer's own data format."""
        return (shape[-1], *shape[:-1]) if self.is_channels_first else shape

    @property
    def is_channels_first(self) -> bool:
        """Whether channels come first."""
        return bool(self.value("data_format") == "channels_first")


def known(size: Size) -> int:
    """Return a size that must be known."""
    if size is None:
        raise Unknown
    return size


def product(sizes: Iterable[Size]) -> Size:
    """Return the product, None if a size is free."""
    found = tuple(sizes)
    return None if None in found else math.prod(known(size) for size in found)
