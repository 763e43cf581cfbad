"""ONNX's transposed convolution as layers: without padding, then cropped."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from engine.importing.onnx.graph import Node, Size, refused, refused_setting
from engine.importing.onnx.padding import Ints, Pads, pads_of, zeros_around
from engine.importing.onnx.values import Translation, Value, known, picture
from engine.importing.safe.numbers import Array


def transposed_convolution(t: Translation, node: Node) -> Value:
    """Translate ConvTranspose, one layer for each group."""
    value, kernel = t.as_picture(t.value(node.inputs[0])), t.constant(node, 1)
    bias, axes, groups = t.optional(node, 2), kernel.ndim - 2, node.whole("group", 1)
    fits = axes in (1, 2, 3) and value.rank == axes + 2 and groups > 0
    if not fits or value.channels != kernel.shape[0] or kernel.shape[0] % groups:
        raise refused(node, "has a kernel that does not fit its input")
    plan = _plan(node, value, kernel)
    if plan.more:
        grown = (*value.shape[:2], *(size and size + plan.more for size in value.sizes))
        behind = zeros_around(t, value, ((0, plan.more),) * axes)
        value = replace(value, layer=behind, shape=grown)
    whole = (size and size + sum(cut) for size, cut in zip(plan.sizes, plan.crop, strict=True))
    t.check_room((kernel.shape[1] * groups, *whole))
    layer = _grouped(t, value, _spread(kernel, plan.rates), bias, groups, plan)
    if any(map(any, plan.crop)):
        layer = t.add(f"Cropping{axes}D", (layer,), cropping=tuple(itertools.chain(*plan.crop)))
    return picture(layer, (kernel.shape[1] * groups, *plan.sizes))


@dataclass(frozen=True)
class _Plan:
    """How to get the result from a layer of Keras without padding.

    Attributes
    ----------
    more
        Zeros to add at the end of the input for output_padding beyond the last window.
    crop
        Cropping of the layer's output on both sides of each axis.
    sizes
        Sizes after cropping.
    """

    strides: Ints
    rates: Ints
    more: int
    crop: Pads
    sizes: tuple[Size, ...]


def _plan(node: Node, value: Value, kernel: Array) -> _Plan:
    window, ones = kernel.shape[2:], (1,) * (kernel.ndim - 2)
    if node.ints("kernel_shape", window) != window:
        raise refused_setting(node, "kernel_shape", "which is not that of its kernel")
    strides, rates = node.ints("strides", ones), node.ints("dilations", ones)
    extra = node.ints("output_padding", (0,) * len(ones))
    for name, numbers in (("strides", strides), ("dilations", rates), ("output_padding", extra)):
        if len(numbers) != len(ones) or min(numbers) < (name != "output_padding"):
            raise refused_setting(node, name, "which does not fit its kernel")
    if any(more >= stride for more, stride in zip(extra, strides, strict=True)):
        raise refused_setting(node, "output_padding", "which is not below its strides")
    reach = tuple(rate * (size - 1) + 1 for rate, size in zip(rates, window, strict=True))
    natural = tuple(
        None if size is None else (size - 1) * stride + length + more
        for size, stride, length, more in zip(value.sizes, strides, reach, extra, strict=True)
    )
    pads, sizes = _cut(node, value.sizes, natural, strides)
    if any(size is not None and size < 1 for size in sizes):
        raise refused(node, "gives nothing")
    behind = [
        # The output of Keras covers whole strides, or the whole last window.
        max(length, stride) - length - more + (end if whole is None or size is None else whole - begin - size)
        for length, stride, more, (begin, end), whole, size in zip(
            reach, strides, extra, pads, natural, sizes, strict=True
        )
    ]  # fmt: skip
    more = max(0, *(-(left // stride) for left, stride in zip(behind, strides, strict=True)))
    crop = tuple(
        (begin, left + more * stride)
        for (begin, _), left, stride in zip(pads, behind, strides, strict=True)
    )
    return _Plan(strides, rates, more, crop, sizes)


def _cut(
    node: Node, sizes: tuple[Size, ...], natural: tuple[Size, ...], strides: Ints
) -> tuple[Pads, tuple[Size, ...]]:
    """Return the cropping and the sizes after it."""
    automatic = node.text("auto_pad", "NOTSET") or "NOTSET"
    told, wanted = pads_of(node, len(strides)), node.ints("output_shape", ())
    if automatic not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        raise refused_setting(node, "auto_pad")
    if wanted or automatic.startswith("SAME"):
        own = known(natural)
        ends = wanted or tuple(
            size * stride for size, stride in zip(known(sizes), strides, strict=True)
        )
        if len(ends) != len(strides) or any(map(any, told)):
            raise refused_setting(node, "output_shape" if wanted else "auto_pad", "beside pads")
        if wanted and any(size < end for size, end in zip(own, ends, strict=True)):
            raise refused_setting(node, "output_shape", "which is more than its windows give")
        totals = [max(0, size - end) for size, end in zip(own, ends, strict=True)]
        is_upper = automatic == "SAME_UPPER"
        halves = [total // 2 if is_upper else total - total // 2 for total in totals]
        return tuple((half, total - half) for half, total in zip(halves, totals, strict=True)), ends
    if automatic == "VALID" and any(map(any, told)):
        raise refused_setting(node, "auto_pad", "beside pads")
    if any(pad < 0 for pair in told for pad in pair):
        raise refused_setting(node, "pads", "which cuts less than nothing")
    left = tuple(
        None if size is None else size - begin - end
        for size, (begin, end) in zip(natural, told, strict=True)
    )
    return told, left


def _spread(kernel: Array, rates: Ints) -> Array:
    """Return a kernel with its dilation filled by zeros: Keras allows no dilation with strides."""
    if max(rates) == 1:
        return kernel
    window = [rate * (size - 1) + 1 for rate, size in zip(rates, kernel.shape[2:], strict=True)]
    spread = np.zeros((*kernel.shape[:2], *window), kernel.dtype)
    places = tuple(slice(None, None, rate) for rate in (1, 1, *rates))
    spread[places] = kernel
    return spread


def _grouped(
    t: Translation, value: Value, kernel: Array, bias: Array | None, groups: int, plan: _Plan
) -> str:
    axes, taken, given = kernel.ndim - 2, kernel.shape[0] // groups, kernel.shape[1]
    layers = []
    for group in range(groups):
        own = slice(group * taken, (group + 1) * taken)
        source = value.layer
        if groups > 1:
            source = t.formula(f"x[..., {own.start}:{own.stop}]", value.layer)
        weights: tuple[Array, ...] = (kernel[own].transpose(*range(2, 2 + axes), 1, 0),)
        if bias is not None:
            weights = (*weights, bias[group * given : (group + 1) * given])
        layers.append(
            t.add(
                f"Conv{axes}DTranspose", (source,), weights, filters=given,
                kernel_size=kernel.shape[2:], strides=plan.strides, use_bias=bias is not None,
            )
        )  # fmt: skip
    return layers[0] if groups == 1 else t.add("Concatenate", tuple(layers), axis=-1)
