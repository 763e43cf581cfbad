"""The graph editor: shows a network and asks for changes; it never makes one itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QPointF, QRect, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.catalog import catalog
from engine.catalog.model import Kind
from engine.probes.activations import LayerOutput
from engine.spec.group import GroupSpec
from engine.spec.issues import Issue, LayerFacts
from engine.spec.named_network import NamedNetwork
from engine.spec.network import NetworkSpec, WireSpec
from widgets.base.theme import LIGHT, Tokens
from widgets.canvas.block import BlockItem
from widgets.canvas.look import Look
from widgets.canvas.minimap import MiniMap
from widgets.canvas.note_view import NoteView
from widgets.canvas.overlays import Hint, ProblemCard
from widgets.canvas.ports import Point, Side

_KEYS_TIP: Final = (
    "Arrows select blocks, W wires; Enter opens the settings, N adds a layer, Delete removes."
    " F1 lists all keys."
)
_EMPTY_HINT: Final = "Drag a layer from the palette here, or double-click to add one."
_LOST_HINT: Final = "The network is out of sight: press F to see all of it."
_LARGEST_FIT: Final = 1.0  # a small network is not blown up
_SMALLEST_START: Final = 0.36  # a network opens legible, even if its lower end is out of sight


class NetworkCanvas(NoteView):
    """Blocks joined by wires.

    Signals
    -------
    add_requested(str, float, float, object)
        Kind, top left corner, and what it belongs to: the id of the layer it goes after, the
        `WireSpec` it is to be put into, the `InputPort` it is to feed, or None.
    insert_requested(str, object)
        A layer that stands alone is to be put into this `WireSpec`.
    swap_requested(object, str)
        Tuple of layer ids and the kind that is to be in their places.
    connect_requested(str, str, int)
        Source, target and input port; a wire that holds the port is to be replaced.
    disconnect_requested(object)
        Tuple of wires to be taken away.
    rewire_requested(object, object)
        A wire and the one that replaces it: its end was carried elsewhere.
    move_requested(object)
        Tuple of (layer id, x, y), once at the end of a drag.
    delete_requested(object, object)
        Tuples of layer ids and of wires.
    copy_requested(), cut_requested(), duplicate_requested(), paste_requested(float, float)
        Of the selection; the paste names the place of the scene.
    arrange_requested()
        Lay the blocks out anew.
    quick_add_requested(float, float, object)
        The list for adding a layer opened at this place, for what ``add_requested`` names too.
    cure_requested(object)
        A `Cure` was clicked.

    All name layers and wires of the network, whatever groups are collapsed; see `GroupView` and `NoteView` for theirs.
    """

    insert_requested = Signal(str, object)
    connect_requested = Signal(str, str, int)
    disconnect_requested = Signal(object)
    rewire_requested = Signal(object, object)
    move_requested = Signal(object)
    delete_requested = Signal(object, object)
    copy_requested = Signal()
    cut_requested = Signal()
    paste_requested = Signal(float, float)
    duplicate_requested = Signal()
    arrange_requested = Signal()
    cure_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Network")
        self.setToolTip(_KEYS_TIP)
        self._shares: dict[str, float] = {}
        self._refit: Callable[[], None] | None = (
            self.show_start
        )  # at a resize; none once the user moved the view
        self._hint = Hint(self)
        self._problem = ProblemCard(self)
        self._problem.cure_requested.connect(self.cure_requested)
        self._map = MiniMap(self)
        self._map.place_requested.connect(self._on_place_requested)
        self.view_changed.connect(self._on_view_changed)
        self.set_theme(LIGHT)
        self.show_kinds(tuple(catalog().family("layer").values()))

    # ---- Values shown ----

    def show_network(
        self,
        network: NetworkSpec,
        positions: Mapping[str, Point],
        groups: tuple[GroupSpec, ...] = (),
        networks: tuple[NamedNetwork, ...] = (),
    ) -> None:
        """Show a network; only what differs is touched, and selection, zoom and place are kept.

        Parameters
        ----------
        positions
            Top left corners of the blocks, in scene units; those without stand below the rest.
        groups
            Those collapsed are shown as one block, the others in a frame.
        networks
            Where several networks stand on the canvas: their names are shown above their blocks.
        """
        before = self.graph.network
        if network != before:
            self.cancel_gesture()
        self.graph.show_network(network, positions, groups, networks)
        self._show_shares()
        self._map.forget()
        self.show_selection(self._selected, self._selected_wires)
        if network.layers and not set(before.ids) & set(network.ids):
            self.show_start()

    def show_kinds(self, kinds: tuple[Kind, ...]) -> None:
        """Use these entries instead of the catalogue's for icons, groups, ports and adding."""
        self.graph.show_kinds({kind.name: kind for kind in kinds})
        self._quick_add.show_kinds(kinds)
        self._show_state()

    def show_facts(self, facts: Mapping[str, LayerFacts], issues: tuple[Issue, ...] = ()) -> None:
        """Show shapes on the wires, counts of parameters and problems on the blocks."""
        self.graph.show_facts(facts, issues)
        self._show_state()

    def show_kept(self, kept: Mapping[str, bool]) -> None:
        """Mark the layers that keep their weights in a new training (True) or start anew (False)."""
        self.graph.show_kept(kept)

    def show_thumbnail(self, layer_id: str, values: npt.ArrayLike | None) -> None:
        """Show weights of any shape as a picture in a block, None: none; ignores unknown ids."""
        block = self.graph.layer_block(layer_id)
        if block is not None:
            block.show_thumbnail(values)

    def show_output(
        self, layer_id: str, output: LayerOutput | npt.NDArray[np.generic] | None
    ) -> None:
        """Show in a block what its layer gives, in a group's what its last one gives; ignores unknown ids."""
        for block in self.graph.blocks_showing(layer_id):
            block.show_output(output)

    def show_pictures_old(self, old: bool) -> None:
        """Show the pictures in all blocks in grey, or as they are."""
        for block in self.graph.blocks.values():
            block.show_old(old)

    def show_shares(self, shares: Mapping[str, float]) -> None:
        """Show in each block its part of the largest cost, 0 to 1; layers that are not named have no bar.

        A collapsed group's block shows the sum of what is inside. Where that exceeds the largest layer, all bars
        are measured by it.
        """
        self._shares = dict(shares)
        self._show_shares()

    def _show_shares(self) -> None:
        summed: dict[str, float] = {}
        for layer_id, share in self._shares.items():
            block_id = self.graph.folding.block_of(layer_id)
            summed[block_id] = summed.get(block_id, 0.0) + share
        largest = max(1.0, *summed.values()) if summed else 1.0
        for block_id, block in self.graph.blocks.items():
            block.show_share(summed[block_id] / largest if block_id in summed else None)

    def visible_ids(self) -> tuple[str, ...]:
        """Return the layers whose blocks are in sight, at least in part; of a collapsed group, the last one."""
        seen = self.graph.blocks_in(self.mapToScene(self.viewport().rect()).boundingRect())
        return tuple(self.graph.folding.source_of(name) for name in seen)

    def set_selected(self, ids: Iterable[str]) -> None:
        """Select these blocks and tell nobody."""
        self.show_selection(ids)

    def set_theme(self, tokens: Tokens) -> None:
        """Paint with the colours of a theme."""
        look = Look(tokens)
        self.dots = look.dots
        self.graph.set_look(look)
        self.show_note_look(look)
        for overlay in (self._hint, self._problem, self._quick_add, self._map, self.message):
            overlay.set_look(look)
        self.viewport().update()

    def set_read_only(self, read_only: bool) -> None:
        """Allow looking and selecting only."""
        self._read_only = read_only
        if read_only:
            self.cancel_gesture()
            self._quick_add.close_list()
        self._show_state()

    def set_snap(self, snap: bool) -> None:
        """Let dragged blocks snap to a grid of 8 scene units, or not."""
        self._snap = snap

    def set_map_wanted(self, wanted: bool) -> None:
        """Show the small overview while a part of the network is out of sight, or never."""
        self._map.wanted = wanted
        self._place_overlays()

    # ---- Looking ----

    def block(self, layer_id: str) -> BlockItem:
        """Return the item of a layer; KeyError if there is none."""
        return self.graph.blocks[layer_id]

    def port_position(self, layer_id: str, side: Side, port: int = 0) -> QPoint:
        """Return a port's place in the viewport, in pixels."""
        return self.mapFromScene(self.graph.blocks[layer_id].port_centre(side, port))

    def block_center(self, layer_id: str) -> QPoint:
        """Return the middle of a block in the viewport, in pixels."""
        return self.mapFromScene(self.graph.content((layer_id,)).center())

    def wire_center(self, wire: WireSpec) -> QPoint:
        """Return the middle of a wire in the viewport, in pixels; KeyError if there is none."""
        return self.mapFromScene(self.graph.wires[wire].centre)

    # ---- State of the whole ----

    def show_selection(self, ids: Iterable[str], wires: Iterable[WireSpec] = ()) -> None:
        """Mark these as selected and tell nobody; what does not exist is left out."""
        super().show_selection(ids, wires)
        self._show_state()

    def show_start(self) -> None:
        """Show a network as it opens: whole if it stays legible; a resize does it again until the view is moved."""
        self.show_area(self.graph.content(), _LARGEST_FIT, _SMALLEST_START)
        self._refit = self.show_start

    def fit(self) -> None:
        """Show the whole network, at a resize too until the view is moved."""
        super().fit()
        self._refit = self.fit

    def _on_place_requested(self, place: QPointF) -> None:
        self.centerOn(place)
        self.view_changed.emit()

    def _on_view_changed(self) -> None:
        self._refit = None
        self._place_overlays()

    def _show_state(self) -> None:
        chosen = self.selected_ids()
        facts = self.graph.problem_of(chosen[0]) if len(chosen) == 1 else None
        self._problem.show_problem(facts, with_cures=not self._read_only)
        self._place_overlays()
        words = [self.graph.blocks[name].facts.sentence.replace("\n", ", ") for name in chosen[:3]]
        words += [f"wire from {wire.source} to {wire.target}" for wire in self.selected_wires()[:3]]
        total = f"{len(self.graph.blocks)} blocks, {len(self.graph.wires)} wires"
        self.setAccessibleDescription(f"{total}. Selected: {'; '.join(words) or 'nothing'}")

    def _place_overlays(self) -> None:
        area = self.viewport().geometry()
        content = self.graph.content()
        visible = self.mapToScene(self.viewport().rect()).boundingRect()
        if content.isEmpty():
            self._hint.show_in(area, _EMPTY_HINT)
        else:
            lost = "" if visible.intersects(content) else _LOST_HINT
            self._hint.show_in(area, lost, at_bottom=True)
        self._map.show_view(self.graph, visible, area)
        chosen = self.selected_ids()
        if len(chosen) == 1 and self._problem.has_problem:
            boxes = {name: self._box_px(name) for name in self.graph.blocks_in(visible)}
            block = boxes.pop(chosen[0], QRect())
            self._problem.place_beside(block, tuple(boxes.values()), area)

    def _box_px(self, layer_id: str) -> QRect:
        """Return where a block is, in pixels of the canvas."""
        box = self.mapFromScene(self.graph.content((layer_id,))).boundingRect()
        return QRect(box.translated(self.viewport().geometry().topLeft()))

    # ---- Qt overrides ----

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: keep what was shown in view."""
        refit = self._refit
        super().resizeEvent(event)
        if refit is not None:
            refit()
