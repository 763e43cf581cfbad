"""The curves of a chart as one picture that keeps what is drawn: a frame draws what is new."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyqtgraph as pg
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from widgets.plots.curve import Floats, Stroke
from widgets.plots.picture import show_now

_DOT_PX = 7.0
_MARGIN_PX = 6.0  # that a line or a dot reaches beyond its points, at most
_FAR_PX = 16_000.0  # beyond the picture; painters are slow with larger numbers


@dataclass(frozen=True)
class Frame:
    """Which part of the plot a picture shows, and how large the picture is.

    Attributes
    ----------
    first, last
        Steps at the left and right edge.
    bottom, top
        Values at the edges, by powers of ten if ``is_log``.
    width, height
        Of the picture, in logical pixels, ``ratio`` device pixels each.
    floor
        Smaller values lie here on a log scale.
    """

    first: float
    last: float
    bottom: float
    top: float
    width: float
    height: float
    ratio: float = 1.0
    is_log: bool = False
    floor: float = 0.0

    def x_px(self, steps: Floats | float) -> Any:
        """Return where steps lie, from the left."""
        return (steps - self.first) * (self.width / (self.last - self.first))

    def step(self, x_px: float) -> float:
        """Return the step at a place from the left."""
        return self.first + x_px * (self.last - self.first) / self.width

    def y_px(self, values: Floats) -> Floats:
        """Return where values lie, from the top."""
        shown = log_values(values, self.floor) if self.is_log else values
        scale = self.height / (self.top - self.bottom)
        return np.minimum(np.maximum((self.top - shown) * scale, -_FAR_PX), _FAR_PX)


def log_values(values: Floats, floor: float) -> Floats:
    """Return the powers of ten of values, those under ``floor`` raised to it."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log10(np.maximum(values, floor))


@lru_cache(maxsize=64)
def _pen(colour: str, width_px: float, cap: Qt.PenCapStyle = Qt.PenCapStyle.SquareCap) -> QPen:
    pen = QPen(QColor(colour), width_px)
    pen.setCapStyle(cap)
    return pen


def _fill(shapes: Any, *columns: Floats) -> None:
    """Fill an array of Qt's shapes with the (n,) numbers that each is made of."""
    shapes.resize(len(columns[0]))
    for place, column in enumerate(columns):
        shapes.ndarray()[:, place] = column


class CurveLayer(pg.GraphicsObject):  # type: ignore[misc] # pyqtgraph ships no types
    """A picture over a view box, between its grid and its marks.

    Attributes
    ----------
    frame
        What the picture shows; None before the first.
    """

    def __init__(self, view_box: pg.ViewBox) -> None:
        super().__init__()
        self.frame: Frame | None = None
        self._view_box = view_box
        self._picture = QImage()
        self._lines, self._dots = PrimitiveArray(QLineF, 4), PrimitiveArray(QPointF, 2)
        self.setZValue(-10)
        self.setParentItem(view_box)
        view_box.sigResized.connect(self.prepareGeometryChange)
        view_box.sigRangeChanged.connect(self._on_range)

    def strip(self, since: float) -> tuple[float, float]:
        """Return what must be drawn if all up to the step ``since`` stays.

        The left edge of the strip that changes, in logical pixels but at a whole device pixel, and the first step
        whose point reaches into it.
        """
        frame = self.frame
        if frame is None or since == -math.inf:
            return 0.0, -math.inf
        left = float(frame.x_px(since)) - _MARGIN_PX
        left = max(0.0, math.floor(left * frame.ratio) / frame.ratio)
        return left, frame.step(left - _MARGIN_PX)

    def clear(self) -> None:
        """Show nothing."""
        self.frame = None
        self.update()

    def draw(self, frame: Frame, strokes: Iterable[Stroke], left_px: float = 0.0) -> None:
        """Draw strokes, the first at the back; left of ``left_px`` the picture of the same frame stays."""
        self.frame = frame
        size = math.ceil(frame.width * frame.ratio), math.ceil(frame.height * frame.ratio)
        if (self._picture.width(), self._picture.height()) != size:
            self._picture = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
        self._picture.setDevicePixelRatio(frame.ratio)
        strip = QRectF(left_px, 0, frame.width - left_px + 1, frame.height + 1)
        painter = QPainter(self._picture)
        painter.setClipRect(strip)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.fillRect(strip, Qt.GlobalColor.transparent)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        for stroke in strokes:
            self._paint_stroke(painter, frame, stroke)
        painter.end()
        show_now(self, strip)

    def _paint_stroke(self, painter: QPainter, frame: Frame, stroke: Stroke) -> None:
        x, y = frame.x_px(stroke.x), frame.y_px(stroke.y)
        finite = np.isfinite(y)
        joined: Any = slice(None) if finite.all() else finite[:-1] & finite[1:]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, stroke.is_fine)
        painter.setPen(_pen(stroke.colour, stroke.width_px))
        # Joined thick lines took 22 ms to paint at double resolution, separate segments 4 ms.
        _fill(self._lines, x[:-1][joined], y[:-1][joined], x[1:][joined], y[1:][joined])
        painter.drawLines(*self._lines.drawargs())
        if stroke.has_dots:
            painter.setPen(_pen(stroke.colour, _DOT_PX, Qt.PenCapStyle.RoundCap))
            _fill(self._dots, x[finite], y[finite])
            painter.drawPoints(*self._dots.drawargs())

    def _on_range(self, *_: object) -> None:
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the whole of the view box."""
        return QRectF(0, 0, self._view_box.width(), self._view_box.height())

    def paint(self, painter: QPainter, *_: object) -> None:
        """Show the picture where its frame lies now: the view may have moved since."""
        if self.frame is None:
            return
        frame, ((first, last), (bottom, top)) = self.frame, self._view_box.viewRange()
        width, height = self._view_box.width(), self._view_box.height()
        shown = (first, last, bottom, top, width, height)
        if shown == (frame.first, frame.last, frame.bottom, frame.top, frame.width, frame.height):
            painter.drawImage(QPointF(0, 0), self._picture)
            return
        across, up = width / (last - first), height / (top - bottom)
        place = QRectF(
            (frame.first - first) * across,
            (top - frame.top) * up,
            (frame.last - frame.first) * across,
            (frame.top - frame.bottom) * up,
        )
        painter.drawImage(place, self._picture)
