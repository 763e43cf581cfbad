"""Notes on the canvas: the item, and the drags that move some or resize one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTextOption
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.spec.note import LARGEST_NOTE, SMALLEST_NOTE, NoteSpec
from widgets.canvas.gestures import Pointer, Request, dragged
from widgets.canvas.look import Look
from widgets.canvas.ports import snapped

COLOURS: Final = {
    "plain": "Plain",
    "accent": "Blue",
    "good": "Green",
    "warning": "Amber",
    "bad": "Red",
}
PADDING: Final = 10.0  # scene units from the edge to the text
_EMPTY: Final = "Double-click to write"
_CORNER: Final = 6.0
_HANDLE: Final = 14.0  # of the corner that resizes
_BEHIND: Final = -1.0  # blocks and wires lie over notes
_SHARE: Final = 0.16  # of the colour in a note's ground
_MARGIN: Final = 4.0


class NoteItem(QGraphicsItem):
    """One note; plain text, wrapped into its box."""

    def __init__(self, note: NoteSpec, look: Look) -> None:
        super().__init__()
        self.note = note
        self.selected = False
        self._resizable = False
        self._look = look
        self.setZValue(_BEHIND)
        self.setPos(note.x, note.y)

    def show_note(self, note: NoteSpec) -> None:
        """Show another text, place, size or colour."""
        if note != self.note:
            self.prepareGeometryChange()
            self.note = note
            self.setPos(note.x, note.y)
            self.update()

    def set_look(self, look: Look) -> None:
        """Paint in another theme."""
        self._look = look
        self.update()

    def set_selected(self, selected: bool, *, alone: bool = True) -> None:
        """Mark the note, or not; alone it shows the corner that resizes it."""
        self.selected = selected
        self._resizable = selected and alone
        self.update()

    @property
    def area(self) -> QRectF:
        """Its box in the scene."""
        return QRectF(self.note.x, self.note.y, self.note.width, self.note.height)

    def at_handle(self, at: QPointF, reach: float) -> bool:
        """Tell whether a point of the scene lies on the corner that resizes."""
        side = max(_HANDLE, reach)
        corner = self.area.bottomRight()
        return QRectF(corner - QPointF(side, side), corner + QPointF(reach, reach) / 2).contains(at)

    # ---- Qt overrides ----

    def boundingRect(self) -> QRectF:
        """Qt: what may be painted on."""
        box = QRectF(0, 0, self.note.width, self.note.height)
        return box.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Qt: the box, its text and, selected, the corner that resizes."""
        del option, widget
        note, look = self.note, self._look
        box = QRectF(0, 0, note.width, note.height)
        painter.setBrush(ground(note, look))
        painter.setPen(look.selected if self.selected else QPen(_ink(note, look), 1.0))
        painter.drawRoundedRect(box, _CORNER, _CORNER)
        painter.setFont(look.note)
        painter.setPen(look.text if note.text else look.muted)
        room = box.adjusted(PADDING, PADDING, -PADDING, -PADDING)
        painter.save()
        painter.setClipRect(room)
        painter.drawText(room, note.text or _EMPTY, _wrapping())
        painter.restore()
        if self._resizable:
            corner = QPainterPath(box.bottomRight() - QPointF(_HANDLE, 0))
            corner.lineTo(box.bottomRight())
            corner.lineTo(box.bottomRight() - QPointF(0, _HANDLE))
            corner.closeSubpath()
            painter.fillPath(corner, look.accent)


def _wrapping() -> QTextOption:
    option = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option


def ground(note: NoteSpec, look: Look) -> QColor:
    """Return the colour below a note's text."""
    if note.colour == "plain":
        return look.block
    colour = QColor(_ink(note, look))
    colour.setAlphaF(_SHARE)
    return colour


def _ink(note: NoteSpec, look: Look) -> QColor:
    role = "faint" if note.colour == "plain" else note.colour
    return QColor(getattr(look.tokens, role))


class NoteGesture:
    """Moves notes, or resizes one by its lower right corner.

    The pressed note snaps to the grid and the others keep their distance.

    Attributes
    ----------
    moved
        The mouse has left the place of the press.
    pressed
        Number of the note below the mouse.
    """

    def __init__(
        self,
        items: Mapping[int, NoteItem],
        pressed: int,
        start: Pointer,
        *,
        resizes: bool,
        snap: bool,
    ) -> None:
        self.message = ""
        self.moved = False
        self.pressed = pressed
        self._items = items
        self._before = {number: item.note for number, item in items.items()}
        self._start = start
        self._resizes = resizes
        self._snap = snap

    def move(self, pointer: Pointer) -> None:
        """Drag on, once the mouse has left the place of the press."""
        self.moved = self.moved or dragged(self._start.view, pointer.view)
        if self.moved:
            for number, note in self._at(pointer).items():
                self._items[number].show_note(note)

    def _at(self, pointer: Pointer) -> dict[int, NoteSpec]:
        away = pointer.scene - self._start.scene
        note = self._before[self.pressed]
        if self._resizes:
            return {
                self.pressed: resized(note, note.width + away.x(), note.height + away.y()),
            }
        x, y = note.x + away.x(), note.y + away.y()
        if self._snap and not pointer.free:
            x, y = snapped(x, y)
        return {n: other.moved(x - note.x, y - note.y) for n, other in self._before.items()}

    def finish(self, pointer: Pointer) -> tuple[Request, ...]:
        """Ask for the notes as they are now."""
        self.move(pointer)
        after = {number: item.note for number, item in self._items.items()}
        if after == self._before:
            return ()
        verb = "Resize" if self._resizes else "Move"
        return (Request("notes_changed", (after, f"{verb} {count_notes(len(after))}")),)

    def cancel(self) -> None:
        """Put the notes back."""
        for number, note in self._before.items():
            self._items[number].show_note(note)


def count_notes(count: int) -> str:
    """Return what undo calls some notes."""
    return "note" if count == 1 else f"{count} notes"


def resized(note: NoteSpec, width: float, height: float) -> NoteSpec:
    """Return the note in another size, as far as it goes."""
    sizes = (
        min(max(wanted, least), LARGEST_NOTE)
        for wanted, least in zip((width, height), SMALLEST_NOTE, strict=True)
    )
    changed: NoteSpec = note.but(**dict(zip(("width", "height"), sizes, strict=True)))
    return changed
