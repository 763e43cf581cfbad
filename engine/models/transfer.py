"""Transfer of weights to an edited network. Loads without TensorFlow.

A layer keeps its weights if its kind and the names and shapes of its weights are unchanged, whatever else was edited.
A renamed layer is recognised by its inputs.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy.typing as npt

from engine.editing.layout import forward_sources
from engine.spec.issues import WeightShapes
from engine.spec.network import LayerSpec, NetworkSpec

_INNER: Final = ("layer", "cell", "cells", "backward_layer")  # fields that hold layers
_MOST_NAMED: Final = 3

Shapes: TypeAlias = Mapping[str, WeightShapes]


@dataclass(frozen=True)
class Learned:
    """The weights of a trained network by layer id.

    Attributes
    ----------
    shapes
        Names and shapes of each layer's weights.
    weights
        As ``keras.Layer.get_weights()`` gives them.
    """

    network: NetworkSpec
    shapes: Shapes
    weights: Mapping[str, Sequence[npt.NDArray[Any]]]

    def without(self, layer_ids: Container[str]) -> Learned:
        """Return the same without the weights of these layers."""
        shapes = {name: each for name, each in self.shapes.items() if name not in layer_ids}
        return Learned(self.network, shapes, self.weights)


@dataclass(frozen=True)
class Kept:
    """Which layers keep their weights.

    Attributes
    ----------
    sources
        Layer that keeps its weights -> the layer that learned them.
    anew
        Layers that start from new weights.
    """

    sources: Mapping[str, str]
    anew: tuple[str, ...]


def match_weights(
    then: NetworkSpec, shapes_then: Shapes, now: NetworkSpec, shapes_now: Shapes
) -> Kept:
    """Return which layers of ``now`` keep the weights of layers in ``then``.

    Parameters
    ----------
    shapes_then, shapes_now
        Names and shapes of each layer's weights; a layer without weights may be missing.
    """
    same = _same_layers(_Side(then, shapes_then), _Side(now, shapes_now))
    weighted = [layer.id for layer in now.layers if shapes_now.get(layer.id)]
    return Kept(
        sources={name: same[name] for name in weighted if name in same},
        anew=tuple(name for name in weighted if name not in same),
    )


def transfer_text(found: Kept) -> str:
    """Return one sentence on which layers keep their weights."""
    keeping, anew = len(found.sources), len(found.anew)
    if not keeping:
        return "No layer fits what was learned: all start anew."
    if not anew:
        return "Every layer keeps its weights."
    named = ", ".join(found.anew) if anew <= _MOST_NAMED else f"{anew} layers"
    starts = "starts" if anew == 1 else "start"
    return f"{keeping} of {keeping + anew} layers keep their weights; {named} {starts} anew."


class _Side:
    """A network, with what identifies its layers."""

    def __init__(self, network: NetworkSpec, shapes: Shapes) -> None:
        self.layers = {layer.id: layer for layer in network.layers}
        self.sources = forward_sources(network)
        self._shapes = shapes

    def form(self, layer_id: str) -> tuple[object, ...]:
        """Return what must be equal for two layers to exchange weights."""
        return (_kinds(self.layers[layer_id]), self._shapes.get(layer_id, ()))


def _same_layers(then: _Side, now: _Side) -> dict[str, str]:
    """Return the old id of each unchanged layer by its new id, including renamed layers."""
    same: dict[str, str] = {}
    gone = [name for name in then.sources if name not in now.layers]
    for name, sources in now.sources.items():  # layers come after their sources
        if name in then.layers:
            if now.form(name) == then.form(name):
                same[name] = name
            continue
        taken = [same.get(source, "") for source in sources]
        for past in gone:
            if list(then.sources[past]) == taken and then.form(past) == now.form(name):
                same[name] = past
                gone.remove(past)
                break
    return same


def _kinds(layer: LayerSpec) -> tuple[str, ...]:
    """Return the kinds of a layer and of the layers inside it."""
    return (layer.kind, *_inner_kinds(layer.parameters))


def _inner_kinds(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    for name in _INNER:
        value = parameters.get(name)
        for each in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(each, Mapping):
                found += (str(each.get("kind")), *_inner_kinds(each.get("parameters", {})))
    return tuple(found)
