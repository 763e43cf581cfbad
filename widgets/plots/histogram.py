"""How the values of a tensor are distributed."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.base.steady_label import SteadyLabel
from widgets.base.theme import LIGHT, Tokens
from widgets.plots.axes import ValueAxis, WholeAxis
from widgets.plots.colours import mixed
from widgets.plots.plot_view import PlotView, dress_plot
from widgets.plots.ranges import Range, fitted
from widgets.plots.table import Table
from widgets.plots.wording import number_text

_FILL_SHARE = 0.55  # of the curve's colour over the background
_BINS = 40
_LEAST_COUNT = 0.5  # where bars stand on a log scale: a bin of one value can be seen
_LEAST_PX = (100, 84)  # of a plot whose numbers are still readable
_TITLED_PX = 120  # a lower plot has no room for a title under its axis


class _CountsPlot(PlotView):
    """A plot of (bins,) counts between (bins + 1,) edges, with a line at the mean."""

    def __init__(self, bottom: pg.AxisItem, left: pg.AxisItem) -> None:
        super().__init__(bottom, left)
        self.edges = np.array([0.0, 1.0])
        self.counts = np.zeros(1, dtype=np.int64)
        self.is_log = False
        self._bars = pg.PlotCurveItem(
            self.edges, self.counts, stepMode="center", fillLevel=0.0, fillOutline=True
        )
        self._mean = pg.InfiniteLine(angle=90)
        for item in (self._bars, self._mean):
            self.getPlotItem().addItem(item, ignoreBounds=True)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        dress_plot(self, tokens)
        colour = tokens.series[0]
        self._bars.setPen(pg.mkPen(colour))
        self._bars.setBrush(pg.mkBrush(mixed(colour, tokens.surface, _FILL_SHARE)))
        self._mean.setPen(pg.mkPen(tokens.text, style=Qt.PenStyle.DashLine))

    def show_counts(
        self, edges: npt.NDArray[np.float64], counts: npt.NDArray[np.int64], mean: float
    ) -> None:
        """Show counts; no line if the mean is not finite."""
        self.edges, self.counts = edges, counts
        self._bars.setFillLevel(self.placed(0))
        self._bars.setData(edges, self.placed(counts))
        self._mean.setVisible(math.isfinite(mean))
        if math.isfinite(mean):
            self._mean.setValue(mean)

    def placed(self, counts: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return where counts lie on the axis."""
        numbers = np.asarray(counts, np.float64)
        return np.log10(np.maximum(numbers, _LEAST_COUNT)) if self.is_log else numbers

    @property
    def row_count(self) -> int:
        """A row for each bin."""
        return len(self.counts)

    def take_table(self) -> Callable[[], Table]:
        """Return what makes the table of the counts shown now."""
        columns = self.edges[:-1].copy(), self.edges[1:].copy(), self.counts.copy()
        return partial(Table, ("from", "to", "count"), columns)


class HistogramView(QWidget):
    """Counts of values in even bins, with mean and standard deviation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[Range | None, Range | None] = (None, None)  # of values and counts
        self._follows = True  # the axes follow the values: the user did not move them
        self._mean = math.nan
        self._text = SteadyLabel()
        self._text.setMinimumWidth(1)
        self._text.setToolTip("Mean and standard deviation of all values")
        self._text.setAutoFillBackground(True)  # else all behind it is painted with it
        self._value_axis, self._count_axis = ValueAxis("bottom"), WholeAxis("left")
        self.plot_widget = _CountsPlot(self._value_axis, self._count_axis)
        self.plot_widget.setMinimumSize(*_LEAST_PX)
        self.plot = self.plot_widget.getPlotItem()
        self.plot.getViewBox().disableAutoRange()
        self._count_axis.setLabel("Count")
        self._value_axis.setLabel("Value")
        self.plot.sigRangeChangedManually.connect(self._on_moved)
        self.plot_widget.fit_requested.connect(self.show_everything)
        self.plot_widget.log_scale_requested.connect(self.set_log_scale)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._text)
        layout.addWidget(self.plot_widget, 1)
        self.set_theme(LIGHT)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self.plot_widget.set_theme(tokens)

    def set_log_scale(self, on: bool) -> None:
        """Space counts by powers of ten; a bin without values has no bar."""
        self.plot_widget.is_log = on
        self._count_axis.setLogMode(y=on)
        self._draw()
        self.show_everything()

    def show_everything(self) -> None:
        """Show all bars, also those to come."""
        self._follows, self._shown = True, (None, None)
        self._fit()

    def _on_moved(self, *_: object) -> None:
        self._follows = False

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
        self._mean = mean if known else math.nan
        self.plot_widget.edges = np.linspace(low, high, len(counts) + 1)
        self.plot_widget.counts = counts
        self._draw()
        self._text.setText(
            f"mean {number_text(mean)} · deviation {number_text(deviation)}"
            if known
            else "There is no finite value to count."
        )
        if self._follows:
            self._fit()

    def _draw(self) -> None:
        shown = self.plot_widget
        shown.show_counts(shown.edges, shown.counts, self._mean)

    def _fit(self) -> None:
        """Show all bars; an axis stays while they fit it well."""
        shown, (across, up) = self.plot_widget, self._shown
        ground, most = shown.placed([0, max(1, int(shown.counts.max(initial=0)))]).tolist()
        edges = shown.edges
        self._shown = fitted(float(edges[0]), float(edges[-1]), across), fitted(ground, most, up)
        if self._shown[0] != across:
            self.plot.setXRange(*self._shown[0], padding=0)
        if self._shown[1] != up:
            self.plot.setYRange(ground, self._shown[1][1], padding=0)  # bars stand on the axis

    def counts(self) -> npt.NDArray[np.int64]:
        """Return the (bins,) counts shown."""
        return self.plot_widget.counts

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
        return float(self.plot_widget.painted_s)
