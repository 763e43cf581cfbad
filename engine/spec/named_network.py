"""Networks of a project by name: which layers of the canvas belong to which."""

from __future__ import annotations

from engine.spec.base import Frozen, Name
from engine.spec.network import NetworkSpec


class NamedNetwork(Frozen):
    """One of several networks that are drawn on one canvas.

    Attributes
    ----------
    layers
        Ids of its layers; no layer is in two networks.
    """

    name: Name
    layers: tuple[Name, ...] = ()


def fitted(networks: tuple[NamedNetwork, ...], network: NetworkSpec) -> tuple[NamedNetwork, ...]:
    """Return the networks with layers of ``network`` only; () if none of them has any.

    A layer that is in no network yet joins the one that its wires lead to. One without such a wire stays outside.
    """
    known = set(network.ids)
    owner: dict[str, str] = {}
    for each in networks:
        for layer_id in each.layers:
            if layer_id in known:
                owner.setdefault(layer_id, each.name)
    if not owner:
        return ()
    _adopt(owner, network)
    return tuple(
        each.but(layers=tuple(name for name in network.ids if owner.get(name) == each.name))
        for each in networks
    )


def _adopt(owner: dict[str, str], network: NetworkSpec) -> None:
    """Add to the owners of layers those of the layers wired to them."""
    waiting = [wire for wire in network.wires if not {wire.source, wire.target} <= owner.keys()]
    while True:
        left = []
        for wire in waiting:
            name = owner.get(wire.source) or owner.get(wire.target)
            if name is None:
                left.append(wire)
            else:
                owner.setdefault(wire.source, name)
                owner.setdefault(wire.target, name)
        if len(left) == len(waiting):
            return
        waiting = left
