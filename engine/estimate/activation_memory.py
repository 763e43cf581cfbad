"""Activations that a layer stores for one sample until the backward pass. Loads without TensorFlow.

The backward pass needs what the forward pass computed, so activations live until then (Chen et al. 2016, Training
deep nets with sublinear memory cost, section 3). Counted is what TensorFlow's gradients read: a layer's output; for
an activation whose derivative cannot be had from its value, its input too; the mask of dropout; gates and states of
recurrent layers; projections, scores and weights of attention. What a gradient reads but the layer before has kept
is not counted again. XLA may keep less by computing things twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from engine.build.layer_context import PlacedLayer, count
from engine.estimate.multiply_adds import attended

Formula: TypeAlias = Callable[[PlacedLayer], int]

# Layers whose output is a view of their input.
_VIEWS: Final = frozenset({"Flatten", "Reshape", "Identity", "ActivityRegularization"})
# Activations whose derivative follows from their value, so only that is stored.
_FROM_VALUE: Final = frozenset(
    {"linear", "relu", "relu6", "sigmoid", "tanh", "softmax", "elu", "selu", "exponential"}
)
_MASKED: Final = frozenset(
    {
        "Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout1D", "SpatialDropout2D",
        "SpatialDropout3D",
    }
)  # fmt: skip
_CENTRED: Final = frozenset({"LayerNormalization", "GroupNormalization", "RMSNormalization"})
# For each step and unit: activated gates, previous states, and what is computed from them.
_PER_STEP: Final[Mapping[str, int]] = {"SimpleRNN": 2, "LSTM": 8, "GRU": 6}


def kept_numbers(layer: PlacedLayer) -> int:
    """Return how many numbers are stored for one sample."""
    formula = _FORMULAS.get(layer.kind, _output)
    return formula(layer)


def _output(layer: PlacedLayer) -> int:
    activation = layer.value("activation") or "linear"
    copies = 1 if activation in _FROM_VALUE else 2
    return copies * count(layer.output)


def _nothing(_layer: PlacedLayer) -> int:
    return 0


def _twice(layer: PlacedLayer) -> int:
    return 2 * count(layer.output)


def _recurrent(layer: PlacedLayer) -> int:
    steps = layer.inputs[0][0]
    return steps * layer.number("units") * _PER_STEP[layer.kind]


def _rnn(layer: PlacedLayer) -> int:
    cell = layer.inner(layer.value("cell"))
    cells = cell.value("cells") if cell.kind == "StackedRNNCells" else (layer.value("cell"),)
    units = [
        layer.inner(each).number("units") * _PER_STEP[each["kind"].removesuffix("Cell")]
        for each in cells
    ]
    return layer.inputs[0][0] * sum(units)


def _conv_lstm(layer: PlacedLayer) -> int:
    given = layer.given[1:] if layer.value("return_sequences") else layer.given
    return layer.inputs[0][0] * count(given) * _PER_STEP["LSTM"]


def _attention(layer: PlacedLayer) -> int:
    """Scores, the same after softmax, and the output."""
    return 2 * layer.inputs[0][0] * layer.inputs[1][0] + count(layer.output)


def _multi_head(layer: PlacedLayer) -> int:
    heads, key_size = layer.number("num_heads"), layer.number("key_dim")
    value_size = layer.value("value_dim") or key_size
    beside, asked, told = attended(layer)
    projections = asked * key_size + told * (key_size + value_size) + asked * value_size
    return beside * heads * (projections + 2 * asked * told) + count(layer.output)


def _grouped_query(layer: PlacedLayer) -> int:
    asked, told = layer.inputs[0][0], layer.inputs[1][0]
    size, heads = layer.number("head_dim"), layer.number("num_query_heads")
    shared = layer.number("num_key_value_heads")
    projections = 2 * asked * heads * size + 2 * told * shared * size
    return projections + 2 * heads * asked * told + count(layer.output)


def _separable(layer: PlacedLayer) -> int:
    between = count(layer.given[:-1]) * layer.taken[-1] * layer.number("depth_multiplier")
    return between + _output(layer)


def _time_distributed(layer: PlacedLayer) -> int:
    steps, *step = layer.inputs[0]
    return steps * kept_numbers(layer.inner(layer.value("layer"), (tuple(step),), layer.output[1:]))


def _bidirectional(layer: PlacedLayer) -> int:
    forward = layer.value("layer")
    backward = layer.value("backward_layer") or forward
    inside = sum(kept_numbers(layer.inner(each)) for each in (forward, backward))
    return inside + count(layer.output)


def _wrapped(layer: PlacedLayer) -> int:
    return kept_numbers(layer.inner(layer.value("layer")))


_FORMULAS: Final[Mapping[str, Formula]] = {
    **dict.fromkeys(_VIEWS, _nothing),
    **dict.fromkeys(_MASKED | _CENTRED, _twice),
    **dict.fromkeys(_PER_STEP, _recurrent),
    "RNN": _rnn,
    **{f"ConvLSTM{n}D": _conv_lstm for n in (1, 2, 3)},
    **dict.fromkeys(("Attention", "AdditiveAttention"), _attention),
    "MultiHeadAttention": _multi_head,
    "GroupQueryAttention": _grouped_query,
    **{f"SeparableConv{n}D": _separable for n in (1, 2)},
    "TimeDistributed": _time_distributed,
    "Bidirectional": _bidirectional,
    "SpectralNormalization": _wrapped,
}
