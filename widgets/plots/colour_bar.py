"""The scale beside a heatmap."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication

from widgets.base.theme import LIGHT, Tokens
from widgets.plots.colours import NOT_FINITE, SCALE_SIZE, diverging_table
from widgets.plots.kept_item import KeptItem
from widgets.plots.wording import number_text

_CELLS: Final = (
    1,
    3,
    3,
    1,
)  # row, column and how many of a plot's layout: beside its inside and axes
_BAR_PX = 12
_SPACE_PX = 4
_WIDEST = "−0.0000"


class ColourBar(KeptItem, pg.GraphicsWidget):  # type: ignore[misc] # pyqtgraph ships no types
    """The diverging scale from ``-level`` (bottom) over zero to ``level`` (top), at the right of a plot."""

    def __init__(self, plot: pg.PlotItem) -> None:
        super().__init__()
        self._tokens = LIGHT
        self._text = number_text(1.0, 3)
        self._has_not_finite = False
        self.keep()
        plot.layout.addItem(self, *_CELLS)
        self.set_shown(True)

    def set_shown(self, on: bool) -> None:
        """Show the scale, or leave its room to the plot."""
        self.setVisible(on)
        widest = _metrics().horizontalAdvance(_WIDEST)
        self.setFixedWidth(2 * _SPACE_PX + _BAR_PX + round(widest) if on else 0)

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
        painter.setPen(QColor(self._tokens.muted))
        left, height = bar.right() + _SPACE_PX, _metrics().height()
        labels = (
            (bar.top(), self._text),
            (bar.center().y() - height / 2, "0"),
            (bar.bottom() - height, f"−{self._text}"),
        )
        for top, text in labels:
            painter.drawText(QRectF(left, top, self.size().width() - left, height), 0, text)

    def paint(self, painter: QPainter, *_: object) -> None:
        """Paint the scale and its numbers."""
        table, whole = diverging_table(self._tokens), self.size()
        line = _metrics().height()
        below = line + _SPACE_PX if self._has_not_finite else 0.0
        bar = QRectF(_SPACE_PX + 0.5, 0.5, _BAR_PX, max(1.0, whole.height() - 1 - below))
        column = np.ascontiguousarray(table[:SCALE_SIZE][::-1])  # (colours, 3), the largest first
        image = QImage(column.data, 1, SCALE_SIZE, 3, QImage.Format.Format_RGB888)
        painter.setFont(QApplication.font())
        painter.drawImage(bar, image)
        painter.setPen(QColor(self._tokens.faint))
        painter.drawRect(bar)
        self._paint_labels(painter, bar)
        if self._has_not_finite:
            box = QRectF(bar.left(), whole.height() - line, _BAR_PX, line - 2)
            painter.fillRect(box, QColor(*(int(part) for part in table[NOT_FINITE])))
            painter.setPen(QColor(self._tokens.muted))
            text = QRectF(box.right() + _SPACE_PX, box.top(), whole.width(), line)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, "NaN, ∞")


def _metrics() -> QFontMetricsF:
    return QFontMetricsF(QApplication.font())
