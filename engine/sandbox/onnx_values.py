"""A network being translated from ONNX: its layers so far, and where each of the file's tensors is in it.

ONNX puts the channels of pictures first, our layers put them last. A tensor of the file is therefore either as
it is in ours, or "channels first": (channels, *sizes) there, (*sizes, channels) here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from engine.errors import BadInput, UnsafeFile, quoted
from engine.sandbox.archive import DAMAGED
from engine.sandbox.names import Ids, group_name
from engine.sandbox.numbers import Array
from engine.sandbox.onnx_graph import Graph, Node, Size
from engine.sandbox.placement import MOST_LAYERS
from engine.spec.network import INPUT_KIND, LayerSpec, WireSpec

_FARTHEST: Final = 50  # layers from a flattened picture to the dense layer that takes it
_MOST_REPEATS: Final = 4  # of the file's numbers, as layers of ours share none
_SPARE_WEIGHTS: Final = 1_000_000
_ACTIVATED: Final = frozenset({"Dense", "Conv1D", "Conv2D", "Conv3D", "DepthwiseConv2D"})


@dataclass(frozen=True)
class Value:
    """A tensor.

    Attributes
    ----------
    layer
        Id of the layer that gives it.
    shape
        Of one sample as the file has it.
    is_channels_first
        Its axes in our network are in the other order.
    unflattened
        It is a flattened tensor of this shape (channels first), whose numbers ours has in the other order.
    is_positive
        No number of it is below zero.
    """

    layer: str
    shape: tuple[Size, ...]
    is_channels_first: bool = False
    unflattened: tuple[int, ...] | None = None
    is_positive: bool = False

    @property
    def sizes(self) -> tuple[Size, ...]:
        """Sizes behind the channels."""
        return self.shape[1:]

    @property
    def ours(self) -> tuple[Size, ...]:
        """Its shape in our network."""
        return (*self.shape[1:], self.shape[0]) if self.is_channels_first else self.shape


@dataclass
class Translation:
    """Filled by one translation; operators add to it."""

    graph: Graph
    ids: Ids = field(default_factory=Ids)
    layers: dict[str, LayerSpec] = field(default_factory=dict)
    wires: list[WireSpec] = field(default_factory=list)
    weights: dict[str, tuple[Array, ...]] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = sum(array.size for array in self.graph.constants.values())
        self._left_weights = _MOST_REPEATS * numbers + _SPARE_WEIGHTS

    def value(self, name: str) -> Value:
        """Return a tensor that a layer gives; BadInput if none does."""
        if name in self.graph.constants:
            raise BadInput("it computes with fixed numbers in a way that no layer does")
        if name not in self.values:
            raise BadInput(DAMAGED)
        return self.values[name]

    def constant(self, node: Node, place: int) -> Array:
        """Return an input that must be among the file's numbers."""
        if place >= len(node.inputs) or node.inputs[place] not in self.graph.constants:
            raise refused(node, "takes weights that are not in the file")
        array = self.graph.constants[node.inputs[place]]
        return array.astype(np.float32) if array.dtype.kind == "f" else array

    def optional(self, node: Node, place: int) -> Array | None:
        """Return such an input, None where it is left out."""
        given = place < len(node.inputs) and node.inputs[place]
        return self.constant(node, place) if given else None

    def add(
        self,
        kind: str,
        sources: tuple[str, ...],
        weights: tuple[Array, ...] = (),
        /,
        **parameters: Any,
    ) -> str:
        """Add a layer behind others; return its id."""
        if len(self.layers) >= MOST_LAYERS:
            raise UnsafeFile(f"it has more than {MOST_LAYERS:,} layers")
        layer_id = self.ids.take("", group_name(kind))
        self.layers[layer_id] = LayerSpec(id=layer_id, kind=kind, parameters=parameters)
        self.wires += [
            WireSpec(source=source, target=layer_id, port=port)
            for port, source in enumerate(sources)
        ]
        if weights:
            self._left_weights -= sum(array.size for array in weights)
            if self._left_weights < 0:
                raise UnsafeFile(
                    "its layers share weights so often that it would grow far beyond its size"
                )
            self.weights[layer_id] = weights
        return layer_id

    def add_input(self, shape: tuple[Size, ...]) -> str:
        """Add an input of the network."""
        layer_id = self.ids.take("", "input")
        self.layers[layer_id] = LayerSpec(id=layer_id, kind=INPUT_KIND, parameters={"shape": shape})
        return layer_id

    def take_activation(self, node: Node, value: Value, name: str) -> str | None:
        """Let the layer before do an activation; None if it cannot, or others take what it gives."""
        layer = self.layers[value.layer]
        is_free = layer.kind in _ACTIVATED and "activation" not in layer.parameters
        if not is_free or self.graph.uses[node.inputs[0]] != 1:
            return None
        self.layers[layer.id] = layer.but(parameters={**layer.parameters, "activation": name})
        return layer.id

    # ---- Order of axes ----

    def as_stored(self, value: Value) -> Value:
        """Return the tensor with the file's order of axes, which may take a layer."""
        if value.unflattened is not None:
            raise BadInput("it goes on with flattened pictures in a way that no layer does")
        if not value.is_channels_first:
            return value
        rank = len(value.shape)
        layer = self.add("Permute", (value.layer,), dims=(rank, *range(1, rank)))
        return replace(value, layer=layer, is_channels_first=False)

    def as_ours(self, value: Value) -> Value:
        """Return the tensor with the channels last in our network, which may take a layer."""
        if value.is_channels_first or len(value.shape) < 2:
            return value
        rank = len(value.shape)
        layer = self.add("Permute", (value.layer,), dims=(*range(2, rank + 1), 1))
        return replace(value, layer=layer, is_channels_first=True)

    def flattened(self, value: Value, name: str) -> Value:
        """Return the tensor flattened; ``name``: of the flat tensor, to see what becomes of it."""
        sizes = known(value.shape)
        count = math.prod(sizes)
        is_same = not value.is_channels_first or sizes[0] == 1 or math.prod(sizes[1:]) == 1
        if not is_same and not self._ends_in_dense(name):
            value, is_same = self.as_stored(value), True
        layer = value.layer if len(sizes) == 1 else self.add("Flatten", (value.layer,))
        return Value(
            layer, (count,), unflattened=None if is_same else sizes, is_positive=value.is_positive
        )

    def _ends_in_dense(self, name: str) -> bool:
        """Tell whether only a dense layer takes a tensor, by way of layers that treat each number alike."""
        for _ in range(_FARTHEST):
            takers = self.graph.takers(name)
            if len(takers) != 1 or self.graph.uses[name] != 1:
                return False
            if takers[0].op in ("Gemm", "MatMul"):
                return takers[0].inputs[0] == name
            if takers[0].op not in ALIKE:
                return False
            name = takers[0].outputs[0]
        return False


# Operators that treat each number alike, whatever its place.
ALIKE: Final = frozenset(
    {"Relu", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Gelu", "HardSwish", "Mish",
     "Dropout", "Identity", "Cast", "Clip"}
)  # fmt: skip


def known(shape: tuple[Size, ...]) -> tuple[int, ...]:
    """Return a shape whose sizes are all known; BadInput otherwise."""
    sizes = tuple(size for size in shape if size is not None)
    if len(sizes) != len(shape):
        raise BadInput("a size in it is free that a layer needs: export it with fixed sizes")
    return sizes


def refused(node: Node, why: str) -> BadInput:
    """Return the refusal of an operator."""
    return BadInput(f'its operator "{quoted(node.op, 30)}" {why}, which no layer of Keras does')
