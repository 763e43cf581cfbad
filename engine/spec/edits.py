"""Edits of a network that touch more than one layer or wire; each returns a new network."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from engine.spec.base import LayerId
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec, WireSpec


def add_after(
    network: NetworkSpec,
    kind: str,
    parameters: Mapping[str, object],
    after: str | None,
    *,
    branch: bool = False,
) -> tuple[NetworkSpec, LayerId]:
    """Add a layer after another one, taking over its outgoing wires.

    With ``after`` None, or for an input layer, the new layer stays unconnected.

    Parameters
    ----------
    branch
        Keep the other layer's outgoing wires: the new layer becomes another branch.
    """
    new = LayerSpec(id=network.free_name(kind), kind=kind, parameters=dict(parameters))
    grown = network.with_layer(new)
    if after is None or kind == INPUT_KIND:
        return grown, LayerId(new.id)
    moved = tuple(
        w.but(source=new.id) if w.source == after and not branch else w for w in grown.wires
    )
    wires = (*moved, WireSpec(source=after, target=new.id))
    return NetworkSpec(layers=grown.layers, wires=wires), LayerId(new.id)


def add_on_wire(
    network: NetworkSpec, kind: str, parameters: Mapping[str, object], wire: WireSpec
) -> tuple[NetworkSpec, LayerId]:
    """Insert a new layer into a wire."""
    new = LayerSpec(id=network.free_name(kind), kind=kind, parameters=dict(parameters))
    wires = (
        *(w for w in network.wires if w != wire),
        WireSpec(source=wire.source, target=new.id),
        wire.but(source=new.id),
    )
    return NetworkSpec(layers=(*network.layers, new), wires=wires), LayerId(new.id)


def put_on_wire(network: NetworkSpec, layer_id: str, wire: WireSpec) -> NetworkSpec:
    """Insert an existing layer into a wire, at the layer's first port."""
    return network.without_wires((wire,)).with_wire(
        WireSpec(source=wire.source, target=layer_id)
    ).with_wire(wire.but(source=layer_id))  # fmt: skip


def remove(network: NetworkSpec, layer_ids: Iterable[str]) -> NetworkSpec:
    """Remove layers; the targets of one with exactly one input are connected to its source."""
    for layer_id in layer_ids:
        into = network.wires_into(layer_id)
        bridged: tuple[WireSpec, ...] = ()
        if len(into) == 1:
            above = into[0].source
            below = network.wires_from(layer_id)
            bridged = tuple(w.but(source=above) for w in below if w.target not in (above, layer_id))
        shrunk = network.without_layers((layer_id,))
        network = NetworkSpec(layers=shrunk.layers, wires=(*shrunk.wires, *bridged))
    return network


def part(network: NetworkSpec, layer_ids: Iterable[str]) -> NetworkSpec:
    """Return the given layers with the wires between them."""
    kept = set(layer_ids)
    return NetworkSpec(
        layers=tuple(layer for layer in network.layers if layer.id in kept),
        wires=tuple(w for w in network.wires if w.source in kept and w.target in kept),
    )


def merged(network: NetworkSpec, fragment: NetworkSpec) -> tuple[NetworkSpec, dict[str, LayerId]]:
    """Add a fragment to a network; return the network and the new ids by old id."""
    names: dict[str, LayerId] = {}
    for layer in fragment.layers:
        taken = set(names.values())
        known = layer.id in network.ids or layer.id in taken
        names[layer.id] = network.free_name(layer.kind, taken) if known else LayerId(layer.id)
    layers = tuple(layer.but(id=names[layer.id]) for layer in fragment.layers)
    wires = tuple(w.but(source=names[w.source], target=names[w.target]) for w in fragment.wires)
    grown = NetworkSpec(layers=(*network.layers, *layers), wires=(*network.wires, *wires))
    return grown, names


def with_trainable(
    network: NetworkSpec, layer_ids: Iterable[str], *, trainable: bool
) -> NetworkSpec:
    """Freeze or unfreeze layers."""
    chosen = set(layer_ids)
    layers = tuple(
        layer.but(trainable=trainable) if layer.id in chosen else layer for layer in network.layers
    )
    return NetworkSpec(layers=layers, wires=network.wires)


def head(network: NetworkSpec, weighted: Container[str]) -> frozenset[str]:
    """Return the last layer with weights on each path to an output.

    Parameters
    ----------
    weighted
        The layers that have weights.
    """
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [layer.id for layer in network.outputs]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in weighted:
            found.add(name)
        else:
            waiting += [wire.source for wire in network.wires_into(name)]
    return frozenset(found)
