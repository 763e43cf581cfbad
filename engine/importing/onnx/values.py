"""A network while it is translated from ONNX: its layers, and the layer and axes of each tensor of the file.

ONNX has the channels of images first and may have samples second; Keras has samples first and channels last. Each
`Value` therefore maps the axes of the file to those of the network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from engine.catalog.kind_rows import FORMULA
from engine.errors import BadInput, UnsafeFile, quoted
from engine.formula import canonical
from engine.formula.options import LARGEST_NUMBER
from engine.importing.keras.names import Ids, group_name
from engine.importing.keras.placement import MOST_LAYERS
from engine.importing.onnx.folding import Folding
from engine.importing.onnx.graph import Graph, Node, Size, refused, shortest
from engine.importing.safe.archive import DAMAGED
from engine.importing.safe.numbers import Array
from engine.spec.network import INPUT_KIND, LayerSpec, WireSpec

_FARTHEST: Final = 50  # layers between a flattened image and its dense layer
_MOST_REPEATS: Final = 4  # times the file's weights; layers of the network do not share any
_SPARE_WEIGHTS: Final = 1_000_000
_LARGEST_TENSOR: Final = 2**28  # numbers of one sample, 1 GB
_BYTES_EACH: Final = 4
_GB: Final = 1e9
_ACTIVATED: Final = frozenset({"Dense", "Conv1D", "Conv2D", "Conv3D", "DepthwiseConv2D"})
_SAMPLES: Final = 0  # axis of ours

Axes = tuple[int | None, ...]


@dataclass(frozen=True)
class Value:
    """A tensor.

    Attributes
    ----------
    layer
        Id of the layer that computes it.
    shape
        Shape in the file; None for free sizes and the samples.
    axes
        Axis in the network for each axis of the file, 0 for the samples; None for an axis of size one that is missing.
    unflattened
        Shape (channels first) before it was flattened, if the network flattens it in another order.
    is_positive
        Whether no value is negative.
    is_picture
        Whether windows move over it; as an output it has its channels last.
    kind
        Kind in the file: ``"float"``, ``"int"`` or ``"bool"``; the network has floats of equal value.
    """

    layer: str
    shape: tuple[Size, ...]
    axes: Axes
    unflattened: tuple[int, ...] | None = None
    is_positive: bool = False
    is_picture: bool = False
    kind: str = "float"

    @property
    def rank(self) -> int:
        """Number of axes, with that of the samples."""
        return len(self.shape)

    @property
    def samples(self) -> int:
        """The samples' axis in the file."""
        return self.axes.index(_SAMPLES)

    @property
    def sample_shape(self) -> tuple[Size, ...]:
        """Shape in the file without the samples."""
        return (*self.shape[: self.samples], *self.shape[self.samples + 1 :])

    @property
    def order(self) -> tuple[int, ...]:
        """The file's axes in the network's order; missing ones come first."""
        return tuple(sorted(range(self.rank), key=lambda place: self.axes[place] or 0))

    @property
    def channels(self) -> Size:
        """Size of the file's second axis."""
        return self.shape[1]

    @property
    def sizes(self) -> tuple[Size, ...]:
        """Sizes after the channels."""
        return self.shape[2:]

    @property
    def is_turned(self) -> bool:
        """Whether its channels are second in the file and last in the network."""
        return self.rank > 2 and self.axes == picture_axes(self.rank)

    def axis(self, node: Node, place: int) -> int:
        """Return the network's axis for one of the file; refuses the samples' axis."""
        ours = self.axes[self.place(place)]
        if not ours:
            raise refused(node, f"works along axis {place}, that of the samples")
        return ours

    def place(self, axis: int) -> int:
        """Return an axis of the file as an index from the front."""
        if not -self.rank <= axis < self.rank:
            raise BadInput(DAMAGED)
        return axis % self.rank


def stored_axes(rank: int, samples: int = 0) -> Axes:
    """Return the axes of a tensor with samples first and the others in the file's order."""
    return tuple(
        _SAMPLES if place == samples else place + (place < samples) for place in range(rank)
    )


def picture_axes(rank: int) -> Axes:
    """Return the axes of a tensor with samples first and channels last."""
    return (_SAMPLES, rank - 1, *range(1, rank - 1))


def plain(layer: str, sample_shape: tuple[Size, ...], **told: Any) -> Value:
    """Return a tensor with the same axes in network and file, samples first."""
    return Value(layer, (None, *sample_shape), stored_axes(len(sample_shape) + 1), **told)


def picture(layer: str, sample_shape: tuple[Size, ...], **told: Any) -> Value:
    """Return a tensor with channels first in the file and last in the network."""
    return Value(
        layer, (None, *sample_shape), picture_axes(len(sample_shape) + 1), is_picture=True, **told
    )


@dataclass
class Translation:
    """The state of a translation, to which operators add.

    Attributes
    ----------
    tensor_of
        Layer -> tensor of the file that it computes.
    batch
        Size of the samples' axis, if the file fixes it.
    """

    graph: Graph
    ids: Ids = field(default_factory=Ids)
    layers: dict[str, LayerSpec] = field(default_factory=dict)
    wires: list[WireSpec] = field(default_factory=list)
    weights: dict[str, tuple[Array, ...]] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    tensor_of: dict[str, str] = field(default_factory=dict)
    batch: int | None = None

    def __post_init__(self) -> None:
        self.folding = Folding(dict(self.graph.constants), self.graph.opset)
        numbers = sum(array.size for array in self.graph.constants.values())
        self._left_weights = _MOST_REPEATS * numbers + _SPARE_WEIGHTS

    # ---- Tensors of the file ----

    def value(self, name: str) -> Value:
        """Return a computed tensor; BadInput if no layer computes it."""
        if name in self.folding.constants or name in self.folding.fills:
            raise BadInput("it computes with fixed numbers in a way that no layer does")
        if name not in self.values:
            raise BadInput(f'nothing gives its tensor "{quoted(name, 30)}": {DAMAGED}')
        return self.values[name]

    def give(self, name: str, value: Value) -> Value:
        """Register a tensor; UnsafeFile if one sample of it is too large."""
        self.check_room(value.shape)
        if name:
            self.values[name] = value
        self.tensor_of.setdefault(value.layer, name)
        return value

    def check_room(self, shape: tuple[Size, ...]) -> None:
        """Raise UnsafeFile if one sample of a shape is too large."""
        count = math.prod(size or 1 for size in shape)
        if count > _LARGEST_TENSOR:
            size_gb = count * _BYTES_EACH / _GB
            raise UnsafeFile(f"it would need {size_gb:,.0f} GB of memory for one sample")

    def array(self, name: str) -> Array | None:
        """Return the array of a constant tensor, None if it is computed."""
        array = self.folding.constants.get(name)
        if array is None or array.dtype.kind != "f":
            return array
        with np.errstate(over="ignore"):
            return array.astype(np.float32, copy=False)

    def constant(self, node: Node, place: int) -> Array:
        """Return an input that must be a constant."""
        array = self.array(node.input(place))
        if array is None:
            raise refused(node, "takes weights that are not in the file")
        return array

    def optional(self, node: Node, place: int) -> Array | None:
        """Return an optional constant input, None if it is omitted."""
        return self.constant(node, place) if node.input(place) else None

    def number(self, node: Node, place: int, name: str, default: float | None) -> float | None:
        """Return one number: an input if it is there, else an attribute, else the default."""
        array = self.optional(node, place)
        if array is not None and array.size != 1:
            raise refused(node, f"has more than one number as {name}")
        if array is not None:
            return shortest(float(array.ravel()[0]))
        told = node.attributes.get(name)
        return default if told is None else node.number(name, 0.0)

    # ---- Layers of ours ----

    def add(
        self,
        kind: str,
        sources: tuple[str, ...],
        weights: tuple[Array, ...] = (),
        /,
        *,
        is_fixed: bool = False,
        **parameters: Any,
    ) -> str:
        """Add a layer after others; return its id."""
        if len(self.layers) >= MOST_LAYERS:
            raise UnsafeFile(f"it has more than {MOST_LAYERS:,} layers")
        layer_id = self.ids.take("", group_name(kind))
        self.layers[layer_id] = LayerSpec(
            id=layer_id, kind=kind, parameters=parameters, trainable=not is_fixed
        )
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

    def formula(self, expression: str, *sources: str) -> str:
        """Add a formula; return its id."""
        return self.add(FORMULA, sources, expression=canonical(expression))

    def add_input(self, shape: tuple[Size, ...]) -> str:
        """Add an input of the network."""
        layer_id = self.ids.take("", "input")
        self.layers[layer_id] = LayerSpec(id=layer_id, kind=INPUT_KIND, parameters={"shape": shape})
        return layer_id

    def take_activation(self, node: Node, value: Value, name: str) -> str | None:
        """Make an activation part of the layer before; None if that is impossible or its output has other uses."""
        layer = self.layers[value.layer]
        is_free = layer.kind in _ACTIVATED and "activation" not in layer.parameters
        is_its_own = self.tensor_of.get(layer.id) == node.inputs[0]
        if not (is_free and is_its_own) or self.graph.uses[node.inputs[0]] != 1:
            return None
        self.layers[layer.id] = layer.but(parameters={**layer.parameters, "activation": name})
        return layer.id

    # ---- Order of axes ----

    def arranged(self, value: Value, axes: Axes) -> Value:
        """Return the tensor with other axes in the network, which may add layers."""
        if value.unflattened is not None:
            raise BadInput("it goes on with flattened pictures in a way that no layer does")
        if value.axes == axes:
            return value
        if axes.index(_SAMPLES) != value.samples:
            raise BadInput("it takes the samples for another axis, which no layer does")
        order = sorted((place for place in range(value.rank)), key=lambda place: axes[place] or 0)
        present = [axis for axis in (value.axes[place] for place in order) if axis is not None]
        layer = value.layer
        if present != sorted(present):
            layer = self.add("Permute", (layer,), dims=tuple(present[1:]))
        if len(present) < value.rank:
            target = tuple(value.shape[place] for place in order[1:])
            layer = self.add("Reshape", (layer,), target_shape=with_one_free(target))
        return replace(value, layer=layer, axes=axes)

    def as_stored(self, value: Value) -> Value:
        """Return the tensor with samples first and the file's order of the other axes."""
        return self.arranged(value, stored_axes(value.rank, value.samples))

    def as_picture(self, value: Value) -> Value:
        """Return the tensor with the channels, the file's second axis, last in the network."""
        if value.rank < 3:
            return self.as_stored(value)
        return self.arranged(value, picture_axes(value.rank))

    def whole(self, value: Value) -> Value:
        """Return the tensor with every axis of the file in the network."""
        return self.as_stored(value) if None in value.axes else value

    def flattened(self, value: Value, name: str) -> Value:
        """Return the flattened tensor; ``name`` is that of the flat tensor, whose uses are looked at."""
        sizes = known(value.sample_shape)
        if value.unflattened is not None or len(sizes) == 1:
            return value
        if not value.is_turned:
            value = self.as_stored(value)
        is_same = not value.is_turned or sizes[0] == 1 or math.prod(sizes[1:]) == 1
        if not is_same and not self._ends_in_dense(name):
            value, is_same = self.as_stored(value), True
        layer = self.add("Flatten", (value.layer,))
        told = {"is_positive": value.is_positive, "kind": value.kind}
        return plain(layer, (math.prod(sizes),), unflattened=None if is_same else sizes, **told)

    def _ends_in_dense(self, name: str) -> bool:
        """Tell whether a tensor leads only to a dense layer, through elementwise layers."""
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


# Elementwise operators.
ALIKE: Final = frozenset(
    {"Relu", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Gelu", "HardSwish",
     "HardSigmoid", "Mish", "Dropout", "Identity", "Cast", "Clip"}
)  # fmt: skip


def known(shape: tuple[Size, ...]) -> tuple[int, ...]:
    """Return a shape whose sizes are all known; BadInput otherwise."""
    sizes = tuple(size for size in shape if size is not None)
    if len(sizes) != len(shape):
        raise BadInput("a size in it is free that a layer needs: export it with fixed sizes")
    return sizes


def with_one_free(shape: tuple[Size, ...]) -> tuple[int, ...]:
    """Return a shape for Reshape, with -1 for a free size."""
    if shape.count(None) > 1:
        known(shape)
    return tuple(-1 if size is None else size for size in shape)


def literal(node: Node, value: float) -> str:
    """Return a number as a literal of a formula, in 32 bits."""
    number = shortest(value)
    if not abs(number) <= LARGEST_NUMBER:
        raise refused(node, f"computes with {value:g}")
    return f"({number!r})"
