"""The learning rate over a run, drawn before the run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from widgets.base.labels import plain_tip
from widgets.base.theme import LIGHT, Tokens
from widgets.plots.axes import ValueAxis
from widgets.plots.curve import log_values
from widgets.plots.plot_view import dress_plot
from widgets.plots.ranges import Extent
from widgets.plots.small_plot import SmallPlot
from widgets.plots.table import Table

_LINES: Final = 8  # height in lines of text, the axis included
_MARGIN: Final = 0.05  # of the highest rate, above it
_PEN_PX: Final = 1.8


class RatePlot(SmallPlot):
    """A small curve of the rate of each step, from 0 up; the pointer reads it out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._rates: npt.NDArray[Any] = np.empty(0, np.float32)
        self._steps_per_epoch = 1
        self._curve = pg.PlotCurveItem(antialias=True)
        super().__init__(ValueAxis("bottom"), ValueAxis("left"))
        self.setParent(parent)
        self.setObjectName("plot.schedule")
        self.is_log = False
        self.setMouseTracking(True)
        plot = self.getPlotItem()
        plot.addItem(self._curve, ignoreBounds=True)
        plot.getAxis("bottom").setLabel("Epoch")
        self.fit_requested.connect(self._fit)
        self.log_scale_requested.connect(self.set_log_scale)
        self.set_theme(LIGHT)

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
        self._draw()
        self._fit()

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        dress_plot(self, tokens)
        self._curve.setPen(pg.mkPen(tokens.accent, width=_PEN_PX))

    def set_log_scale(self, on: bool) -> None:
        """Space rates by powers of ten; zero lies on the lower edge."""
        self.is_log = on
        self.getPlotItem().getAxis("left").setLogMode(y=on)
        self._draw()
        self._fit()

    def reading(self, x_px: float) -> str:
        """Return what the curve says at a column of the widget; "" beside the curve."""
        view_box = self.getPlotItem().getViewBox()
        box = view_box.sceneBoundingRect()
        if not len(self._rates) or not box.left() <= x_px <= box.right():
            return ""
        epoch = max(0.0, view_box.mapSceneToView(QPointF(x_px, box.center().y())).x())
        step = min(len(self._rates) - 1, int(epoch * self._steps_per_epoch))
        return f"{_text(float(self._rates[step]))} after {step / self._steps_per_epoch:.3g} epochs"

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

    # ---- Numbers ----

    @property
    def row_count(self) -> int:
        """A row for each step."""
        return len(self._rates)

    def take_table(self) -> Callable[[], Table]:
        """Return what makes the table of the rates of all steps."""
        return partial(_table, self._rates.copy(), self._steps_per_epoch)

    # ---- Inside ----

    @property
    def _epochs(self) -> float:
        return len(self._rates) / self._steps_per_epoch

    def _draw(self) -> None:
        """Draw no more points than there are columns of pixels."""
        width = self.width() * self.devicePixelRatioF()
        shares, rates = self.curve(max(2, int(width)))
        if len(rates) == 1:
            shares, rates = np.array([0.0, 1.0]), np.repeat(rates, 2)
        floor = Extent().joined(rates, self.is_log is True).floor
        self._curve.setData(
            shares * self._epochs, log_values(rates, floor) if self.is_log else rates
        )

    def _fit(self) -> None:
        _, rates = self._curve.getData()
        if rates is None or not len(rates):
            return
        low, high = float(rates.min()) if self.is_log else 0.0, float(rates.max())
        margin = _MARGIN * ((high - low) or 1.0)
        self.show_whole((0.0, self._epochs), (low - margin if self.is_log else 0.0, high + margin))

    # ---- Qt overrides ----

    def sizeHint(self) -> QSize:
        """A few lines high, as wide as there is room."""
        return QSize(160, _LINES * self.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw for as many pixels as there are now."""
        super().resizeEvent(event)
        if len(self._rates):
            self._draw()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read out the rate under the pointer."""
        super().mouseMoveEvent(event)
        text = self.reading(event.position().x())
        QToolTip.showText(event.globalPosition().toPoint(), plain_tip(text), self)


def _table(rates: npt.NDArray[Any], steps_per_epoch: int) -> Table:
    steps = np.arange(len(rates))
    return Table(("step", "epoch", "learning rate"), (steps, steps / steps_per_epoch, rates))


def _text(rate: float) -> str:
    return f"{rate:.3g}"  # as short as people write rates: 0.001, 5e-05
