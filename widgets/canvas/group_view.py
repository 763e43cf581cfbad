"""Groups under mouse and keys: a collapsed one is a block, an open one a frame with a title."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent

from engine.spec.network import WireSpec
from widgets.canvas.adding_view import AddingView
from widgets.canvas.gesture_view import Press
from widgets.canvas.gestures import MoveGesture, Pointer, Request
from widgets.canvas.groups import frame_at, unfolded
from widgets.canvas.scene import Hit

_NO_KIND = "A group has no kind of its own: ungroup it to change its layers."


class GroupView(AddingView):
    """A view in which several layers can be one block; it tells and takes layers, never groups' blocks.

    Signals
    -------
    collapse_requested(str, bool)
        A group is to be shown as one block, or its layers are to be shown.
    """

    collapse_requested = Signal(str, bool)

    # ---- From blocks to layers and back ----

    def perform(self, request: Request) -> None:
        """Emit the signal that a gesture asks for, with the layers and wires that it means."""
        graph = self.graph
        arguments = request.arguments
        if request.signal == "selection_changed":
            arguments = (graph.folding.layers_of(arguments[0]),)
        else:
            arguments = unfolded(
                request.signal, arguments, graph.folding, graph.layer_positions, request.source_port
            )
        super().perform(Request(request.signal, arguments))

    def show_selection(self, ids: Iterable[str], wires: Iterable[WireSpec] = ()) -> None:
        """Mark the blocks of these layers as selected and tell nobody."""
        super().show_selection({self.graph.folding.block_of(name) for name in ids}, wires)

    def focus_on(self, ids: Iterable[str]) -> None:
        """Scroll the blocks of these layers into view; nothing moves if they are."""
        super().focus_on({self.graph.folding.block_of(name) for name in ids})

    def open_swap(self) -> None:
        """Open the list for another kind in the place of the selected layers."""
        if self.graph.folding.groups.keys().isdisjoint(self.selected_ids()):
            super().open_swap()
        else:
            self._tell(_NO_KIND, self.viewport().rect().center())

    # ---- Titles of open groups ----

    def _frame_at(self, pointer: Pointer) -> str:
        free = not self.graph.hit(pointer.scene, pointer.reach)
        return frame_at(self.graph.frames, pointer.scene) if free else ""

    def _press_left(self, pointer: Pointer, toggling: bool) -> None:
        group_id = self._frame_at(pointer)
        if not group_id:
            super()._press_left(pointer, toggling)
            return
        layers = self.graph.layers_in(group_id)
        self.select({*layers, *self._selected} if toggling else layers)
        # As if toggling: a click on the title leaves all of the group selected.
        start = None if self._read_only else lambda: self._drag(layers[0], pointer)
        self._press = Press(pointer, Hit(layers[0]), True, start)

    def _drag(self, pressed: str, pointer: Pointer) -> MoveGesture:
        return MoveGesture(self.graph, pressed, self.selected_ids(), pointer, self._snap)

    # ---- Qt overrides ----

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt: open a group at its block, collapse it at its title."""
        pointer = self.pointer_at(event.position().toPoint())
        hit = self.graph.hit(pointer.scene, pointer.reach)
        group = self.graph.folding.groups.get(hit.layer_id) if hit.side is None else None
        framed = self._frame_at(pointer)
        if event.button() != Qt.MouseButton.LeftButton or self._read_only or not (group or framed):
            super().mouseDoubleClickEvent(event)
            return
        self._press = None
        self.collapse_requested.emit(group.id if group else framed, group is None)
