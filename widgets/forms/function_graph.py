"""A small graph of a function with a remark beside it, drawn beneath a form's field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.base.theme import LIGHT, Tokens

Numbers: TypeAlias = npt.NDArray[np.float64]

_POINTS: Final = 161
_LEAST_HEIGHT: Final = 0.2  # of the values, on each side of 0


@dataclass(frozen=True)
class Plotted:
    """A function and the part of it that is drawn.

    Attributes
    ----------
    values
        (n,) inputs -> (n,) outputs.
    low, high
        The first and the last input.
    highest
        Outputs are cut off above it, and below its negative.
    """

    values: Callable[[Numbers], Numbers]
    low: float
    high: float
    highest: float


class FunctionGraph(QWidget):
    """The curve at the left, a remark beside it; hidden while there is no remark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = LIGHT
        self._plotted: Plotted | None = None
        self._remark = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(1)

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        self.update()

    def show_function(self, name: str, plotted: Plotted | None, remark: str) -> None:
        """Show a function, or its remark alone; without a remark nothing."""
        self._plotted, self._remark = plotted, remark
        self.setVisible(bool(remark))
        self.setAccessibleName(f"{name}: {remark}" if remark else "")
        self.updateGeometry()
        self.update()

    def _paint_curve(self, painter: QPainter, box: QRectF, plotted: Plotted) -> None:
        x = np.linspace(plotted.low, plotted.high, _POINTS)
        y = np.clip(plotted.values(x), -plotted.highest, plotted.highest)
        low, high = min(float(y.min()), -_LEAST_HEIGHT), max(float(y.max()), _LEAST_HEIGHT)
        width = plotted.high - plotted.low
        columns = box.left() + (x - plotted.low) / width * box.width()
        rows = box.bottom() - (y - low) / (high - low) * box.height()
        zero_row = box.bottom() - (0.0 - low) / (high - low) * box.height()
        zero_column = box.left() + (0.0 - plotted.low) / width * box.width()
        painter.setPen(QPen(QColor(self._tokens.faint), 1))
        painter.drawLine(QPointF(box.left(), zero_row), QPointF(box.right(), zero_row))
        painter.drawLine(QPointF(zero_column, box.top()), QPointF(zero_column, box.bottom()))
        painter.setPen(QPen(QColor(self._tokens.accent), 1.8))
        points = [QPointF(column, row) for column, row in zip(columns, rows, strict=True)]
        painter.drawPolyline(QPolygonF(points))

    def sizeHint(self) -> QSize:
        """A graph of a few lines' height, one line where there is only a remark."""
        line = self.fontMetrics().height()
        return QSize(160, 4 * line if self._plotted else line + 4)

    def minimumSizeHint(self) -> QSize:
        """As high as preferred, any width."""
        return QSize(1, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the curve at the left and the remark beside it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        text_left = 0.0
        if self._plotted is not None:
            box = QRectF(2, 3, min(self.width() * 0.5, 6.0 * line), self.height() - 6)
            self._paint_curve(painter, box, self._plotted)
            text_left = box.right() + 8
        painter.setPen(QColor(self._tokens.muted))
        text_box = QRectF(text_left, 0, self.width() - text_left, self.height())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(text_box, flags | Qt.TextFlag.TextWordWrap, self._remark)
        painter.end()
