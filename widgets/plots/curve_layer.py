"""The curves of a chart as one picture that keeps what is drawn: a frame draws what is new."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar, cast

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from shiboken6 import wrapInstance

from widgets.base.theme import LIGHT, Tokens
from widgets.plots.curve import DOT_PX, Floats, Stroke, log_values
from widgets.plots.plot_view import PlotView, grid_colour, tick_lines

_MARGIN_PX = 6.0  # that a line or a dot reaches beyond its points, at most
_FAR_PX = 16_000.0  # beyond the picture; painters are slow with larger numbers
_MARK_LINES = 3  # labels of neighbouring marks stand on as many lines
_LABEL_GAP_PX = 4
_FIRST_SHAPES = 256
_COLUMNS = 24  # of a box, in each of which is looked for curves
_BEHIND = -10.0  # all that lies in the plot's coordinates
_SMOOTH = QPainter.RenderHint.Antialiasing

Shape = TypeVar("Shape", QLineF, QPointF)


class Frame(NamedTuple):
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

    def shows(
        self,
        view_range: tuple[tuple[float, float], tuple[float, float]],
        extent: tuple[float, float],
    ) -> bool:
        """Say whether this is what a view of that range and size shows."""
        return ((self.first, self.last), (self.bottom, self.top)) == view_range and (
            self.width,
            self.height,
        ) == extent

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

    def columns_with_curves(self, box: QRectF, curves: Iterable[tuple[Floats, Floats]]) -> int:
        """Return in how many of some columns of a box, in pixels, curves of (n,) steps and values lie; each counts."""
        steps: Floats = np.linspace(self.step(box.left()), self.step(box.right()), _COLUMNS)
        found = 0
        for x, y in curves:
            if len(x):
                values: Floats = np.interp(steps, x, y, math.nan, math.nan)
                height = self.y_px(values)
                found += int(((height >= box.top()) & (height <= box.bottom())).sum())
        return found


@lru_cache(maxsize=64)
def _pen(colour: str, width_px: float, cap: Qt.PenCapStyle = Qt.PenCapStyle.SquareCap) -> QPen:
    pen = QPen(QColor(colour), width_px)
    pen.setCapStyle(cap)
    return pen


class _Shapes(Generic[Shape]):
    """Many lines or points in one array, which Qt reads where it is: an object for each would cost more than all."""

    def __init__(self, kind: type[Shape], numbers: int) -> None:
        self._kind: type[Shape] = kind
        self._numbers = numbers
        self._make_room(_FIRST_SHAPES)

    def _make_room(self, count: int) -> None:
        self._room = np.empty((count, self._numbers))
        self._first: Shape = cast("Shape", wrapInstance(self._room.ctypes.data, self._kind))

    def of(self, *columns: Floats) -> tuple[Shape, int]:
        """Return the first of the shapes made of these (n,) numbers, and n; good until called again."""
        count = columns[0].size
        if count > len(self._room):
            self._make_room(2 * count)
        for place, column in enumerate(columns):
            self._room[:count, place] = column
        return self._first, count


class CurveLayer(pg.GraphicsObject):  # type: ignore[misc] # pyqtgraph ships no types
    """Grid, curves, marks and cursor of a plot, in pixels of its view box.

    In a file the curves draw themselves: see `Trace`.

    Attributes
    ----------
    frame
        What the picture of the curves shows; None before the first.
    view_range
        First and last step, bottom and top coordinate of the view box.
    extent
        Width and height of the view box in logical pixels, which need not be whole.
    """

    def __init__(self, plot: PlotView, axes: tuple[pg.AxisItem, pg.AxisItem]) -> None:
        super().__init__()
        self.frame: Frame | None = None
        self._axes = axes
        self.set_theme(LIGHT)
        self._picture = QImage()
        self._grid = _Shapes(QLineF, 4)
        self._grid_lines = self._grid.of(*np.empty((4, 0)))
        self._marks: list[tuple[str, int]] = []
        self._cursor_step: int | None = None
        self._lines, self._dots = _Shapes(QLineF, 4), _Shapes(QPointF, 2)
        self._view_box = plot.getPlotItem().getViewBox()
        self.setZValue(_BEHIND)
        self.setParentItem(self._view_box)
        self._view_box.sigResized.connect(self._on_resized)
        self._view_box.sigRangeChanged.connect(self._on_range)
        self._on_range(None, self._view_box.viewRange())
        self._on_resized()

    def _on_resized(self, *_: object) -> None:
        self.prepareGeometryChange()
        self.extent: tuple[float, float] = self._view_box.width(), self._view_box.height()

    def _on_range(self, _view_box: object, span: Sequence[Sequence[float]], *_: object) -> None:
        (first, last), (bottom, top) = span
        self.view_range = (first, last), (bottom, top)
        self.update()

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme; the curves follow when they are drawn next."""
        self._tokens = tokens
        self._surface = QColor(tokens.surface)
        self._grid_pen = _pen(grid_colour(tokens), 1.0)
        self.update()

    def show_marks(self, marks: Mapping[str, int]) -> None:
        """Draw a labelled vertical line at the step of each label."""
        self._marks = sorted(marks.items(), key=lambda mark: mark[1])
        self.update()

    def show_cursor(self, step: int | None) -> None:
        """Draw a vertical line at a step, or none."""
        if step != self._cursor_step:
            self._cursor_step = step
            self.update()

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
        self.frame, self._marks, self._cursor_step = None, [], None
        self.update()

    def draw_curves(self, frame: Frame, strokes: Iterable[Stroke], left_px: float = 0.0) -> None:
        """Draw strokes, the first at the back; left of ``left_px`` the picture of the same frame stays."""
        self.frame = frame
        # The view box may begin and end within a pixel: the picture reaches to that pixel's end.
        width, height = math.ceil(frame.width) + 1, math.ceil(frame.height) + 1
        if not left_px:
            self._begin_picture(width, height, frame.ratio)
        strip = QRectF(left_px, 0, width - left_px + 1, height + 1)
        painter = QPainter(self._picture)
        painter.setClipRect(strip)
        painter.fillRect(strip, self._surface)
        painter.setPen(self._grid_pen)
        painter.drawLines(*self._grid_lines)
        for stroke in strokes:
            self._paint_stroke(painter, frame, stroke)
        painter.end()
        self.update(left_px - 1, 0, width - left_px + 1, height)

    def _begin_picture(self, width: float, height: float, ratio: float) -> None:
        size = math.ceil(width * ratio), math.ceil(height * ratio)
        if (self._picture.width(), self._picture.height()) != size:
            self._picture = QImage(*size, QImage.Format.Format_RGB32)
        self._picture.setDevicePixelRatio(ratio)
        ends = np.array(tick_lines(self._axes, self._view_box)).reshape(-1, 4)
        self._grid_lines = self._grid.of(*ends.T)

    def _paint_stroke(self, painter: QPainter, frame: Frame, stroke: Stroke) -> None:
        x, y = frame.x_px(stroke.x), frame.y_px(stroke.y)
        finite = y == y  # neither NaN; they are never infinite
        if np.logical_and.reduce(finite):
            lines = x[:-1], y[:-1], x[1:], y[1:]
        else:
            joined = finite[:-1] & finite[1:]
            lines = x[:-1][joined], y[:-1][joined], x[1:][joined], y[1:][joined]
            x, y = x[finite], y[finite]
        painter.setRenderHint(_SMOOTH, stroke.is_fine)
        painter.setPen(_pen(stroke.colour, stroke.width_px))
        # Joined thick lines took 22 ms to paint at double resolution, separate segments 4 ms.
        painter.drawLines(*self._lines.of(*lines))
        if stroke.has_dots:
            painter.setPen(_pen(stroke.colour, DOT_PX, Qt.PenCapStyle.RoundCap))
            painter.drawPoints(*self._dots.of(x, y))

    # ---- On screen ----

    def boundingRect(self) -> QRectF:
        """Return the whole of the view box."""
        return QRectF(0, 0, *self.extent)

    def paint(self, painter: QPainter, *_: object) -> None:
        """Show the picture where its frame lies now, then marks and cursor: the view may have moved since."""
        frame = self.frame
        painter.setRenderHint(_SMOOTH, False)
        if self._exportOpts:
            painter.setPen(self._grid_pen)
            painter.drawLines([QLineF(*ends) for ends in tick_lines(self._axes, self._view_box)])
        elif frame is not None and frame.shows(self.view_range, self.extent):
            painter.drawImage(QPointF(), self._picture)
        else:
            painter.drawImage(self._place(), self._picture, self._shown_part())
        if self._marks:
            painter.setPen(QPen(QColor(self._tokens.muted), 1, Qt.PenStyle.DashLine))
        for number, (label, step) in enumerate(self._marks):
            self._paint_mark(painter, label, self._x_px(step), number % _MARK_LINES)
        if self._cursor_step is not None and not self._exportOpts:
            x = self._x_px(self._cursor_step)
            painter.setPen(QPen(QColor(self._tokens.muted), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QLineF(x, 0, x, self.extent[1]))

    def _shown_part(self) -> QRectF:
        """Return which part of the picture its frame is, in its pixels."""
        frame = self.frame
        if frame is None:
            return QRectF()
        return QRectF(0, 0, frame.width * frame.ratio, frame.height * frame.ratio)

    def _place(self) -> QRectF:
        """Return where the picture lies now; empty if there is none."""
        frame, ((first, last), (bottom, top)) = self.frame, self.view_range
        if frame is None:
            return QRectF()
        across, up = self.extent[0] / (last - first), self.extent[1] / (top - bottom)
        return QRectF(
            (frame.first - first) * across,
            (top - frame.top) * up,
            (frame.last - frame.first) * across,
            (frame.top - frame.bottom) * up,
        )

    def _x_px(self, step: float) -> float:
        (first, last), _ = self.view_range
        return (step - first) * self.extent[0] / (last - first)

    def _paint_mark(self, painter: QPainter, label: str, x: float, line: int) -> None:
        """Draw a mark with its label towards the middle, so that it is not cut off, and below its neighbour's."""
        painter.drawLine(QLineF(x, 0, x, self.extent[1]))
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(label) + 1, metrics.height()
        beside = x - _LABEL_GAP_PX - width if x > self.extent[0] / 2 else x + _LABEL_GAP_PX
        left = max(0.0, min(beside, self.extent[0] - width))
        painter.drawText(QRectF(left, line * height, width, height), 0, label)
