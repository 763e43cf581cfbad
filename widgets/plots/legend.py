"""The line above a plot that names its curves and reads out their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme import LIGHT, Tokens

Mark = Literal["band", "line", "thin", "markers"]

_SWATCH_PX = 18
_SPACE_PX = 6  # between swatch, title and value
_BETWEEN_PX = 16  # between entries
_WIDEST_VALUE = "0.000000"  # room kept for a value, so that entries stay put while values change


@dataclass(frozen=True)
class Entry:
    """One curve in the legend; ``value`` is its read-out, "" if it has none there."""

    title: str
    colour: str
    mark: Mark
    value: str = ""


class Legend(QWidget):
    """Names the curves with their colours, and their values at one step; wraps as needed.

    All text is painted plain: titles may hold names that come from files.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = LIGHT
        self._place = ""
        self._entries: tuple[Entry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        self.update()

    def show_entries(self, place: str, entries: tuple[Entry, ...]) -> None:
        """Show where the values were read (``"Step 1,240"``) and the curves."""
        if (place, entries) == (self._place, self._entries):
            return
        self._place, self._entries = place, entries
        self._fit_height()
        self.setAccessibleDescription(self.text())
        self.update()

    def text(self) -> str:
        """Return what is written, for tests and screen readers."""
        parts = [f"{entry.title} {entry.value}".strip() for entry in self._entries]
        return " · ".join([part for part in (self._place, *parts) if part])

    def _lay_out(self) -> tuple[list[QRectF], float]:
        """Rectangles of the place and the entries, and the height of all."""
        metrics = QFontMetricsF(self.font())
        widths = [metrics.horizontalAdvance(self._place)] if self._place else [0.0]
        for entry in self._entries:
            value = max(
                metrics.horizontalAdvance(entry.value), metrics.horizontalAdvance(_WIDEST_VALUE)
            )
            title = metrics.horizontalAdvance(entry.title)
            widths.append(_SWATCH_PX + _SPACE_PX + title + _SPACE_PX + value)
        x = y = 0.0
        line = metrics.height() + 2
        found: list[QRectF] = []
        for width in widths:
            if x and x + width > self.width():
                x, y = 0.0, y + line
            found.append(QRectF(x, y, min(width, max(1, self.width())), line))
            x += width + (_BETWEEN_PX if width else 0)
        return found, y + line

    def _fit_height(self) -> None:
        height = round(self._lay_out()[1])
        if height != self.height():
            self.setFixedHeight(height)

    def _paint_entry(self, painter: QPainter, box: QRectF, entry: Entry) -> None:
        middle = box.center().y()
        pen = QPen(QColor(entry.colour), 1.2 if entry.mark == "thin" else 2.4)
        painter.setPen(pen)
        if entry.mark == "band":
            swatch = QRectF(box.left(), middle - 4, _SWATCH_PX, 8)
            painter.fillRect(swatch, QColor(entry.colour))
        else:
            end = QPointF(box.left() + _SWATCH_PX, middle)
            painter.drawLine(QPointF(box.left(), middle), end)
        if entry.mark == "markers":
            painter.setBrush(QColor(entry.colour))
            painter.drawEllipse(QPointF(box.left() + _SWATCH_PX / 2, middle), 3, 3)
        metrics = QFontMetricsF(self.font())
        text = box.adjusted(_SWATCH_PX + _SPACE_PX, 0, 0, 0)
        room = text.width() - _SPACE_PX - metrics.horizontalAdvance(entry.value)
        title = metrics.elidedText(entry.title, Qt.TextElideMode.ElideMiddle, max(0.0, room))
        painter.setPen(QColor(self._tokens.muted))
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setPen(QColor(self._tokens.text))
        text.setLeft(text.left() + metrics.horizontalAdvance(title) + _SPACE_PX)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, entry.value)

    def sizeHint(self) -> QSize:
        """Ask for one line."""
        return QSize(200, round(QFontMetricsF(self.font()).height() + 2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._fit_height()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the place and the entries."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        boxes, _ = self._lay_out()
        painter.setPen(QColor(self._tokens.text))
        painter.drawText(boxes[0], Qt.AlignmentFlag.AlignVCenter, self._place)
        for box, entry in zip(boxes[1:], self._entries, strict=True):
            self._paint_entry(painter, box, entry)
        painter.end()
