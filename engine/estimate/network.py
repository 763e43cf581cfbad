"""Shapes and weights of a whole network by rules, layer by layer."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping
from typing import Final

from engine.estimate import basic, sequences, windows
from engine.estimate.layer import Estimate as Estimate
from engine.estimate.layer import Layer, Shape, Unknown
from engine.estimate.sequences import Rule, inner
from engine.spec.network import INPUT_KIND, NetworkSpec


def estimate(network: NetworkSpec, inputs: Mapping[str, Shape]) -> Mapping[str, Estimate] | None:
    """Return shape and weights of each layer, as Keras would give them.

    Parameters
    ----------
    inputs
        Input layer -> shape of one sample, None for a free size.

    Returns
    -------
    estimates
        None if a layer or setting has no rule, or Keras would refuse it.
    """
    found: dict[str, Estimate] = {}
    try:
        for layer_id in network.order():
            spec = network.layer(layer_id)
            if spec.kind == INPUT_KIND:
                found[layer_id] = Estimate(tuple(inputs[layer_id]))
                continue
            taken = tuple(found[wire.source].shape for wire in network.wires_into(layer_id))
            found[layer_id] = _estimated(Layer(spec.kind, spec.parameters, taken))
    except (Unknown, KeyError, TypeError, ValueError, graphlib.CycleError):
        return None
    return found


def _estimated(layer: Layer) -> Estimate:
    rule = RULES.get(layer.kind)
    if rule is None:
        raise Unknown
    return rule(layer)


def _both_ways(layer: Layer) -> Estimate:
    layer.refuse("backward_layer")
    one = _estimated(inner(layer, "layer", layer.taken))
    mode = layer.value("merge_mode")
    if mode not in ("concat", "sum", "mul", "ave") or one.shape[-1] is None:
        raise Unknown
    width = one.shape[-1] * (2 if mode == "concat" else 1)
    return Estimate((*one.shape[:-1], width), 2 * one.parameters)


def _at_each_step(layer: Layer) -> Estimate:
    steps, *rest = layer.taken
    one = _estimated(inner(layer, "layer", tuple(rest)))
    return Estimate((steps, *one.shape), one.parameters)


RULES: Final[Mapping[str, Rule]] = {
    **basic.RULES,
    **windows.RULES,
    **sequences.RULES,
    "Bidirectional": _both_ways,
    "TimeDistributed": _at_each_step,
}
