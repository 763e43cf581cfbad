"""What the program said last, at the foot of the window."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

_MOST_LINES = 3


class StatusSentence(QLabel):
    """A plain sentence in one line, or in up to three where the window is too narrow for it.

    It never asks for width; the whole text is its tooltip if even three lines cut it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._fit()

    def show_sentence(self, sentence: str) -> None:
        """Show another sentence."""
        self.setText(sentence)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the lines that the new width needs."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._fit()

    def _fit(self) -> None:
        line = self.fontMetrics().height()
        column = QRect(0, 0, max(1, self.contentsRect().width()), 100 * line)
        flags = self.alignment().value | Qt.TextFlag.TextWordWrap.value
        needed = self.fontMetrics().boundingRect(column, flags, self.text()).height()
        self.setFixedHeight(max(line, min(needed, _MOST_LINES * line)))
        self.setToolTip(self.text() if needed > _MOST_LINES * line else "")
