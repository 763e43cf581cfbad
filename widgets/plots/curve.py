"""One curve of a chart: how it is drawn, and what of its series a window shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPaintEngine, QPainter

from widgets.base.theme import Tokens
from widgets.plots.colours import mixed
from widgets.plots.legend import Mark
from widgets.plots.pyramid import bucket_width
from widgets.plots.series import Series

Floats = npt.NDArray[Any]  # float32 or float64

DOT_PX = 7.0
_MOST_MARKERS = 120  # more would be a thick line and paint slowly
_PIXELS_A_POINT = 2  # of a smoothed line, at least
_DENSE_WIDTH_PX = 1.0  # of a line that goes up and down in every pixel
_PEN_WIDTHS_PX = {"band": 1.0, "thin": 1.0, "line": 2.0, "markers": 1.5}
_FAINT_SHARE = {"band": 0.38, "thin": 0.6}  # of the colour over the background
_ORDER = {"band": 0, "thin": 1, "line": 2, "markers": 3}


_FIXED = 5  # fields of a `Cut` that differ where more changed than that points were added


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

    @property
    def order(self) -> int:
        """Its place from back to front."""
        return _ORDER[self.mark]


class Window(NamedTuple):
    """The part of a chart on screen: steps, width in device pixels, points smoothed over."""

    first: float
    last: float
    pixels: int
    smoothing: int = 1


class Cut(NamedTuple):
    """The points of a series that a window shows, and how they are thinned out.

    Attributes
    ----------
    start, stop
        Index of the first point and the one after the last.
    spacing
        Points that become one: a bucket's, or from one point of a smoothed line to the next.
    smoothing
        Points that a smoothed line is the mean of.
    is_dense
        There are too many points to show each.
    rewinds, version
        Of the series, see `Series`.
    """

    start: int
    spacing: int
    smoothing: int
    is_dense: bool
    rewinds: int
    stop: int
    version: int

    def grew_from(self, other: Cut) -> bool:
        """Say whether points were added at the end since ``other``, or nothing at all, and nothing else changed."""
        return self[:_FIXED] == other[:_FIXED]

    @property
    def settled(self) -> int:
        """Index up to which nothing changes when points are added."""
        return max(self.start, ((self.stop - 1) // self.spacing - 1) * self.spacing)


class Stroke(NamedTuple):
    """What a curve draws: (n,) steps and (n,) values, and with what.

    Attributes
    ----------
    has_dots
        A dot marks each point.
    is_fine
        Edges are smoothed. Where lines touch anyway they need no smoothing, which is most of what a line costs.
    """

    x: Floats
    y: Floats
    colour: str
    width_px: float
    has_dots: bool
    is_fine: bool


class Trace(pg.GraphicsObject):  # type: ignore[misc] # pyqtgraph ships no types
    """A curve in a plot, with its series; several may read the same series.

    On screen the `CurveLayer` draws all curves in one picture, and the item itself has no contents, which costs a
    frame nothing. In a file it draws itself, as lines.

    Attributes
    ----------
    colour
        ``#rrggbb`` in the theme at hand.
    shown
        What is on screen, None before the first frame.
    floor
        Where smaller values lie on a log scale; None: the scale is even.
    """

    def __init__(self, curve: Curve, series: Series, tokens: Tokens) -> None:
        super().__init__()
        self.curve = curve
        self.series = series
        self.shown: Cut | None = None
        self.floor: float | None = None
        self.setFlag(self.GraphicsItemFlag.ItemHasNoContents)
        self.setZValue(curve.order)
        self.set_theme(tokens)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self.colour = tokens.series[self.curve.colour % len(tokens.series)]
        share = _FAINT_SHARE.get(self.curve.mark)
        if share is not None:
            self.colour = mixed(self.colour, tokens.surface, share)

    def cut(self, window: Window) -> Cut:
        """Return what of the series a window shows."""
        start, stop = self.series.span(window.first, window.last)
        is_line = self.curve.mark == "line"
        spacing = bucket_width(stop - start, window.pixels // (_PIXELS_A_POINT if is_line else 1))
        is_dense = not is_line and stop - start > _MOST_MARKERS
        series = self.series
        return Cut(start, spacing, window.smoothing, is_dense, series.rewinds, stop, series.version)

    def read(self, cut: Cut, since: float = -np.inf) -> tuple[Floats, Floats]:
        """Return the (n,) steps and (n,) values of a cut, from the last point before the step ``since`` on."""
        start = cut.start
        if since > -np.inf:
            whole = self.series.position(int(since)) // cut.spacing - 1
            start = min(max(start, whole * cut.spacing), cut.stop)
        if self.curve.mark == "line":
            return self.series.smoothed(start, cut.stop, cut.spacing, cut.smoothing)
        step, low, high = self.series.view(start, cut.stop, cut.spacing)
        if cut.spacing == 1:
            return step, low
        return _in_turn(step, step), _in_turn(low, high)  # a zigzag, which fills the band

    def stroke(self, cut: Cut, x: Floats, y: Floats) -> Stroke:
        """Return how points that were read are drawn."""
        return Stroke(
            x,
            y,
            self.colour,
            _DENSE_WIDTH_PX if cut.is_dense else _PEN_WIDTHS_PX[self.curve.mark],
            has_dots=self.curve.mark == "markers" and not cut.is_dense,
            is_fine=not cut.is_dense,
        )

    # ---- What pyqtgraph asks of an item ----

    def __len__(self) -> int:
        return len(self.series)

    def __bool__(self) -> bool:
        return True

    def implements(self, interface: str | None = None) -> bool | list[str]:
        """Say that the item has points."""
        return ["plotData"] if interface is None else interface == "plotData"

    def name(self) -> str:
        """Return the name in the legend."""
        return self.curve.title

    def getData(self) -> tuple[Floats, Floats]:
        """Return the (n,) steps and (n,) values of all points, whatever is on screen."""
        return self.take_data()()

    def take_data(self) -> Callable[[], tuple[Floats, Floats]]:
        """Return what makes the points of now, in whatever thread it is called: to smooth many takes seconds."""
        steps, values = self.series.points()
        smoothing = 1 if self.shown is None or self.curve.mark != "line" else self.shown.smoothing
        return partial(_smoothed, steps.copy(), values.copy(), smoothing)

    def dataBounds(
        self, axis: int, frac: float = 1.0, orthoRange: object = None
    ) -> tuple[float, float] | tuple[None, None]:
        """Return the first and the last step (axis 0), or the smallest and the largest value."""
        del frac, orthoRange
        numbers = self.getData()[axis]
        finite = numbers[np.isfinite(numbers)]
        if not finite.size:
            return None, None
        ends = np.array([finite.min(), finite.max()])
        low, high = self._placed(ends) if axis else ends
        return float(low), float(high)

    def _placed(self, values: Floats) -> Floats:
        return values if self.floor is None else log_values(values, self.floor)

    def setExportMode(self, export: bool, opts: dict[str, Any] | None = None) -> None:
        """Draw for a file, or leave it to the layer again."""
        super().setExportMode(export, opts)
        self.prepareGeometryChange()
        self.setFlag(self.GraphicsItemFlag.ItemHasNoContents, not export)

    def boundingRect(self) -> QRectF:
        """Return what the view shows, in an export; on screen nothing is drawn."""
        shown = self.viewRect() if self._exportOpts else None
        return QRectF() if shown is None else shown

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw lines and dots, in pixels of the view box: a drawing writes few digits of a coordinate."""
        if self.shown is None or not self._exportOpts:
            return
        stroke = self.stroke(self.shown, *self.read(self.shown))
        placed = self.getViewBox().childTransform()
        x = stroke.x * placed.m11() + placed.dx()
        y = self._placed(stroke.y) * placed.m22() + placed.dy()
        painter.setTransform(placed.inverted()[0], True)
        scale = self._exportOpts.get("resolutionScale", 1.0)
        painter.setPen(pg.mkPen(stroke.colour, width=scale * stroke.width_px))
        path = pg.arrayToQPath(x, y, connect="finite")
        if painter.paintEngine().type() != QPaintEngine.Type.SVG:
            # The corners of a thick line that goes up and down in every pixel took seconds.
            painter.drawLines(_segments(x, y))
        elif not path.isEmpty():
            painter.drawPath(path)
        if stroke.has_dots:
            pen = pg.mkPen(stroke.colour, width=scale * DOT_PX)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            known = np.isfinite(y)
            dots = zip(x[known].tolist(), y[known].tolist(), strict=True)
            painter.drawPoints([QPointF(*dot) for dot in dots])


def _smoothed(steps: Floats, values: Floats, smoothing: int) -> tuple[Floats, Floats]:
    if smoothing == 1 or not len(steps):
        return steps, values
    series = Series()
    series.append_at(steps, values)
    return series.smoothed(0, len(steps), 1, smoothing)


def log_values(values: Floats, floor: float) -> Floats:
    """Return the powers of ten of values, those under ``floor`` raised to it."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log10(np.maximum(values, floor))


def _segments(x: Floats, y: Floats) -> list[QLineF]:
    """Return the lines between neighbours of (n,) points both of which are finite."""
    points = np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=1)
    return [QLineF(*ends) for ends in points[np.isfinite(points).all(axis=1)].tolist()]


def _in_turn(first: Floats, second: Floats) -> Floats:
    """Return (2n,) numbers, those of two arrays (n,) in turn."""
    both = np.empty(2 * first.size)
    both[0::2], both[1::2] = first, second
    return both
