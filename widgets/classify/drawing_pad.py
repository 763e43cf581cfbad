"""A square to draw on with the mouse or a pen."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.base.theme import LIGHT, Tokens

Background = Literal["dark", "light"]

IMAGE_SIDE_PX = 280  # of the image handed out: ten times the 28 of MNIST
DRAWN_DELAY_MS = 120  # after a stroke, so that a word of strokes is not classified stroke by stroke
FIRST_PEN_PERCENT = 9  # of the side: with thinner strokes fewer drawn digits are recognised
_COLOURS: dict[Background, tuple[str, str]] = {
    "dark": ("#000000", "#ffffff"),  # paper, ink
    "light": ("#ffffff", "#000000"),
}


class DrawingPad(QWidget):
    """Keeps strokes, not pixels: they survive resizing and can be undone one by one.

    Signals
    -------
    drawn(QImage)
        Shortly after a stroke ended or was undone: the drawing, as `image` gives it.
    changing()
        A stroke began or was undone: what was drawn before is not what is on the pad any more.
    cleared()
        The pad is empty again.
    """

    drawn = Signal(object)
    changing = Signal()
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classify.pad")
        self.setAccessibleName("Drawing pad")
        self._tokens = LIGHT
        self._background: Background = "dark"
        self._pen_share = FIRST_PEN_PERCENT / 100
        self._strokes: list[
            tuple[float, list[QPointF]]
        ] = []  # pen and points as shares of the side
        self._is_drawing = False
        self._hint = "Draw here"
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAWN_DELAY_MS)
        self._timer.timeout.connect(self._emit_drawn)
        self.setCursor(Qt.CursorShape.CrossCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumSize(140, 140)

    def image(self) -> QImage:
        """Return the drawing, `IMAGE_SIDE_PX` square, RGB."""
        image = QImage(IMAGE_SIDE_PX, IMAGE_SIDE_PX, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        self._paint_drawing(painter, QRectF(image.rect()))
        painter.end()
        return image

    def is_empty(self) -> bool:
        """Say whether nothing is drawn."""
        return not self._strokes

    def set_background(self, background: Background) -> None:
        """Draw light on dark or dark on light, as the training pictures are."""
        self._background = background
        self.update()

    def set_pen_width(self, percent: int) -> None:
        """Draw the next strokes this wide, in percent of the side."""
        self._pen_share = percent / 100

    def set_hint(self, text: str) -> None:
        """Say on the empty pad what to draw."""
        self._hint = text
        self.update()

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme for the frame; paper and ink are the data's."""
        self._tokens = tokens
        self.update()

    def wipe(self) -> None:
        """Remove every stroke; emits nothing."""
        self._timer.stop()
        self._is_drawing = False
        self._strokes.clear()
        self.update()

    def clear(self) -> None:
        """Remove every stroke."""
        if self._strokes:
            self._strokes.clear()
            self._after_change()

    def undo_stroke(self) -> None:
        """Remove the last stroke."""
        if self._strokes:
            self._strokes.pop()
            self._after_change()

    def _after_change(self) -> None:
        self.update()
        if self._strokes:
            self.changing.emit()
            self._timer.start()
        else:
            self._timer.stop()
            self.cleared.emit()

    def _emit_drawn(self) -> None:
        self.drawn.emit(self.image())

    def _square(self) -> QRect:
        side = max(1, min(self.width(), self.height()))
        return QRect((self.width() - side) // 2, (self.height() - side) // 2, side, side)

    def _share(self, event: QMouseEvent) -> QPointF:
        square = self._square()
        at = event.position() - QPointF(square.topLeft())
        return QPointF(
            min(max(at.x() / square.width(), 0.0), 1.0),
            min(max(at.y() / square.height(), 0.0), 1.0),
        )

    def _paint_drawing(self, painter: QPainter, square: QRectF) -> None:
        paper, ink = _COLOURS[self._background]
        painter.fillRect(square, QColor(paper))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(square)
        side = square.width()
        for width, points in self._strokes:
            painter.setPen(
                QPen(
                    QColor(ink),
                    width * side,
                    Qt.PenStyle.SolidLine,
                    Qt.PenCapStyle.RoundCap,
                    Qt.PenJoinStyle.RoundJoin,
                )
            )
            line = [square.topLeft() + point * side for point in points]
            painter.drawPoint(line[0])  # a click leaves a dot; a line of no length leaves nothing
            painter.drawPolyline(QPolygonF(line))

    def sizeHint(self) -> QSize:
        """Ask for a square."""
        return QSize(IMAGE_SIDE_PX, IMAGE_SIDE_PX)

    def heightForWidth(self, width: int) -> int:
        """Be a square."""
        return width

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._timer.stop()
        self._is_drawing = True
        self._strokes.append((self._pen_share, [self._share(event)]))
        self.update()
        self.changing.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the stroke."""
        if self._is_drawing:
            self._strokes[-1][1].append(self._share(event))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        if self._is_drawing and event.button() == Qt.MouseButton.LeftButton:
            self._is_drawing = False
            self._after_change()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the drawing, or the hint."""
        painter = QPainter(self)
        square = self._square()
        self._paint_drawing(painter, QRectF(square))
        painter.setClipping(False)
        painter.setPen(QColor(self._tokens.muted))
        painter.drawRect(square.adjusted(0, 0, -1, -1))
        if not self._strokes:
            _, ink = _COLOURS[self._background]
            painter.setPen(QColor(ink))
            painter.drawText(
                square.adjusted(12, 12, -12, -12),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._hint,
            )
        painter.end()
