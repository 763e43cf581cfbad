"""Constant folding: what an ONNX graph computes from constants and shapes alone.

Shapes with the number of samples or a free size are arrays of objects that contain `SAMPLES` or `FREE`; arithmetic
with these is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from engine.errors import BadInput, UnsafeFile
from engine.importing.onnx.graph import Node, refused, refused_setting
from engine.importing.onnx.types import TYPES, cast_target, type_name
from engine.importing.safe.archive import DAMAGED
from engine.importing.safe.numbers import Array

_MOST_NUMBERS: Final = 2**27  # of all folded constants, 512 MB


class Symbol:
    """An unknown size; equal only to itself."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


SAMPLES: Final = Symbol("the number of samples")
FREE: Final = Symbol("a free size")


@dataclass(frozen=True)
class Fill:
    """A tensor filled with one number, whose shape may contain symbols."""

    value: float
    shape: tuple[Any, ...]


@dataclass
class Folding:
    """The constant tensors of a graph; `fold` adds to them.

    Attributes
    ----------
    fills
        Tensors filled with one number whose shape is not fully known.
    """

    constants: dict[str, Array]
    opset: int
    fills: dict[str, Fill] = field(default_factory=dict)
    left: int = _MOST_NUMBERS

    def knows(self, node: Node) -> bool:
        """Tell whether all inputs of a node are known."""
        return all(name in self.constants for name in node.inputs if name)

    def fold(self, node: Node) -> bool:
        """Compute a node whose inputs are all known; False if there is no rule for it.

        Raises
        ------
        BadInput
            If an attribute is not supported.
        """
        rule = _RULES.get(node.op)
        if rule is None or not self.knows(node):
            return False
        given = [self.constants[name] if name else None for name in node.inputs]
        made = rule(_Call(node, given, self.opset))
        if isinstance(made, Fill):
            self.fills[node.outputs[0]] = made
        else:
            self.keep(node.outputs[0], made)
        return True

    def keep(self, name: str, array: Any) -> None:
        """Store a known tensor; UnsafeFile if all together grow too large."""
        array = _plain(np.asarray(array))
        self.left -= array.size
        if self.left < 0:
            raise UnsafeFile("its fixed numbers grow far beyond its size")
        self.constants[name] = array


def shape_of(node: Node, shape: Sequence[Any]) -> Array:
    """Return the output of Shape."""
    start, end = node.whole("start", 0), node.whole("end", len(shape))
    return _objects(list(shape)[start:end])


@dataclass(frozen=True)
class _Call:
    node: Node
    given: Sequence[Array | None]
    opset: int

    def array(self, place: int) -> Array:
        array = self.given[place] if place < len(self.given) else None
        if array is None:
            raise BadInput(DAMAGED)
        return array

    def axes(self, place: int = 1) -> tuple[int, ...] | None:
        """Return axes given by an attribute or an input; None if there is neither."""
        if self.opset < 13:
            return self.node.ints("axes", ()) or None
        told = self.given[place] if place < len(self.given) else None
        return None if told is None else wholes(told)


def wholes(array: Array) -> tuple[int, ...]:
    """Return an array of integers as a tuple; BadInput if it contains others."""
    if array.dtype.kind not in "iu":
        raise BadInput("it computes with a size that is not known: export it with fixed sizes")
    return tuple(int(number) for number in array.ravel())


def _objects(values: Sequence[Any]) -> Array:
    made = np.empty(len(values), object)
    made[:] = values
    return _plain(made)


def _plain(array: Array) -> Array:
    """Return an array without symbols as integers."""
    if array.dtype == object and all(isinstance(item, int) for item in array.ravel()):
        return array.astype(np.int64)
    return array


def _constant(call: _Call) -> Any:
    attributes = call.node.attributes
    names = [name for name in _VALUES if name in attributes]
    if len(attributes) != 1 or not names:
        raise refused_setting(call.node, next(iter(attributes), "value"), "which is not read")
    return np.asarray(attributes[names[0]], _VALUES[names[0]])


_VALUES: Final[Mapping[str, Any]] = {
    "value": None, "value_float": np.float32, "value_floats": np.float32,
    "value_int": np.int64, "value_ints": np.int64,
}  # fmt: skip


def _filled(call: _Call) -> Any:
    value = call.node.attributes.get("value", np.zeros(1, np.float32))
    shape = call.array(0)
    if not hasattr(value, "dtype") or value.size != 1 or shape.ndim != 1:
        raise BadInput(DAMAGED)
    if shape.dtype == object:
        return Fill(float(value.ravel()[0]), tuple(shape))
    sizes = wholes(shape)
    if any(size < 0 for size in sizes) or math.prod(sizes) > _MOST_NUMBERS:
        raise UnsafeFile("its fixed numbers grow far beyond its size")
    return np.full(sizes, value.ravel()[0])


def _cast(call: _Call) -> Array:
    array, target = call.array(0), cast_target(call.node)
    dtype = TYPES.get(target)
    if dtype is None:
        raise refused_setting(call.node, "to", f"{type_name(target)}, which is not read")
    if array.dtype == object:
        if np.dtype(dtype).kind != "i":
            raise refused(call.node, "computes with a size that is not known")
        return array
    with np.errstate(all="ignore"):
        return array.astype(dtype)


def _reshape(call: _Call) -> Array:
    array, sizes = call.array(0), list(wholes(call.array(1)))
    if not call.node.whole("allowzero", 0):
        sizes = [array.shape[place] if size == 0 else size for place, size in enumerate(sizes)]
    return array.reshape(sizes)


def _transpose(call: _Call) -> Array:
    array = call.array(0)
    return array.transpose(call.node.ints("perm", range(array.ndim)[::-1]))


def _squeeze(call: _Call) -> Array:
    return np.squeeze(call.array(0), call.axes())


def _unsqueeze(call: _Call) -> Array:
    return np.expand_dims(call.array(0), call.axes() or ())


def _concat(call: _Call) -> Array:
    arrays = [call.array(place) for place in range(len(call.given))]
    return np.concatenate(arrays, axis=call.node.whole("axis", 0))


def _gather(call: _Call) -> Array:
    array, places = call.array(0), call.array(1)
    axis = call.node.whole("axis", 0)
    if places.size * (array.size // max(1, array.shape[axis])) > _MOST_NUMBERS:
        raise UnsafeFile("its fixed numbers grow far beyond its size")
    return np.take(array, places.astype(np.int64), axis=axis)


def _slice(call: _Call) -> Array:
    array = call.array(0)
    return array[slices(call.node, call.given, call.opset, array.ndim)]


def slices(node: Node, given: Sequence[Array | None], opset: int, rank: int) -> tuple[slice, ...]:
    """Return the slice of each axis that Slice takes."""
    if opset < 10:
        starts, ends = node.ints("starts", ()), node.ints("ends", ())
        axes, steps = node.ints("axes", range(len(starts))), (1,) * len(starts)
    else:
        told = [None if array is None else wholes(array) for array in given[1:]]
        starts, ends, axes, steps = (*told, None, None, None, None)[:4]  # type: ignore[assignment]
        axes = axes or tuple(range(len(starts)))
        steps = steps or (1,) * len(starts)
    taken = [slice(None)] * rank
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        taken[axis] = slice(start, end, step)
    return tuple(taken)


def _shape(call: _Call) -> Array:
    return shape_of(call.node, call.array(0).shape)


def _computed(compute: Callable[[Array, Array], Array]) -> Callable[[_Call], Array]:
    def rule(call: _Call) -> Array:
        first, second = call.array(0), call.array(1)
        if object in (first.dtype, second.dtype):
            raise refused(call.node, "computes with a size that is not known")
        if math.prod(np.broadcast_shapes(first.shape, second.shape)) > _MOST_NUMBERS:
            raise UnsafeFile("its fixed numbers grow far beyond its size")
        with np.errstate(all="ignore"):
            return compute(first, second)

    return rule


def _divided(first: Array, second: Array) -> Array:
    if first.dtype.kind == "f":
        return first / second
    if not second.all():
        raise BadInput("it divides whole numbers by zero")
    return (np.sign(first) * np.sign(second) * (abs(first) // abs(second))).astype(first.dtype)


_Rule = Callable[[_Call], Any]
_RULES: Final[Mapping[str, _Rule]] = {
    "Constant": _constant,
    "ConstantOfShape": _filled,
    "Identity": lambda call: call.array(0),
    "Cast": _cast,
    "Reshape": _reshape,
    "Transpose": _transpose,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
    "Shape": _shape,
    "Add": _computed(np.add),
    "Sub": _computed(np.subtract),
    "Mul": _computed(np.multiply),
    "Div": _computed(_divided),
}
