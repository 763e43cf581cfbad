"""A label for figures that change many times a second."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

_NO_LIMIT_PX = 1 << 14


class SteadyLabel(QLabel):
    """A plain text whose change repaints the label and nothing else, as long as it has room.

    A `QLabel` asks with every text for everything around it, up to the window, to be laid out and painted again:
    half of what the window cost during a training. This one keeps the room of its largest text so far, so what
    stands beside it does not jump either.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._shown = text
        self._renew_flags()

    def setWordWrap(self, on: bool) -> None:
        """Break lines where the label is too narrow."""
        super().setWordWrap(on)
        self._renew_flags()

    def setAlignment(self, alignment: Qt.AlignmentFlag) -> None:
        """Lie there in the label."""
        super().setAlignment(alignment)
        self._renew_flags()

    def text(self) -> str:
        """Return what is shown."""
        return self._shown

    def setText(self, text: str) -> None:
        """Show another text."""
        if text == self._shown:
            return
        self._shown = text
        if self._fits(text):
            self.update()
        else:
            super().setText(text)  # the base class holds what the room is for

    def clear(self) -> None:
        """Show nothing, and give the room back."""
        self._shown = ""
        super().clear()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the room that the text needs at this width: it came while the label had another one."""
        super().resizeEvent(event)
        if not self._fits(self._shown):
            super().setText(self._shown)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text."""
        painter = QPainter(self)
        room, text = self.contentsRect(), self._shown
        if not self.wordWrap():  # it is cut with an ellipsis where the layout has no room for it
            text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        self.style().drawItemText(
            painter,
            room,
            self._flags,
            self.palette(),
            self.isEnabled(),
            text,
            self.foregroundRole(),
        )
        painter.end()

    def _fits(self, text: str) -> bool:
        metrics, largest = self.fontMetrics(), super().text()
        if not self.wordWrap():
            return metrics.horizontalAdvance(text) <= metrics.horizontalAdvance(largest)
        column = QRect(0, 0, max(1, self.contentsRect().width()), _NO_LIMIT_PX)
        needed, given = (
            metrics.boundingRect(column, self._flags, each) for each in (text, largest)
        )
        return needed.height() <= given.height()

    def _renew_flags(self) -> None:
        """Keep how the text is painted: to ask Qt takes longer than to paint a figure."""
        wraps = Qt.TextFlag.TextWordWrap.value if self.wordWrap() else 0
        self._flags = self.alignment().value | wraps
