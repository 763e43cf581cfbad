"""Notes under mouse and keys: selected, moved, resized, written, coloured."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QFont, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QMenu, QPlainTextEdit, QWidget

from engine.spec.network import WireSpec
from engine.spec.note import NoteSpec
from widgets.base.theme import palette
from widgets.canvas.gesture_view import Press
from widgets.canvas.gestures import BandGesture, MoveGesture, Pointer
from widgets.canvas.group_view import GroupView
from widgets.canvas.look import Look
from widgets.canvas.notes import (
    COLOURS,
    PADDING,
    NoteGesture,
    NoteItem,
    count_notes,
    resized,
)
from widgets.canvas.ports import GRID, snapped
from widgets.canvas.scene import Hit

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
    notes_changed(object, str)
        The notes with the numbers of this mapping are to be its `NoteSpec` values; what undo calls it.
    note_removed(int)
        The note with this number is to go.
    notes_selected()
        Other notes are selected.
    """

    notes_changed = Signal(object, str)
    note_removed = Signal(int)
    notes_selected = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notes: list[NoteItem] = []
        self._chosen: frozenset[int] = frozenset()  # numbers of the selected ones
        self._before_band: frozenset[int] = frozenset()
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
        self.select_notes(self._chosen)

    def show_note_look(self, look: Look) -> None:
        """Paint the notes in another theme."""
        for item in self._notes:
            item.set_look(look)

    @property
    def selected_note(self) -> int:
        """Number of the note that alone is selected, -1 if none is or more than it."""
        alone = len(self._chosen) == 1 and not self._selected and not self._selected_wires
        return next(iter(self._chosen)) if alone else -1

    def selected_notes(self) -> tuple[int, ...]:
        """Return the numbers of the selected notes, from below upwards."""
        return tuple(sorted(self._chosen))

    def select_note(self, number: int) -> None:
        """Select a note, -1 for none; blocks are then not selected."""
        self.select_notes((number,))

    def select_notes(self, numbers: Iterable[int]) -> None:
        """Select these notes beside the blocks that are selected; what does not exist is left out."""
        before = self._chosen
        self._chosen = frozenset(numbers) & set(range(len(self._notes)))
        for number, item in enumerate(self._notes):
            item.set_selected(number in self._chosen, alone=len(self._chosen) == 1)
        if self._chosen != before:
            self.notes_selected.emit()

    def select_next_note(self) -> None:
        """Select the note after the selected one, and show it."""
        if self._notes:
            following = (self.selected_note + 1) % len(self._notes)
            self.select(())
            self.select_note(following)
            self.ensureVisible(self._notes[following].area)
            self.view_changed.emit()

    def show_selection(self, ids: Iterable[str], wires: Iterable[WireSpec] = ()) -> None:
        """Mark the blocks of these layers as selected and tell nobody; if they are others, no note is."""
        before = (self._selected, self._selected_wires)
        super().show_selection(ids, wires)
        now = (self._selected, self._selected_wires)
        if now != before and any(now):
            self.select_notes(())

    def select(self, ids: Iterable[str], wires: Iterable[WireSpec] = ()) -> None:
        """Select as the user: no note is selected then."""
        super().select(ids, wires)
        self.select_notes(())

    def fit(self) -> None:
        """Show the whole network and its notes."""
        area = self.graph.content()
        for item in self._notes:
            area = area.united(item.area)
        self.show_area(area, largest_zoom=1.0)

    def select_all(self) -> None:
        """Select every block and every note."""
        super().select_all()
        self.select_notes(range(len(self._notes)))

    def has_selection(self) -> bool:
        """Tell whether any block, wire or note is selected."""
        return super().has_selection() or bool(self._chosen)

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
        x, y = snapped(x, y)
        taken = {(item.note.x, item.note.y) for item in self._notes}
        while (x, y) in taken:  # it would lie exactly over another
            y += note.height + GRID
        placed: NoteSpec = note.but(x=x, y=y)
        return placed

    # ---- Asking ----

    def write_note(self) -> None:
        """Open the selected note for writing; Escape gives up, leaving it or Ctrl+Enter keeps the text."""
        number = self.selected_note
        if number < 0 or self._read_only:
            return
        item = self._notes[number]
        box = self.mapFromScene(item.area).boundingRect().translated(self.viewport().pos())
        self._editor = _NoteEditor(self, item.note.text, self.graph.look)
        self._editor.ended.connect(partial(self._on_written, number))
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
            self._ask("notes_changed", {number: note}, words)

    def _move_notes(self, right: float, down: float) -> None:
        moved = {number: self._notes[number].note.moved(right, down) for number in self._chosen}
        self._ask("notes_changed", moved, f"Move {count_notes(len(moved))}")

    def _key(self, event: QKeyEvent) -> Callable[[], None] | None:
        """Return what a key does to the selected notes where no block is selected, None if nothing."""
        key = Qt.Key(event.key())
        if not self._chosen or self._selected or self._selected_wires:
            return None
        number = self.selected_note
        if number < 0:
            right, down = _ARROWS.get(key, (0, 0))
            return partial(self._move_notes, right * GRID, down * GRID) if right or down else None
        note = self._notes[number].note
        if key in _DELETING:
            return partial(self._ask, "note_removed", number)
        if key in _WRITING:
            return self.write_note
        if key == Qt.Key.Key_Escape and self._gesture is None:
            return partial(self.select_note, -1)
        if key not in _ARROWS:
            return None
        right, down = (step * GRID for step in _ARROWS[key])
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            changed = resized(note, note.width + right, note.height + down)
            return partial(self._change, number, changed, "Resize note")
        return partial(self._move_notes, right, down)

    def _choose_for_menu(self, number: int) -> None:
        """Select the note at the mouse alone, unless it is one of several things selected."""
        if number >= 0 and number not in self._chosen:
            self.select(())
            self.select_note(number)

    def _show_note_menu(self, at: QPoint) -> None:
        number = self.selected_note
        note = self._notes[number].note
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
        menu.addAction("Cut").triggered.connect(self.ask_cut)
        menu.addAction("Copy").triggered.connect(self.ask_copy)
        menu.addAction("Duplicate").triggered.connect(self.ask_duplicate)
        menu.addAction("Delete").triggered.connect(partial(self._ask, "note_removed", number))
        menu.popup(at)

    # ---- Notes and blocks together ----

    def _press_left(self, pointer: Pointer, toggling: bool) -> None:
        number = self._note_at(pointer)
        chosen = self._chosen
        if number < 0:
            held = self.graph.hit(pointer.scene, pointer.reach).layer_id in self._selected
            super()._press_left(pointer, toggling)
            self.select_notes(chosen if toggling or held else ())
        elif toggling:
            self.select_notes(chosen ^ {number})
        elif number in chosen and self._selected and not self._read_only:
            pressed = self.selected_ids()[0]
            self._press = Press(pointer, Hit(), True, lambda: self._drag(pressed, pointer))
        else:
            self.select(())
            self.select_notes(chosen if number in chosen else (number,))
            if not self._read_only:
                self._gesture = self._note_gesture(number, pointer)

    def _note_gesture(self, pressed: int, pointer: Pointer) -> NoteGesture:
        items = {number: self._notes[number] for number in self.selected_notes()}
        resizes = len(items) == 1 and items[pressed].at_handle(pointer.scene, pointer.reach)
        return NoteGesture(items, pressed, pointer, resizes=resizes, snap=self._snap)

    def _follow(self, pointer: Pointer) -> None:
        started, chosen = self._gesture is None, self._chosen
        super()._follow(pointer)
        if isinstance(self._gesture, BandGesture):
            if started:
                self._before_band = chosen
            inside = {n for n, i in enumerate(self._notes) if self._gesture.area.contains(i.area)}
            self.select_notes(self._before_band | inside)
        elif isinstance(self._gesture, MoveGesture):
            self._shift_notes(self._gesture.step)

    def _end(self, pointer: Pointer) -> None:
        gesture = self._gesture
        super()._end(pointer)
        self._shift_notes(QPointF())
        if isinstance(gesture, NoteGesture) and not gesture.moved:
            self.select_note(gesture.pressed)  # a click on one of several

    def cancel_gesture(self) -> bool:
        """Stop what the mouse is doing and put back what it showed; False if it did nothing."""
        banded = isinstance(self._gesture, BandGesture)
        stopped = super().cancel_gesture()
        self._shift_notes(QPointF())
        if banded:
            self.select_notes(self._before_band)
        return stopped

    def _shift_notes(self, step: QPointF) -> None:
        """Show the selected notes so far from their places."""
        for number in self._chosen:
            note = self._notes[number].note
            self._notes[number].setPos(QPointF(note.x, note.y) + step)

    # ---- Qt overrides ----

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
            self._choose_for_menu(self._note_at(self.pointer_at(event.pos())))
        if self.selected_note < 0:
            super().contextMenuEvent(event)
            return
        if not self._read_only:
            self._show_note_menu(event.globalPos())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: keys of the selected note come first."""
        action = self._key(event)
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
