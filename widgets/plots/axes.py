"""Axes and empty plots in the program's own dress."""

from __future__ import annotations

import math
import time

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsItem

from widgets.plots.colours import mixed
from widgets.theme import Tokens

_TICK_ROOM_PX = 8
_VALUE_ROOM_PX = 36
_COARSER = (2, 5, 10)  # times a spacing is a round one too
_GRID_SHARE = 0.6  # of the axis colour over the background


class WholeAxis(pg.AxisItem):  # type: ignore[misc] # pyqtgraph ships no types
    """An axis of whole numbers: no ticks between them, a comma every three digits."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)
        if orientation in ("bottom", "top"):
            _keep_room(self)

    def tickSpacing(
        self, lowest: float, highest: float, length_px: float
    ) -> list[tuple[float, float]]:
        """Keep the spacings that are whole numbers."""
        found = super().tickSpacing(lowest, highest, length_px)
        spacings = [pair for pair in found if pair[0] >= 1] or [(1.0, 0.0)]
        if self.orientation not in ("bottom", "top") or highest <= lowest:
            return spacings
        widest = QFontMetricsF(QApplication.font()).horizontalAdvance(f"{round(highest):,}")
        return _roomy(spacings, (widest + _TICK_ROOM_PX) * (highest - lowest) / max(1, length_px))

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Write whole numbers with a comma every three digits."""
        return [f"{round(value * scale):,}" for value in values]


class ValueAxis(pg.AxisItem):  # type: ignore[misc] # pyqtgraph ships no types
    """An axis of measured numbers, linear or by powers of ten."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)
        _keep_room(self)

    def tickSpacing(
        self, lowest: float, highest: float, length_px: float
    ) -> list[tuple[float, float]]:
        """Keep as many ticks as numbers have room one above the other."""
        spacings: list[tuple[float, float]] = super().tickSpacing(lowest, highest, length_px)
        if self.logMode or self.orientation not in ("left", "right") or highest <= lowest:
            return spacings
        least = QFontMetricsF(QApplication.font()).height() * (highest - lowest) / max(1, length_px)
        return _roomy(spacings, least)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Write the numbers, and get wider if they need it."""
        texts: list[str] = super().tickStrings(values, scale, spacing)
        metrics = QFontMetricsF(QApplication.font())
        needed = math.ceil(max(map(metrics.horizontalAdvance, texts), default=0.0))
        if needed > self.style["tickTextWidth"]:
            self.setStyle(tickTextWidth=needed)
        return texts

    def logTickStrings(self, values: list[float], scale: float, spacing: float | None) -> list[str]:
        """Write 1, 2 and 5 of each decade; the ticks between stay without a number."""
        return [_decade_text(value) for value in values]


def _roomy(spacings: list[tuple[float, float]], least: float) -> list[tuple[float, float]]:
    """Return the spacings of at least so much; if there are none, a round multiple of the coarsest."""
    coarsest, start = spacings[0]
    wider = (coarsest * next((n for n in _COARSER if coarsest * n >= least), 10), start)
    return [pair for pair in spacings if pair[0] >= least] or [wider]


def _keep_room(axis: pg.AxisItem) -> None:
    """Reserve room for the usual numbers; pyqtgraph lays out and paints a plot twice whenever a range changes."""
    height = math.ceil(QFontMetricsF(QApplication.font()).height())
    axis.setStyle(autoExpandTextSpace=False, tickTextWidth=_VALUE_ROOM_PX, tickTextHeight=height)


def _decade_text(exponent: float) -> str:
    power = math.floor(exponent + 1e-6)
    digit = round(10 ** (exponent - power))
    if digit not in (1, 2, 5):
        return ""
    return f"{digit * 10.0**power:.{max(0, -power)}f}" if -4 <= power < 5 else f"{digit}e{power}"


def tick_lines(
    axes: tuple[pg.AxisItem, pg.AxisItem], view_box: pg.ViewBox
) -> list[tuple[float, float, float, float]]:
    """Return the ends of a line at each tick of the bottom and the left axis, in pixels of the view box."""
    (first, last), (bottom, top) = view_box.viewRange()
    width, height = view_box.width(), view_box.height()
    if min(width, height) <= 0:
        return []
    columns, rows = (
        axis.tickValues(*span, length)[:1]
        for axis, span, length in zip(
            axes, ((first, last), (bottom, top)), (width, height), strict=True
        )
    )
    across = [(x - first) * width / (last - first) for _, ticks in columns for x in ticks]
    down = [(top - y) * height / (top - bottom) for _, ticks in rows for y in ticks]
    return [
        *((x, 0.0, x, height) for x in across),
        *((0.0, y, width, y) for y in down),
    ]


def grid_colour(tokens: Tokens) -> str:
    """Return the colour of lines at ticks."""
    return mixed(tokens.faint, tokens.surface, _GRID_SHARE)


class GridLines(pg.GraphicsObject):  # type: ignore[misc] # pyqtgraph ships no types
    """Lines at the ticks of two axes; a tenth of the cost of the axes' own grid, which every frame pays."""

    def __init__(self, bottom: pg.AxisItem, left: pg.AxisItem, view_box: pg.ViewBox) -> None:
        super().__init__()
        self._axes = (bottom, left)
        self._view_box = view_box
        self._pen = pg.mkPen()
        self._lines: list[QLineF] = []
        self.setZValue(-20)
        self.setVisible(False)  # until a plot wants lines
        self.setParentItem(view_box)  # in pixels, behind all that lies in the plot's coordinates
        view_box.sigRangeChanged.connect(self._lay_out)
        view_box.sigResized.connect(self._lay_out)

    def show_with(self, pen: QPen) -> None:
        """Draw the lines with a pen of one device pixel."""
        self._pen = pen
        self.setVisible(True)
        self._lay_out()

    def _lay_out(self, *_: object) -> None:
        if not self.isVisible():
            return
        self._lines = [QLineF(*ends) for ends in tick_lines(self._axes, self._view_box)]
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the whole of the view box."""
        return QRectF(0, 0, self._view_box.width(), self._view_box.height())

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw the lines."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self._pen)
        painter.drawLines(self._lines)


class PlotView(pg.PlotWidget):  # type: ignore[misc] # pyqtgraph ships no types
    """A plot without pyqtgraph's menu (it leaks) and without its buttons.

    Attributes
    ----------
    painted_s
        Seconds of this thread that painting took so far.
    """

    def __init__(self, bottom: pg.AxisItem, left: pg.AxisItem) -> None:
        super().__init__(axisItems={"bottom": bottom, "left": left}, enableMenu=False)
        self.painted_s = 0.0
        self.hideButtons()
        self.setFrameShape(QFrame.Shape.NoFrame)
        # It covers what is behind it: nothing there is to be painted with every frame.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.getPlotItem().getViewBox().setDefaultPadding(0.0)
        # Room for the halves of tick numbers that reach beyond the ends of the axes.
        self.getPlotItem().layout.setContentsMargins(2, _TICK_ROOM_PX, _TICK_ROOM_PX, 2)
        self._grid = GridLines(bottom, left, self.getPlotItem().getViewBox())
        for axis in (bottom, left):
            # Numbers were half of a frame's cost; they change with the range alone.
            axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def show_grid(self, colour: QColor) -> None:
        """Draw lines at the ticks."""
        self._grid.show_with(pg.mkPen(colour, width=1))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and count what it costs."""
        started = time.thread_time()
        super().paintEvent(event)
        self.painted_s += time.thread_time() - started


def new_plot(bottom: pg.AxisItem, left: pg.AxisItem) -> PlotView:
    """Return an empty plot with these axes."""
    return PlotView(bottom, left)


def dress_plot(widget: PlotView, tokens: Tokens, grid: bool = True) -> None:
    """Give a plot and its axes the colours of a theme."""
    widget.setBackground(QColor(tokens.surface))
    for name in ("left", "bottom", "top", "right"):
        axis = widget.getPlotItem().getAxis(name)
        axis.setPen(pg.mkPen(QColor(tokens.faint)))
        axis.setTextPen(pg.mkPen(QColor(tokens.muted)))
    if grid:
        widget.show_grid(QColor(grid_colour(tokens)))
