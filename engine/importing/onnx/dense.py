"""ONNX's matrix products and embeddings as layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from engine.importing.onnx.graph import Node, refused, refused_setting
from engine.importing.onnx.operators import Operator, row
from engine.importing.onnx.values import Translation, Value
from engine.importing.safe.numbers import Array


def _gemm(t: Translation, node: Node) -> Value:
    kernel = t.constant(node, 1) * np.float32(node.number("alpha", 1.0))
    if node.whole("transB", 0):
        kernel = kernel.T
    if node.whole("transA", 0):
        raise refused_setting(node, "transA", "which would mix the samples")
    value, bias = t.value(node.inputs[0]), t.optional(node, 2)
    if value.rank != 2 or value.samples != 0 or kernel.ndim != 2:
        raise refused(node, "multiplies otherwise than a row by a matrix")
    if bias is not None:
        scaled = bias * np.float32(node.number("beta", 1.0))
        bias = _row(scaled, kernel.shape[1])
        if bias is None:
            raise refused(node, "adds a matrix")
    return _dense(t, node, value, kernel, bias)


def _matmul(t: Translation, node: Node) -> Value:
    """Translate MatMul; a bias added next becomes part of the layer."""
    if t.array(node.input(1)) is None and t.array(node.input(0)) is None:
        return _product(t, node)
    kernel, value = t.constant(node, 1), t.value(node.inputs[0])
    if value.rank < 2 or kernel.ndim != 2:
        raise refused(node, "multiplies otherwise than by a matrix")
    if value.unflattened is None and value.axes[-1] != value.rank - 1:
        value = t.as_stored(value)
    added, bias = _bias_after(t, node, kernel.shape[1])
    made = _dense(t, node, value, kernel, bias)
    if added is not None:
        t.give(added, made)
    return made


def _bias_after(t: Translation, node: Node, units: int) -> tuple[str | None, Array | None]:
    """Return the tensor with a bias added to a product, and the bias; (None, None) if there is none."""
    end = node.outputs[0]
    takers = t.graph.takers(end)
    if t.graph.uses[end] != 1 or len(takers) != 1 or takers[0].op != "Add":
        return None, None
    (other,) = [name for name in takers[0].inputs if name != end] or [""]
    array = t.array(other)
    if array is None or array.ndim > t.value(node.inputs[0]).rank or array.dtype.kind != "f":
        return None, None
    bias = _row(array, units)
    return (takers[0].outputs[0], bias) if bias is not None else (None, None)


def _product(t: Translation, node: Node) -> Value:
    """Translate MatMul of two computed tensors, as attention does."""
    first, second = (t.as_stored(t.value(name)) for name in node.inputs)
    is_alike = first.rank == second.rank and first.shape[:-2] == second.shape[:-2]
    if not is_alike or first.rank < 3 or first.samples != 0 or second.samples != 0:
        raise refused(node, "multiplies tensors that differ in their axes")
    layer = t.formula("a @ b", first.layer, second.layer)
    return replace(
        first, layer=layer, shape=(*first.shape[:-1], second.shape[-1]), is_positive=False
    )


def _dense(t: Translation, node: Node, value: Value, kernel: Array, bias: Array | None) -> Value:
    if value.shape[-1] != kernel.shape[0] or value.axes[-1] in (None, 0):
        raise refused(node, "has a kernel that does not fit its input")
    # The rows follow the file's order of features, channels first.
    if value.unflattened is not None:
        rows = np.arange(kernel.shape[0]).reshape(value.unflattened)
        kernel = kernel[np.moveaxis(rows, 0, -1).ravel()]
    weights = (kernel,) if bias is None else (kernel, bias)
    layer = t.add(
        "Dense", (value.layer,), weights, units=kernel.shape[1], use_bias=bias is not None
    )
    return Value(layer, (*value.shape[:-1], kernel.shape[1]), value.axes)


def _row(bias: Array, size: int) -> Array | None:
    """Return a bias as a row; None if it has several rows."""
    if bias.size not in (1, size) or any(length != 1 for length in bias.shape[:-1]):
        return None
    return np.broadcast_to(bias.ravel(), (size,)).copy()


DENSE: Final[Mapping[str, Operator]] = {
    "Gemm": row(_gemm, "alpha beta transA transB", inputs=3),
    "MatMul": row(_matmul, inputs=2),
}
