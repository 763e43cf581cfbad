"""Where layers come from: the list at the mouse, and entries dragged from the palette."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QPen
from PySide6.QtWidgets import QGraphicsRectItem, QWidget

from engine.spec.network import WireSpec
from widgets.canvas.gestures import Request
from widgets.canvas.key_view import KeyView
from widgets.canvas.kinds_model import BLOCK_MIME, LAYER_MIME, block_kind
from widgets.canvas.ports import BLOCK_SIZE, InputPort, Point, snapped
from widgets.canvas.quick_add import QuickAdd
from widgets.canvas.scene import Hit

_GAP: Final = 8  # scene units from the place of the block to the list
_DROPS: Final = {LAYER_MIME: "add_requested", BLOCK_MIME: "block_requested"}
_ADD: Final = "Add a layer"
_SWAP: Final = "Change the kind"

# What a new layer belongs to: the layer it goes after, the wire it goes into, the port it feeds, "".
Beside: TypeAlias = str | WireSpec | InputPort


class AddingView(KeyView):
    """A view that layers can be typed into, dropped onto and changed into others.

    Signals
    -------
    add_requested, quick_add_requested, swap_requested
        See `NetworkCanvas`.
    block_requested(str, float, float, object)
        A reusable block, by title, was dropped or chosen; place and what it belongs to as with ``add_requested``.
    """

    block_requested = Signal(str, float, float, object)

    add_requested = Signal(str, float, float, object)
    quick_add_requested = Signal(float, float, object)
    swap_requested = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._ghost: QGraphicsRectItem | None = None
        self._use_choice: Callable[[str, str], None] = partial(self._ask_add, (0.0, 0.0), "")
        self._quick_add = QuickAdd(self)
        self._quick_add.chosen.connect(self._on_chosen)
        self._quick_add.block_chosen.connect(self._on_block_chosen)
        self._quick_add.closed.connect(self._on_quick_add_closed)

    # ---- Typing ----

    def show_blocks(self, blocks: Mapping[str, int]) -> None:
        """Offer the user's reusable blocks in the list: title -> number of layers."""
        self._quick_add.show_blocks(tuple(block_kind(*block) for block in blocks.items()))

    def quick_add_at(self, at: QPointF) -> None:
        """Open the list for adding a layer centred on a place of the scene."""
        self.open_quick_add((at.x() - BLOCK_SIZE[0] / 2, at.y() - BLOCK_SIZE[1] / 2), "")

    def perform(self, request: Request) -> None:
        """Emit the signal that a gesture asks for; a wire dropped on nothing opens the list."""
        if request.signal == "quick_add_requested":
            x, y, beside = request.arguments
            above = BLOCK_SIZE[1] if isinstance(beside, InputPort) else 0
            self.open_quick_add((x - BLOCK_SIZE[0] / 2, y - above), beside)
        else:
            super().perform(request)

    def open_quick_add(self, corner: Point, beside: Beside) -> None:
        """Open the list for adding a layer whose block has this corner."""
        if self._read_only:
            return
        place = snapped(*corner) if self._snap else corner
        self._show_ghost(None if isinstance(beside, WireSpec) else QPointF(*place))
        follows = isinstance(beside, WireSpec) or (isinstance(beside, str) and bool(beside))
        self._open_list(_ADD, place, partial(self._ask_add, place, beside), takes_input=follows)
        self.quick_add_requested.emit(*place, beside)

    def open_swap(self) -> None:
        """Open the list for another kind in the place of the selected layers."""
        chosen = self.selected_ids()
        if chosen and not self._read_only:
            place = self.graph.positions[chosen[0]]
            self._open_list(_SWAP, place, partial(self._ask_swap, chosen), with_blocks=False)

    def _open_list(
        self,
        purpose: str,
        place: Point,
        use: Callable[[str, str], None],
        *,
        with_blocks: bool = True,
        takes_input: bool = False,
    ) -> None:
        """Open the list to the right of a block's place, which stays visible.

        Parameters
        ----------
        use
            Takes what was chosen and the signal that asks for it.
        """
        self._use_choice = use
        at = self.mapFromScene(QPointF(*place) + QPointF(BLOCK_SIZE[0] + _GAP, 0))
        at += self.viewport().pos()
        self._quick_add.open_at(
            at,
            self.viewport().geometry(),
            purpose,
            with_blocks=with_blocks,
            takes_input=takes_input,
        )

    def _on_chosen(self, kind: str) -> None:
        self._use_choice(kind, "add_requested")

    def _on_block_chosen(self, title: str) -> None:
        self._use_choice(title, "block_requested")

    def _ask_add(self, place: Point, beside: Beside, name: str, signal: str) -> None:
        self.perform(Request(signal, (name, *place, beside or None)))

    def _ask_swap(self, layer_ids: tuple[str, ...], kind: str, _signal: str) -> None:
        self.swap_requested.emit(layer_ids, kind)

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

    # ---- Dropping ----

    def _drop_place(self, at: QPoint) -> Point:
        corner = self.mapToScene(at) - QPointF(*BLOCK_SIZE) / 2
        return snapped(corner.x(), corner.y()) if self._snap else (corner.x(), corner.y())

    # ---- Qt overrides ----

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Qt: take layers of the palette."""
        known = any(event.mimeData().hasFormat(mime) for mime in _DROPS)
        if known and not self._read_only:
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
        event.acceptProposedAction()
        x, y = self._drop_place(at)
        for mime, signal in _DROPS.items():
            name = bytes(event.mimeData().data(mime).data()).decode("utf-8", errors="replace")
            if name:
                self.perform(Request(signal, (name, x, y, hit.layer_id or hit.wire)))
