"""Replace a project's network and training settings by those of a script."""

from __future__ import annotations

from typing import Any

from engine.code.reader import Understood
from engine.data.auto_defaults import AUTO, resolve_loss
from engine.data.info import DataInfo
from engine.editing.layout import arrange
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

    An input shape equal to the data's is left to the data, a loss equal to that of "auto" stays "auto", and a
    network that scales its samples itself is not scaled a second time.

    Parameters
    ----------
    size
        Width and height of a block, for the layout.
    """
    network = _fitted(understood.network, info)
    training = spec.training.but(**understood.training)
    data = spec.data.but(scaling="none") if understood.scales_itself else spec.data
    positions = arrange(network) if size is None else arrange(network, size=size)
    changes: dict[str, Any] = {
        "network": network, "canvas": positions, "data": data, "groups": ()
    }  # fmt: skip
    after: ProjectSpec = spec.but(**changes, training=training)
    if info is None or "loss" not in understood.training:
        return after
    automatic = after.but(training=training.but(loss=ObjectSpec(kind=AUTO)))
    return automatic if resolve_loss(automatic, info) == training.loss else after


def _fitted(network: NetworkSpec, info: DataInfo | None) -> NetworkSpec:
    for layer in network.inputs:
        if info is not None and layer.parameters.get("shape") == info.input_shape:
            network = network.with_changed(_without_shape(layer))
    return network


def _without_shape(layer: LayerSpec) -> LayerSpec:
    kept = {name: value for name, value in layer.parameters.items() if name != "shape"}
    changed: LayerSpec = layer.but(parameters=kept)
    return changed
