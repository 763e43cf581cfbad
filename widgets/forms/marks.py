"""The small round buttons beside a field: help, and back to the default."""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

Mark: TypeAlias = Literal["help", "reset"]


class MarkButton(QAbstractButton):
    """A button as high as a line of text; takes its colours from the palette."""

    def __init__(self, mark: Mark, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = mark
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        kept = self.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # so that no row moves when its button comes or goes
        self.setSizePolicy(kept)

    def sizeHint(self) -> QSize:
        """A square of one line."""
        side = self.fontMetrics().height()
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the sign; stronger under the pointer and with the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.underMouse() or self.hasFocus() or self.isChecked()
        role = QPalette.ColorRole.Link if lit else QPalette.ColorRole.PlaceholderText
        painter.setPen(QPen(self.palette().color(role), 1.3))
        side = min(self.width(), self.height()) - 4.0
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        if self._mark == "help":
            _paint_help(painter, box)
        else:
            _paint_reset(painter, box)
        painter.end()


def _paint_help(painter: QPainter, box: QRectF) -> None:
    painter.drawEllipse(box)
    middle = box.center()
    stem = box.height() / 4
    painter.drawLine(QPointF(middle.x(), middle.y() - 0.3), QPointF(middle.x(), middle.y() + stem))
    painter.drawPoint(QPointF(middle.x(), middle.y() - stem))


def _paint_reset(painter: QPainter, box: QRectF) -> None:
    ring = box.adjusted(1.5, 1.5, -1.5, -1.5)
    painter.drawArc(ring, 40 * 16, 280 * 16)  # sixteenths of a degree, open at the right
    tip = QPointF(ring.right() - 1, ring.center().y() - ring.height() * 0.3)
    painter.setBrush(painter.pen().color())
    size = box.height() / 4
    corners = [tip, QPointF(tip.x() - size, tip.y()), QPointF(tip.x(), tip.y() - size)]
    painter.drawPolygon(QPolygonF(corners))
