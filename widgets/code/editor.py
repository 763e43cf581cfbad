"""A field of Python code."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFontDatabase, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from widgets.base.theme import LIGHT, Tokens
from widgets.code.highlighter import PythonHighlighter

_MARKED_SHARE = 40  # opacity of 255 behind a marked line: its text stays readable


class CodeField(QPlainTextEdit):
    """Shows code letter by letter in a font of equal widths; lines are not broken."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self._tokens = LIGHT
        self._marked = 0
        self._highlighter = PythonHighlighter(self.document())

    def show_code(self, text: str) -> None:
        """Show other code; the view stays where it was."""
        if text == self.toPlainText():
            return
        bars = (self.verticalScrollBar(), self.horizontalScrollBar())
        places = [bar.value() for bar in bars]
        self.setPlainText(text)
        for bar, place in zip(bars, places, strict=True):
            bar.setValue(place)

    def mark_line(self, number: int) -> None:
        """Mark a line, from 1; 0 marks none."""
        self._marked = number
        block = self.document().findBlockByNumber(number - 1)
        if number < 1 or not block.isValid():
            self.setExtraSelections([])
            return
        mark = QTextEdit.ExtraSelection()
        colour = QColor(self._tokens.bad)
        colour.setAlpha(_MARKED_SHARE)
        mark.format.setBackground(colour)
        mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        mark.cursor = QTextCursor(block)
        self.setExtraSelections([mark])

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        self._highlighter.set_theme(tokens)
        self.mark_line(self._marked)
