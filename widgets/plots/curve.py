"""One curve of a chart: what it shows, and the pyqtgraph items that show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from widgets.plots.colours import mixed
from widgets.plots.legend import Mark
from widgets.plots.series import Series
from widgets.theme import Tokens

Floats = npt.NDArray[Any]  # float32 or float64

_MOST_MARKERS = 120  # more would be a thick line and paint slowly
_PIXELS_A_POINT = 3  # of a smoothed line
_DENSE_WIDTH_PX = 1.0  # of a line that goes up and down in every pixel
_PEN_WIDTHS_PX = {"band": 1.0, "thin": 1.0, "line": 2.0, "markers": 1.5}
_FAINT_SHARE = {"band": 0.38, "thin": 0.6}  # of the colour over the background
_ORDER = {"band": 0, "thin": 1, "line": 2, "markers": 3}


@dataclass(frozen=True)
class Curve:
    """How a series is drawn.

    Attributes
    ----------
    title
        Name in the legend.
    colour
        Index into `Tokens.series`, taken modulo its length.
    mark
        ``band``: lows and highs; ``line``: the mean over the chart's smoothing window; ``thin``: a
        thin line; ``markers``: a line with a dot at every point.
    """

    title: str
    colour: int
    mark: Mark


@dataclass(frozen=True)
class Window:
    """The part of a chart on screen: steps, width in device pixels, points smoothed over."""

    first: float
    last: float
    pixels: int
    smoothing: int = 1


@dataclass(frozen=True)
class Drawn:
    """What a curve draws: (n,) steps, (n,) values."""

    x: Floats
    y: Floats


class _Line(pg.PlotCurveItem):  # type: ignore[misc] # pyqtgraph ships no types
    """A line that takes all that is shown for its own: to find its true bounds cost as much as to paint it."""

    def boundingRect(self) -> QRectF:
        """Return all that is shown."""
        view = self.getViewBox()
        return QRectF() if view is None else QRectF(view.viewRect())


class CurveItem:
    """A curve on a plot; several may read the same series."""

    def __init__(self, curve: Curve, series: Series, plot: pg.PlotItem, tokens: Tokens) -> None:
        self.curve = curve
        self.series = series
        self.drawn = Drawn(np.empty(0), np.empty(0))
        self._plot = plot
        self._line = _Line(connect="finite")
        # Joined thick lines took 22 ms to paint at double resolution, separate segments 4 ms.
        self._line.setSegmentedLineMode("on")
        self._is_dense = False
        self._state: tuple[int, Window] | None = None
        self._is_new = True  # what was read last is not what was drawn last
        self._transformed: Callable[[Floats], Floats] | None = None
        self._dots = pg.ScatterPlotItem(size=7, pen=None) if curve.mark == "markers" else None
        for item in self._items():
            item.setZValue(10 + _ORDER[curve.mark])
            plot.addItem(item, ignoreBounds=True)
        self.set_theme(tokens)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self.colour = tokens.series[self.curve.colour % len(tokens.series)]
        share = _FAINT_SHARE.get(self.curve.mark)
        if share is not None:
            self.colour = mixed(self.colour, tokens.surface, share)
        self._set_pen()
        if self._dots is not None:
            self._dots.setBrush(pg.mkBrush(QColor(self.colour)))

    def _set_pen(self) -> None:
        width = _DENSE_WIDTH_PX if self._is_dense else _PEN_WIDTHS_PX[self.curve.mark]
        self._line.setPen(pg.mkPen(QColor(self.colour), width=width))

    def read(self, window: Window) -> Drawn:
        """Take from the series what the window shows, and keep it as ``drawn``."""
        state = (self.series.version, window)
        self._is_new = state != self._state
        if not self._is_new:
            return self.drawn
        self._state = state
        if self.curve.mark == "line":
            x, y = self.series.smoothed(
                window.first, window.last, window.pixels // _PIXELS_A_POINT, window.smoothing
            )
            self.drawn = Drawn(x, y)
        else:
            step, low, high = self.series.view(window.first, window.last, window.pixels)
            if np.array_equal(low, high, equal_nan=True):
                self.drawn = Drawn(step, low)
            else:  # a zigzag between low and high fills the band
                self.drawn = Drawn(np.repeat(step, 2), np.stack([low, high], axis=1).ravel())
        return self.drawn

    def draw(self, transformed: Callable[[Floats], Floats]) -> None:
        """Put what was read on screen, values transformed to the plot's coordinate."""
        if not self._is_new and transformed is self._transformed:
            return  # it is there: epochs come more rarely than frames
        self._transformed = transformed
        x, y = self.drawn.x, transformed(self.drawn.y)
        few = len(x) <= _MOST_MARKERS
        is_dense = self.curve.mark != "line" and not few
        if is_dense != self._is_dense:
            self._is_dense = is_dense
            self._set_pen()
        # Where lines touch anyway, edges need no smoothing, which is most of what a line costs.
        self._line.setData(x, y, antialias=not is_dense)
        if self._dots is not None:
            finite = np.isfinite(y) if few else np.zeros(len(y), dtype=bool)
            self._dots.setData(x[finite], y[finite])

    def remove(self) -> None:
        """Take the curve off its plot."""
        for item in self._items():
            self._plot.removeItem(item)

    def _items(self) -> list[Any]:
        return [self._line] if self._dots is None else [self._line, self._dots]
