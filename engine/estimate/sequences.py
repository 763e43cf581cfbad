"""Shapes and weights of recurrent and attention layers, and of layers around another one.

Weights: LSTM, Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000; GRU, Cho et al. 2014, with
two biases where the reset gate comes after the product, as in cuDNN; attention, Vaswani et al. 2017, section 3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.estimate.layer import Estimate, Layer, Shape, Unknown, known

Rule = Callable[[Layer], Estimate]


def _recurrent(gates: int) -> Rule:
    def rule(layer: Layer) -> Estimate:
        layer.refuse("return_state")
        if len(layer.taken) != 2:
            raise Unknown
        steps, features = layer.taken
        units, has_bias = layer.number("units"), bool(layer.value("use_bias"))
        biases = 2 if gates == 3 and layer.value("reset_after") else 1
        weights = gates * units * (known(features) + units + biases * has_bias)
        shape: Shape = (steps, units) if layer.value("return_sequences") else (units,)
        return Estimate(shape, weights)

    return rule


def inner(layer: Layer, name: str, taken: Shape) -> Layer:
    """Return the layer inside another one, with its input shapes."""
    held = layer.value(name)
    if not isinstance(held, Mapping) or not isinstance(held.get("kind"), str):
        raise Unknown
    return Layer(held["kind"], dict(held.get("parameters") or {}), (taken,))


def _attention(layer: Layer) -> Estimate:
    layer.refuse("use_gate")
    if len(layer.inputs) not in (2, 3):
        raise Unknown
    query, value = layer.inputs[:2]
    key = layer.inputs[2] if len(layer.inputs) == 3 else value
    if not len(query) == len(value) == len(key) == 2:
        raise Unknown
    heads, width = layer.number("num_heads"), layer.number("key_dim")
    value_width = width if layer.value("value_dim") is None else layer.number("value_dim")
    given = known(query[-1])
    if layer.value("output_shape") is not None:
        (given,) = layer.numbers("output_shape", 1)
    bias = bool(layer.value("use_bias"))
    weights = heads * width * (known(query[-1]) + known(key[-1]) + 2 * bias)
    weights += heads * value_width * (known(value[-1]) + bias)
    weights += given * (heads * value_width + bias)
    return Estimate((*query[:-1], given), weights)


def _dot_attention(layer: Layer) -> Estimate:
    if len(layer.inputs) not in (2, 3) or layer.value("score_mode") not in ("dot", None):
        raise Unknown
    query, value = layer.inputs[:2]
    scale = bool(layer.value("use_scale"))
    weights = scale * (known(query[-1]) if layer.kind == "AdditiveAttention" else 1)
    return Estimate((*query[:-1], value[-1]), weights)


RULES: Final[Mapping[str, Rule]] = {
    "SimpleRNN": _recurrent(1),
    "GRU": _recurrent(3),
    "LSTM": _recurrent(4),
    "MultiHeadAttention": _attention,
    "Attention": _dot_attention,
    "AdditiveAttention": _dot_attention,
}
