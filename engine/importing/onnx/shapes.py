"""ONNX's operators that reshape, slice or average tensors, as layers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from engine.errors import BadInput
from engine.importing.onnx.folding import FREE, SAMPLES, slices, wholes
from engine.importing.onnx.graph import Node, Size, refused, refused_setting
from engine.importing.onnx.operators import Operator, row
from engine.importing.onnx.values import (
    Translation,
    Value,
    known,
    plain,
    stored_axes,
    with_one_free,
)
from engine.importing.safe.archive import DAMAGED
from engine.importing.safe.numbers import Array

_OWN_SIZE, _REST = 0, -1  # in the target of Reshape


def _flatten(t: Translation, node: Node) -> Value:
    value = t.value(node.inputs[0])
    if node.whole("axis", 1) not in (1, 1 - value.rank) or value.samples != 0:
        raise refused_setting(node, "axis", "which would mix the samples")
    return t.flattened(value, node.outputs[0])


# ---- Reshape ----


def _reshape(t: Translation, node: Node) -> Value:
    value = t.value(node.inputs[0])
    target = _target(t, node)
    samples = value.samples
    if len(target) <= samples or not _keeps_samples(t, value, target):
        raise refused(node, "mixes samples")
    rest = [*target[:samples], *target[samples + 1 :]]
    is_taken = target[samples] == _REST
    sizes = _sizes(node, value, target, rest, is_taken)
    if len(sizes) == 1 and samples == 0:
        return t.flattened(value, node.outputs[0])
    value = t.as_stored(value)
    if not sizes:
        raise refused(node, "takes away every axis but that of the samples")
    layer = t.add("Reshape", (value.layer,), target_shape=with_one_free(sizes))
    shape = (*sizes[:samples], None, *sizes[samples:])
    axes = stored_axes(len(shape), samples)
    return Value(layer, shape, axes, is_positive=value.is_positive, kind=value.kind)


def _target(t: Translation, node: Node) -> list[Any]:
    """Return the target sizes of Reshape, which may contain `SAMPLES`."""
    array = t.constant(node, 1)
    if array.dtype != object:
        array_sizes: list[Any] = list(wholes(array))
    else:
        array_sizes = list(array.ravel())
    if node.whole("allowzero", 0) and _OWN_SIZE in array_sizes:
        raise refused_setting(node, "allowzero", "so it gives nothing")
    return array_sizes


def _keeps_samples(t: Translation, value: Value, target: Sequence[Any]) -> bool:
    """Tell whether the samples' axis and all axes before it stay unchanged."""
    samples = value.samples
    before = zip(target[:samples], value.shape[:samples], strict=True)
    own = (_OWN_SIZE, _REST, SAMPLES, t.batch)
    return target[samples] in own and all(size in (_OWN_SIZE, wanted) for size, wanted in before)


def _sizes(
    node: Node, value: Value, target: Sequence[Any], rest: Sequence[Any], is_taken: bool
) -> tuple[Size, ...]:
    """Return the sizes of one sample; ``is_taken``: -1 stands for the samples."""
    own = value.sample_shape
    if own.count(None) > 1:
        known(own)
    count, is_free = math.prod(size or 1 for size in own), None in own
    sizes: list[Any] = []
    places = [place for place in range(len(target)) if place != value.samples]
    for place, size in zip(places, rest, strict=True):
        keeps = size == _OWN_SIZE and place < value.rank
        sizes.append(value.shape[place] if keeps else None if size is FREE else size)
    if sizes.count(_REST) == 1 and not is_taken:
        others = -math.prod(size if isinstance(size, int) else 1 for size in sizes)
        left = count // others if others else 0
        is_left_free = is_free and None not in sizes and left == 1
        sizes[sizes.index(_REST)] = None if is_left_free else left
    fits = all(size is None or (isinstance(size, int) and size > 0) for size in sizes)
    if not fits or sizes.count(None) != is_free or math.prod(size or 1 for size in sizes) != count:
        raise refused(node, "gives another number of numbers, or one that depends on a free size")
    return tuple(sizes)


# ---- Axes of one ----


def _told_axes(t: Translation, node: Node, since: int) -> tuple[int, ...] | None:
    """Return axes given by an attribute, or since an opset by an input; None if there are none."""
    if t.graph.opset < since:
        return node.ints("axes", ()) if "axes" in node.attributes else None
    told = t.optional(node, 1)
    return None if told is None else wholes(told)


def _squeeze(t: Translation, node: Node) -> Value:
    value = t.value(node.inputs[0])
    axes = _told_axes(t, node, 13)
    if axes is None:
        raise refused(node, "has no axes, so it depends on the number of samples")
    gone = {value.place(axis) for axis in axes}
    if value.samples in gone or any(value.shape[place] != 1 for place in gone):
        raise refused(node, "takes away an axis of more than one")
    kept = [place for place in range(value.rank) if place not in gone]
    shape = tuple(value.shape[place] for place in kept)
    if all(value.axes[place] is None for place in gone):
        left = tuple(value.axes[place] for place in kept)
        return replace(value, shape=shape, axes=left, is_picture=False)
    if len(kept) == 2 and value.samples == 0:
        return t.flattened(value, node.outputs[0])
    value = t.as_stored(value)
    axes_kept = stored_axes(len(kept), kept.index(value.samples))
    ours = ", ".join(
        "0" if axis in {value.axes[place] for place in gone} else ":" for axis in range(value.rank)
    )
    layer = t.formula(f"x[{ours}]", value.layer)
    return replace(value, layer=layer, shape=shape, axes=axes_kept, is_picture=False)


def _unsqueeze(t: Translation, node: Node) -> Value:
    value, told = t.value(node.inputs[0]), _told_axes(t, node, 13)
    if not told or value.unflattened is not None:
        raise refused(node, "has no axes")
    rank = value.rank + len(told)
    if any(not -rank <= axis < rank for axis in told):
        raise BadInput(DAMAGED)
    new = {axis % rank for axis in told}
    sizes, axes = iter(value.shape), iter(value.axes)
    return replace(
        value,
        shape=tuple(1 if place in new else next(sizes) for place in range(rank)),
        axes=tuple(None if place in new else next(axes) for place in range(rank)),
        is_picture=False,
    )


def _transpose(t: Translation, node: Node) -> Value:
    """Translate Transpose by relabelling the axes, without a layer."""
    value = t.value(node.inputs[0])
    order = node.ints("perm", range(value.rank)[::-1])
    if sorted(order) != list(range(value.rank)):
        raise BadInput(DAMAGED)
    if value.unflattened is not None:
        value = t.as_stored(value)
    return replace(
        value,
        shape=tuple(value.shape[axis] for axis in order),
        axes=tuple(value.axes[axis] for axis in order),
        is_picture=False,
    )


# ---- Parts and means ----


def _mean(t: Translation, node: Node) -> Value:
    value, told = t.value(node.inputs[0]), _told_axes(t, node, 18)
    if not told:
        if node.whole("noop_with_empty_axes", 0):
            return value
        raise refused(node, "takes the mean of all samples together")
    places = {value.place(axis) for axis in told}
    keeps = bool(node.whole("keepdims", 1))
    if places == set(range(2, value.rank)) and value.rank in (3, 4, 5) and value.samples == 0:
        return _picture_mean(t, value, keeps)
    value = t.whole(value)
    if value.unflattened is not None:
        value = t.as_stored(value)
    axes = tuple(sorted(value.axis(node, place) for place in places))
    layer = t.formula(f"mean(x, axis={axes}, keepdims={keeps})", value.layer)
    made = replace(value, layer=layer, kind="float")
    return _without(made, places, keeps)


def _picture_mean(t: Translation, value: Value, keeps: bool) -> Value:
    value = t.as_picture(value)
    layer = t.add(f"GlobalAveragePooling{value.rank - 2}D", (value.layer,), keepdims=keeps)
    if not keeps:
        return plain(layer, (value.channels,), is_positive=value.is_positive)
    return replace(value, layer=layer, shape=(*value.shape[:2], *(1,) * (value.rank - 2)))


def _without(value: Value, places: set[int], keeps: bool) -> Value:
    """Return the tensor after a layer that reduced these axes."""
    if keeps:
        shape = tuple(1 if place in places else size for place, size in enumerate(value.shape))
        return replace(value, shape=shape)
    kept = [place for place in range(value.rank) if place not in places]
    value = replace(value, is_picture=False)
    left = sorted(axis for axis in (value.axes[place] for place in kept) if axis is not None)
    return replace(
        value,
        shape=tuple(value.shape[place] for place in kept),
        axes=tuple(left.index(value.axes[place] or 0) for place in kept),
    )


def _gather(t: Translation, node: Node) -> Value:
    """Translate Gather with one constant index, and embeddings."""
    table = t.array(node.input(0))
    if table is not None:
        return _embedding(t, node, table)
    value, places = t.whole(t.value(node.inputs[0])), t.constant(node, 1)
    place = value.place(node.whole("axis", 0))
    axis = value.axis(node, place)
    if places.ndim != 0 or places.dtype.kind not in "iu" or value.unflattened is not None:
        raise refused(node, "takes several places")
    number = int(places)
    size = value.shape[place]
    if size is None or not -size <= number < size:
        raise refused(node, "takes a part beyond the end, or of a free size")
    layer = t.formula(f"x[{_index(axis, str(number))}]", value.layer)
    return _without(replace(value, layer=layer), {place}, False)


def _index(axis: int, taken: str) -> str:
    return ", ".join([*[":"] * axis, taken])


def _embedding(t: Translation, node: Node, table: Array) -> Value:
    value = t.whole(t.value(node.input(1)))
    is_plain = table.ndim == 2 and table.dtype.kind == "f" and value.unflattened is None
    if not is_plain or node.whole("axis", 0) % table.ndim != 0 or value.kind != "int":
        raise refused(node, "looks up otherwise than rows by whole numbers")
    rows, size = table.shape
    # In ONNX, negative indices count from the end.
    source = t.formula(f"where(x < 0, x + {rows}, x)", value.layer)
    layer = t.add("Embedding", (source,), (table,), input_dim=rows, output_dim=size)
    return Value(layer, (*value.shape, size), (*value.axes, value.rank))


def _slice(t: Translation, node: Node) -> Value:
    value = t.whole(t.value(node.inputs[0]))
    given = [t.optional(node, place) if place else None for place in range(len(node.inputs))]
    taken = slices(node, given, t.graph.opset, value.rank)
    shape, words = list(value.shape), [":"] * value.rank
    for place, part in enumerate(taken):
        if part == slice(None):
            continue
        axis, size = value.axis(node, place), value.shape[place]
        if size is None or value.unflattened is not None:
            raise refused(node, "takes a part of a free size")
        start, stop, step = part.indices(size)
        shape[place] = len(range(start, stop, step))
        words[axis] = f"{start}:{'' if stop < 0 else stop}:{step}"
    if 0 in shape:
        raise refused(node, "takes nothing")
    if words == [":"] * value.rank:
        return value
    layer = t.formula(f"x[{', '.join(words)}]", value.layer)
    return replace(value, layer=layer, shape=tuple(shape))


SHAPES: Final[Mapping[str, Operator]] = {
    "Flatten": row(_flatten, "axis", is_exact=True),
    "Reshape": row(_reshape, "allowzero>=14", inputs=2, is_exact=True),
    "Squeeze": row(_squeeze, "axes<13", inputs=2, is_exact=True),
    "Unsqueeze": row(_unsqueeze, "axes<13", inputs=2, is_exact=True),
    "Transpose": row(_transpose, "perm", is_exact=True),
    "ReduceMean": row(_mean, "axes<18 keepdims noop_with_empty_axes>=18", inputs=2),
    "Gather": row(_gather, "axis", inputs=2, is_exact=True),
    "Slice": row(_slice, "starts<10 ends<10 axes<10", inputs=5, is_exact=True),
}
