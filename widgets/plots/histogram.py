"""How the values of a tensor are distributed."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.base.steady_label import SteadyLabel
from widgets.base.theme import LIGHT, Tokens
from widgets.plots.axes import ValueAxis, WholeAxis
from widgets.plots.colours import mixed
from widgets.plots.overlay import Overlay
from widgets.plots.plot_view import PlotView, dress_plot, grid_colour, tick_lines
from widgets.plots.ranges import Range, fitted
from widgets.plots.wording import number_text

_FILL_SHARE = 0.55  # of the curve's colour over the background
_BINS = 40
_LEAST_PX = (100, 84)  # of a plot whose numbers are still readable
_TITLED_PX = 120  # a lower plot has no room for a title under its axis


class HistogramView(QWidget):
    """Counts of values in even bins, with mean and standard deviation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts = np.zeros(1, dtype=np.int64)
        self._edges = np.array([0.0, 1.0])
        self._shown: tuple[Range | None, Range | None] = (None, None)  # of values and counts
        self._text = SteadyLabel()
        self._text.setMinimumWidth(1)
        self._text.setToolTip("Mean and standard deviation of all values")
        self._text.setAutoFillBackground(True)  # else all behind it is painted with it
        left, bottom = WholeAxis("left"), ValueAxis("bottom")
        self.plot_widget = PlotView(bottom, left)
        self.plot_widget.setMinimumSize(*_LEAST_PX)
        self.plot = self.plot_widget.getPlotItem()
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.getViewBox().disableAutoRange()
        left.setLabel("Count")
        bottom.setLabel("Value")
        self._value_axis = bottom
        self._bars = _Bars(self.plot_widget, (bottom, left))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._text)
        layout.addWidget(self.plot_widget, 1)
        self.set_theme(LIGHT)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        dress_plot(self.plot_widget, tokens, grid=False)
        self._bars.set_theme(tokens)

    def show_values(self, values: npt.ArrayLike) -> None:
        """Count values of any shape; NaN and infinity are left out."""
        finite = np.asarray(values, dtype=np.float64).ravel()
        finite = finite[np.isfinite(finite)]
        if not len(finite):
            self.show_counts(np.zeros(_BINS, dtype=np.int64), *[math.nan] * 4)
            return
        low, high = float(finite.min()), float(finite.max())
        counts, _ = np.histogram(finite, bins=_BINS, range=(low, high))
        self.show_counts(counts, low, high, float(finite.mean()), float(finite.std()))

    def show_counts(
        self,
        counts: npt.NDArray[np.int64],
        minimum: float,
        maximum: float,
        mean: float,
        deviation: float,
    ) -> None:
        """Show (bins,) counts between ``minimum`` and ``maximum``; all zero: no finite value."""
        known = bool(counts.any()) and math.isfinite(minimum) and math.isfinite(maximum)
        low, high = (minimum, maximum) if known else (-1.0, 1.0)
        if low == high:  # all values equal: one bar around them
            half = abs(low) * 0.05 or 0.5
            low, high = low - half, high + half
        self._counts, self._edges = counts, np.linspace(low, high, len(counts) + 1)
        self._bars.show_counts(self._edges, counts, mean if known else math.nan)
        self._text.setText(
            f"mean {number_text(mean)} · deviation {number_text(deviation)}"
            if known
            else "There is no finite value to count."
        )
        self._fit(low, high, max(1, int(counts.max(initial=0))))

    def _fit(self, low: float, high: float, most: int) -> None:
        """Show all bars; an axis stays while they fit it well."""
        across, up = self._shown
        self._shown = fitted(low, high, across), fitted(0, most, up)
        if self._shown[0] != across:
            self.plot.setXRange(*self._shown[0], padding=0)
        if self._shown[1] != up:
            self.plot.setYRange(0, self._shown[1][1], padding=0)  # bars stand on the axis

    def counts(self) -> npt.NDArray[np.int64]:
        """Return the (bins,) counts shown."""
        return self._counts

    def text(self) -> str:
        """Return the line above the bars."""
        return self._text.text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the title of the values where the bars need its room."""
        super().resizeEvent(event)
        self._value_axis.showLabel(self.height() >= _TITLED_PX)

    @property
    def painted_s(self) -> float:
        """Seconds of this thread that painting took so far."""
        return float(self.plot_widget.painted_s) + self._bars.painted_s


class _Bars(Overlay):
    """Counts as bars, and a line at the mean."""

    def __init__(self, plot: PlotView, axes: tuple[pg.AxisItem, pg.AxisItem]) -> None:
        super().__init__(plot)
        self._axes = axes
        self._tokens = LIGHT
        self._edges = np.zeros(0)
        self._counts = np.zeros(0, np.int64)
        self._mean = math.nan
        self._grid: list[QLineF] = []
        self._view_box.sigRangeChanged.connect(self._lay_grid)
        self._view_box.sigResized.connect(self._lay_grid)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        self.update()

    def show_counts(
        self, edges: npt.NDArray[np.float64], counts: npt.NDArray[np.int64], mean: float
    ) -> None:
        """Show (bins,) counts between (bins + 1,) edges; no line if the mean is not finite."""
        self._edges, self._counts, self._mean = edges, counts, mean
        self.update()

    def _lay_grid(self, *_: object) -> None:
        self._grid = [QLineF(*ends) for ends in tick_lines(self._axes, self._view_box)]

    def draw(self, painter: QPainter, _part: QRect) -> None:
        """Draw the steps from bar to bar, filled down to zero."""
        (left, right), (bottom, top) = self.view_range
        across, up = self.width() / (right - left), self.height() / (top - bottom)
        tokens = self._tokens
        painter.fillRect(self.rect(), QColor(tokens.surface))
        painter.setPen(QColor(grid_colour(tokens)))
        painter.drawLines(self._grid)
        x = np.repeat((self._edges - left) * across, 2)[1:-1]
        y = np.repeat((top - self._counts) * up, 2)
        ground = top * up
        outline = [QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)]
        if outline:
            ends = [QPointF(x[-1], ground), QPointF(x[0], ground)]
            painter.setPen(QColor(tokens.series[0]))
            painter.setBrush(QColor(mixed(tokens.series[0], tokens.surface, _FILL_SHARE)))
            painter.drawPolygon([*outline, *ends])
        if math.isfinite(self._mean):
            at = (self._mean - left) * across
            painter.setPen(QPen(QColor(tokens.text), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QLineF(at, 0, at, self.height()))
