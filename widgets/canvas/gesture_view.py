"""The mouse on the canvas: clicks select, drags become gestures that end in requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from engine.spec.network import WireSpec
from widgets.canvas.gestures import (
    BandGesture,
    Gesture,
    MoveGesture,
    PanGesture,
    Pointer,
    Request,
    WireGesture,
    dragged,
)
from widgets.canvas.overlays import Message
from widgets.canvas.scene import Hit, NetworkScene
from widgets.canvas.zoom_view import ZoomView

_PORT_REACH: Final = (
    10.0  # half the hot zone of a port, in scene units and at least this many pixels below
)
_LEAST_REACH_PX: Final = 6.0
_EDGE_PX: Final = 24  # a drag this near the edge moves the view
_TOGGLING: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@dataclass(frozen=True)
class Press:
    """A button that is down and may become a gesture."""

    pointer: Pointer
    hit: Hit
    toggling: bool
    start: Callable[[], Gesture] | None


class GestureView(ZoomView):
    """Selection and gestures over a network's scene.

    Attributes
    ----------
    graph
        The scene.
    message
        The sentence beside the mouse.

    Signals
    -------
    selection_changed(object)
        Ids of the selected layers, in the network's order, after the user selected something else.
    menu_requested(object)
        The user asked for a menu here: QPoint in global pixels; what lies there is selected.
    """

    selection_changed = Signal(object)
    menu_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.graph = NetworkScene()
        super().__init__(self.graph, parent)
        self.graph.setParent(self)
        self.message = Message(self)
        self._selected: frozenset[str] = frozenset()
        self._selected_wires: frozenset[WireSpec] = frozenset()
        self._read_only = False
        self._snap = True
        self._panning = False
        self._press: Press | None = None
        self._gesture: Gesture | None = None
        self._hovered = Hit()
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)

    # ---- Selection ----

    def selected_ids(self) -> tuple[str, ...]:
        """Return the selected layers in the network's order."""
        return tuple(name for name in self.graph.network.ids if name in self._selected)

    def selected_wires(self) -> tuple[WireSpec, ...]:
        """Return the selected wires in the network's order."""
        return tuple(wire for wire in self.graph.network.wires if wire in self._selected_wires)

    def show_selection(self, ids: Iterable[str], wires: Iterable[WireSpec] = ()) -> None:
        """Mark these as selected and tell nobody; what does not exist is left out."""
        self._selected = frozenset(ids) & self.graph.blocks.keys()
        self._selected_wires = frozenset(wires) & self.graph.wires.keys()
        for layer_id, block in self.graph.blocks.items():
            block.set_state(selected=layer_id in self._selected)
        for wire, item in self.graph.wires.items():
            item.set_state(selected=wire in self._selected_wires)

    def select(self, ids: Iterable[str], wires: Iterable[WireSpec] = ()) -> None:
        """Select as the user: tells it if anything changed."""
        before = (self._selected, self._selected_wires)
        self.show_selection(ids, wires)
        if before != (self._selected, self._selected_wires):
            self.perform(Request("selection_changed", (self.selected_ids(),)))

    def _click(self, hit: Hit, toggling: bool) -> None:
        if not toggling:
            self.select([hit.layer_id] if hit.layer_id else [], [hit.wire] if hit.wire else [])
        elif hit.layer_id:
            self.select(self._selected ^ {hit.layer_id}, self._selected_wires)
        elif hit.wire:
            self.select(self._selected, self._selected_wires ^ {hit.wire})

    # ---- Gestures ----

    def pointer_at(self, at: QPoint, *, free: bool = False) -> Pointer:
        """Return where a point of the viewport is."""
        reach = max(_PORT_REACH, _LEAST_REACH_PX / self.zoom)
        return Pointer(view=at, scene=self.mapToScene(at), reach=reach, free=free)

    def set_panning(self, on: bool) -> None:
        """Make the left button move the view; the gesture under way is not changed."""
        self._panning = on
        self._show_cursor()

    def cancel_gesture(self) -> bool:
        """Stop what the mouse is doing and put back what it showed; False if it did nothing."""
        gesture, self._gesture, self._press = self._gesture, None, None
        if gesture is not None:
            gesture.cancel()
            self.message.show_at(QPoint(), self.viewport().rect(), "")
        return gesture is not None

    def perform(self, request: Request) -> None:
        """Emit the signal that a gesture asks for."""
        getattr(self, request.signal).emit(*request.arguments)

    def quick_add_at(self, at: QPointF) -> None:
        """Let the user add a layer at a place of the scene; the editor says how."""

    def _starter(self, hit: Hit, pointer: Pointer) -> Callable[[], Gesture] | None:
        """Return what a drag from here would start."""
        if not hit:
            before = self._selected
            return lambda: BandGesture(self.graph, pointer.scene, before, self.show_selection)
        if self._read_only or hit.wire is not None:
            return None
        if hit.side is None:
            return lambda: MoveGesture(
                self.graph, hit.layer_id, self.selected_ids(), pointer, self._snap
            )
        held = [w for w in self.graph.wires if (w.target, w.port) == (hit.layer_id, hit.port)]
        lifted = held[0] if hit.side == "in" and held else None
        return lambda: WireGesture(self.graph, hit, lifted)

    def _press_left(self, pointer: Pointer, toggling: bool) -> None:
        hit = self.graph.hit(pointer.scene, pointer.reach)
        if hit.side is None or hit.layer_id not in self._selected:
            keeps = hit.layer_id in self._selected and not toggling
            if not keeps and (hit or not toggling):
                self._click(hit, toggling)
        start = self._starter(hit, pointer)
        if hit.side is None and hit.layer_id and hit.layer_id not in self._selected:
            start = None  # Ctrl-click took it out of the selection: there is nothing to drag
        self._press = Press(pointer, hit, toggling, start)

    def _follow(self, pointer: Pointer) -> None:
        press = self._press
        if self._gesture is None and press is not None and press.start is not None:
            if not dragged(press.pointer.view, pointer.view):
                return
            self._gesture = press.start()
            self._hover(Hit())
        if self._gesture is None:
            return
        if not isinstance(self._gesture, PanGesture):
            self.ensureVisible(QRectF(pointer.scene, pointer.scene), _EDGE_PX, _EDGE_PX)
            pointer = self.pointer_at(pointer.view, free=pointer.free)
        self._gesture.move(pointer)
        self._tell(self._gesture.message, pointer.view)

    def _end(self, pointer: Pointer) -> None:
        gesture, press = self._gesture, self._press
        self._gesture = self._press = None
        if gesture is None:
            if press is not None and press.hit.layer_id and not press.toggling:
                self._click(press.hit, toggling=False)
            return
        requests = gesture.finish(pointer)
        self._tell(gesture.message, pointer.view)
        for request in requests:
            self.perform(request)
        if isinstance(gesture, MoveGesture):
            self.graph.restore_positions()  # what the answer to the request made of it

    def _tell(self, words: str, at: QPoint) -> None:
        self.message.show_at(at + self.viewport().pos(), self.viewport().geometry(), words)

    # ---- Hovering ----

    def _hover(self, hit: Hit) -> None:
        if hit != self._hovered:
            self._mark(self._hovered, on=False)
            self._mark(hit, on=True)
            self._hovered = hit
            self._show_cursor()

    def _mark(self, hit: Hit, *, on: bool) -> None:
        block = self.graph.layer_block(hit.layer_id)  # a group may hide it by now
        if block is not None:
            block.set_state(hovered=on)
            block.set_hot_port(
                (hit.side, hit.port) if on and hit.side and not self._read_only else None
            )
        elif hit.wire in self.graph.wires:
            self.graph.wires[hit.wire].set_state(hovered=on)

    def _show_cursor(self) -> None:
        shapes = Qt.CursorShape
        shape = shapes.ArrowCursor
        if isinstance(self._gesture, PanGesture):
            shape = shapes.ClosedHandCursor
        elif self._panning:
            shape = shapes.OpenHandCursor
        elif self._hovered.side is not None and not self._read_only:
            shape = shapes.CrossCursor
        elif self._hovered:
            shape = shapes.PointingHandCursor
        self.viewport().setCursor(shape)

    # ---- Qt overrides ----

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: begin a click or a drag."""
        if event.buttons() & ~event.button():
            return  # a second button while one is held means nothing
        self.cancel_gesture()  # its release was lost: a menu or another window took it
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        pointer = self.pointer_at(event.position().toPoint())
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._panning):
            self._gesture = PanGesture(pointer.view, self.scroll_by)
            self._show_cursor()
        elif left:
            self._press_left(pointer, toggling=bool(event.modifiers() & _TOGGLING))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: follow a drag, else show what lies below."""
        at = event.position().toPoint()
        pointer = self.pointer_at(
            at, free=bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        )
        if self._press is None and self._gesture is None:
            self._hover(self.graph.hit(pointer.scene, pointer.reach))
        else:
            self._follow(pointer)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt: end a click or a drag."""
        held = (Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton) & event.buttons()
        if not held:
            free = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            self._end(self.pointer_at(event.position().toPoint(), free=free))
            self._show_cursor()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt: add a layer where nothing is."""
        pointer = self.pointer_at(event.position().toPoint())
        hit = self.graph.hit(pointer.scene, pointer.reach)
        if event.button() != Qt.MouseButton.LeftButton or hit or self._read_only:
            self.mousePressEvent(event)
            return
        self._press = None
        self.quick_add_at(pointer.scene)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt: select what lies there, then ask for a menu."""
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            pointer = self.pointer_at(event.pos())
            hit = self.graph.hit(pointer.scene, pointer.reach)
            if hit.layer_id not in self._selected and hit.wire not in self._selected_wires:
                self._click(hit, toggling=False)
        self.menu_requested.emit(event.globalPos())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Qt: nothing lies below the mouse."""
        self._hover(Hit())
        super().leaveEvent(event)
