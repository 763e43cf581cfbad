"""The items of the canvas and what they stand for: shown by differences, asked by position."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF
from PySide6.QtWidgets import QGraphicsScene

from engine.catalog.model import Kind
from engine.editing.folding import Folding, fold
from engine.spec.group import GroupSpec
from engine.spec.issues import Issue, LayerFacts
from engine.spec.named_network import NamedNetwork
from engine.spec.network import NetworkSpec, WireSpec
from widgets.canvas.block import BlockItem
from widgets.canvas.descriptions import Descriptions
from widgets.canvas.facts import BlockFacts, output_text
from widgets.canvas.groups import GroupFrame
from widgets.canvas.look import Look
from widgets.canvas.network_titles import NetworkTitles
from widgets.canvas.ports import BLOCK_SIZE, Point, Side
from widgets.canvas.routing import Route, Span, plan
from widgets.canvas.wire import WireItem

# Far larger than any network, so that the scene's edges never pull the view back.
_EXTENT: Final = QRectF(-500_000, -500_000, 1_000_000, 1_000_000)
_ROW_HEIGHT: Final = 2 * BLOCK_SIZE[1]  # of blocks that came without a position
_NO_ROUTE: Final = Route(points=((0.0, 0.0),) * 4, curved=True, label=(0.0, 0.0))


@dataclass(frozen=True)
class Hit:
    """What lies at a point of the scene; nothing if all is empty.

    Attributes
    ----------
    layer_id
        Of the block, "" if there is none.
    side, port
        The port of that block, side None if it is the body.
    wire
        The wire, if there is no block.
    """

    layer_id: str = ""
    side: Side | None = None
    port: int = 0
    wire: WireSpec | None = None

    def __bool__(self) -> bool:
        return bool(self.layer_id) or self.wire is not None


class NetworkScene(QGraphicsScene):
    """Blocks and wires of one network.

    Attributes
    ----------
    network, positions
        As shown last: a collapsed group is one block there.
    folding
        What stands behind those blocks and wires.
    layer_positions
        Where the blocks of all layers stand, or would if their group were not collapsed.
    blocks, wires
        The items by layer id and by wire.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_EXTENT, parent)
        # On 300 blocks, rebuilding the tree of an index costs more than looking through all items.
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.network = NetworkSpec()
        self.positions: dict[str, Point] = {}
        self.folding = Folding(self.network)
        self.layer_positions: dict[str, Point] = {}
        self.frames: dict[str, GroupFrame] = {}  # by group
        self._layers = self.network  # unfolded
        self._open_groups: dict[str, GroupSpec] = {}
        self.blocks: dict[str, BlockItem] = {}
        self._hidden: dict[str, BlockItem] = {}  # of collapsed groups, with their pictures
        self.wires: dict[WireSpec, WireItem] = {}
        self.look = Look()
        self.titles = NetworkTitles(self, self._standing, self.look)
        self._descriptions = Descriptions()
        self._laid: tuple[tuple[Span, ...], bytes] | None = None  # what the routes were made for

    # ---- Showing ----

    def show_network(
        self,
        network: NetworkSpec,
        positions: Mapping[str, Point],
        groups: tuple[GroupSpec, ...] = (),
        networks: tuple[NamedNetwork, ...] = (),
    ) -> None:
        """Show another network; only what differs is touched."""
        self._layers = network
        self.folding = fold(network, groups)
        self.layer_positions = _placed(network, positions)
        network = self.network = self.folding.network
        self.positions = self.folding.shown_places(self.layer_positions)
        self._remove_items(network)
        descriptions = self._descriptions.of(self._layers, self.folding)
        for layer in network.layers:
            block = self.blocks.get(layer.id)
            if block is None:
                block = self._hidden.pop(layer.id, None) or self._new(descriptions[layer.id])
                self.blocks[layer.id] = block
                self.addItem(block)
            block.show_facts(descriptions[layer.id])
            self._place(block, self.positions[layer.id])
        for wire in network.wires:
            if wire not in self.wires:
                self.wires[wire] = WireItem(wire, _NO_ROUTE, self.look)
                self.addItem(self.wires[wire])
        self._show_frames(groups)
        self.titles.show(networks)
        self._show_wiring()
        self.reroute()

    def _show_frames(self, groups: tuple[GroupSpec, ...]) -> None:
        """Draw a frame about the layers of each group that is not collapsed."""
        self._open_groups = {group.id: group for group in groups if not group.collapsed}
        for group_id in self.frames.keys() - self._open_groups.keys():
            self.removeItem(self.frames.pop(group_id))
        for group_id, group in self._open_groups.items():
            if group_id not in self.frames:
                self.frames[group_id] = GroupFrame(self.look)
                self.addItem(self.frames[group_id])
            self.frames[group_id].show_group(group, self.content(group.layers))
        self._clear_titles()

    def show_kinds(self, kinds: Mapping[str, Kind]) -> None:
        """Use these catalogue entries for names, icons, groups and ports."""
        self._descriptions.kinds = dict(kinds)
        self._show_descriptions()
        self.reroute()

    def show_facts(self, facts: Mapping[str, LayerFacts], issues: tuple[Issue, ...]) -> None:
        """Show shapes, counts and problems."""
        self._descriptions.facts, self._descriptions.issues = dict(facts), issues
        self._show_descriptions()

    def show_kept(self, kept: Mapping[str, bool]) -> None:
        """Mark the layers whose weights a new training keeps, or begins anew; the others get no mark."""
        if kept != self._descriptions.kept:
            self._descriptions.kept = dict(kept)
            self._show_descriptions()

    def set_look(self, look: Look) -> None:
        """Paint in another theme."""
        self.look = look
        for block in (*self.blocks.values(), *self._hidden.values()):
            block.set_look(look)
        for wire in self.wires.values():
            wire.set_look(look)
        for frame in self.frames.values():
            frame.set_look(look)
        self.titles.set_look(look)
        self.setBackgroundBrush(look.background)

    def _remove_items(self, network: NetworkSpec) -> None:
        for wire in self.wires.keys() - set(network.wires):
            self.removeItem(self.wires.pop(wire))
        for layer_id in self.blocks.keys() - set(network.ids):
            block = self.blocks.pop(layer_id)
            self.removeItem(block)
            if layer_id in self.folding.blocks:
                self._hidden[layer_id] = block
        for layer_id in self._hidden.keys() - set(self._layers.ids):
            del self._hidden[layer_id]

    def _new(self, facts: BlockFacts) -> BlockItem:
        """Return a new block; a group's shows what its last layer gives."""
        block = BlockItem(facts, self.look)
        border = self.folding.borders.get(facts.layer_id)
        last = self._hidden.get(border.outputs[0]) if border else None
        if last is not None:
            block.show_output(last.output)
        return block

    def layer_block(self, layer_id: str) -> BlockItem | None:
        """Return the block of a layer, also where its group hides it; None if there is no such layer."""
        return self._hidden.get(layer_id) or self.blocks.get(layer_id)

    def blocks_showing(self, layer_id: str) -> tuple[BlockItem, ...]:
        """Return the blocks that show what a layer gives: its own and, if it leads out, its group's."""
        block_id = self.folding.block_of(layer_id)
        border = self.folding.borders.get(block_id)
        found = [self.layer_block(layer_id)]
        if border is not None and border.outputs[0] == layer_id:
            found.append(self.blocks.get(block_id))
        return tuple(block for block in found if block is not None)

    def _show_descriptions(self) -> None:
        for layer_id, facts in self._descriptions.of(self._layers, self.folding).items():
            self.blocks[layer_id].show_facts(facts)
        self._show_wiring()

    def _show_wiring(self) -> None:
        """Fill the wired ports and write shapes and problems on the wires."""
        inputs: dict[str, set[int]] = {}
        for wire in self.wires:
            inputs.setdefault(wire.target, set()).add(wire.port)
        outputs: dict[str, set[int]] = {}
        for wire in self.wires:
            outputs.setdefault(wire.source, set()).add(self.folding.source_port(wire))
        for layer_id, block in self.blocks.items():
            block.show_wired(
                frozenset(inputs.get(layer_id, ())), frozenset(outputs.get(layer_id, ()))
            )
        issues = self._descriptions.issues
        problems = {issue.wire: issue.message for issue in issues if issue.wire is not None}
        labelled: set[tuple[str, str]] = set()  # source, target: wires side by side carry the same
        for wire, item in self.wires.items():
            real = self.folding.wire_of(wire)
            shape = output_text(self._descriptions.facts.get(real.source))
            ends = (real.source, wire.target)
            item.show_label(shape, problems.get(real, ""), is_drawn=ends not in labelled)
            labelled.add(ends)

    def _place(self, block: BlockItem, position: Point) -> None:
        if block.pos() != QPointF(*position):
            block.setPos(*position)

    # ---- Moving ----

    def move_blocks(self, positions: Mapping[str, Point]) -> None:
        """Put blocks elsewhere while they are dragged; `restore_positions` undoes it."""
        for layer_id, position in positions.items():
            self._place(self.blocks[layer_id], position)
        self._frame_blocks()
        moved = positions.keys()
        self.reroute([w for w in self.wires if w.source in moved or w.target in moved])

    def restore_positions(self) -> None:
        """Put every block where the network shown last has it."""
        for layer_id, position in self.positions.items():
            self._place(self.blocks[layer_id], position)
        self._frame_blocks()
        self.reroute()

    def _frame_blocks(self) -> None:
        """Let the frames of open groups go with their blocks."""
        for group_id, frame in self.frames.items():
            blocks = [self.blocks[layer_id] for layer_id in self._open_groups[group_id].layers]
            frame.show_around(_around([(block.x(), block.y()) for block in blocks]))
        self.titles.follow()
        self._clear_titles()

    def _clear_titles(self) -> None:
        titles = tuple(frame.words_area for frame in self.frames.values())
        for wire in self.wires.values():
            wire.keep_clear(titles)

    def reroute(self, wires: Iterable[WireSpec] | None = None) -> None:
        """Lay these wires anew, all of them if None."""
        chosen = tuple(self.network.wires if wires is None else wires)
        rows = {layer_id: row for row, layer_id in enumerate(self.blocks)}
        corners = [(block.x(), block.y()) for block in self.blocks.values()]
        lefts_tops = np.array(corners, dtype=np.float64).reshape(-1, 2)
        rectangles = np.hstack([lefts_tops, lefts_tops + BLOCK_SIZE])
        spans = tuple(self._span(wire, rows) for wire in chosen)
        laid = (spans, rectangles.tobytes()) if wires is None else None
        if laid is not None and laid == self._laid:
            return
        self._laid = laid
        for wire, route in zip(chosen, plan(spans, rectangles), strict=True):
            self.wires[wire].show_route(route)

    def _span(self, wire: WireSpec, rows: Mapping[str, int]) -> Span:
        start = self.blocks[wire.source].port_centre("out", self.folding.source_port(wire))
        end = self.blocks[wire.target].port_centre("in", wire.port)
        return Span(
            start=(start.x(), start.y()),
            end=(end.x(), end.y()),
            source=rows[wire.source],
            target=rows[wire.target],
        )

    # ---- Questions ----

    def hit(self, at: QPointF, reach: float) -> Hit:
        """Return what lies at a point: a port within ``reach``, else a block, else a wire."""
        nearest, best = Hit(), reach
        body = Hit()
        for layer_id, block in self.blocks.items():
            x, y = at.x() - block.x(), at.y() - block.y()
            near = -reach <= x <= BLOCK_SIZE[0] + reach and -reach <= y <= BLOCK_SIZE[1] + reach
            if not near:
                continue
            for side, port in _ports(block.facts):
                away = block.port_centre(side, port) - at
                distance = max(abs(away.x()), abs(away.y()))
                if distance <= best:
                    nearest, best = Hit(layer_id, side, port), distance
            if _box(block).contains(at) and (
                not body or block.zValue() >= self.blocks[body.layer_id].zValue()
            ):
                body = Hit(layer_id)
        return nearest or body or self._wire_at(at)

    def _wire_at(self, at: QPointF) -> Hit:
        near = [
            item
            for item in self.wires.values()
            if item.boundingRect().contains(at) and item.contains(at)
        ]
        near.sort(key=lambda item: item.zValue())
        return Hit(wire=near[-1].wire) if near else Hit()

    def wire_below(self, layer_id: str) -> WireSpec | None:
        """Return the wire that runs below a block's middle, if the block takes a wire and has none."""
        block = self.blocks[layer_id]
        ends = {end for wire in self.wires for end in (wire.source, wire.target)}
        if layer_id in ends or block.facts.n_inputs == 0 or layer_id in self.folding.groups:
            return None
        box = _box(block)
        middle = QRectF(box.topLeft() + QPointF(box.width(), box.height()) / 4, box.size() / 2)
        near = [
            item
            for item in self.wires.values()
            if item.boundingRect().intersects(middle) and item.shape().intersects(middle)
        ]
        return near[-1].wire if near else None

    def blocks_in(self, area: QRectF) -> tuple[str, ...]:
        """Return the blocks that a rectangle touches, in the network's order."""
        return tuple(i for i in self.network.ids if area.intersects(_box(self.blocks[i])))

    def layers_in(self, group_id: str) -> tuple[str, ...]:
        """Return the layers of an open group."""
        return self._open_groups[group_id].layers

    def content(self, layer_ids: Iterable[str] | None = None) -> QRectF:
        """Return the rectangle around these blocks; None: around all blocks and titles. Empty if there are none."""
        wanted = self.positions if layer_ids is None else self.positions.keys() & set(layer_ids)
        blocks = _around([self.positions[layer_id] for layer_id in wanted])
        return blocks.united(self.titles.area) if layer_ids is None else blocks

    def _standing(self, layer_ids: Iterable[str]) -> QRectF:
        """Return the rectangle around the blocks of layers where they stand now, also while they are dragged."""
        names = {self.folding.block_of(layer_id) for layer_id in layer_ids} & self.blocks.keys()
        return _around([(self.blocks[name].x(), self.blocks[name].y()) for name in names])

    def problem_of(self, layer_id: str) -> BlockFacts | None:
        """Return the facts of a block that has a problem, else None."""
        block = self.blocks.get(layer_id)
        return block.facts if block is not None and block.facts.severity else None


def _placed(network: NetworkSpec, positions: Mapping[str, Point]) -> dict[str, Point]:
    """Return a position for every layer; those without one stand below all others."""
    known = {layer_id: positions[layer_id] for layer_id in network.ids if layer_id in positions}
    below = max((y for _, y in known.values()), default=-float(_ROW_HEIGHT))
    placed: dict[str, Point] = {}
    for layer_id in network.ids:
        if layer_id not in known:
            below += _ROW_HEIGHT
        placed[layer_id] = known.get(layer_id, (0.0, below))
    return placed


def _around(corners: Sequence[Point]) -> QRectF:
    """Return the rectangle around the blocks with these corners; empty if there are none."""
    if not corners:
        return QRectF()
    left, top = (min(corner[axis] for corner in corners) for axis in (0, 1))
    right, bottom = (max(c[axis] for c in corners) + BLOCK_SIZE[axis] for axis in (0, 1))
    return QRectF(left, top, right - left, bottom - top)


def _box(block: BlockItem) -> QRectF:
    return QRectF(block.pos(), QSizeF(*BLOCK_SIZE))


def _ports(facts: BlockFacts) -> Sequence[tuple[Side, int]]:
    ins, outs = range(facts.n_inputs), range(facts.n_outputs)
    return (*(("in", port) for port in ins), *(("out", port) for port in outs))
