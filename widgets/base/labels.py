"""The one way to put text on screen: labels that never read their text as HTML."""

from __future__ import annotations

import html
from typing import Final, Literal, TypeAlias

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel

Tone: TypeAlias = Literal["text", "muted", "bad", "accent"]

# The palette of `widgets.base.theme` keeps these colours: a label follows a change of theme by itself.
_ROLES: Final[dict[Tone, QPalette.ColorRole]] = {
    "text": QPalette.ColorRole.WindowText,
    "muted": QPalette.ColorRole.PlaceholderText,
    "bad": QPalette.ColorRole.BrightText,
    "accent": QPalette.ColorRole.Link,
}


def plain_label(
    text: str = "",
    *,
    wrap: bool = False,
    tone: Tone = "text",
    strong: bool = False,
    name: str = "",
) -> QLabel:
    """Return a label that shows ``text`` letter by letter.

    Parameters
    ----------
    wrap
        Break lines; the label then fits any width.
    tone
        Colour by meaning.
    strong
        Bold.
    name
        objectName.
    """
    return _prepared(QLabel(), text, wrap, tone, strong, name)


def kept_together(text: str) -> str:
    """Return the text with its shapes, ``8 × 8 × 1``, on one line each where lines break."""
    return text.replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")


def eliding_label(
    text: str = "",
    *,
    tone: Tone = "text",
    strong: bool = False,
    name: str = "",
) -> ElidingLabel:
    """Return a one-line label that cuts a text too long for it; the tooltip has it whole."""
    label = ElidingLabel()
    _prepared(label, text, False, tone, strong, name)
    label.refresh_tip()
    return label


def set_tone(label: QLabel, tone: Tone) -> None:
    """Give a label the colour of another meaning."""
    label.setForegroundRole(_ROLES[tone])


def plain_tip(text: str) -> str:
    """Return ``text`` as a tooltip shows it: never as HTML of its own, long sentences wrapped."""
    return f"<qt>{html.escape(text)}</qt>" if text else ""


def _prepared(label: QLabel, text: str, wrap: bool, tone: Tone, strong: bool, name: str) -> QLabel:
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    label.setWordWrap(wrap)
    set_tone(label, tone)
    if wrap:
        label.setMinimumWidth(1)  # otherwise the longest word sets the width of the whole panel
    if strong:
        font = label.font()
        font.setBold(True)
        label.setFont(font)
    label.setObjectName(name)
    return label


class ElidingLabel(QLabel):
    """One line of plain text that gives way: the middle or end is cut to the width there is."""

    elide_mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight

    def show_text(self, text: str) -> None:
        """Show another text."""
        self.setText(text)
        self.refresh_tip()

    @property
    def is_cut(self) -> bool:
        """The text is longer than there is room for."""
        return self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()

    def refresh_tip(self) -> None:
        """Offer the whole text as tooltip where it is cut."""
        self.setToolTip(plain_tip(self.text()) if self.is_cut else "")

    def minimumSizeHint(self) -> QSize:
        """Allow any width."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the tooltip in step with what is cut."""
        super().resizeEvent(event)
        self.refresh_tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text, cut to the width."""
        painter = QPainter(self)
        box = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), self.elide_mode, box.width())
        group = QPalette.ColorGroup.Normal if self.isEnabled() else QPalette.ColorGroup.Disabled
        painter.setPen(self.palette().color(group, self.foregroundRole()))
        painter.drawText(box, self.alignment() | Qt.TextFlag.TextSingleLine, text)
        painter.end()
