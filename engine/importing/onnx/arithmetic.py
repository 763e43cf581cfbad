"""ONNX's arithmetic on tensors, and on a tensor and constants, as layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from engine.errors import BadInput
from engine.importing.onnx.folding import SAMPLES, Fill
from engine.importing.onnx.graph import Node, Size, refused, shortest
from engine.importing.onnx.operators import ANY_NUMBER, Operator, Translate, row
from engine.importing.onnx.values import Translation, Value, literal
from engine.importing.safe.numbers import Array

_LETTERS: Final = "abcdefgh"
_LAYERS: Final = {"Add": "Add", "Sum": "Add", "Sub": "Subtract", "Mul": "Multiply"}

# Operator -> (scale, offset) of x op c, and of c op x, for a constant c.
_Affine = Callable[[Array], tuple[Array, Array]]
_BEHIND: Final[Mapping[str, _Affine]] = {
    "Add": lambda c: (np.ones_like(c), c),
    "Sub": lambda c: (np.ones_like(c), -c),
    "Mul": lambda c: (c, np.zeros_like(c)),
    "Div": lambda c: (1 / c, np.zeros_like(c)),
}
_BEFORE: Final[Mapping[str, _Affine]] = {
    "Add": _BEHIND["Add"],
    "Sub": lambda c: (-np.ones_like(c), c),
    "Mul": _BEHIND["Mul"],
    "Div": _BEHIND["Mul"],  # scales the reciprocal
}


def _arithmetic(t: Translation, node: Node) -> Value:
    if len(node.inputs) != 2:
        raise refused(node, f"takes {len(node.inputs)} inputs")
    first, second = node.inputs
    for name, other, table in ((second, first, _BEHIND), (first, second, _BEFORE)):
        numbers = _fixed(t, node, name, other)
        if numbers is not None:
            return _scaled(t, node, t.value(other), numbers, table is _BEFORE)
    return _joined(t, node, [t.value(name) for name in node.inputs])


def _sum(t: Translation, node: Node) -> Value:
    """Translate Sum: add the tensors, then the constants."""
    values = [t.values[name] for name in node.inputs if name in t.values]
    if not values:
        raise refused(node, "adds fixed numbers alone")
    made = values[0] if len(values) == 1 else _joined(t, node, values)
    computed = next(name for name in node.inputs if name in t.values)
    for name in node.inputs:
        if name not in t.values:
            numbers = _fixed(t, node, name, computed)
            if numbers is None:
                t.value(name)  # raises that nothing computes it
                continue
            made = _affine(t, node, made, *_BEHIND["Add"](_spread(node, made, numbers)))
    return made


def _fixed(t: Translation, node: Node, name: str, other: str) -> Array | None:
    """Return the array of a constant tensor, None if it is computed."""
    fill = t.folding.fills.get(name)
    if fill is not None:
        return _of_fill(node, fill, t.value(other))
    return t.array(name)


def _of_fill(node: Node, fill: Fill, value: Value) -> Array:
    """Return the number that fills a tensor shaped like another."""
    shape: Sequence[object] = [
        SAMPLES if place == value.samples else size for place, size in enumerate(value.shape)
    ]
    own = fill.shape
    fits = len(own) <= len(shape) and all(
        size in (1, wanted) and size is not None
        for size, wanted in zip(own[::-1], shape[::-1], strict=False)
    )
    if not fits:
        raise refused(node, "computes with fixed numbers of another shape")
    return np.asarray(fill.value, np.float32)


def _scaled(t: Translation, node: Node, value: Value, numbers: Array, is_before: bool) -> Value:
    numbers = _spread(node, value, numbers)
    op = "Add" if node.op == "Sum" else node.op
    if op == "Div" and is_before:
        if numbers.size == 1:
            text = f"{literal(node, float(numbers.ravel()[0]))} / x"
            return replace(value, layer=t.formula(text, value.layer), is_positive=False)
        value = replace(value, layer=t.formula("1.0 / x", value.layer), is_positive=False)
    if op == "Div" and not is_before and not numbers.all():
        raise refused(node, "divides by zero")
    return _affine(t, node, value, *(_BEFORE if is_before else _BEHIND)[op](numbers))


def _spread(node: Node, value: Value, numbers: Array) -> Array:
    """Return a constant broadcast to the rank of a tensor, each axis of size one or the tensor's."""
    numbers = numbers.astype(np.float32)
    if not np.isfinite(numbers).all():
        raise refused(node, "computes with no number")
    if numbers.ndim > value.rank:
        raise refused(node, "computes with fixed numbers of more axes than its input")
    numbers = numbers.reshape((1,) * (value.rank - numbers.ndim) + numbers.shape)
    fits = all(size in (1, own) for size, own in zip(numbers.shape, value.shape, strict=True))
    if not fits:
        raise refused(node, "computes with fixed numbers of another shape")
    return numbers


def _affine(t: Translation, node: Node, value: Value, scale: Array, offset: Array) -> Value:
    """Add the layer for ``x * scale + offset``, whose constants have the file's axes."""
    is_positive = value.is_positive and scale.min() >= 0 and offset.min() >= 0
    if not (np.isfinite(scale).all() and np.isfinite(offset).all()):
        raise refused(node, "computes with no number")
    if scale.size == 1:
        numbers: dict[str, Any] = {
            "scale": shortest(float(scale.ravel()[0])),
            "offset": shortest(float(offset.ravel()[0])),
        }
        layer = t.add("Rescaling", (value.layer,), **numbers)
        return replace(value, layer=layer, is_positive=is_positive)
    if value.unflattened is not None:
        raise BadInput("it computes with flattened pictures, which no layer does in its order")
    value = _with_last(t, value, [place for place, size in enumerate(scale.shape) if size != 1])
    ours = [array.transpose(value.order).squeeze() for array in (scale, offset)]
    letters = _LETTERS[: value.rank]
    own = letters[-ours[0].ndim :]
    layer = t.add(
        "EinsumDense", (value.layer,), tuple(ours), is_fixed=True, bias_axes=own,
        equation=f"{letters},{own}->{letters}",
        output_shape=tuple(value.shape[place] for place in value.order[1:]),
    )  # fmt: skip
    return replace(value, layer=layer, is_positive=is_positive)


def _with_last(t: Translation, value: Value, places: list[int]) -> Value:
    """Return a tensor with these axes of the file last in the network.

    TensorFlow's einsum gives wrong results if the shared axes are not last and two sizes are equal.
    """
    order = [place for place in value.order if place not in (*places, value.samples)]
    order = [value.samples, *order, *(place for place in value.order if place in places)]
    return t.arranged(value, tuple(order.index(place) for place in range(value.rank)))


# ---- Several computed tensors ----


def _joined(t: Translation, node: Node, values: list[Value]) -> Value:
    values = _alike(t, node, values)
    first = values[0]
    shape = _common_shape(node, values)
    layers = tuple(value.layer for value in values)
    kind = _LAYERS.get(node.op)
    layer = t.formula("a / b", *layers) if kind is None else t.add(kind, layers)
    is_positive = node.op in ("Add", "Sum", "Mul") and all(value.is_positive for value in values)
    return replace(first, layer=layer, shape=shape, is_positive=is_positive)


def _common_shape(node: Node, values: Sequence[Value]) -> tuple[Size, ...]:
    """Return the broadcast shape of tensors."""
    shape: list[Size] = []
    for sizes in zip(*(value.shape for value in values), strict=True):
        wide = {size for size in sizes if size != 1}
        if len(wide) > 1:
            raise refused(node, "joins tensors of different shapes")
        shape.append(wide.pop() if wide else 1)
    return tuple(shape)


def _concat(t: Translation, node: Node) -> Value:
    values = _alike(t, node, [t.value(name) for name in node.inputs])
    first = values[0]
    place = first.place(node.whole("axis", 1))
    if place == first.samples:
        raise refused(node, "joins samples")
    parts = [value.shape[place] for value in values]
    total = None if None in parts else sum(size for size in parts if size is not None)
    others = {(*value.shape[:place], *value.shape[place + 1 :]) for value in values}
    if len(others) > 1:
        raise refused(node, "joins tensors of different shapes")
    layer = first.layer
    if len(values) > 1:
        layer = t.add("Concatenate", tuple(value.layer for value in values), axis=first.axes[place])
    return Value(
        layer,
        (*first.shape[:place], total, *first.shape[place + 1 :]),
        first.axes,
        is_positive=all(value.is_positive for value in values),
        is_picture=first.is_picture,
    )


def _alike(t: Translation, node: Node, values: list[Value]) -> list[Value]:
    """Return tensors with the same order of axes: channels last if one of them is an image."""
    if any(value.unflattened is not None for value in values):
        raise BadInput("it joins flattened pictures, which no layer does in its order")
    first = values[0]
    if any(value.rank != first.rank or value.samples != first.samples for value in values):
        raise refused(node, "joins tensors with different axes")
    is_picture = any(value.is_picture for value in values)
    if any(value.is_turned for value in values):
        values = [t.as_picture(value) for value in values]
    elif len({value.axes for value in values}) > 1 or None in first.axes:
        values = [t.as_stored(value) for value in values]
    return [replace(value, is_picture=is_picture) for value in values]


_TWO: Final[Translate] = _arithmetic
ARITHMETIC: Final[Mapping[str, Operator]] = {
    "Add": row(_TWO, inputs=2),
    "Sub": row(_TWO, inputs=2),
    "Mul": row(_TWO, inputs=2),
    "Div": row(_TWO, inputs=2),
    "Sum": row(_sum, inputs=ANY_NUMBER),
    "Concat": row(_concat, "axis", inputs=ANY_NUMBER),
}
