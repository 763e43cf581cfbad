"""Shapes and weights of layers that slide a window: convolutions, pooling, padding, resizing.

Sizes: "valid" is floor((n - window) / stride) + 1, "same" and "causal" ceil(n / stride); Dumoulin and Visin 2016,
arXiv:1603.07285. Transposed: n * stride, "valid" with max(window - stride, 0) more, as TensorFlow has it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.estimate.layer import Estimate, Layer, Shape, Size, Unknown, known


def _window(size: Size, kernel: int, stride: int, padding: str, dilation: int = 1) -> Size:
    if size is None:
        return None
    if padding != "valid":
        return -(-size // stride)
    steps = (size - dilation * (kernel - 1) - 1) // stride + 1
    if steps < 1:
        raise Unknown  # the error comes from Keras
    return steps


def _slid(layer: Layer, rank: int, kernel: tuple[int, ...], channels: int) -> Shape:
    """Return the output shape of a convolution with this window, in the layer's data format."""
    strides, dilation = (layer.numbers(name, rank) for name in ("strides", "dilation_rate"))
    if max(strides) > 1 and max(dilation) > 1:
        raise Unknown
    padding = str(layer.value("padding"))
    taken = layer.of_rank(rank + 1)
    sizes = (
        _window(size, k, s, padding, d)
        for size, k, s, d in zip(taken, kernel, strides, dilation, strict=False)
    )
    return layer.placed((*sizes, channels))


def _conv(rank: int) -> Callable[[Layer], Estimate]:
    def rule(layer: Layer) -> Estimate:
        filters, groups = layer.number("filters"), layer.number("groups")
        kernel, channels = layer.numbers("kernel_size", rank), known(layer.of_rank(rank + 1)[-1])
        layer.refuse("lora_rank")
        if channels % groups or filters % groups:
            raise Unknown
        weights = math.prod(kernel) * (channels // groups) * filters
        shape = _slid(layer, rank, kernel, filters)
        return Estimate(shape, weights + filters * bool(layer.value("use_bias")))

    return rule


def _depthwise(rank: int) -> Callable[[Layer], Estimate]:
    def rule(layer: Layer) -> Estimate:
        kernel, channels = layer.numbers("kernel_size", rank), known(layer.of_rank(rank + 1)[-1])
        given = channels * layer.number("depth_multiplier")
        shape = _slid(layer, rank, kernel, given)
        return Estimate(shape, (math.prod(kernel) + bool(layer.value("use_bias"))) * given)

    return rule


def _separable(rank: int) -> Callable[[Layer], Estimate]:
    def rule(layer: Layer) -> Estimate:
        filters, channels = layer.number("filters"), known(layer.of_rank(rank + 1)[-1])
        kernel = layer.numbers("kernel_size", rank)
        between = channels * layer.number("depth_multiplier")
        weights = math.prod(kernel) * between + between * filters
        shape = _slid(layer, rank, kernel, filters)
        return Estimate(shape, weights + filters * bool(layer.value("use_bias")))

    return rule


def _transposed(rank: int) -> Callable[[Layer], Estimate]:
    def rule(layer: Layer) -> Estimate:
        filters, taken = layer.number("filters"), layer.of_rank(rank + 1)
        kernel, strides = layer.numbers("kernel_size", rank), layer.numbers("strides", rank)
        layer.refuse("output_padding")
        if max(layer.numbers("dilation_rate", rank)) > 1:
            raise Unknown
        is_valid = layer.value("padding") == "valid"
        sizes = (
            None if size is None else size * s + (max(k - s, 0) if is_valid else 0)
            for size, k, s in zip(taken, kernel, strides, strict=False)
        )
        weights = math.prod(kernel) * known(taken[-1]) * filters
        shape = layer.placed((*sizes, filters))
        return Estimate(shape, weights + filters * bool(layer.value("use_bias")))

    return rule


def _pooling(rank: int) -> Callable[[Layer], Estimate]:
    def rule(layer: Layer) -> Estimate:
        taken, pool = layer.of_rank(rank + 1), layer.numbers("pool_size", rank)
        strides = pool if layer.value("strides") is None else layer.numbers("strides", rank)
        padding = str(layer.value("padding"))
        sizes = (
            _window(size, k, s, padding) for size, k, s in zip(taken, pool, strides, strict=False)
        )
        return Estimate(layer.placed((*sizes, taken[-1])))

    return rule


def _global_pooling(rank: int) -> Callable[[Layer], Estimate]:
    def rule(layer: Layer) -> Estimate:
        channels = layer.of_rank(rank + 1)[-1]
        kept = (1,) * rank if layer.value("keepdims") else ()
        return Estimate(layer.placed((*kept, channels)))

    return rule


def _pairs(layer: Layer, name: str, rank: int) -> tuple[tuple[int, int], ...]:
    """Return (before, after) of each axis for padding and cropping: one number, or two an axis."""
    value = layer.value(name)
    if isinstance(value, int):
        return ((value, value),) * rank
    numbers = layer.numbers(name, 2 * rank)
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _bordered(rank: int, name: str, sign: int) -> Callable[[Layer], Estimate]:
    def rule(layer: Layer) -> Estimate:
        taken, pairs = layer.of_rank(rank + 1), _pairs(layer, name, rank)
        sizes = tuple(
            None if size is None else size + sign * sum(pair)
            for size, pair in zip(taken, pairs, strict=False)
        )
        if any(size is not None and size < 1 for size in sizes):
            raise Unknown
        return Estimate(layer.placed((*sizes, taken[-1])))

    return rule


def _enlarged(rank: int) -> Callable[[Layer], Estimate]:
    def rule(layer: Layer) -> Estimate:
        taken, times = layer.of_rank(rank + 1), layer.numbers("size", rank)
        sizes = (None if size is None else size * n for size, n in zip(taken, times, strict=False))
        return Estimate(layer.placed((*sizes, taken[-1])))

    return rule


def _resized(layer: Layer) -> Estimate:
    channels = layer.of_rank(3)[-1]
    return Estimate(layer.placed((layer.number("height"), layer.number("width"), channels)))


def _rows(name: str, make: Callable[[int], Callable[[Layer], Estimate]], *ranks: int) -> Any:
    return {f"{name}{rank}D": make(rank) for rank in ranks}


RULES: Final[Mapping[str, Callable[[Layer], Estimate]]] = {
    **_rows("Conv", _conv, 1, 2, 3),
    **_rows("DepthwiseConv", _depthwise, 1, 2),
    **_rows("SeparableConv", _separable, 1, 2),
    "Conv1DTranspose": _transposed(1),
    "Conv2DTranspose": _transposed(2),
    "Conv3DTranspose": _transposed(3),
    **_rows("MaxPooling", _pooling, 1, 2, 3),
    **_rows("AveragePooling", _pooling, 1, 2, 3),
    **_rows("GlobalMaxPooling", _global_pooling, 1, 2, 3),
    **_rows("GlobalAveragePooling", _global_pooling, 1, 2, 3),
    **_rows("ZeroPadding", lambda rank: _bordered(rank, "padding", 1), 1, 2, 3),
    **_rows("Cropping", lambda rank: _bordered(rank, "cropping", -1), 1, 2, 3),
    **_rows("UpSampling", _enlarged, 1, 2, 3),
    "Resizing": _resized,
    "CenterCrop": _resized,
}
