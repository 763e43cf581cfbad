"""The learning rate over a run, drawn before the run."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from widgets.base.labels import plain_tip
from widgets.base.theme import LIGHT, Tokens

_LINES: Final = 6  # height in lines of text, the axis included
_GAP_PX: Final = 4.0


class RatePlot(QWidget):
    """A small curve of the rate of each step, from 0 up; the pointer reads it out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plot.schedule")
        self._tokens = LIGHT
        self._rates: npt.NDArray[Any] = np.empty(0, np.float32)
        self._steps_per_epoch = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def show_rates(self, values: npt.NDArray[Any], steps_per_epoch: int) -> None:
        """Show the (steps,) learning rates of a run; an empty array empties the plot."""
        self._rates = np.asarray(values)
        self._steps_per_epoch = max(1, steps_per_epoch)
        if len(self._rates):
            first, top, last = (
                _text(float(rate)) for rate in (self._rates[0], self._rates.max(), self._rates[-1])
            )
            self.setAccessibleName(
                f"Learning rate over the run: begins at {first}, highest {top}, ends at {last}"
            )
        self.update()

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        self.update()

    def reading(self, x_px: float) -> str:
        """Return what the curve says at a column of the widget; "" beside the curve."""
        box = self._box()
        if not len(self._rates) or not box.left() <= x_px <= box.right():
            return ""
        share = (x_px - box.left()) / max(1.0, box.width())
        step = min(len(self._rates) - 1, int(share * len(self._rates)))
        epoch = step / self._steps_per_epoch
        return f"{_text(float(self._rates[step]))} after {epoch:.3g} epochs"

    def curve(self, columns: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Return (n,) shares of the run and (n,) rates to draw: lows and highs where steps share a column."""
        rates = self._rates
        count = len(rates)
        if count <= 2 * columns:
            return np.linspace(0.0, 1.0, count) if count > 1 else np.zeros(count), rates
        starts = np.linspace(0, count, columns, endpoint=False).astype(np.int64)
        pairs = np.stack([np.maximum.reduceat(rates, starts), np.minimum.reduceat(rates, starts)])
        shares = np.linspace(0.0, 1.0, 2 * columns)
        # A column that climbs is drawn from its low to its high, so that the line does not jump back.
        climbs = rates[np.append(starts[1:], count) - 1] > rates[starts]
        return shares, np.where(climbs, pairs[::-1], pairs).T.ravel()

    # ---- Inside ----

    def _box(self) -> QRectF:
        metrics = self.fontMetrics()
        top = float(self._rates.max()) if len(self._rates) else 0.0
        left = metrics.horizontalAdvance(_text(top)) + 2 * _GAP_PX
        bottom = self.height() - metrics.height() - _GAP_PX
        half_line = metrics.height() / 2
        return QRectF(left, half_line, max(1.0, self.width() - left - _GAP_PX), bottom - half_line)

    def _paint_axes(self, painter: QPainter, box: QRectF, top: float) -> None:
        painter.setPen(QPen(QColor(self._tokens.faint), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.drawLine(box.topLeft(), box.bottomLeft())
        painter.setPen(QColor(self._tokens.muted))
        line = self.fontMetrics().height()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for height, text in ((box.top(), _text(top)), (box.bottom(), "0")):
            painter.drawText(QRectF(0, height - line / 2, box.left() - _GAP_PX, line), right, text)
        below = QRectF(box.left(), box.bottom() + _GAP_PX / 2, box.width(), line)
        epochs = len(self._rates) / self._steps_per_epoch
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{epochs:,.4g} epochs")

    # ---- Qt overrides ----

    def sizeHint(self) -> QSize:
        """A few lines high, as wide as there is room."""
        return QSize(160, _LINES * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """As high as preferred, any width."""
        return QSize(1, self.sizeHint().height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read out the rate under the pointer."""
        text = self.reading(event.position().x())
        QToolTip.showText(event.globalPosition().toPoint(), plain_tip(text), self)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axes and curve."""
        if not len(self._rates):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box, top = self._box(), float(self._rates.max())
        self._paint_axes(painter, box, top)
        shares, rates = self.curve(max(2, int(box.width() * self.devicePixelRatioF())))
        columns = box.left() + shares * box.width()
        rows = box.bottom() - rates / (top or 1.0) * box.height()
        points = [QPointF(x, y) for x, y in zip(columns.tolist(), rows.tolist(), strict=True)]
        if len(points) == 1:
            points.append(QPointF(box.right(), points[0].y()))
        painter.setPen(QPen(QColor(self._tokens.accent), 1.8))
        painter.drawPolyline(QPolygonF(points))
        painter.end()


def _text(rate: float) -> str:
    return f"{rate:.3g}"  # as short as people write rates: 0.001, 5e-05
