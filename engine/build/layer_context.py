"""A layer with the shapes around it, as the estimates of its cost see it. Loads without TensorFlow."""

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
    """One layer, what it takes and what it gives.

    Attributes
    ----------
    inputs, output
        Shapes of one sample; a free size counts as one.
    weights
        Numbers in the layer's weights, 0 if unknown (the layer is inside another one).
    """

    kind: str
    parameters: Mapping[str, Any]
    inputs: tuple[Shape, ...]
    output: Shape
    weights: int = 0

    def value(self, name: str, default: Any = None) -> Any:
        """Return a constructor argument: as given, else Keras's default; ``default`` if it has none."""
        if name in self.parameters:
            return self.parameters[name]
        fields = catalog().family("layer")[self.kind].fields
        return next((field.default for field in fields if field.name == name), default)

    def number(self, name: str) -> int:
        """Return an argument that is one whole number."""
        return int(self.value(name))

    def numbers(self, name: str, count: int) -> Shape:
        """Return an argument that is ``count`` whole numbers, or one for all of them."""
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
        """Return the layer that a wrapper's argument describes, with the wrapper's shapes unless given."""
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
    """Return a described layer with its shapes; sizes that are free become one."""
    sized = tuple(_sized(shape) for shape in inputs)
    return PlacedLayer(layer.kind, layer.parameters, sized, _sized(output), weights)


def count(shape: Shape) -> int:
    """Return how many numbers an array of this shape holds."""
    return math.prod(shape)


def _sized(shape: tuple[int | None, ...]) -> Shape:
    return tuple(size or 1 for size in shape)
