"""Multiply-adds of a layer for one sample, from its shapes. Loads without TensorFlow.

A multiply-add is one multiplication with the addition of its product, two floating-point operations. Counted is the
forward pass as in prediction. Where a layer only adds or compares (pooling, merging), each addition or comparison
counts like a multiply-add. Not counted: biases, activation functions, copies, look-ups and random numbers, which
are small beside the products (a bias is one addition beside a whole dot product).

Sources of the formulas:

- dense and convolution, also separable and depthwise: Howard et al. 2017, MobileNets, section 3.1;
- transposed convolution: Dumoulin and Visin 2016, chapter 4 (the gradient of a convolution: every input position
  meets the whole kernel);
- LSTM: Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000; GRU: Cho et al. 2014;
- convolutional LSTM: Shi et al. 2015, equation 3, without peepholes;
- attention: Vaswani et al. 2017, section 3.2; additive: Bahdanau et al. 2015; grouped queries: Ainslie et al. 2023;
- normalisations: one for each pass over the numbers, as `_PASSES` lists them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from engine.build.layer_context import PlacedLayer, Shape, count

Formula: TypeAlias = Callable[[PlacedLayer], int]


def multiply_adds(layer: PlacedLayer) -> int:
    """Return the multiply-adds for one sample; 0 for layers with negligible arithmetic."""
    formula = _FORMULAS.get(layer.kind)
    return formula(layer) if formula is not None else 0


# ---- Dense and convolution ----


def _dense(layer: PlacedLayer) -> int:
    return count(layer.output) * layer.inputs[0][-1]


def _einsum_dense(layer: PlacedLayer) -> int:
    """Every letter of the equation is a loop; the dots are the axes without a letter."""
    taken, _kernel, given = re.split(r",|->", layer.value("equation").replace(" ", ""))
    sizes: dict[str, int] = {}
    for letters, shape in ((given, layer.output), (taken, layer.inputs[0])):
        sizes |= _letter_sizes(letters, shape)  # the input has sizes that are free in the output
    return math.prod(sizes.values())


def _letter_sizes(letters: str, shape: Shape) -> dict[str, int]:
    """Return the size of each letter; shapes have no batch axis, whose letter (or dot) comes first."""
    before, dots, after = letters.partition("...")
    sizes: dict[str, int] = {}
    if not dots:
        return dict(zip(before[1:], shape, strict=False))
    end = len(shape) - len(after)
    lead = before[1:]
    sizes |= dict(zip(lead, shape, strict=False))
    sizes |= dict(zip(after, shape[end:], strict=False))
    sizes["..."] = math.prod(shape[len(lead) : end])
    return sizes


def _kernel(layer: PlacedLayer) -> int:
    return math.prod(layer.numbers("kernel_size", len(layer.taken) - 1))


def _conv(layer: PlacedLayer) -> int:
    channels = layer.taken[-1] // layer.number("groups")
    return count(layer.given) * _kernel(layer) * channels


def _transposed(layer: PlacedLayer) -> int:
    return count(layer.taken) * _kernel(layer) * layer.given[-1]


def _depthwise(layer: PlacedLayer) -> int:
    return count(layer.given) * _kernel(layer)


def _separable(layer: PlacedLayer) -> int:
    positions = count(layer.given[:-1])
    between = layer.taken[-1] * layer.number("depth_multiplier")
    return positions * between * (_kernel(layer) + layer.given[-1])


# ---- Pooling ----


def _pooling(layer: PlacedLayer) -> int:
    return count(layer.given) * math.prod(layer.numbers("pool_size", len(layer.taken) - 1))


def _each_input(layer: PlacedLayer) -> int:
    return count(layer.inputs[0])


# ---- Recurrent ----

_GATES: Final[Mapping[str, int]] = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}
# Elementwise products in each step: LSTM f * c + i * g and o * h, GRU r * h and z * h + (1 - z) * g.
_GATING: Final[Mapping[str, int]] = {"SimpleRNN": 0, "LSTM": 3, "GRU": 3}


def _recurrent(layer: PlacedLayer) -> int:
    steps, features = layer.inputs[0]
    return steps * _cell_step(layer.kind, layer.number("units"), features)


def _cell_step(kind: str, units: int, features: int) -> int:
    return _GATES[kind] * units * (features + units) + _GATING[kind] * units


def _rnn(layer: PlacedLayer) -> int:
    steps, features = layer.inputs[0]
    total = 0
    for cell in _cells(layer, layer.value("cell")):
        units = cell.number("units")
        total += _cell_step(cell.kind.removesuffix("Cell"), units, features)
        features = units
    return steps * total


def _cells(layer: PlacedLayer, described: Any) -> list[PlacedLayer]:
    cell = layer.inner(described)
    stacked = cell.value("cells") if cell.kind == "StackedRNNCells" else None
    return [cell] if stacked is None else [layer.inner(each) for each in stacked]


def _conv_lstm(layer: PlacedLayer) -> int:
    steps, *_, channels = layer.taken
    filters = layer.number("filters")
    given = layer.given[1:-1] if layer.value("return_sequences") else layer.given[:-1]
    kernel = math.prod(layer.numbers("kernel_size", len(layer.taken) - 2))
    products = 4 * kernel * (channels + filters) + _GATING["LSTM"]
    return steps * count(given) * filters * products


# ---- Attention ----


def _query_and_value(layer: PlacedLayer) -> tuple[Shape, Shape, Shape]:
    query, value = layer.inputs[0], layer.inputs[1]
    return query, value, layer.inputs[2] if len(layer.inputs) > 2 else value


def _attention(layer: PlacedLayer) -> int:
    """Scores of each query with each key, then the mean of the values under them."""
    query, value, key = _query_and_value(layer)
    return query[0] * value[0] * (key[-1] + value[-1])


def _multi_head(layer: PlacedLayer) -> int:
    query, value, key = _query_and_value(layer)
    heads, key_size = layer.number("num_heads"), layer.number("key_dim")
    value_size = layer.value("value_dim") or key_size
    gates = heads * value_size if layer.value("use_gate") else 0
    projections = (
        count(query) * (heads * key_size + gates)
        + count(key) * heads * key_size
        + count(value) * heads * value_size
        + count(layer.output) * heads * value_size
    )
    beside, asked, told = attended(layer)
    return projections + beside * heads * asked * told * (key_size + value_size)


def attended(layer: PlacedLayer) -> tuple[int, int, int]:
    """Return (independent blocks, query positions, value positions) of a multi-head attention."""
    query, value, _ = _query_and_value(layer)
    axes = layer.value("attention_axes")
    if axes is None:
        return 1, count(query[:-1]), count(value[:-1])
    chosen = {
        axis - 1 if axis > 0 else axis + len(query)  # Keras counts the batch axis too
        for axis in (axes if isinstance(axes, (list, tuple)) else (axes,))
    }
    asked = math.prod(query[axis] for axis in chosen)
    told = math.prod(value[axis] for axis in chosen)
    return count(query[:-1]) // asked, asked, told


def _grouped_query(layer: PlacedLayer) -> int:
    query, value, key = _query_and_value(layer)
    size, heads = layer.number("head_dim"), layer.number("num_query_heads")
    shared = layer.number("num_key_value_heads")
    gates = heads * size if layer.value("use_gate") else 0
    projections = (
        count(query) * (heads * size + gates)
        + (count(key) + count(value)) * shared * size
        + count(layer.output) * heads * size
    )
    return projections + 2 * heads * query[0] * value[0] * size


# ---- Other layers ----


def _merge(layer: PlacedLayer) -> int:
    return (len(layer.inputs) - 1) * count(layer.output)


def _dot(layer: PlacedLayer) -> int:
    axes = layer.value("axes")
    axis = int(axes[0] if isinstance(axes, (list, tuple)) else axes)
    first = layer.inputs[0]
    return count(layer.output) * first[axis - 1 if axis > 0 else axis]


# Passes over the numbers: mean, variance, shift and scale...
_PASSES: Final[Mapping[str, int]] = {
    "BatchNormalization": 1,  # mean and variance are known in prediction: one scale with one shift
    "Normalization": 1,
    "Rescaling": 1,
    "LayerNormalization": 4,  # mean, variance, normalise, scale and shift
    "GroupNormalization": 4,
    "RMSNormalization": 3,  # squares, normalise, scale
    "UnitNormalization": 2,  # squares, normalise
    "PReLU": 1,
    "LeakyReLU": 1,
}
_TAPS: Final[Mapping[str, int]] = {"nearest": 0, "bilinear": 4, "bicubic": 16, "area": 1}


def _interpolation(layer: PlacedLayer) -> int:
    return count(layer.output) * _TAPS.get(layer.value("interpolation", "nearest"), 4)


def _short_time_fourier(layer: PlacedLayer) -> int:
    """A convolution with fixed waves: each weight is used once for each frame."""
    frames = layer.output[0]
    return frames * layer.weights


def _mel(layer: PlacedLayer) -> int:
    """Each frame: a fast Fourier transform, n log2 n multiply-adds, and the mel matrix (Cooley, Tukey 1965)."""
    bins, frames = layer.output[-2], layer.output[-1]
    length = layer.number("fft_length")
    return int(frames * (length * math.log2(length) + (length // 2 + 1) * bins))


def _time_distributed(layer: PlacedLayer) -> int:
    steps, *step = layer.inputs[0]
    inner = layer.inner(layer.value("layer"), (tuple(step),), layer.output[1:])
    return steps * multiply_adds(inner)


def _bidirectional(layer: PlacedLayer) -> int:
    forward = layer.value("layer")
    backward = layer.value("backward_layer") or forward
    return sum(multiply_adds(layer.inner(each)) for each in (forward, backward))


def _wrapped(layer: PlacedLayer) -> int:
    return multiply_adds(layer.inner(layer.value("layer")))


def _pipeline(layer: PlacedLayer) -> int:
    """Approximate: each inner layer gets the input of the first and the output of the last."""
    return sum(multiply_adds(layer.inner(each)) for each in layer.value("layers"))


def _passes(layer: PlacedLayer) -> int:
    return _PASSES[layer.kind] * count(layer.output)


def _per_axes(name: str, formula: Formula, axes: tuple[int, ...] = (1, 2, 3)) -> dict[str, Formula]:
    return {name.replace("#", f"{n}D"): formula for n in axes}


_FORMULAS: Final[Mapping[str, Formula]] = {
    "Dense": _dense,
    "EinsumDense": _einsum_dense,
    **_per_axes("Conv#", _conv),
    **_per_axes("Conv#Transpose", _transposed),
    **_per_axes("DepthwiseConv#", _depthwise, (1, 2)),
    **_per_axes("SeparableConv#", _separable, (1, 2)),
    **_per_axes("MaxPooling#", _pooling),
    **_per_axes("AveragePooling#", _pooling),
    **_per_axes("GlobalMaxPooling#", _each_input),
    **_per_axes("GlobalAveragePooling#", _each_input),
    **_per_axes("AdaptiveMaxPooling#", _each_input),
    **_per_axes("AdaptiveAveragePooling#", _each_input),
    **dict.fromkeys(_GATES, _recurrent),
    "RNN": _rnn,
    **_per_axes("ConvLSTM#", _conv_lstm),
    **dict.fromkeys(("Attention", "AdditiveAttention"), _attention),
    "MultiHeadAttention": _multi_head,
    "GroupQueryAttention": _grouped_query,
    **dict.fromkeys(_PASSES, _passes),
    **dict.fromkeys(("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"), _merge),
    "Dot": _dot,
    **dict.fromkeys(("UpSampling2D", "Resizing"), _interpolation),
    "STFTSpectrogram": _short_time_fourier,
    "MelSpectrogram": _mel,
    "TimeDistributed": _time_distributed,
    "Bidirectional": _bidirectional,
    "SpectralNormalization": _wrapped,
    "Pipeline": _pipeline,
}
