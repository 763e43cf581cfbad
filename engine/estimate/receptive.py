"""Receptive field of a unit: the positions of a sample that it depends on. Loads without TensorFlow.

The set of positions is followed from the unit back to the input, as a mask over each layer's positions (its axes
without the channels): a window marks the positions under its taps, with strides and dilation; masks of branches are
united. The result is exact for these, including the holes of a dilated window (Dumoulin and Visin 2016, chapters 2
and 4). A layer that mixes all positions, such as Dense after Flatten, or that has no rule here, depends on all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.build.layer_context import PlacedLayer, placed
from engine.editing.layout import forward_sources
from engine.spec.issues import LayerFacts
from engine.spec.network import INPUT_KIND, NetworkSpec

Mask: TypeAlias = npt.NDArray[np.bool_]
Places: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class _Step:
    """A layer on the way back, with the positions of its input and output."""

    layer: PlacedLayer
    port: int
    taken: Places
    given: Places


_Rule: TypeAlias = Callable[[_Step, Mask], Mask]


def receptive_field(
    network: NetworkSpec, facts: Mapping[str, LayerFacts], layer_id: str, unit: Sequence[int]
) -> Mask | None:
    """Return the positions of the input that a unit depends on.

    Parameters
    ----------
    facts
        Shapes by layer id.
    unit
        Position in the layer's output, (row, column) of a feature map, (time,) of a sequence; clipped to the output.

    Returns
    -------
    mask
        (h, w), (time,) ...: the input's axes without its channels, for several inputs united. None if the layer has
        no positions or a shape on the way is unknown.
    """
    sources = forward_sources(network)
    layers = {layer.id: layer for layer in network.layers}
    shapes = {name: _sized(fact.output_shape) for name, fact in facts.items()}
    start = shapes.get(layer_id)
    if start is None or len(start) < 2 or len(unit) != len(start) - 1:
        return None
    masks = {layer_id: _one(start[:-1], unit)}
    found: Mask | None = None
    for name in reversed(sources):
        mask = masks.pop(name, None)
        if mask is None:
            continue
        if layers[name].kind == INPUT_KIND:
            found = mask if found is None or found.shape != mask.shape else found | mask
            continue
        inputs, output = [shapes.get(source) for source in sources[name]], shapes.get(name)
        sized = [shape for shape in inputs if shape is not None]
        if output is None or not sized or len(sized) < len(inputs):
            return None
        one = placed(layers[name], sized, output, 0)
        for port, source in enumerate(sources[name]):
            seen = _behind(_Step(one, port, sized[port][:-1], output[:-1]), mask)
            masks[source] = masks[source] | seen if source in masks else seen
    return found


def _sized(shape: tuple[int | None, ...] | None) -> Places | None:
    return None if shape is None or None in shape else tuple(size or 0 for size in shape)


def _one(places: Places, unit: Sequence[int]) -> Mask:
    mask = np.zeros(places, dtype=bool)
    mask[tuple(min(max(at, 0), size - 1) for at, size in zip(unit, places, strict=True))] = True
    return mask


def _behind(step: _Step, mask: Mask) -> Mask:
    """Return the positions of the input that the marked positions of the output depend on."""
    layer = step.layer
    if layer.value("data_format") == "channels_first":
        return _all(step)
    rule = _RULES.get(layer.kind, _all)
    return rule(step, mask)


def _all(step: _Step, _mask: Mask | None = None) -> Mask:
    return np.ones(step.taken, dtype=bool)


# ---- Windows ----


@dataclass(frozen=True)
class _Window:
    """The window along one axis: number of taps, their distance, and the stride."""

    size: int
    stride: int
    dilation: int

    @property
    def reach(self) -> int:
        return (self.size - 1) * self.dilation + 1


def _windows(layer: PlacedLayer, axes: int) -> tuple[_Window, ...]:
    size = layer.numbers("pool_size" if "Pooling" in layer.kind else "kernel_size", axes)
    strides = size if layer.value("strides") is None else layer.numbers("strides", axes)
    apart = (
        (1,) * axes
        if layer.value("dilation_rate") is None
        else layer.numbers("dilation_rate", axes)
    )
    return tuple(_Window(*each) for each in zip(size, strides, apart, strict=True))


def _before(padding: Any, window: _Window, length: int) -> int:
    """Return the padding before an axis of this length, as in TensorFlow."""
    if padding == "causal":
        return window.reach - 1
    if padding != "same":
        return 0
    windows = math.ceil(length / window.stride)
    return int(max((windows - 1) * window.stride + window.reach - length, 0) // 2)


def _ends(window: _Window, tap: int, before: int, outputs: int, inputs: int) -> tuple[slice, slice]:
    """Return the outputs whose tap is inside the input, and the inputs under it."""
    shift = tap * window.dilation - before
    first = max(0, -(shift // window.stride))  # the first output with output * stride + shift >= 0
    last = min(outputs, (inputs - 1 - shift) // window.stride + 1)
    if last <= first:
        return slice(0, 0), slice(0, 0)
    start = first * window.stride + shift
    return slice(first, last), slice(
        start, start + (last - first - 1) * window.stride + 1, window.stride
    )


def _taps(
    step: _Step, short: Places, long: Places
) -> list[tuple[tuple[slice, ...], tuple[slice, ...]]]:
    """Return for each tap of the window which positions of the short side meet which of the long side."""
    windows = _windows(step.layer, len(long))
    padding = step.layer.value("padding")
    met: list[tuple[tuple[slice, ...], tuple[slice, ...]]] = [((), ())]
    for window, few, many in zip(windows, short, long, strict=True):
        before = _before(padding, window, many)
        ends = [_ends(window, tap, before, few, many) for tap in range(window.size)]
        met = [((*a, few_at), (*b, many_at)) for a, b in met for few_at, many_at in ends]
    return met


def _windowed(step: _Step, mask: Mask) -> Mask:
    seen = np.zeros(step.taken, dtype=bool)
    for outputs, inputs in _taps(step, step.given, step.taken):
        seen[inputs] |= mask[outputs]
    return seen


def _transposed(step: _Step, mask: Mask) -> Mask:
    """A transposed convolution adds each input to the outputs that a convolution would read it from."""
    seen = np.zeros(step.taken, dtype=bool)
    for inputs, outputs in _taps(step, step.taken, step.given):
        seen[inputs] |= mask[outputs]
    return seen


# ---- Layers that keep or move positions ----


def _same(step: _Step, mask: Mask) -> Mask:
    """Each position depends on itself; an axis of size one is broadcast."""
    if len(step.taken) != len(step.given):
        return _all(step)
    for axis, (taken, given) in enumerate(zip(step.taken, step.given, strict=True)):
        if taken == 1 and given > 1:
            mask = np.any(mask, axis=axis, keepdims=True)
    return mask if mask.shape == step.taken else _all(step)


def _last_axis(step: _Step, mask: Mask) -> Mask:
    """Positions stay separate only if the channels are mixed."""
    axis = step.layer.value("axis", -1)
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else (axis,)
    return _same(step, mask) if axes in ((-1,), (len(step.given) + 1,)) else _all(step)


def _joined(step: _Step, mask: Mask) -> Mask:
    """A concatenation along the channels, or along an axis of positions."""
    axis = step.layer.value("axis", -1)
    axis = axis - 1 if axis > 0 else axis + len(step.given) + 1
    if axis >= len(step.given):
        return _same(step, mask)
    first = sum(shape[axis] for shape in step.layer.inputs[: step.port])
    return mask[_along(axis, len(step.given), slice(first, first + step.taken[axis]))]


def _along(axis: int, axes: int, part: slice) -> tuple[slice, ...]:
    return tuple(part if number == axis else slice(None) for number in range(axes))


def _margins(layer: PlacedLayer, name: str, axes: int) -> list[tuple[int, int]]:
    """Return (before, after) of each axis."""
    numbers = layer.numbers(name, 2 * axes)
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _padded(step: _Step, mask: Mask) -> Mask:
    margins = _margins(step.layer, "padding", len(step.taken))
    inside = zip(margins, step.taken, strict=True)
    return mask[tuple(slice(before, before + size) for (before, _), size in inside)]


def _cropped(step: _Step, mask: Mask) -> Mask:
    seen = np.zeros(step.taken, dtype=bool)
    margins = _margins(step.layer, "cropping", len(step.taken))
    inside = zip(margins, step.given, strict=True)
    seen[tuple(slice(before, before + size) for (before, _), size in inside)] = mask
    return seen


def _enlarged(step: _Step, mask: Mask) -> Mask:
    """Every position was repeated; interpolation also uses its neighbours."""
    way = step.layer.value("interpolation", "nearest")
    if way not in ("nearest", "bilinear"):
        return _all(step)
    for axis, size in enumerate(step.layer.numbers("size", len(step.taken))):
        outputs = np.arange(step.given[axis])
        middle = (outputs + 0.5) / size - 0.5
        ends = (outputs // size,) if way == "nearest" else (np.floor(middle), np.ceil(middle))
        over = np.moveaxis(mask, axis, 0)  # (outputs, ...)
        seen = np.zeros((step.taken[axis], *over.shape[1:]), dtype=bool)
        for places in ends:
            np.logical_or.at(seen, np.clip(places, 0, len(seen) - 1).astype(int), over)
        mask = np.moveaxis(seen, 0, axis)
    return mask


def _each(names: str, rule: _Rule, axes: tuple[int, ...] = (1, 2, 3)) -> dict[str, _Rule]:
    return {f"{name}{n}D": rule for name in names.split() for n in axes}


_RULES: Final[Mapping[str, _Rule]] = {
    **_each("Conv MaxPooling AveragePooling", _windowed),
    **_each("DepthwiseConv SeparableConv", _windowed, (1, 2)),
    **{f"Conv{n}DTranspose": _transposed for n in (1, 2, 3)},
    **_each("ZeroPadding", _padded),
    **_each("Cropping", _cropped),
    **_each("UpSampling", _enlarged),
    **_each("SpatialDropout", _same),
    **dict.fromkeys(
        (
            "Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Dropout", "AlphaDropout", "GaussianDropout",
            "GaussianNoise", "ActivityRegularization", "Identity", "Rescaling", "Dense",
            "Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract",
        ),
        _same,
    ),
    **dict.fromkeys(
        ("BatchNormalization", "LayerNormalization", "RMSNormalization", "UnitNormalization", "Softmax"), _last_axis
    ),
    "Concatenate": _joined,
    "Embedding": lambda _step, mask: mask,  # its input has no channels, so its positions are those of the output
}  # fmt: skip
