"""The graph editor: shows a network and asks for changes; it never makes one itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy.typing as npt
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QGraphicsRectItem, QWidget

from engine.catalog import catalog
from engine.catalog.model import Kind
from engine.issues import Issue, LayerFacts
from engine.spec.network import NetworkSpec, WireSpec
from widgets.canvas.block import BlockItem
from widgets.canvas.gestures import Request
from widgets.canvas.key_view import KeyView
from widgets.canvas.kinds_model import LAYER_MIME
from widgets.canvas.look import Look
from widgets.canvas.overlays import Hint, ProblemCard
from widgets.canvas.ports import BLOCK_SIZE, Point, Side, snapped
from widgets.canvas.quick_add import QuickAdd
from widgets.canvas.scene import Hit
from widgets.theme import LIGHT, Tokens

_EMPTY_HINT: Final = "Drag a layer from the palette here, or double-click to add one."
_LOST_HINT: Final = "The network is out of sight: press F to see all of it."
_LARGEST_FIT: Final = 1.0  # a small network is not blown up
_SMALLEST_START: Final = 0.42  # a network opens legible, even if its lower end is out of sight


class NetworkCanvas(KeyView):
    """Blocks joined by wires.

    Signals
    -------
    add_requested(str, float, float, object)
        Kind, top left corner, and what it goes after: a layer id, the `WireSpec` it is
        to be put into, or None.
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
    quick_add_requested(float, float, str)
        The list for adding a layer opened at this place, after this layer or "" for none.
    cure_requested(object)
        A `Cure` was clicked.
    """

    add_requested = Signal(str, float, float, object)
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
    quick_add_requested = Signal(float, float, str)
    cure_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Network")
        self.setAcceptDrops(True)
        self._starts_fitted = True  # until the user moves the view, a resize fits it again
        self._add_place: tuple[Point, str] = ((0.0, 0.0), "")
        self._ghost: QGraphicsRectItem | None = None
        self._hint = Hint(self)
        self._problem = ProblemCard(self)
        self._problem.cure_requested.connect(self.cure_requested)
        self._quick_add = QuickAdd(self)
        self._quick_add.chosen.connect(self._add_chosen)
        self._quick_add.closed.connect(self._on_quick_add_closed)
        self.view_changed.connect(self._on_view_changed)
        self.set_theme(LIGHT)
        self.show_kinds(tuple(catalog().family("layer").values()))

    # ---- Values shown ----

    def show_network(self, network: NetworkSpec, positions: Mapping[str, Point]) -> None:
        """Show a network; only what differs is touched, and selection, zoom and place are kept.

        Parameters
        ----------
        positions
            Top left corners of the blocks, in scene units; those without stand below the rest.
        """
        before = self.graph.network
        if network != before:
            self.cancel_gesture()
        self.graph.show_network(network, positions)
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

    def show_thumbnail(self, layer_id: str, values: npt.ArrayLike | None) -> None:
        """Show weights of any shape as a picture in a block, None: none; ignores unknown ids."""
        if layer_id in self.graph.blocks:
            self.graph.blocks[layer_id].show_thumbnail(values)

    def set_selected(self, ids: Iterable[str]) -> None:
        """Select these blocks and tell nobody."""
        self.show_selection(ids)

    def set_busy(self, ids: Iterable[str]) -> None:
        """Mark the blocks that are being worked on."""
        busy = frozenset(ids)
        for layer_id, block in self.graph.blocks.items():
            block.set_state(busy=layer_id in busy)

    def set_theme(self, tokens: Tokens) -> None:
        """Paint with the colours of a theme."""
        look = Look(tokens)
        self.dots = look.dots
        self.graph.set_look(look)
        for overlay in (self._hint, self._problem, self._quick_add, self.message):
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

    # ---- Adding a layer ----

    def quick_add_at(self, at: QPointF) -> None:
        """Open the list for adding a layer centred on a place of the scene."""
        self.open_quick_add((at.x() - BLOCK_SIZE[0] / 2, at.y() - BLOCK_SIZE[1] / 2), "")

    def perform(self, request: Request) -> None:
        """Emit the signal that a gesture asks for; a wire dropped on nothing opens the list."""
        if request.signal == "quick_add_requested":
            x, y, source = request.arguments
            self.open_quick_add((x - BLOCK_SIZE[0] / 2, y), source)
        else:
            super().perform(request)

    def open_quick_add(self, corner: Point, after: str) -> None:
        """Open the list for adding a layer whose block has this corner, after a layer or ""."""
        if self._read_only:
            return
        place = snapped(*corner) if self._snap else corner
        self._add_place = (place, after)
        self._show_ghost(QPointF(*place))
        # To the right of the place, which stays visible.
        at = self.mapFromScene(QPointF(*place) + QPointF(BLOCK_SIZE[0] + 8, 0))
        at += self.viewport().pos()
        self._quick_add.open_at(at, self.viewport().geometry())
        self.quick_add_requested.emit(*place, after)

    def _add_chosen(self, kind: str) -> None:
        (x, y), after = self._add_place
        self.add_requested.emit(kind, x, y, after or None)

    def _on_quick_add_closed(self) -> None:
        self._show_ghost(None)
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def _show_ghost(self, corner: QPointF | None) -> None:
        """Show where a block would stand."""
        if self._ghost is not None:
            self.graph.removeItem(self._ghost)
            self._ghost = None
        if corner is not None:
            self._ghost = QGraphicsRectItem(QRectF(corner, QSizeF(*BLOCK_SIZE)))
            self._ghost.setPen(QPen(self.graph.look.accent, 1.6, Qt.PenStyle.DashLine))
            self.graph.addItem(self._ghost)

    def _drop_place(self, at: QPoint) -> Point:
        corner = self.mapToScene(at) - QPointF(*BLOCK_SIZE) / 2
        return snapped(corner.x(), corner.y()) if self._snap else (corner.x(), corner.y())

    # ---- State of the whole ----

    def show_selection(self, ids: Iterable[str], wires: Iterable[WireSpec] = ()) -> None:
        """Mark these as selected and tell nobody; what does not exist is left out."""
        super().show_selection(ids, wires)
        self._show_state()

    def show_start(self) -> None:
        """Show a network as it opens: whole if it stays legible; a resize does it again until the view is moved."""
        self.show_area(self.graph.content(), _LARGEST_FIT, _SMALLEST_START)
        self._starts_fitted = True

    def _on_view_changed(self) -> None:
        self._starts_fitted = False
        self._place_overlays()

    def _show_state(self) -> None:
        chosen = self.selected_ids()
        facts = self.graph.problem_of(chosen[0]) if len(chosen) == 1 else None
        self._problem.show_problem(facts, with_cures=not self._read_only)
        self._place_overlays()
        words = [self.graph.blocks[name].facts.sentence.replace("\n", ", ") for name in chosen[:3]]
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
        chosen = self.selected_ids()
        if len(chosen) == 1:
            box = self.mapFromScene(self.graph.content(chosen)).boundingRect()
            self._problem.place_beside(QRect(box.translated(area.topLeft())), area)

    # ---- Qt overrides ----

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: keep what was shown in view."""
        fitted = self._starts_fitted
        super().resizeEvent(event)
        if fitted:
            self.show_start()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Qt: take layers of the palette."""
        if event.mimeData().hasFormat(LAYER_MIME) and not self._read_only:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Qt: show where the layer would go."""
        at = event.position().toPoint()
        self._hover(self.graph.hit(self.mapToScene(at), 0))
        self._show_ghost(None if self._hovered else QPointF(*self._drop_place(at)))
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Qt: show nothing any more."""
        self._hover(Hit())
        self._show_ghost(None)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Qt: ask for the layer."""
        at = event.position().toPoint()
        hit = self.graph.hit(self.mapToScene(at), 0)
        self._hover(Hit())
        self._show_ghost(None)
        kind = bytes(event.mimeData().data(LAYER_MIME).data()).decode("utf-8", errors="replace")
        event.acceptProposedAction()
        if kind:
            x, y = self._drop_place(at)
            self.add_requested.emit(kind, x, y, hit.layer_id or hit.wire)
