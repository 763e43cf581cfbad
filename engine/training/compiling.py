"""For which networks XLA makes the steps faster.

The choice follows from the network alone, never from a measurement during the run: XLA rounds differently, and
the same seed must give the same bits.
"""

from __future__ import annotations

from typing import Any, Final

# Samples a second under XLA over without, batch 32, two CPU cores: dense 784-128-10 3.6, four inputs to eight
# units 8.6, LSTM 4.1, GRU 2.7, bidirectional LSTM on words 1.4, attention 2.2, batch normalisation 3.0.
# Convolutions run 2.3 to 10 times slower, random numbers (Dropout) 2.3 times: they are not here.
# fmt: off  # as a block of words, not a column
_FASTER: Final = frozenset(
    {
        "InputLayer",
        "Dense",
        "EinsumDense",
        "Flatten",
        "Reshape",
        "Permute",
        "RepeatVector",
        "Identity",
        "Rescaling",
        "Normalization",
        "Masking",
        "Embedding",
        "LSTM",
        "GRU",
        "SimpleRNN",
        "Bidirectional",
        "TimeDistributed",
        "MultiHeadAttention",
        "Attention",
        "AdditiveAttention",
        "Activation",
        "Softmax",
        "ReLU",
        "LeakyReLU",
        "PReLU",
        "ELU",
        "BatchNormalization",
        "LayerNormalization",
        "RMSNormalization",
        "UnitNormalization",
        "Add",
        "Average",
        "Concatenate",
        "Dot",
        "Maximum",
        "Minimum",
        "Multiply",
        "Subtract",
        "ActivityRegularization",
        "GlobalAveragePooling1D",
        "GlobalMaxPooling1D",
    }
)
# fmt: on
_WRAPPED: Final = ("layer", "forward_layer", "backward_layer")  # where wrappers keep what they wrap
_RANDOM: Final = ("dropout", "recurrent_dropout")
_MOST_LAYERS: Final = 100  # compiling takes about 30 ms a layer


def pays(model: Any) -> bool:
    """Tell whether XLA trains this Keras model faster on a CPU."""
    return len(model.layers) <= _MOST_LAYERS and all(_faster(layer) for layer in model.layers)


def _faster(layer: Any) -> bool:
    if type(layer).__name__ not in _FASTER:
        return False
    if any(getattr(layer, name, 0) for name in _RANDOM):
        return False
    wrapped = [getattr(layer, name, None) for name in _WRAPPED]
    return all(_faster(inner) for inner in wrapped if inner is not None)
