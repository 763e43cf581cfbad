"""Python code in the colours of the theme."""

from __future__ import annotations

import keyword
import re
from typing import Final

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from widgets.base.theme import LIGHT, Tokens

_INSIDE_TEXT: Final = 1  # state of a line that ends within a text of several lines
_OUTSIDE: Final = 0
_TRIPLE: Final = '"""'
# In this order; what an earlier pattern took, a later one leaves.
_PATTERN: Final = re.compile(
    r"(?P<comment>\#.*)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    rf"|(?P<keyword>\b(?:{'|'.join(keyword.kwlist)})\b)"
    r"|(?P<number>(?<![\w.])\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?)"
    r"|(?P<call>\b[A-Za-z_]\w*(?=\())"
)


class PythonHighlighter(QSyntaxHighlighter):
    """Colours the words of a document; strong for what Python itself means by them."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self.set_theme(LIGHT)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        colours = {
            "comment": tokens.muted,
            "text": tokens.good,
            "keyword": tokens.accent,
            "number": tokens.series[1],
            "call": tokens.series[3],
        }
        self._formats = {name: _format(colour) for name, colour in colours.items()}
        self._formats["keyword"].setFontWeight(QFont.Weight.DemiBold)
        self.rehighlight()

    # ---- Qt overrides ----

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        start = 0
        if self.previousBlockState() == _INSIDE_TEXT:
            start = self._end_of_text(text, 0, 0)
        while start < len(text):
            opening = text.find(_TRIPLE, start)
            end = len(text) if opening < 0 else opening
            self._colour(text, start, end)
            if opening < 0:
                break
            start = self._end_of_text(text, opening, opening + len(_TRIPLE))
        if start <= len(text):
            self.setCurrentBlockState(_OUTSIDE)

    def _end_of_text(self, text: str, start: int, search: int) -> int:
        """Colour a text in triple quotes; returns where it ends, beyond the line if it goes on."""
        closing = text.find(_TRIPLE, search)
        end = len(text) + 1 if closing < 0 else closing + len(_TRIPLE)
        self.setFormat(start, min(end, len(text)) - start, self._formats["text"])
        if closing < 0:
            self.setCurrentBlockState(_INSIDE_TEXT)
        return end

    def _colour(self, text: str, start: int, end: int) -> None:
        for found in _PATTERN.finditer(text, start, end):
            self.setFormat(
                found.start(), found.end() - found.start(), self._formats[found.lastgroup or ""]
            )


def _format(colour: str) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(QColor(colour))
    return made
