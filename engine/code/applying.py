"""Replace a project's network and training settings by those of a script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.catalog import catalog, clean_parameters
from engine.code.reader import Understood
from engine.data.auto_defaults import AUTO, resolve_loss
from engine.data.info import DataInfo
from engine.data.preprocessing import fitted_layer, takes_from_data
from engine.editing.layout import arrange
from engine.errors import SpecError
from engine.spec.base import ObjectSpec
from engine.spec.network import LayerSpec, NetworkSpec
from engine.spec.project import ProjectSpec


def applied(
    spec: ProjectSpec,
    understood: Understood,
    info: DataInfo | None,
    size: tuple[float, float] | None = None,
) -> ProjectSpec:
    """Return the project with the network of a script and the training settings it gives.

    An input shape equal to the data's is left to the data, and a loss equal to that of "auto" stays "auto".

    Parameters
    ----------
    size
        Width and height of a block, for the layout.
    """
    network = _left_to_the_data(understood.network, spec.network, info)
    training = spec.training.but(**understood.training)
    positions = arrange(network) if size is None else arrange(network, size=size)
    changes: dict[str, Any] = {
        "network": network, "canvas": positions, "groups": ()
    }  # fmt: skip
    after: ProjectSpec = spec.but(**changes, training=training)
    if info is None or "loss" not in understood.training:
        return after
    automatic = after.but(training=training.but(loss=ObjectSpec(kind=AUTO)))
    return automatic if resolve_loss(automatic, info) == training.loss else after


def _left_to_the_data(
    network: NetworkSpec, before: NetworkSpec, info: DataInfo | None
) -> NetworkSpec:
    """Return the script's network without what it only says because a script cannot leave it to the data."""
    if info is None:
        return network
    for layer in network.inputs:
        if layer.parameters.get("shape") == info.input_shape:
            network = network.with_changed(_without_shape(layer))
    for layer in before.layers:
        if layer.id in network.ids and takes_from_data(layer) and layer.kind == "Rescaling":
            try:
                told = fitted_layer(before, layer, info, None)
            except SpecError:
                continue
            if told.but(parameters=_cleaned(told)) == network.layer(layer.id):
                network = network.with_changed(layer)
    return network


def _cleaned(layer: LayerSpec) -> Mapping[str, Any]:
    """Return a layer's parameters without those equal to the defaults."""
    return clean_parameters(catalog().layer(layer.kind), layer.parameters)


def _without_shape(layer: LayerSpec) -> LayerSpec:
    kept = {name: value for name, value in layer.parameters.items() if name != "shape"}
    changed: LayerSpec = layer.but(parameters=kept)
    return changed
