"""The keys of the canvas: they select, and ask for what the mouse can ask for too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QCursor, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from engine.spec.network import WireSpec
from widgets.canvas.gesture_view import GestureView
from widgets.canvas.gestures import Request
from widgets.canvas.keyboard import key_of
from widgets.canvas.linking import judge, neighbour
from widgets.canvas.ports import BLOCK_SIZE, GRID, InputPort, Point

_BELOW: Final = 44  # scene units from a block to one added after it
_NEAR: Final = 1.5  # zoom at which a single block fills enough of the view
_VIEW_MARGIN: Final = 24  # pixels around what is scrolled into view
_SIDEWAYS: Final = {"left": -1, "right": 1}


class KeyView(GestureView):
    """A view whose selection is moved and edited from the keyboard, by the table of `keyboard`.

    Signals
    -------
    settings_requested()
        The user wants to change the selected blocks' settings.
    """

    settings_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cursor_id = ""  # the block that the arrow keys start from
        self._wires_of = ""  # the block whose wires are gone through
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # ---- Looking and selecting ----

    def fit(self) -> None:
        """Show the whole network."""
        self.show_area(self.graph.content(), largest_zoom=1.0)

    def fit_selection(self) -> None:
        """Show the selected blocks and the ends of selected wires; the whole network if there are none."""
        ends = {end for wire in self.selected_wires() for end in (wire.source, wire.target)}
        chosen = {*self.selected_ids(), *ends}
        self.show_area(self.graph.content(chosen or None), largest_zoom=_NEAR if chosen else 1.0)

    def smallest_zoom(self) -> float:
        """Return how far one can go away: until the whole network is seen."""
        return min(super().smallest_zoom(), self.zoom_for(self.graph.content()))

    def focus_on(self, ids: Iterable[str]) -> None:
        """Scroll these blocks into view; nothing moves if they are."""
        area = self.graph.content(ids)
        visible = self.mapToScene(self.viewport().rect()).boundingRect()
        if area.isEmpty() or visible.contains(area):
            return
        if area.width() > visible.width() or area.height() > visible.height():
            self.centerOn(area.center())
        else:
            self.ensureVisible(QRectF(area), _VIEW_MARGIN, _VIEW_MARGIN)
        self.view_changed.emit()

    def show_selection(self, ids: Iterable[str], wires: Iterable[WireSpec] = ()) -> None:
        """Mark these as selected and tell nobody; what does not exist is left out."""
        super().show_selection(ids, wires)
        if self._cursor_id not in self._selected:
            self._cursor_id = next(iter(self.selected_ids()), "")

    def select_all(self) -> None:
        """Select every block."""
        self.select(self.graph.blocks)

    def has_selection(self) -> bool:
        """Tell whether anything is selected."""
        return bool(self._selected or self._selected_wires)

    def select_beside(self, direction: str, extend: bool) -> None:
        """Select the block that an arrow leads to, from a wire its end; ``extend`` keeps what is selected."""
        network, wires = self.graph.network, self.selected_wires()
        if not network.layers:
            return
        if len(wires) == 1 and not self._selected and direction in _SIDEWAYS:
            self.select_wire(_SIDEWAYS[direction])
            return
        start = self._cursor_id
        if len(wires) == 1 and not self._selected:
            wanted = wires[0].source if direction == "up" else wires[0].target
        else:
            wanted = self._beside(start, direction) if start else network.ids[0]
        self.select({*self._selected, wanted} if extend else {wanted})
        self._cursor_id = wanted
        self.focus_on((wanted,))

    def _beside(self, start: str, direction: str) -> str:
        """Return the block that an arrow leads to: sideways, where none stands there, along the wires."""
        network, positions = self.graph.network, self.graph.positions
        found = neighbour(network, positions, start, direction)
        if found == start and direction in _SIDEWAYS:
            along = "down" if _SIDEWAYS[direction] > 0 else "up"
            found = neighbour(network, positions, start, along)
        return found

    def select_wire(self, step: int) -> None:
        """Select a wire of the selected block; where one is selected, that many further among the same block's."""
        network, held = self.graph.network, self.selected_wires()[:1]
        owner = self._cursor_id or self._wires_of or next(iter(network.ids), "")
        if held and owner not in (held[0].source, held[0].target):
            owner = held[0].source
        wires = (*network.wires_from(owner), *network.wires_into(owner))
        if not wires:
            return
        at = wires.index(held[0]) + step if held else min(step, 0)
        wire = wires[at % len(wires)]
        self.select((), (wire,))
        self._wires_of = owner
        self.focus_on((wire.source, wire.target))

    def escape(self) -> None:
        """Cancel a drag, else select nothing."""
        if not self.cancel_gesture():
            self.select(())

    # ---- Asking ----

    def _ask(self, signal: str, *arguments: object, needs: object = True) -> None:
        """Ask for an edit, unless nothing may be edited or what it needs is not there."""
        if needs and not self._read_only:
            self.perform(Request(signal, arguments))

    def nudge(self, columns: int, rows: int) -> None:
        """Ask to move the selected blocks by steps of the grid."""
        places = {i: self.graph.positions[i] for i in self.selected_ids()}
        moves = tuple((i, x + columns * GRID, y + rows * GRID) for i, (x, y) in places.items())
        self._ask("move_requested", moves, needs=moves)

    def connect_selected(self) -> None:
        """Ask for a wire from the upper to the lower of two selected blocks."""
        if self._read_only:
            return
        chosen = sorted(self.selected_ids(), key=lambda i: self.graph.positions[i][1])
        if len(chosen) != 2:
            self._tell("Select two blocks to connect them.", self.viewport().rect().center())
            return
        source, target = chosen
        verdict = judge(self.graph.network, source, self.graph.blocks[target].facts)
        if verdict.refusal:
            at = self.mapFromScene(self.graph.blocks[target].port_centre("in", 0))
            self._tell(verdict.refusal, at)
        else:
            self._ask("connect_requested", source, target, verdict.port)

    def ask_delete(self) -> None:
        """Ask to delete what is selected."""
        chosen = (self.selected_ids(), self.selected_wires())
        self._ask("delete_requested", *chosen, needs=self.has_selection())

    def ask_settings(self) -> None:
        """Ask to go to the settings of the selected block; allowed where nothing may be edited."""
        if self.selected_ids():
            self.perform(Request("settings_requested", ()))

    def ask_copy(self) -> None:
        """Ask to copy what is selected; allowed where nothing may be edited."""
        if self.has_selection():
            self.perform(Request("copy_requested", ()))

    def ask_cut(self) -> None:
        """Ask to cut what is selected."""
        self._ask("cut_requested", needs=self.has_selection())

    def ask_duplicate(self) -> None:
        """Ask to duplicate what is selected."""
        self._ask("duplicate_requested", needs=self.has_selection())

    def ask_arrange(self) -> None:
        """Ask to lay the blocks out anew."""
        self._ask("arrange_requested", needs=self.graph.blocks)

    def ask_paste(self) -> None:
        """Ask to paste at the mouse, in the middle if it is elsewhere."""
        place = self._place_of_mouse()
        self._ask("paste_requested", place.x(), place.y())

    def ask_quick_add(self) -> None:
        """Open the list for adding a layer: after the selected block, into the selected wire, else here."""
        chosen, wires = self.selected_ids(), self.selected_wires()
        if len(chosen) == 1:
            x, y = self.graph.positions[chosen[0]]
            self.open_quick_add((x, y + BLOCK_SIZE[1] + _BELOW), chosen[0])
        elif len(wires) == 1 and not chosen:
            middle = self.graph.wires[wires[0]].centre - QPointF(*BLOCK_SIZE) / 2
            self.open_quick_add((middle.x(), middle.y()), wires[0])
        else:
            self.quick_add_at(self._place_of_mouse())

    def open_quick_add(self, corner: Point, beside: str | WireSpec | InputPort) -> None:
        """Let the user add a layer whose block has this corner; the canvas says how."""

    def open_swap(self) -> None:
        """Let the user put another kind in the place of the selected layers; the canvas says how."""

    def _place_of_mouse(self) -> QPointF:
        """Return where the mouse is in the scene, the middle of the view if it is elsewhere."""
        at = self.viewport().mapFromGlobal(QCursor.pos())
        inside = self.viewport().rect().contains(at)
        return self.mapToScene(at if inside else self.viewport().rect().center())

    # ---- Qt overrides ----

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: obey the table of keys."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.set_panning(True)
            return
        key = key_of(event)
        if key is None:
            event.ignore()
            return
        getattr(self, key.method)(*key.arguments)
        event.accept()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Qt: the space bar pans while it is held."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.set_panning(False)
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt: a key let go elsewhere is let go."""
        self.set_panning(False)
        super().focusOutEvent(event)
