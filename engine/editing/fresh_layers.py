"""Initial settings of layers added by hand, where Keras's defaults are rarely wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.catalog import catalog
from engine.data.auto_defaults import LOGITS, output_of
from engine.data.info import DataInfo
from engine.data.preprocessing import knows_the_data, takes_from_data
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec

_GROUPS: Final = frozenset({"Basic", "Convolution"})  # whose layers are linear by default
_HIDDEN: Final = "relu"
_OWN_NUMBERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Rescaling": {"scale": 1.0},
    "Normalization": {"mean": (0.0,), "variance": (1.0,)},
}
_SIZES: Final = frozenset({"units", "filters", "output_dim"})


@dataclass(frozen=True)
class FreshSettings:
    """Settings of a new layer that differ from the defaults.

    Attributes
    ----------
    reason
        Why, in one sentence; "" if there are none.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


def has_size(layer: LayerSpec) -> bool:
    """Tell whether a layer has a size such as units or filters, as nearly all with weights do."""
    return not _SIZES.isdisjoint(layer.parameters)


def fresh_settings(network: NetworkSpec, layer_id: str, info: DataInfo | None) -> FreshSettings:
    """Return the settings for a layer that was just added to a network.

    A layer within the network gets relu, without which it and the next layer would be one linear map. A Dense that
    is the only output layer gets units and activation for the data. A scaling layer that
    cannot take its numbers from the data gets neutral ones.
    """
    layer = network.layer(layer_id)
    if (
        takes_from_data(layer)
        and network.wires_into(layer_id)
        and not knows_the_data(network, layer_id)
    ):
        words = (
            f"{layer_id} has numbers of its own: only right behind an input can the data give them."
        )
        return FreshSettings(_OWN_NUMBERS[layer.kind], words)
    kind = catalog().layer(layer.kind)
    has_activation = any(each.name == "activation" for each in kind.fields)
    if kind.group not in _GROUPS or not has_activation:
        return FreshSettings()
    if layer.kind == "Dense" and info is not None and _is_the_end(network, layer_id):
        return _answer(layer_id, info)
    words = f"{layer_id} has {_HIDDEN}: without an activation, two layers in a row are no more than one."
    return FreshSettings({"activation": _HIDDEN}, words)


def with_fresh_settings(
    network: NetworkSpec, layer_id: str, info: DataInfo | None
) -> tuple[NetworkSpec, str]:
    """Return the network with the `fresh_settings` of a new layer, and the reason."""
    fresh = fresh_settings(network, layer_id, info)
    layer = network.layer(layer_id)
    changed = layer.but(parameters={**layer.parameters, **fresh.parameters})
    return network.with_changed(changed), fresh.reason


def wire_before_answer(network: NetworkSpec, info: DataInfo | None) -> WireSpec | None:
    """Return the wire into the output layer, where a layer without a given position is added.

    None if the network does not end in one output for the data yet.
    """
    output = output_of(network) if info is not None else None
    if info is None or output is None or output.sized_by != output.layer:
        return None
    wires = network.wires_into(output.layer)
    is_answer = output.units == (info.n_classes or info.n_targets)
    return wires[0] if is_answer and len(wires) == 1 else None


def _is_the_end(network: NetworkSpec, layer_id: str) -> bool:
    """Tell whether a layer is the network's only output."""
    ends = [layer.id for layer in network.outputs]
    return ends == [layer_id] and bool(network.wires_into(layer_id))


def _answer(layer_id: str, info: DataInfo) -> FreshSettings:
    count = info.n_classes or info.n_targets
    parameters = {"units": count, "activation": "softmax" if info.n_classes else LOGITS}
    if info.n_classes:
        words = f"{layer_id} is the last layer: {count} units with softmax, one for each class."
    else:
        words = f"{layer_id} is the last layer: {count} linear unit{'s' * (count != 1)} for the numbers to predict."
    return FreshSettings(parameters, words)
