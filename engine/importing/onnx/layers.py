"""Translate the operators of an ONNX graph into layers; unsupported ones are refused by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import BadInput, quoted
from engine.importing.onnx.activations import ACTIVATIONS
from engine.importing.onnx.arithmetic import ARITHMETIC
from engine.importing.onnx.dense import DENSE
from engine.importing.onnx.folding import FREE, SAMPLES, shape_of
from engine.importing.onnx.graph import Graph, Node, Size
from engine.importing.onnx.operators import Operator, check, row
from engine.importing.onnx.recurrent import RECURRENT
from engine.importing.onnx.shapes import SHAPES
from engine.importing.onnx.values import ALIKE, Translation, Value, picture_axes, stored_axes
from engine.importing.onnx.windows import WINDOWS
from engine.importing.safe.archive import DAMAGED
from engine.importing.safe.numbers import Array
from engine.spec.network import INPUT_KIND, NetworkSpec

_SEARCHED: Final = 200  # nodes after an input that tell what it is
_PICTURE_RANK: Final = 4


@dataclass(frozen=True)
class Translated:
    """A network and its weights, by layer in the order of ``keras.Layer.weights``."""

    network: NetworkSpec
    weights: Mapping[str, tuple[Array, ...]]


def translate(graph: Graph) -> Translated:
    """Return the network of a graph; samples are its first axis, channels its last.

    Raises
    ------
    BadInput
        If it is damaged, or no layer matches an operator or one of its attributes.
    """
    t = Translation(graph)
    known_operators = [_operator(node) for node in graph.nodes]
    for name, shape in graph.inputs.items():
        _take_input(t, name, shape)
    for node, operator in zip(graph.nodes, known_operators, strict=True):
        check(t, node, operator)
        if (
            _is_known(t, node) or node.outputs[0] in t.values
        ):  # a bias may have become part of the layer before
            continue
        t.give(node.outputs[0], operator.translate(t, node))
    return _finished(t)


def _operator(node: Node) -> Operator:
    operator = OPERATORS.get(node.op)
    if operator is None:
        raise BadInput(
            f'it uses the operator "{quoted(node.op, 30)}", which Netsmith does not open'
        )
    return operator


def _is_known(t: Translation, node: Node) -> bool:
    """Fold a node whose output does not depend on the samples."""
    if node.op == "Shape" and node.inputs[0] in t.values:
        value = t.values[node.inputs[0]]
        sizes = [FREE if size is None else size for size in value.shape]
        sizes[value.samples] = t.batch or SAMPLES
        t.folding.keep(node.outputs[0], shape_of(node, sizes))
        return True
    return t.folding.fold(node)


def _fixed(t: Translation, node: Node) -> Value:
    """Refuse an operator that is only supported for constants, which are folded before."""
    return t.value(node.input(0))


# ---- Inputs and outputs ----


def _take_input(t: Translation, name: str, shape: tuple[Size, ...]) -> None:
    samples = _samples_axis(t.graph, name, len(shape))
    axes = stored_axes(len(shape), samples)
    is_picture = samples == 0 and _meets_window(t.graph, name, len(shape))
    if is_picture:
        axes = picture_axes(len(shape))
    sizes = dict(zip(axes, shape, strict=True))
    layer = t.add_input(tuple(sizes[axis] for axis in range(1, len(shape))))
    if None not in (t.batch, shape[samples]) and t.batch != shape[samples]:
        raise BadInput("its inputs have different numbers of samples: export it with a free one")
    t.batch = t.batch or shape[samples]
    free = (*shape[:samples], None, *shape[samples + 1 :])
    told: dict[str, Any] = {
        "kind": t.graph.whole_inputs.get(name, "float"),
        "is_picture": is_picture,
    }
    t.give(name, Value(layer, free, axes, **told))


def _samples_axis(graph: Graph, name: str, rank: int) -> int:
    """Return the samples' axis of an input: the second if a recurrent operator takes it like that."""
    order = tuple(range(rank))
    for _ in range(_SEARCHED):
        takers = [node for node in graph.takers(name) if node.op != "Shape"]
        if len(takers) != 1 or rank != _PICTURE_RANK - 1:
            break
        (node,) = takers
        if node.op in RECURRENT:
            return order[0 if node.whole("layout", 0) else 1]
        if node.op == "Transpose":
            perm = node.ints("perm", range(rank)[::-1])
            order = tuple(order[axis] for axis in perm)
        elif node.op not in ALIKE:
            break
        name = node.outputs[0]
    return 0


def _meets_window(graph: Graph, name: str, rank: int) -> bool:
    """Tell whether what an input goes into first expects its channels in front."""
    if rank < _PICTURE_RANK - 1:
        return False
    waiting = [name]
    for _ in range(_SEARCHED):
        if not waiting:
            break
        for node in graph.takers(waiting.pop()):
            if node.op in WINDOWS:
                return True
            if node.op in ALIKE or node.op in ARITHMETIC:
                waiting.append(node.outputs[0])
            elif node.op in ("Flatten", "Reshape") and rank == _PICTURE_RANK:
                return True  # a picture for a network without windows
    return False


def _finished(t: Translation) -> Translated:
    ends: list[str] = []
    values = [_end(t, name) for name in t.graph.outputs]
    taken = Counter(value.layer for value in values) + Counter(wire.source for wire in t.wires)
    for value in values:
        end = value.layer
        if taken[end] > 1 or t.layers[end].kind == INPUT_KIND:
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


def _end(t: Translation, name: str) -> Value:
    value = t.value(name)
    if value.unflattened is not None:
        raise BadInput(
            "it ends with flattened pictures, which Netsmith would give in another order"
        )
    return t.as_picture(value) if value.is_picture else t.as_stored(value)


OPERATORS: Final[Mapping[str, Operator]] = {
    **WINDOWS,
    **SHAPES,
    **DENSE,
    **RECURRENT,
    **ACTIVATIONS,
    **ARITHMETIC,
    "Constant": row(
        _fixed,
        "value sparse_value>=11 value_float>=12 value_floats>=12 value_int>=12 value_ints>=12"
        " value_string>=12 value_strings>=12",
        inputs=0,
    ),
    "ConstantOfShape": row(_fixed, "value"),
    "Shape": row(_fixed, "start>=15 end>=15", is_exact=True),
}  # fmt: skip
