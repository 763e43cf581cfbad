"""ONNX's operators as layers of ours; one that no layer does is refused by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engine.errors import BadInput, quoted
from engine.sandbox.archive import DAMAGED
from engine.sandbox.numbers import Array
from engine.sandbox.onnx_graph import Graph, Node
from engine.sandbox.onnx_shapes import SHAPES
from engine.sandbox.onnx_values import ALIKE, Translation, Value, refused
from engine.sandbox.onnx_windows import WINDOWS
from engine.spec.network import INPUT_KIND, NetworkSpec

Translate = Callable[[Translation, Node], Value]

_SEARCHED: Final = 200  # nodes behind an input, to see what it is
_POSITIVE: Final = frozenset({"relu", "sigmoid", "softmax", "softplus", "relu6"})


@dataclass(frozen=True)
class Translated:
    """A network and its weights, by layer in the order of ``keras.Layer.weights``."""

    network: NetworkSpec
    weights: Mapping[str, tuple[Array, ...]]


def translate(graph: Graph) -> Translated:
    """Return the network that a graph describes; pictures have their channels last.

    Raises
    ------
    BadInput
        If it is damaged, or an operator is none that a layer does.
    """
    t = Translation(graph)
    for name, shape in graph.inputs.items():
        t.values[name] = _input(t, name, shape[1:])
    for node in graph.nodes:
        operator = _OPERATORS.get(node.op)
        if operator is None:
            raise BadInput(
                f'it uses the operator "{quoted(node.op, 30)}", which Netsmith does not open'
            )
        if node.outputs[0] not in t.values:  # a bias may be part of the layer before
            t.values[node.outputs[0]] = operator(t, node)
    return _finished(t)


def _input(t: Translation, name: str, shape: tuple[int | None, ...]) -> Value:
    is_picture = len(shape) > 1 and _meets_window(t.graph, name, len(shape))
    made = Value("", shape, is_channels_first=is_picture)
    return replace(made, layer=t.add_input(made.ours))


def _meets_window(graph: Graph, name: str, rank: int) -> bool:
    """Tell whether what an input goes into first expects its channels in front."""
    waiting = [name]
    for _ in range(_SEARCHED):
        if not waiting:
            break
        for node in graph.takers(waiting.pop()):
            if node.op in WINDOWS:
                return True
            if node.op in ALIKE or node.op in _MERGES:
                waiting.append(node.outputs[0])
            elif node.op in ("Flatten", "Reshape") and rank == 3:
                return True  # a picture for a network without windows
    return False


def _finished(t: Translation) -> Translated:
    ends: list[str] = []
    sources = {wire.source for wire in t.wires}
    for name in t.graph.outputs:
        value = t.value(name)
        if value.unflattened is not None:
            raise BadInput(
                "it ends with flattened pictures, which Netsmith would give in another order"
            )
        end = value.layer
        if end in sources or end in ends or t.layers[end].kind == INPUT_KIND:
            end = t.add("Identity", (end,))
        ends.append(end)
    order = {name: place for place, name in enumerate(ends)}
    layers = sorted(
        t.layers.values(), key=lambda layer: (layer.kind != INPUT_KIND, order.get(layer.id, -1))
    )
    network = NetworkSpec(layers=tuple(layers), wires=tuple(t.wires))
    if [layer.id for layer in network.outputs] != ends:
        raise BadInput(DAMAGED)
    return Translated(network, t.weights)


# ---- Dense layers ----


def _gemm(t: Translation, node: Node) -> Value:
    kernel = t.constant(node, 1) * np.float32(node.number("alpha", 1.0))
    if node.whole("transB", 0):
        kernel = kernel.T
    bias = t.optional(node, 2)
    value = t.value(node.inputs[0])
    if node.whole("transA", 0) or len(value.shape) != 1:
        raise refused(node, "multiplies otherwise than a row by a matrix")
    if bias is not None:
        bias = _row(bias * np.float32(node.number("beta", 1.0)), kernel.shape[1], node)
    return _dense(t, node, value, kernel, bias)


def _matmul(t: Translation, node: Node) -> Value:
    """Translate MatMul; a bias that is added to it next becomes the layer's."""
    kernel, value = t.constant(node, 1), t.value(node.inputs[0])
    bias, end = None, node.outputs[0]
    takers = t.graph.takers(end)
    if t.graph.uses[end] == 1 and len(takers) == 1 and takers[0].op == "Add":
        others = [name for name in takers[0].inputs if name != end]
        if (
            others
            and others[0] in t.graph.constants
            and t.graph.constants[others[0]].size == kernel.shape[-1]
        ):
            bias = _row(t.graph.constants[others[0]].astype(np.float32), kernel.shape[-1], node)
    if value.unflattened is None:
        value = t.as_stored(value)
    made = _dense(t, node, value, kernel, bias)
    if bias is not None:
        t.values[takers[0].outputs[0]] = made
    return made


def _dense(t: Translation, node: Node, value: Value, kernel: Array, bias: Array | None) -> Value:
    if kernel.ndim != 2 or value.shape[-1] != kernel.shape[0]:
        raise refused(node, "has a kernel that does not fit its input")
    # The rows are in the file's order of numbers, ours come otherwise.
    if value.unflattened is not None:
        rows = np.arange(kernel.shape[0]).reshape(value.unflattened)
        kernel = kernel[np.moveaxis(rows, 0, -1).ravel()]
    weights = (kernel,) if bias is None else (kernel, bias)
    layer = t.add(
        "Dense", (value.layer,), weights, units=kernel.shape[1], use_bias=bias is not None
    )
    return Value(layer, (*value.shape[:-1], kernel.shape[1]))


def _row(bias: Array, size: int, node: Node) -> Array:
    if bias.size not in (1, size) or any(length != 1 for length in bias.shape[:-1]):
        raise refused(node, "adds a matrix")
    return np.broadcast_to(bias.ravel(), (size,)).copy()


# ---- Each number alike ----


def _activation(name: str) -> Translate:
    def translated(t: Translation, node: Node) -> Value:
        value = t.value(node.inputs[0])
        layer = t.take_activation(node, value, name)
        if layer is None:
            layer = t.add("Activation", (value.layer,), activation=name)
        return replace(value, layer=layer, is_positive=name in _POSITIVE)

    return translated


def _softmax(name: str) -> Translate:
    plain = _activation(name)

    def translated(t: Translation, node: Node) -> Value:
        value, rank = t.value(node.inputs[0]), len(t.value(node.inputs[0]).shape) + 1
        axis = node.whole("axis", -1 if t.graph.opset >= 13 else 1) % rank
        last = 1 if value.is_channels_first else rank - 1
        if axis != last or (t.graph.opset < 13 and rank > 2):
            raise refused(node, "works along another axis than the last")
        return plain(t, node)

    return translated


def _leaky(t: Translation, node: Node) -> Value:
    value = t.value(node.inputs[0])
    slope = node.number("alpha", 0.01)
    return replace(
        value, layer=t.add("LeakyReLU", (value.layer,), negative_slope=slope), is_positive=False
    )


def _elu(t: Translation, node: Node) -> Value:
    alpha = node.number("alpha", 1.0)
    if alpha == 1:
        return _activation("elu")(t, node)
    value = t.value(node.inputs[0])
    return replace(value, layer=t.add("ELU", (value.layer,), alpha=alpha), is_positive=False)


def _gelu(t: Translation, node: Node) -> Value:
    if node.attributes.get("approximate", "none") != "none":
        raise refused(node, "is an approximation")
    return _activation("gelu")(t, node)


def _clip(t: Translation, node: Node) -> Value:
    limits = [t.optional(node, place) for place in (1, 2)]
    low, high = (float(a.ravel()[0]) if a is not None and a.size else None for a in limits)
    low, high = (node.attributes.get("min", low), node.attributes.get("max", high))
    if low != 0 or (high is not None and not 0 < float(high) < 1e30):
        raise refused(node, "cuts elsewhere than at zero")
    value = t.value(node.inputs[0])
    parameters = {} if high is None else {"max_value": float(high)}
    return replace(value, layer=t.add("ReLU", (value.layer,), **parameters), is_positive=True)


def _dropout(t: Translation, node: Node) -> Value:
    value, told = t.value(node.inputs[0]), t.optional(node, 1)
    rate = float(told.ravel()[0]) if told is not None and told.size else node.number("ratio", 0.5)
    if not 0 <= rate < 1:
        raise refused(node, "drops everything")
    return replace(value, layer=t.add("Dropout", (value.layer,), rate=round(rate, 6)))


def _same(t: Translation, node: Node) -> Value:
    return t.value(node.inputs[0])


# ---- Several tensors ----

_MERGES: Final = {"Add": "Add", "Mul": "Multiply", "Sub": "Subtract", "Concat": "Concatenate"}
_SCALES: Final[Mapping[str, Callable[[float], tuple[float, float]]]] = {
    "Add": lambda number: (1.0, number),
    "Sub": lambda number: (1.0, -number),
    "Mul": lambda number: (number, 0.0),
    "Div": lambda number: (1.0 / number, 0.0),
}


def _arithmetic(t: Translation, node: Node) -> Value:
    fixed = [name for name in node.inputs if name in t.graph.constants]
    if fixed or node.op not in _MERGES:
        return _scaled(t, node, fixed)
    first, second = _alike(t, [t.value(name) for name in node.inputs])
    if first.shape != second.shape:
        raise refused(node, "joins tensors of different shapes")
    layer = t.add(_MERGES[node.op], (first.layer, second.layer))
    return replace(
        first,
        layer=layer,
        is_positive=node.op != "Sub" and first.is_positive and second.is_positive,
    )


def _scaled(t: Translation, node: Node, fixed: list[str]) -> Value:
    """Translate arithmetic with one number."""
    is_first = bool(fixed) and node.inputs[0] == fixed[0]
    if (
        len(fixed) != 1
        or t.graph.constants[fixed[0]].size != 1
        or (is_first and node.op in ("Sub", "Div"))
    ):
        raise refused(node, "computes with a list of fixed numbers")
    number = float(t.graph.constants[fixed[0]].ravel()[0])
    if not math.isfinite(number) or (node.op == "Div" and number == 0):
        raise refused(node, "computes with no number")
    scale, offset = _SCALES[node.op](number)
    value = t.value(node.inputs[1 if is_first else 0])
    layer = t.add("Rescaling", (value.layer,), scale=scale, offset=offset)
    return replace(value, layer=layer, is_positive=value.is_positive and scale >= 0 and offset >= 0)


def _concat(t: Translation, node: Node) -> Value:
    values = _alike(t, [t.value(name) for name in node.inputs])
    first, rank = values[0], len(values[0].shape) + 1
    axis = node.whole("axis", 1) % rank - 1
    if axis < 0 or any(len(value.shape) != rank - 1 for value in values):
        raise refused(node, "joins samples")
    parts = [value.shape[axis] for value in values]
    total = None if None in parts else sum(size for size in parts if size is not None)
    shape = (*first.shape[:axis], total, *first.shape[axis + 1 :])
    ours = (axis - 1) % (rank - 1) if first.is_channels_first else axis
    layer = values[0].layer
    if len(values) > 1:
        layer = t.add("Concatenate", tuple(value.layer for value in values), axis=ours + 1)
    return Value(
        layer, shape, first.is_channels_first, is_positive=all(v.is_positive for v in values)
    )


def _alike(t: Translation, values: list[Value]) -> list[Value]:
    """Return tensors with one order of axes."""
    if any(value.unflattened is not None for value in values):
        raise BadInput("it joins flattened pictures, which no layer does in its order")
    if any(value.is_channels_first for value in values):
        return [t.as_ours(value) for value in values]
    return values


_OPERATORS: Final[Mapping[str, Translate]] = {
    **WINDOWS,
    **SHAPES,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Relu": _activation("relu"),
    "Sigmoid": _activation("sigmoid"),
    "Tanh": _activation("tanh"),
    "Selu": _activation("selu"),
    "Softplus": _activation("softplus"),
    "Softsign": _activation("softsign"),
    "HardSwish": _activation("hard_swish"),
    "Mish": _activation("mish"),
    "Softmax": _softmax("softmax"),
    "LogSoftmax": _softmax("log_softmax"),
    "LeakyRelu": _leaky,
    "Elu": _elu,
    "Gelu": _gelu,
    "Clip": _clip,
    "Dropout": _dropout,
    "Identity": _same,
    "Cast": _same,
    "Add": _arithmetic,
    "Sub": _arithmetic,
    "Mul": _arithmetic,
    "Div": _arithmetic,
    "Concat": _concat,
}
