"""Preprocessing blocks put behind the inputs of a network, or taken away."""

from __future__ import annotations

from collections.abc import Sequence

from engine.data.info import DataInfo
from engine.data.preprocessing import (
    PREPROCESSING,
    Block,
    Scaling,
    preprocessing_layers,
    scaling_blocks,
    sizing_blocks,
    usual_scaling,
)
from engine.spec.migrations import name_behind, placed_behind
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec


def with_usual_preprocessing(network: NetworkSpec, info: DataInfo) -> NetworkSpec:
    """Return a bare network with the blocks that its data usually gets."""
    network = with_scaling(network, usual_scaling(info), info)
    for input_id in _feeding(network):
        network = with_blocks(network, input_id, sizing_blocks(info))
    return network


def with_scaling(network: NetworkSpec, scaling: Scaling, info: DataInfo | None) -> NetworkSpec:
    """Return the network with one way of scaling behind every input, in place of what scales there now."""
    bare = without_scaling(network)
    for input_id in _feeding(bare):
        bare = with_blocks(bare, input_id, scaling_blocks(scaling, info))
    return bare


def without_scaling(network: NetworkSpec) -> NetworkSpec:
    """Return the network without the layers that only scale the samples."""
    for layer_id in scaling_layers(network):
        network = _without(network, layer_id)
    return network


def scaling_layers(network: NetworkSpec) -> tuple[str, ...]:
    """Return the ids of the layers that only scale the samples."""
    return tuple(
        layer_id
        for layer_id in preprocessing_layers(network)
        if PREPROCESSING[network.layer(layer_id).kind].is_scaling
    )


def with_blocks(network: NetworkSpec, source: str, blocks: Sequence[Block]) -> NetworkSpec:
    """Return the network with blocks one after another between a layer and all that takes from it."""
    for kind, parameters in blocks:
        scales = PREPROCESSING[kind].is_scaling
        name = name_behind(source, set(network.ids)) if scales else network.free_name(kind)
        new = LayerSpec(id=name, kind=kind, parameters=dict(parameters))
        place = network.ids.index(source) + 1  # the order of layers decides that of their seeds
        layers = (*network.layers[:place], new, *network.layers[place:])
        network = NetworkSpec(layers=layers, wires=_led_through(network.wires, source, name))
        source = name
    return network


def behind_preprocessing(network: NetworkSpec, layer_id: str, kind: str) -> str:
    """Return the layer behind which a new one belongs where ``layer_id`` is chosen.

    Behind an input this is the last of the layers that prepare its samples, unless the new layer prepares samples too.
    """
    prepare = set(preprocessing_layers(network))
    if kind in PREPROCESSING or layer_id not in {*prepare, *(each.id for each in network.inputs)}:
        return layer_id
    while len(followers := network.wires_from(layer_id)) == 1 and followers[0].target in prepare:
        layer_id = followers[0].target
    return layer_id


def _led_through(wires: Sequence[WireSpec], source: str, name: str) -> tuple[WireSpec, ...]:
    """Return the wires with a new layer before all that a layer fed; in the order in which scripts draw them."""
    entry = WireSpec(source=source, target=name)
    led = [wire.but(source=name) if wire.source == source else wire for wire in wires]
    place = next((n for n, wire in enumerate(wires) if wire.source == source), len(led))
    return (*led[:place], entry, *led[place:])


def with_scaling_edited(spec: ProjectSpec, scaling: Scaling, info: DataInfo | None) -> ProjectSpec:
    """Return the project with one way of scaling, its new blocks placed below the inputs."""
    network = with_scaling(spec.network, scaling, info)
    places = dict(spec.canvas)
    for layer_id in network.ids:
        if layer_id not in spec.network.ids:
            places = placed_behind(places, network.wires_into(layer_id)[0].source, layer_id)
    edited: ProjectSpec = spec.but(network=network, canvas=places)
    return edited


def _feeding(network: NetworkSpec) -> tuple[str, ...]:
    """Return the inputs that feed layers; of a network in which none does, the first."""
    inputs = tuple(layer.id for layer in network.data_inputs)
    return tuple(name for name in inputs if network.wires_from(name)) or inputs[:1]


def _without(network: NetworkSpec, layer_id: str) -> NetworkSpec:
    """Return the network without a layer; what it took goes on to where it led."""
    source = network.wires_into(layer_id)[0].source
    layers = tuple(layer for layer in network.layers if layer.id != layer_id)
    led_on = (w.but(source=source) if w.source == layer_id else w for w in network.wires)
    return NetworkSpec(layers=layers, wires=tuple(w for w in led_on if w.target != layer_id))
