"""Settings of a layer that is added by hand, where Keras's defaults are rarely meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.catalog import catalog
from engine.choices import LOGITS, output_of
from engine.data.info import DataInfo
from engine.spec.network import NetworkSpec

_GROUPS: Final = frozenset(
    {"Basic", "Convolution"}
)  # whose layers are linear unless they are told otherwise
_HIDDEN: Final = "relu"


@dataclass(frozen=True)
class FreshSettings:
    """What a new layer gets beside its defaults.

    Attributes
    ----------
    reason
        One sentence, "" if it gets nothing.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


def fresh_settings(network: NetworkSpec, layer_id: str, info: DataInfo | None) -> FreshSettings:
    """Return what a layer that was just put into a network should get.

    A layer within the network gets relu: without it, it and the next would be no more than one. A Dense that is the
    only end gives what the data asks for, unless what it takes is that answer already.
    """
    layer = network.layer(layer_id)
    kind = catalog().layer(layer.kind)
    has_activation = any(each.name == "activation" for each in kind.fields)
    if kind.group not in _GROUPS or not has_activation:
        return FreshSettings()
    if layer.kind == "Dense" and info is not None and _is_the_end(network, layer_id, info):
        return _answer(layer_id, info)
    words = f"{layer_id} has {_HIDDEN}: without an activation, two layers in a row are no more than one."
    return FreshSettings({"activation": _HIDDEN}, words)


def _is_the_end(network: NetworkSpec, layer_id: str, info: DataInfo) -> bool:
    """Tell whether the layer is the only end, and the answer is not given before it."""
    if [layer.id for layer in network.outputs] != [layer_id] or not network.wires_into(layer_id):
        return False
    before = output_of(network.without_layers([layer_id]))
    return before is None or before.units != (info.n_classes or info.n_targets)


def _answer(layer_id: str, info: DataInfo) -> FreshSettings:
    count = info.n_classes or info.n_targets
    parameters = {"units": count, "activation": "softmax" if info.n_classes else LOGITS}
    if info.n_classes:
        words = f"{layer_id} is the last layer: {count} units with softmax, one for each class."
    else:
        words = f"{layer_id} is the last layer: {count} linear unit{'s' * (count != 1)} for the numbers to predict."
    return FreshSettings(parameters, words)
