"""A layer with its input and output shapes, for cost estimates. Loads without TensorFlow."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.catalog import catalog
from engine.spec.network import LayerSpec

Shape: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class PlacedLayer:
    """One layer with its input and output shapes.

    Attributes
    ----------
    inputs, output
        Shapes of one sample; a free size counts as one.
    weights
        Number of weights, 0 if unknown (for a layer inside another one).
    """

    kind: str
    parameters: Mapping[str, Any]
    inputs: tuple[Shape, ...]
    output: Shape
    weights: int = 0

    def value(self, name: str, default: Any = None) -> Any:
        """Return a constructor argument, else Keras's default, else ``default``."""
        if name in self.parameters:
            return self.parameters[name]
        fields = catalog().family("layer")[self.kind].fields
        return next((field.default for field in fields if field.name == name), default)

    def number(self, name: str) -> int:
        """Return an argument that is one integer."""
        return int(self.value(name))

    def numbers(self, name: str, count: int) -> Shape:
        """Return an argument that is ``count`` integers, or one for all of them."""
        value = self.value(name)
        return tuple(value) if isinstance(value, (list, tuple)) else (int(value),) * count

    @property
    def taken(self) -> Shape:
        """Shape of the first input, channels last."""
        return self._channels_last(self.inputs[0])

    @property
    def given(self) -> Shape:
        """Shape of the output, channels last."""
        return self._channels_last(self.output)

    def inner(
        self, described: Any, inputs: tuple[Shape, ...] | None = None, output: Shape | None = None
    ) -> PlacedLayer:
        """Return the wrapped layer in an argument, with the wrapper's shapes unless others are given."""
        return PlacedLayer(
            described["kind"],
            described.get("parameters", {}),
            self.inputs if inputs is None else inputs,
            self.output if output is None else output,
        )

    def _channels_last(self, shape: Shape) -> Shape:
        if self.value("data_format") != "channels_first" or len(shape) < 2:
            return shape
        if self.kind.startswith("ConvLSTM"):  # (time, channels, ...)
            return (shape[0], *shape[2:], shape[1])
        return (*shape[1:], shape[0])


def placed(
    layer: LayerSpec,
    inputs: Iterable[tuple[int | None, ...]],
    output: tuple[int | None, ...],
    weights: int,
) -> PlacedLayer:
    """Return a layer with its shapes, in which free sizes become one."""
    sized = tuple(_sized(shape) for shape in inputs)
    return PlacedLayer(layer.kind, layer.parameters, sized, _sized(output), weights)


def count(shape: Shape) -> int:
    """Return the number of elements of an array of this shape."""
    return math.prod(shape)


def _sized(shape: tuple[int | None, ...]) -> Shape:
    return tuple(size or 1 for size in shape)
