"""The scale beside a heatmap."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.base.theme import LIGHT, Tokens
from widgets.plots.colours import NOT_FINITE, SCALE_SIZE, diverging_table
from widgets.plots.wording import number_text

_BAR_PX = 12
_SPACE_PX = 4
_WIDEST = "−0.0000"


class ColourBar(QWidget):
    """The diverging scale from ``-level`` (bottom) over zero to ``level`` (top)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = LIGHT
        self._text = number_text(1.0, 3)
        self._has_not_finite = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAutoFillBackground(True)  # else all behind it is painted with it

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        self.update()

    def show_level(self, level: float, has_not_finite: bool) -> None:
        """Show the end of the scale, and the colour of NaN and infinity if there are any."""
        text = number_text(level, 3)
        if (text, has_not_finite) != (self._text, self._has_not_finite):
            self._text, self._has_not_finite = text, has_not_finite
            self.update()

    def _paint_labels(self, painter: QPainter, bar: QRectF) -> None:
        metrics = QFontMetricsF(self.font())
        painter.setPen(QColor(self._tokens.muted))
        left, height = bar.right() + _SPACE_PX, metrics.height()
        labels = (
            (bar.top(), self._text),
            (bar.center().y() - height / 2, "0"),
            (bar.bottom() - height, f"−{self._text}"),
        )
        for top, text in labels:
            painter.drawText(QRectF(left, top, self.width() - left, height), 0, text)

    def sizeHint(self) -> QSize:
        """Ask for the bar and the widest number."""
        width = QFontMetricsF(self.font()).horizontalAdvance(_WIDEST)
        return QSize(_BAR_PX + _SPACE_PX + round(width), 80)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the scale and its numbers."""
        painter = QPainter(self)
        table = diverging_table(self._tokens)
        line = QFontMetricsF(self.font()).height()
        below = line + _SPACE_PX if self._has_not_finite else 0.0
        bar = QRectF(0.5, 0.5, _BAR_PX, max(1.0, self.height() - 1 - below))
        column = np.ascontiguousarray(table[:SCALE_SIZE][::-1])  # (colours, 3), the largest first
        image = QImage(column.data, 1, SCALE_SIZE, 3, QImage.Format.Format_RGB888)
        painter.drawImage(bar, image)
        painter.setPen(QColor(self._tokens.faint))
        painter.drawRect(bar)
        self._paint_labels(painter, bar)
        if self._has_not_finite:
            box = QRectF(0.5, self.height() - line, _BAR_PX, line - 2)
            painter.fillRect(box, QColor(*(int(part) for part in table[NOT_FINITE])))
            painter.setPen(QColor(self._tokens.muted))
            text = QRectF(box.right() + _SPACE_PX, box.top(), self.width(), line)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, "NaN, ∞")
        painter.end()
