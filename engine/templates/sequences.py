"""Ready networks for texts, series, and pictures read row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.data.info import DataInfo
from engine.spec.network import NetworkSpec
from engine.templates.network_builder import (
    NetworkBuilder,
    Step,
    chain,
    dense,
    dropout,
    output,
    steps_of,
)
from engine.templates.template import SEQUENCES, Template

_GROUP: Final = "Text and series"
_WIDTH: Final = 32  # numbers that describe a step inside the transformer
_HEADS: Final = 4
_NORM: Final[Step] = ("LayerNormalization", {"epsilon": 1e-6})


def _recurrent(kind: str) -> Callable[[DataInfo], NetworkSpec]:
    return lambda info: chain(info, *steps_of(info), (kind, {"units": 32}))


def _bidirectional(kind: str) -> Callable[[DataInfo], NetworkSpec]:
    inner = {"kind": kind, "parameters": {"units": 32}}
    return lambda info: chain(info, *steps_of(info), ("Bidirectional", {"layer": inner}))


def _conv1d(info: DataInfo) -> NetworkSpec:
    window = {"filters": 64, "kernel_size": (5,), "padding": "same", "activation": "relu"}
    return chain(info, *steps_of(info), ("Conv1D", window), ("GlobalMaxPooling1D", {}), dense(32))


def _dilated(info: DataInfo) -> NetworkSpec:
    """Each layer sees twice as far back as the one before (van den Oord et al. 2016)."""
    layers = [
        (
            "Conv1D",
            {
                "filters": 32, "kernel_size": (3,), "dilation_rate": (2**n,), "padding": "causal",
                "activation": "relu",
            },
        )
        for n in range(4)
    ]  # fmt: skip
    return chain(info, *steps_of(info), *layers, ("GlobalAveragePooling1D", {}))


def _transformer(info: DataInfo) -> NetworkSpec:
    """One encoder block (Vaswani et al. 2017), normalised behind each sum as there."""
    sketch = NetworkBuilder()
    start = sketch.chain(sketch.input, *steps_of(info), _placed(info))
    attention = {"num_heads": _HEADS, "key_dim": _WIDTH // _HEADS}
    attended = sketch.put(("MultiHeadAttention", attention), start, start)
    first = sketch.chain(sketch.put(("Add", {}), start, attended), _NORM)
    thought = sketch.chain(first, dense(2 * _WIDTH), dense(_WIDTH, "linear"))
    second = sketch.chain(sketch.put(("Add", {}), first, thought), _NORM)
    sketch.chain(second, ("GlobalAveragePooling1D", {}), dropout(0.1), output(info))
    return sketch.network()


def _placed(info: DataInfo) -> Step:
    """Bring steps to the block's width and add a learned vector for each place.

    Attention alone does not know the order of its steps. A bias of its own for each step is the
    learned position embedding, in a layer that Keras has.
    """
    parameters = {
        "equation": "btf,fw->btw",
        "output_shape": (info.input_shape[0], _WIDTH),
        "bias_axes": "tw",
        "bias_initializer": {"kind": "RandomNormal", "parameters": {"stddev": 0.02}},
    }
    return "EinsumDense", parameters


SEQUENCE_NETWORKS: Final = (
    Template(
        "simple_rnn", "Simple recurrent network",
        "The plainest memory, each step fed by the last: good for short series.",
        SEQUENCES, _recurrent("SimpleRNN"), group=_GROUP,
    ),
    Template(
        "lstm", "LSTM", "Reads a series step by step and keeps what matters in a memory.",
        SEQUENCES, _recurrent("LSTM"), group=_GROUP,
    ),
    Template(
        "gru", "GRU", "A lighter LSTM: one memory less and fewer weights.",
        SEQUENCES, _recurrent("GRU"), group=_GROUP,
    ),
    Template(
        "bidirectional", "Bidirectional LSTM",
        "Reads the series forwards and backwards, so that each end knows the other.",
        SEQUENCES, _bidirectional("LSTM"), group=_GROUP,
    ),
    Template(
        "bidirectional_gru", "Bidirectional GRU",
        "Reads a text from both ends with the lighter memory: a good start for sentences.",
        SEQUENCES, _bidirectional("GRU"), group=_GROUP,
    ),
    Template(
        "conv1d", "Convolution over time",
        "Looks for short patterns anywhere in a series, a sound or a text.",
        SEQUENCES, _conv1d, group=_GROUP,
    ),
    Template(
        "dilated", "Dilated convolutions",
        "Each layer looks twice as far back: long series and sounds without a recurrent memory.",
        SEQUENCES, _dilated, group=_GROUP,
    ),
    Template(
        "transformer", "Transformer encoder block",
        "Every step attends to every other; learned places tell it their order.",
        SEQUENCES, _transformer, group=_GROUP,
    ),
)  # fmt: skip
"""Ready networks for texts and series."""
