"""ONNX's convolutions, pooling and normalization as layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from engine.importing.onnx.graph import Node, refused, refused_setting
from engine.importing.onnx.operators import Operator, Translate, row
from engine.importing.onnx.padding import (
    Ints,
    Windows,
    edges_around,
    pad,
    pads_of,
    windows_of,
    zeros_around,
)
from engine.importing.onnx.transposed import transposed_convolution
from engine.importing.onnx.values import Translation, Value, picture
from engine.importing.safe.numbers import Array

_AXES: Final = (1, 2, 3)


# ---- Convolution ----


def _convolution(t: Translation, node: Node) -> Value:
    """Translate Conv; one group for each channel becomes a DepthwiseConv2D."""
    value, kernel = t.as_picture(t.value(node.inputs[0])), t.constant(node, 1)
    bias, groups, axes = t.optional(node, 2), node.whole("group", 1), kernel.ndim - 2
    window = kernel.shape[2:]
    fits = axes in _AXES and value.rank == axes + 2 and groups > 0
    if not fits or value.channels != kernel.shape[1] * groups or kernel.shape[0] % groups:
        raise refused(node, "has a kernel that does not fit its input")
    if node.ints("kernel_shape", window) != window:
        raise refused_setting(node, "kernel_shape", "which is not that of its kernel")
    strides, rates = _steps(node, "strides", axes), _steps(node, "dilations", axes)
    reach = tuple(rate * (size - 1) + 1 for rate, size in zip(rates, window, strict=True))
    windows = windows_of(node, value, reach, strides)
    # Keras allows no strides with dilation: the superfluous outputs are dropped afterwards.
    leaves_out = max(rates) > 1 and max(strides) > 1
    source, padding = _source(t, node, value, windows, must_pad=leaves_out)
    kind, stored, told = _kernel(kernel, groups, value.channels or 0)
    if max(rates) > 1:
        told["dilation_rate"] = rates
    weights = (stored,) if bias is None else (stored, bias)
    layer = t.add(
        kind, (source,), weights, kernel_size=window, use_bias=bias is not None, padding=padding,
        strides=(1,) * axes if leaves_out else strides, **told,
    )  # fmt: skip
    if leaves_out:
        layer = t.formula(f"x[:, {', '.join(f'::{step}' for step in strides)}]", layer)
    return picture(layer, (kernel.shape[0], *windows.sizes))


def _steps(node: Node, name: str, axes: int) -> Ints:
    told = node.ints(name, (1,) * axes)
    if len(told) != axes or min(told) < 1:
        raise refused_setting(node, name, "which does not fit its kernel")
    return told


def _kernel(kernel: Array, groups: int, channels: int) -> tuple[str, Array, dict[str, Any]]:
    """Return the kind of a convolution, its kernel in the layout of Keras, and its parameters."""
    axes, window, filters = kernel.ndim - 2, kernel.shape[2:], kernel.shape[0]
    if groups > 1 and groups == channels and axes == 2:
        multiplier = filters // groups
        stored = kernel.reshape(groups, multiplier, *window).transpose(2, 3, 0, 1)
        return "DepthwiseConv2D", stored, {"depth_multiplier": multiplier}
    told = {"filters": filters} | ({"groups": groups} if groups > 1 else {})
    return f"Conv{axes}D", kernel.transpose(*range(2, 2 + axes), 1, 0), told


def _source(
    t: Translation, node: Node, value: Value, windows: Windows, must_pad: bool
) -> tuple[str, str]:
    """Return the layer to continue from, zero-padded if necessary, and the padding for Keras."""
    if windows.is_plain:
        return value.layer, "valid"
    if windows.is_same and not must_pad:
        return value.layer, "same"
    return zeros_around(t, value, windows.whole_pads(node)), "valid"


# ---- Pooling ----


def _pooling(kind: str) -> Translate:
    """Return the translation of a pooling operator; ``kind``: ``Max`` or ``Average``."""

    def translate(t: Translation, node: Node) -> Value:
        value = t.as_picture(t.value(node.inputs[0]))
        window = node.ints("kernel_shape", ())
        axes = len(window)
        if axes not in _AXES or value.rank != axes + 2:
            raise refused_setting(node, "kernel_shape", "which does not fit its input")
        if max(_steps(node, "dilations", axes)) > 1:
            raise refused_setting(node, "dilations")
        windows = windows_of(node, value, window, _steps(node, "strides", axes))
        told = pads_of(node, axes)
        if any(max(pair) >= size for pair, size in zip(told, window, strict=True)):
            raise refused_setting(node, "pads", "which is more than its window")
        layer = _POOLED[kind](t, node, value, windows)
        return picture(layer, (value.channels, *windows.sizes), is_positive=value.is_positive)

    return translate


def _pooled(t: Translation, kind: str, source: str, windows: Windows, padding: str) -> str:
    size: Any = windows.reach
    strides: Any = windows.strides
    if len(size) == 1:
        (size,), (strides,) = size, strides
    name = f"{kind}Pooling{len(windows.reach)}D"
    return t.add(name, (source,), pool_size=size, strides=strides, padding=padding)


def _max(t: Translation, node: Node, value: Value, windows: Windows) -> str:
    """Add max pooling; if values may be negative, the padding repeats the edges of the image.

    A window over the padding covers the edge too, so this does not change the maximum.
    """
    if windows.is_plain:
        return _pooled(t, "Max", value.layer, windows, "valid")
    if windows.is_same and not any(windows.behind):
        return _pooled(t, "Max", value.layer, windows, "same")
    pads = windows.whole_pads(node)
    if value.is_positive:
        source = zeros_around(t, value, pads)
    else:
        source = edges_around(t, node, value.layer, ((0, 0), *pads, (0, 0)))
    return _pooled(t, "Max", source, windows, "valid")


def _average(t: Translation, node: Node, value: Value, windows: Windows) -> str:
    """Add average pooling; means of windows that exclude padding are divided by the share that counts."""
    counts_pads, is_cut = bool(node.whole("count_include_pad", 0)), any(windows.behind)
    if windows.is_plain:
        return _pooled(t, "Average", value.layer, windows, "valid")
    if windows.is_same and not counts_pads and not is_cut:
        return _pooled(t, "Average", value.layer, windows, "same")
    pads = windows.whole_pads(node)
    if counts_pads:
        own = tuple(
            (begin, end - more) for (begin, end), more in zip(pads, windows.behind, strict=True)
        )
        value = replace(value, layer=zeros_around(t, value, own))
        pads = tuple((0, more) for more in windows.behind)
    if not any(map(any, pads)):
        return _pooled(t, "Average", value.layer, windows, "valid")
    ones = replace(value, layer=t.formula("ones_like(x[..., :1])", value.layer))
    mean, share = (
        _pooled(t, "Average", zeros_around(t, each, pads), windows, "valid")
        for each in (value, ones)
    )
    return t.formula("a / b", mean, share)


_POOLED: Final = {"Max": _max, "Average": _average}


def _whole_pooling(kind: str) -> Translate:
    """Return the translation of pooling over the whole image."""

    def translate(t: Translation, node: Node) -> Value:
        value = t.as_picture(t.value(node.inputs[0]))
        axes = value.rank - 2
        if axes not in _AXES:
            raise refused(node, "takes no picture")
        layer = t.add(f"Global{kind}Pooling{axes}D", (value.layer,), keepdims=True)
        return picture(layer, (value.channels, *(1,) * axes), is_positive=value.is_positive)

    return translate


def _normalization(t: Translation, node: Node) -> Value:
    """Translate BatchNormalization in inference mode."""
    if node.whole("training_mode", 0):
        raise refused_setting(node, "training_mode", "so it would take the mean of the samples")
    if not node.whole("spatial", 1):
        raise refused_setting(node, "spatial")
    value = t.as_picture(t.value(node.inputs[0]))
    arrays = tuple(t.constant(node, place) for place in (1, 2, 3, 4))
    if value.rank < 2 or any(array.shape != (value.channels,) for array in arrays):
        raise refused(node, "has weights that do not fit its input")
    epsilon, momentum = node.number("epsilon", 1e-5), node.number("momentum", 0.9)
    for name, number in (("epsilon", epsilon), ("momentum", momentum)):
        if not 0 <= number <= 1:
            raise refused_setting(node, name)
    layer = t.add(
        "BatchNormalization", (value.layer,), tuple(np.asarray(array) for array in arrays),
        epsilon=epsilon, momentum=momentum,
    )  # fmt: skip
    return replace(value, layer=layer, is_positive=False)


_SLIDING: Final = "auto_pad kernel_shape pads strides"
WINDOWS: Final[Mapping[str, Operator]] = {
    "Conv": row(_convolution, f"{_SLIDING} dilations group", inputs=3),
    "ConvTranspose": row(
        transposed_convolution, f"{_SLIDING} dilations group output_padding output_shape", inputs=3
    ),
    "MaxPool": row(_pooling("Max"), f"{_SLIDING} ceil_mode>=10 dilations>=10 storage_order>=8"),
    "AveragePool": row(
        _pooling("Average"), f"{_SLIDING} ceil_mode>=10 dilations>=19 count_include_pad"
    ),
    "GlobalMaxPool": row(_whole_pooling("Max")),
    "GlobalAveragePool": row(_whole_pooling("Average")),
    "Pad": row(pad, "mode pads<11 value<11", inputs=4),
    "BatchNormalization": row(
        _normalization, "epsilon momentum spatial<9 training_mode>=14", inputs=5
    ),
}
