"""The checked network inside a layer of the kind `engine.spec.network.MODEL_KIND`."""

from __future__ import annotations

from engine.catalog.values import catalog, require_parameters
from engine.errors import SpecError
from engine.spec.inner import InnerNetwork
from engine.spec.network import OUTPUT_KIND, LayerSpec


def checked_inner(layer: LayerSpec, n_inputs: int) -> InnerNetwork:
    """Return the network inside a layer with this number of wires.

    Raises
    ------
    SpecError
        If it is damaged, or has another number of inputs; names the layer.
    """
    where = f"network.layers.{layer.id}"
    require_parameters(catalog().layer(layer.kind), layer.parameters, where)
    inner = InnerNetwork.inside(layer)
    ports = len(inner.network.inputs)
    if ports != n_inputs:
        raise SpecError(where, f"it takes {ports} inputs, not {n_inputs}: connect them")
    return inner


def is_parted(inner: InnerNetwork, owner: str) -> bool:
    """Tell whether a further output of a layer, or of another use of it, is used."""
    network = inner.network
    uses = {owner, *(name for name, own in inner.shared.items() if own == owner)}
    outputs = {layer.id for layer in network.layers if layer.kind == OUTPUT_KIND}
    return any(wire.source in uses and wire.target in outputs for wire in network.wires)
