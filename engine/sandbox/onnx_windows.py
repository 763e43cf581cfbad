"""ONNX's operators with windows, convolutions and pooling, as layers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from engine.sandbox.onnx_graph import Node, Size
from engine.sandbox.onnx_values import Translation, Value, refused

Pads = tuple[tuple[int, int], ...]


def convolution(t: Translation, node: Node) -> Value:
    """Translate Conv; each filter's own channel makes a DepthwiseConv2D."""
    value, kernel = t.as_ours(t.value(node.inputs[0])), t.constant(node, 1)
    bias, groups = t.optional(node, 2), node.whole("group", 1)
    axes = kernel.ndim - 2
    window, filters, channels = kernel.shape[2:], kernel.shape[0], value.shape[0]
    if (
        axes not in (1, 2, 3)
        or len(value.shape) != axes + 1
        or channels != kernel.shape[1] * groups
    ):
        raise refused(node, "has a kernel that does not fit its input")
    strides, rates = node.ints("strides", (1,) * axes), node.ints("dilations", (1,) * axes)
    reach = tuple(rate * (size - 1) + 1 for rate, size in zip(rates, window, strict=True))
    source, padding, sizes = _padded(t, node, value, reach, strides, 0.0)
    parameters = {
        "kernel_size": window,
        "strides": strides,
        "padding": padding,
        "use_bias": bias is not None,
    }
    if rates != (1,) * axes:
        parameters["dilation_rate"] = rates
    if groups > 1 and groups == channels and axes == 2:
        multiplier = filters // groups
        stored = kernel.reshape(groups, multiplier, *window).transpose(2, 3, 0, 1)
        kind, parameters = "DepthwiseConv2D", {**parameters, "depth_multiplier": multiplier}
    else:
        stored = kernel.transpose(*range(2, 2 + axes), 1, 0)
        kind, parameters = f"Conv{axes}D", {**parameters, "filters": filters}
        if groups > 1:
            parameters["groups"] = groups
    weights = (stored,) if bias is None else (stored, bias)
    layer = t.add(kind, (source,), weights, **parameters)
    return Value(layer, (filters, *sizes), is_channels_first=True)


def transposed_convolution(t: Translation, node: Node) -> Value:
    """Translate ConvTranspose: without padding, then cut to its size."""
    value, kernel = t.as_ours(t.value(node.inputs[0])), t.constant(node, 1)
    bias, axes = t.optional(node, 2), kernel.ndim - 2
    window, ones = kernel.shape[2:], (1,) * axes
    strides, extra = node.ints("strides", ones), node.ints("output_padding", (0,) * axes)
    pads = _pads(node, axes)
    is_plain = node.whole("group", 1) == 1 and node.ints("dilations", ones) == ones
    cut = tuple((begin, end - more) for (begin, end), more in zip(pads, extra, strict=True))
    fits = all(size >= stride for size, stride in zip(window, strides, strict=True))
    if (
        not is_plain or not fits or axes not in (2, 3) or "output_shape" in node.attributes
        or any(end < 0 for _begin, end in cut) or value.shape[0] != kernel.shape[0] or _is_auto(node)
    ):  # fmt: skip
        raise refused(node, "has settings")
    layer = t.add(
        f"Conv{axes}DTranspose", (value.layer,),
        tuple(array for array in (kernel.transpose(*range(2, 2 + axes), 1, 0), bias) if array is not None),
        filters=kernel.shape[1], kernel_size=window, strides=strides, use_bias=bias is not None,
    )  # fmt: skip
    if any(any(pair) for pair in cut):
        layer = t.add(f"Cropping{axes}D", (layer,), cropping=tuple(itertools.chain(*cut)))
    sizes = tuple(
        None if size is None else (size - 1) * stride + length - begin - end
        for size, stride, length, (begin, end) in zip(
            value.sizes, strides, window, cut, strict=True
        )
    )
    return Value(layer, (kernel.shape[1], *sizes), is_channels_first=True)


def pooling(kind: str) -> Callable[[Translation, Node], Value]:
    """Return the translation of a pooling operator; ``kind``: ``Max`` or ``Average``."""

    def translate(t: Translation, node: Node) -> Value:
        value = t.as_ours(t.value(node.inputs[0]))
        window = node.ints("kernel_shape", ())
        axes, ones = len(window), (1,) * len(window)
        strides = node.ints("strides", ones)
        is_plain = node.ints("dilations", ones) == ones and not node.whole("ceil_mode", 0)
        if (
            axes not in (1, 2, 3)
            or len(value.shape) != axes + 1
            or not is_plain
            or len(node.outputs) > 1
        ):
            raise refused(node, "has settings")
        if kind == "Max":
            fill = 0.0 if value.is_positive else None
        else:
            fill = 0.0 if node.whole("count_include_pad", 0) else None
        source, padding, sizes = _padded(t, node, value, window, strides, fill)
        size, stride = (window[0], strides[0]) if axes == 1 else (window, strides)
        layer = t.add(
            f"{kind}Pooling{axes}D", (source,), pool_size=size, strides=stride, padding=padding
        )
        return Value(layer, (value.shape[0], *sizes), True, is_positive=value.is_positive)

    return translate


def whole_pooling(kind: str) -> Callable[[Translation, Node], Value]:
    """Return the translation of pooling over all of a picture."""

    def translate(t: Translation, node: Node) -> Value:
        value = t.as_ours(t.value(node.inputs[0]))
        axes = len(value.shape) - 1
        if axes not in (1, 2, 3):
            raise refused(node, "takes no picture")
        layer = t.add(f"Global{kind}Pooling{axes}D", (value.layer,), keepdims=True)
        return Value(layer, (value.shape[0], *(1,) * axes), True, is_positive=value.is_positive)

    return translate


def padding(t: Translation, node: Node) -> Value:
    """Translate Pad with zeros beside the picture."""
    value = t.as_ours(t.value(node.inputs[0]))
    told = node.ints("pads", ()) or tuple(int(n) for n in t.constant(node, 1))
    fill = t.optional(node, 2)
    number = float(fill.ravel()[0]) if fill is not None and fill.size else node.number("value", 0.0)
    rank, axes = len(value.shape) + 1, len(value.shape) - 1
    pairs = tuple(zip(told[:rank], told[rank:], strict=True))
    is_zero = node.attributes.get("mode", "constant") == "constant" and number == 0
    if (
        len(pairs) != rank
        or any(map(any, pairs[:2]))
        or min(told) < 0
        or not is_zero
        or len(node.inputs) > 3
    ):
        raise refused(node, "pads otherwise than with zeros around pictures")
    return Value(
        _zeros(t, value.layer, pairs[2:]), (value.shape[0], *_grown(value.sizes, pairs[2:])), axes > 0,
        is_positive=value.is_positive,
    )  # fmt: skip


# ---- Padding ----


def _padded(
    t: Translation,
    node: Node,
    value: Value,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    fill: float | None,
) -> tuple[str, str, tuple[Size, ...]]:
    """Return the layer to go on from, Keras's word for the padding, and the sizes behind the window.

    Parameters
    ----------
    fill
        What stands in the padding; None: nothing, windows at the border are smaller.
    """
    same = _same(value.sizes, window, strides)
    automatic = node.attributes.get("auto_pad", "NOTSET")
    if automatic == "SAME_UPPER":
        return value.layer, "same", tuple(_through(value.sizes, (1,) * len(window), strides))
    if automatic not in ("NOTSET", "VALID", ""):
        raise refused(node, "pads at the other side")
    pads = _pads(node, len(window)) if automatic != "VALID" else ((0, 0),) * len(window)
    sizes = _through(_grown(value.sizes, pads), window, strides)
    if not any(map(any, pads)):
        return value.layer, "valid", sizes
    if pads == same:
        return value.layer, "same", sizes
    if fill is None or any(number < 0 for pair in pads for number in pair):
        raise refused(node, "pads in its own way")
    return _zeros(t, value.layer, pads), "valid", sizes


def _zeros(t: Translation, layer: str, pads: Pads) -> str:
    axes = len(pads)
    return t.add(f"ZeroPadding{axes}D", (layer,), padding=tuple(itertools.chain(*pads)))


def _pads(node: Node, axes: int) -> Pads:
    told = node.ints("pads", (0,) * (2 * axes))
    return tuple(zip(told[:axes], told[axes:], strict=True))


def _is_auto(node: Node) -> bool:
    return node.attributes.get("auto_pad", "NOTSET") not in ("NOTSET", "")


def _same(
    sizes: tuple[Size, ...], window: tuple[int, ...], strides: tuple[int, ...]
) -> Pads | None:
    """Return what Keras's "same" pads; None if that depends on a free size."""
    pads = []
    for size, length, stride in zip(sizes, window, strides, strict=True):
        if size is None and stride != 1:
            return None
        rest = (size % stride or stride) if size is not None else 1
        total = max(0, length - rest)
        pads.append((total // 2, total - total // 2))
    return tuple(pads)


def _grown(sizes: tuple[Size, ...], pads: Pads) -> tuple[Size, ...]:
    return tuple(
        None if size is None else size + begin + end
        for size, (begin, end) in zip(sizes, pads, strict=True)
    )


def _through(
    sizes: tuple[Size, ...], window: tuple[int, ...], strides: tuple[int, ...]
) -> tuple[Size, ...]:
    """Return how many windows fit."""
    return tuple(
        None if size is None else max(0, size - length) // stride + 1
        for size, length, stride in zip(sizes, window, strides, strict=True)
    )


def normalization(t: Translation, node: Node) -> Value:
    """Translate BatchNormalization as it works after training."""
    value = t.value(node.inputs[0])
    value = t.as_ours(value)
    arrays = tuple(t.constant(node, place) for place in (1, 2, 3, 4))
    if value.unflattened is not None or any(array.shape != (value.shape[0],) for array in arrays):
        raise refused(node, "has weights that do not fit its input")
    layer = t.add(
        "BatchNormalization", (value.layer,), tuple(np.asarray(array) for array in arrays),
        epsilon=node.number("epsilon", 1e-5), momentum=node.number("momentum", 0.9),
    )  # fmt: skip
    return Value(layer, value.shape, value.is_channels_first)


WINDOWS: Final[Mapping[str, Callable[[Translation, Node], Any]]] = {
    "Conv": convolution,
    "ConvTranspose": transposed_convolution,
    "MaxPool": pooling("Max"),
    "AveragePool": pooling("Average"),
    "GlobalMaxPool": whole_pooling("Max"),
    "GlobalAveragePool": whole_pooling("Average"),
    "Pad": padding,
    "BatchNormalization": normalization,
}
