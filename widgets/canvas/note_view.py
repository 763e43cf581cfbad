"""Notes under mouse and keys: selected, moved, resized, written, coloured."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QFont, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QMenu, QPlainTextEdit, QWidget

from engine.spec.network import WireSpec
from engine.spec.note import NoteSpec
from widgets.canvas.gestures import Pointer
from widgets.canvas.group_view import GroupView
from widgets.canvas.look import Look
from widgets.canvas.notes import COLOURS, PADDING, NoteGesture, NoteItem, resized
from widgets.canvas.ports import GRID, snapped
from widgets.theme import palette

_LONGEST: Final = 10_000  # letters; what the description takes
_ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_DELETING: Final = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_WRITING: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)
_SMALLEST_LETTERS_PX: Final = 9
_SMALLEST_PX: Final = (140, 60)  # of the editor, from however far it is seen
_ASIDE: Final = 32.0  # scene units from the blocks to a new note


class NoteView(GroupView):
    """A view with boxes of plain text behind the blocks.

    Signals
    -------
    note_changed(int, object, str)
        The note with this number is to be this `NoteSpec`; what undo calls it.
    note_removed(int)
        The note with this number is to go.
    """

    note_changed = Signal(int, object, str)
    note_removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notes: list[NoteItem] = []
        self._note = -1  # number of the selected one
        self._editor: _NoteEditor | None = None
        self.view_changed.connect(self.end_writing)

    # ---- Showing ----

    def show_notes(self, notes: Iterable[NoteSpec]) -> None:
        """Show these notes, the last on top; one that is being written stays so."""
        wanted = tuple(notes)
        for item, note in zip(self._notes, wanted, strict=False):
            item.show_note(note)
        for note in wanted[len(self._notes) :]:
            self._notes.append(NoteItem(note, self.graph.look))
            self.graph.addItem(self._notes[-1])
        while len(self._notes) > len(wanted):
            self.graph.removeItem(self._notes.pop())
        self.select_note(self._note if self._note < len(wanted) else -1)

    def show_note_look(self, look: Look) -> None:
        """Paint the notes in another theme."""
        for item in self._notes:
            item.set_look(look)

    @property
    def selected_note(self) -> int:
        """Number of the selected note, -1 if none is."""
        return self._note

    def select_note(self, number: int) -> None:
        """Select a note, -1 for none; blocks are then not selected."""
        self._note = number
        for index, item in enumerate(self._notes):
            item.set_selected(index == number)

    def select_next_note(self) -> None:
        """Select the note after the selected one, and show it."""
        if self._notes:
            self.select(())
            self.select_note((self._note + 1) % len(self._notes))
            self.ensureVisible(self._notes[self._note].area)
            self.view_changed.emit()

    def show_selection(self, ids: Iterable[str], wires: Iterable[WireSpec] = ()) -> None:
        """Mark the blocks of these layers as selected and tell nobody; no note is selected then."""
        super().show_selection(ids, wires)
        if self._selected or self._selected_wires:
            self.select_note(-1)

    def _note_at(self, pointer: Pointer) -> int:
        """Return the number of the note at the mouse where no block or wire lies over it, else -1."""
        if self.graph.hit(pointer.scene, pointer.reach):
            return -1
        found = [n for n, item in enumerate(self._notes) if item.area.contains(pointer.scene)]
        return found[-1] if found else -1

    def new_note(self) -> NoteSpec:
        """Return an empty note in the middle of what is seen, or at the free side of the blocks."""
        middle = self.mapToScene(self.viewport().rect().center())
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        blocks = self.graph.content().intersected(seen)
        note = NoteSpec(x=0, y=0)
        x, y = middle.x() - note.width / 2, middle.y() - note.height / 2
        if not blocks.isEmpty() and seen.right() - blocks.right() > note.width + 2 * _ASIDE:
            x, y = blocks.right() + _ASIDE, max(blocks.top(), seen.top() + _ASIDE)
        placed: NoteSpec = note.but(**dict(zip(("x", "y"), snapped(x, y), strict=True)))
        return placed

    # ---- Asking ----

    def write_note(self) -> None:
        """Open the selected note for writing; Escape gives up, leaving it or Ctrl+Enter keeps the text."""
        if self._note < 0 or self._read_only:
            return
        item = self._notes[self._note]
        box = self.mapFromScene(item.area).boundingRect().translated(self.viewport().pos())
        self._editor = _NoteEditor(self, item.note.text, self.graph.look)
        self._editor.ended.connect(partial(self._on_written, self._note))
        self._editor.open_at(box, self.zoom)

    def end_writing(self) -> None:
        """Keep what is being written."""
        if self._editor is not None:
            self._editor.end(keep=True)

    def _on_written(self, number: int, text: str, kept: bool) -> None:
        self._editor = None
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if kept and number < len(self._notes):
            self._change(number, self._notes[number].note.but(text=text), "Write note")

    def _change(self, number: int, note: NoteSpec, words: str) -> None:
        if note != self._notes[number].note:
            self._ask("note_changed", number, note, words)

    def _key(self, event: QKeyEvent) -> Callable[[], None] | None:
        """Return what a key does to the selected note, None if nothing."""
        key = Qt.Key(event.key())
        note = self._notes[self._note].note
        if key in _DELETING:
            return partial(self._ask, "note_removed", self._note)
        if key in _WRITING:
            return self.write_note
        if key == Qt.Key.Key_Escape and self._gesture is None:
            return partial(self.select_note, -1)
        if key not in _ARROWS:
            return None
        right, down = (step * GRID for step in _ARROWS[key])
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            changed = resized(note, note.width + right, note.height + down)
            return partial(self._change, self._note, changed, "Resize note")
        moved = note.but(x=note.x + right, y=note.y + down)
        return partial(self._change, self._note, moved, "Move note")

    def _show_note_menu(self, at: QPoint) -> None:
        number, note = self._note, self._notes[self._note].note
        menu = QMenu(self)
        menu.setObjectName("canvas.note_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Write").triggered.connect(self.write_note)
        for colour, words in COLOURS.items():
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(colour == note.colour)
            changed = note.but(colour=colour)
            action.triggered.connect(partial(self._change, number, changed, "Colour note"))
        menu.addSeparator()
        menu.addAction("Delete").triggered.connect(partial(self._ask, "note_removed", number))
        menu.popup(at)

    # ---- Qt overrides ----

    def _press_left(self, pointer: Pointer, toggling: bool) -> None:
        number = self._note_at(pointer)
        self.select_note(number)
        if number < 0:
            super()._press_left(pointer, toggling)
            return
        self.select(())
        if not self._read_only:
            item = self._notes[number]
            resizes = item.at_handle(pointer.scene, pointer.reach)
            self._gesture = NoteGesture(item, number, pointer, resizes=resizes, snap=self._snap)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt: write a note."""
        number = self._note_at(self.pointer_at(event.position().toPoint()))
        if event.button() != Qt.MouseButton.LeftButton or number < 0:
            super().mouseDoubleClickEvent(event)
            return
        self.cancel_gesture()
        self.select_note(number)
        self.write_note()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt: the menu of a note, else of the rest."""
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            self.select_note(self._note_at(self.pointer_at(event.pos())))
        if self._note < 0:
            super().contextMenuEvent(event)
            return
        self.select(())
        if not self._read_only:
            self._show_note_menu(event.globalPos())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: keys of the selected note come first."""
        action = self._key(event) if self._note >= 0 else None
        if action is None:
            super().keyPressEvent(event)
        else:
            action()
            event.accept()


class _NoteEditor(QPlainTextEdit):
    """The text of a note while it is written."""

    ended = Signal(str, bool)

    def __init__(self, parent: QWidget, text: str, look: Look) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.note_editor")
        self.setAccessibleName("Text of the note")
        self.setPalette(palette(look.tokens))
        self.setFrameShape(QFrame.Shape.Box)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setPlainText(text)
        self._font = look.note
        self._over = False

    def open_at(self, box: QRect, zoom: float) -> None:
        """Write in this rectangle of the parent, in letters of the zoom."""
        font = QFont(self._font)
        font.setPixelSize(max(_SMALLEST_LETTERS_PX, round(font.pixelSize() * zoom)))
        self.setFont(font)
        self.document().setDocumentMargin(PADDING * zoom)
        self.setGeometry(QRect(box.topLeft(), box.size().expandedTo(QSize(*_SMALLEST_PX))))
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def end(self, *, keep: bool) -> None:
        """Tell the text, once, and go."""
        if not self._over:
            self._over = True
            self.hide()
            self.ended.emit(self.toPlainText()[:_LONGEST], keep)
            self.deleteLater()

    # ---- Qt overrides ----

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Escape gives up, Ctrl+Enter keeps; all else is text."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Escape:
            self.end(keep=False)
        elif event.key() in _WRITING and control:
            self.end(keep=True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt: leaving keeps the text."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.end(keep=True)
