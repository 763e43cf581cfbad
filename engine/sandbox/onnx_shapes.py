"""ONNX's operators that arrange numbers anew, as layers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from engine.sandbox.onnx_graph import Node
from engine.sandbox.onnx_values import Translation, Value, known, refused


def _flatten(t: Translation, node: Node) -> Value:
    value = t.value(node.inputs[0])
    if node.whole("axis", 1) not in (1, -len(value.shape)):
        raise refused(node, "flattens only a part")
    return value if value.unflattened else t.flattened(value, node.outputs[0])


def _reshape(t: Translation, node: Node) -> Value:
    value, target = t.value(node.inputs[0]), [int(n) for n in t.constant(node, 1).ravel()]
    count = math.prod(known(value.shape))
    if len(target) < 2 or target[0] not in (0, -1, 1) or node.whole("allowzero", 0):
        raise refused(node, "mixes samples")
    shape = [value.shape[place] if size == 0 else size for place, size in enumerate(target[1:])]
    if shape.count(-1) == 1 and target[0] != -1:
        rest = -math.prod(size or 0 for size in shape)
        shape[shape.index(-1)] = count // rest if rest else 0
    sizes = known(tuple(shape))
    if min(sizes) < 1 or math.prod(sizes) != count:
        raise refused(node, "gives another number of numbers")
    if len(sizes) == 1:
        return value if value.unflattened else t.flattened(value, node.outputs[0])
    value = t.as_stored(value)
    layer = t.add("Reshape", (value.layer,), target_shape=sizes)
    return Value(layer, sizes, is_positive=value.is_positive)


def _squeeze(t: Translation, node: Node) -> Value:
    """Translate Squeeze behind pooling over the whole picture."""
    value = t.value(node.inputs[0])
    rank = len(value.shape) + 1
    told = t.optional(node, 1)
    axes = node.ints("axes", ()) if told is None else tuple(int(n) for n in told.ravel())
    gone = {axis % rank for axis in axes}
    if gone != set(range(2, rank)) or any(size != 1 for size in value.shape[1:]):
        raise refused(node, "takes away other axes than those of a pooled picture")
    return t.flattened(value, node.outputs[0])


def _transpose(t: Translation, node: Node) -> Value:
    """Translate Transpose; one that only moves the channels takes no layer."""
    value = t.value(node.inputs[0])
    rank = len(value.shape) + 1
    order = node.ints("perm", range(rank)[::-1])
    if sorted(order) != list(range(rank)) or order[0] != 0 or value.unflattened:
        raise refused(node, "mixes samples")
    shape = tuple(value.shape[axis - 1] for axis in order[1:])
    to_front, to_back = (0, rank - 1, *range(1, rank - 1)), (0, *range(2, rank), 1)
    if order == to_front and not value.is_channels_first:
        return replace(value, shape=shape, is_channels_first=True)
    if order == to_back and value.is_channels_first:
        return replace(value, shape=shape, is_channels_first=False)
    value = t.as_stored(value)
    return Value(
        t.add("Permute", (value.layer,), dims=order[1:]), shape, is_positive=value.is_positive
    )


def _mean(t: Translation, node: Node) -> Value:
    """Translate ReduceMean over the whole picture."""
    value = t.as_ours(t.value(node.inputs[0]))
    rank, told = len(value.shape) + 1, t.optional(node, 1)
    axes = node.ints("axes", ()) if told is None else tuple(int(n) for n in told.ravel())
    if {axis % rank for axis in axes} != set(range(2, rank)) or rank not in (3, 4, 5):
        raise refused(node, "takes the mean of other axes than those of a picture")
    keeps = bool(node.whole("keepdims", 1))
    layer = t.add(f"GlobalAveragePooling{rank - 2}D", (value.layer,), keepdims=keeps)
    ones = (1,) * (rank - 2) if keeps else ()
    return Value(layer, (value.shape[0], *ones), keeps, is_positive=value.is_positive)


SHAPES: Final[Mapping[str, Callable[[Translation, Node], Value]]] = {
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "ReduceMean": _mean,
}
