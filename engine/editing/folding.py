"""Fold a network for the canvas: every collapsed group becomes one block.

The shown blocks and wires are a network of their own, so that code which draws or connects layers works for
groups too; `Folding` maps them back to the layers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.spec.group import GroupSpec
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec, WireSpec

GROUP_KIND = "Group"  # the kind of a group's block; no layer of Keras has this name

Point: TypeAlias = tuple[float, float]
Places: TypeAlias = Mapping[str, Point]


@dataclass(frozen=True)
class Border:
    """Where wires enter and leave some layers.

    Attributes
    ----------
    layers
        Ids, in the network's order.
    inputs
        (layer, port) of each input: where wires cross the border, and where a required wire is missing.
    outputs
        Layer of each output: those that feed layers outside, and those that feed none.
    """

    layers: tuple[str, ...]
    inputs: tuple[tuple[str, int], ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Folding:
    """A network as shown, and its mapping to the layers.

    Attributes
    ----------
    network
        Blocks and wires as shown: the network itself while no group is collapsed.
    groups, borders
        Block id -> its collapsed group, and the group's border.
    blocks
        Layer inside a collapsed group -> id of its block.
    wires
        Shown wire at a group's block -> wire of the network.
    """

    network: NetworkSpec
    groups: Mapping[str, GroupSpec] = field(default_factory=dict)
    borders: Mapping[str, Border] = field(default_factory=dict)
    blocks: Mapping[str, str] = field(default_factory=dict)
    wires: Mapping[WireSpec, WireSpec] = field(default_factory=dict)

    def block_of(self, layer_id: str) -> str:
        """Return the block that shows a layer."""
        return self.blocks.get(layer_id, layer_id)

    def layers_of(self, block_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the layers of blocks."""
        return tuple(name for block_id in block_ids for name in self._layers(block_id))

    def _layers(self, block_id: str) -> tuple[str, ...]:
        border = self.borders.get(block_id)
        return border.layers if border else (block_id,)

    def wire_of(self, shown: WireSpec) -> WireSpec:
        """Return the wire of the network for a shown wire."""
        return self.wires.get(shown, shown)

    def source_of(self, block_id: str, port: int = 0) -> str:
        """Return the layer of an output port."""
        border = self.borders.get(block_id)
        return border.outputs[port] if border else block_id

    def target_of(self, block_id: str, port: int) -> tuple[str, int]:
        """Return the layer and port of an input port."""
        border = self.borders.get(block_id)
        return border.inputs[port] if border else (block_id, port)

    def source_port(self, shown: WireSpec) -> int:
        """Return the output port of a shown wire."""
        border = self.borders.get(shown.source)
        return border.outputs.index(self.wires[shown].source) if border else 0

    # ---- Positions ----

    def shown_places(self, places: Places) -> dict[str, Point]:
        """Return the positions of the blocks; a group's is centred on the upper edge of its layers.

        Parameters
        ----------
        places
            Top left corners of the layers' blocks; a group without any gets no position.
        """
        shown = {name: place for name, place in places.items() if name not in self.blocks}
        for block_id, border in self.borders.items():
            corners = [places[name] for name in border.layers if name in places]
            if corners:
                lefts = [x for x, _y in corners]
                shown[block_id] = ((min(lefts) + max(lefts)) / 2, min(y for _x, y in corners))
        return shown

    def layer_places(self, moved: Places, places: Places) -> dict[str, Point]:
        """Return the positions of layers after moving their blocks; layers of a group move together.

        Parameters
        ----------
        moved
            New corners of blocks.
        places
            Previous corners of all layers' blocks.
        """
        before = self.shown_places(places)
        after: dict[str, Point] = {}
        for block_id, (x, y) in moved.items():
            if block_id in self.borders:
                step = (x - before[block_id][0], y - before[block_id][1])
                after |= _shifted(places, self.borders[block_id].layers, step)
            else:
                after[block_id] = (x, y)
        return after


def fold(network: NetworkSpec, groups: Iterable[GroupSpec]) -> Folding:
    """Return the network with each collapsed group as one block."""
    collapsed = [group for group in groups if group.collapsed]
    if not collapsed:
        return Folding(network)
    taken: set[str] = set(network.ids)
    by_block: dict[str, GroupSpec] = {}
    for group in collapsed:
        block_id = _free(group.id, taken)
        taken.add(block_id)
        by_block[block_id] = group
    blocks = {name: block_id for block_id, group in by_block.items() for name in group.layers}
    borders = {block_id: border(network, group.layers) for block_id, group in by_block.items()}
    wires = {
        _shown(wire, blocks, borders): wire for wire in network.wires if _crosses(wire, blocks)
    }
    layers = {block.id: block for block in (_block(layer, blocks) for layer in network.layers)}
    return Folding(
        network=NetworkSpec(layers=tuple(layers.values()), wires=tuple(wires)),
        groups=by_block,
        borders=borders,
        blocks=blocks,
        wires={shown: wire for shown, wire in wires.items() if shown != wire},
    )


def border(network: NetworkSpec, layer_ids: Iterable[str]) -> Border:
    """Return the inputs and outputs of a set of layers."""
    inside = frozenset(layer_ids)
    order: dict[str, int] = {name: place for place, name in enumerate(network.ids)}
    wired = {wire.target for wire in network.wires}
    feeding = {wire.source for wire in network.wires}
    inputs = {
        (w.target, w.port) for w in network.wires if w.target in inside and w.source not in inside
    }
    inputs |= {
        (layer.id, 0)
        for layer in network.layers
        if layer.id in inside and layer.id not in wired and layer.kind != INPUT_KIND
    }
    outputs = {w.source for w in network.wires if w.source in inside and w.target not in inside}
    outputs |= inside - feeding
    layers = tuple(sorted(inside, key=order.__getitem__))
    return Border(
        layers=layers,
        inputs=tuple(sorted(inputs, key=lambda port: (order[port[0]], port[1]))),
        # Layers in a cycle without an output still get one.
        outputs=tuple(sorted(outputs, key=order.__getitem__)) or layers[-1:],
    )


def _crosses(wire: WireSpec, blocks: Mapping[str, str]) -> bool:
    """Tell whether a wire is shown: it is not inside one group."""
    return wire.source not in blocks or blocks[wire.source] != blocks.get(wire.target)


def _shown(wire: WireSpec, blocks: Mapping[str, str], borders: Mapping[str, Border]) -> WireSpec:
    if wire.source not in blocks and wire.target not in blocks:
        return wire
    target, port = wire.target, wire.port
    if target in blocks:
        target = blocks[target]
        port = borders[target].inputs.index((wire.target, wire.port))
    return WireSpec(source=blocks.get(wire.source, wire.source), target=target, port=port)


def _block(layer: LayerSpec, blocks: Mapping[str, str]) -> LayerSpec:
    block_id = blocks.get(layer.id)
    return LayerSpec(id=block_id, kind=GROUP_KIND) if block_id else layer


def _shifted(places: Places, names: Iterable[str], step: Point) -> dict[str, Point]:
    known = (name for name in names if name in places)
    return {name: (places[name][0] + step[0], places[name][1] + step[1]) for name in known}


def _free(wanted: str, taken: Collection[str]) -> str:
    number = 1
    while (name := wanted if number == 1 else f"{wanted[:90]}_{number}") in taken:
        number += 1
    return name
