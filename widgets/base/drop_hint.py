"""What happens to files that are held over a window."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

_EDGE_PX = 3
_MARGIN_PX = 16
_WIDEST_PX = 520
_VEIL = 0.75  # opacity


class DropHint(QWidget):
    """Lies over a widget while files are held over it, says what dropping them does, and shows the place to drop."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setObjectName("drop_hint")
        self._over = over
        self._words, self._is_taken = "", True
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_words(self, words: str, *, is_taken: bool) -> None:
        """Show what happens to the files; a place where nothing is dropped has another colour."""
        self._words, self._is_taken = words, is_taken
        self.setAccessibleName(words)
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()
        self.update()

    def words(self) -> str:
        """Return what is shown, "" while hidden."""
        return "" if self.isHidden() else self._words

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the place, and the words in the middle."""
        del event
        colours = self.palette()
        role = (
            QPalette.ColorRole.Highlight if self._is_taken else QPalette.ColorRole.PlaceholderText
        )
        painter = QPainter(self)
        painter.setOpacity(_VEIL)
        painter.fillRect(self.rect(), colours.color(QPalette.ColorRole.Window))
        painter.setOpacity(1.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.color(role), _EDGE_PX, Qt.PenStyle.DashLine))
        inset = _EDGE_PX + 2
        painter.drawRoundedRect(self.rect().adjusted(inset, inset, -inset, -inset), 10, 10)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        painter.setFont(font)
        flags = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value
        room = QRect(0, 0, min(_WIDEST_PX, self.width() - 4 * _MARGIN_PX), self.height())
        words = painter.fontMetrics().boundingRect(room, flags, self._words)
        words.moveCenter(self.rect().center())
        card = QRectF(words.adjusted(-_MARGIN_PX, -_MARGIN_PX, _MARGIN_PX, _MARGIN_PX))
        painter.setPen(QPen(colours.color(role), 1))
        painter.setBrush(colours.color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(card, 8, 8)
        painter.setPen(colours.color(QPalette.ColorRole.Text))
        painter.drawText(words, flags, self._words)
        painter.end()
