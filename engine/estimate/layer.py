"""A layer with what it takes, as the rules of `engine.estimate` see it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.catalog import catalog

Size: TypeAlias = int | None
Shape: TypeAlias = tuple[Size, ...]


class Unknown(Exception):
    """The rules do not tell; Keras has to be asked."""


@dataclass(frozen=True)
class Estimate:
    """Shape of what a layer gives for one sample, None for a free size, and the numbers in its weights."""

    shape: Shape
    parameters: int = 0


@dataclass(frozen=True)
class Layer:
    """One layer and the shapes that enter it.

    Attributes
    ----------
    inputs
        Shapes of one sample, by port.
    """

    kind: str
    parameters: Mapping[str, Any]
    inputs: tuple[Shape, ...]

    def value(self, name: str) -> Any:
        """Return a constructor argument: as given, else Keras's default."""
        if name in self.parameters:
            return self.parameters[name]
        kind = catalog().family("layer").get(self.kind)
        fields = kind.fields if kind is not None else ()
        return next((field.default for field in fields if field.name == name), None)

    def number(self, name: str) -> int:
        """Return an argument that is one whole number."""
        value = self.value(name)
        if not isinstance(value, int):
            raise Unknown
        return int(value)

    def numbers(self, name: str, count: int) -> tuple[int, ...]:
        """Return an argument that is ``count`` whole numbers, or one for all of them."""
        value = self.value(name)
        found = (value,) * count if isinstance(value, int) else tuple(value or ())
        if len(found) != count or not all(isinstance(number, int) for number in found):
            raise Unknown
        return found

    def refuse(self, *names: str) -> None:
        """Leave a layer to Keras that has one of these arguments set."""
        if any(self.value(name) for name in names):
            raise Unknown

    @property
    def taken(self) -> Shape:
        """Shape of the only input."""
        if len(self.inputs) != 1:
            raise Unknown
        return self.inputs[0]

    def of_rank(self, rank: int) -> Shape:
        """Return the only input's shape, channels last; it must have so many axes."""
        shape = self.taken
        if len(shape) != rank:
            raise Unknown
        return (*shape[1:], shape[0]) if self.is_channels_first else shape

    def placed(self, shape: Shape) -> Shape:
        """Return a shape with channels last as the layer gives it."""
        return (shape[-1], *shape[:-1]) if self.is_channels_first else shape

    @property
    def is_channels_first(self) -> bool:
        """Channels come first."""
        return bool(self.value("data_format") == "channels_first")


def known(size: Size) -> int:
    """Return a size that weights depend on."""
    if size is None:
        raise Unknown
    return size


def product(sizes: Iterable[Size]) -> Size:
    """Return the product, None if a size is free."""
    found = tuple(sizes)
    return None if None in found else math.prod(known(size) for size in found)
