"""The loss over the learning rate, as a range test finds it."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.training.diagnose.rate_range import HIGHEST, LOWEST, Doubles, RangeResult
from widgets.base.theme import LIGHT, Tokens
from widgets.plots.axes import ValueAxis
from widgets.plots.colours import mixed
from widgets.plots.plot_view import PlotView, dress_plot

_FAINT_SHARE: Final = 0.45  # of a curve's colour in that of single batches
_MARGIN: Final = 0.12  # of the range of losses, above and below
_LEAST_SPAN: Final = 1e-3  # of the highest loss: a flat curve is drawn flat


class RangePlot(QWidget):
    """Single batches, their smoothed course, and a mark at the suggested rate; rates by powers of ten."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plot.range")
        bottom, left = ValueAxis("bottom"), ValueAxis("left")
        self.plot_widget = PlotView(bottom, left)
        self.plot_widget.setMinimumSize(200, 120)
        self.plot = self.plot_widget.getPlotItem()
        self.plot_widget.is_log = False
        self.plot_widget.fit_requested.connect(self._fit)
        self.plot_widget.log_scale_requested.connect(self.set_log_scale)
        self._result: RangeResult | None = None
        bottom.setLabel("Learning rate")
        left.setLabel("Loss")
        self._batches = self.plot.plot(name="Batch")
        self._smoothed = self.plot.plot(name="Smoothed")
        self._mark = pg.InfiniteLine(angle=90, movable=False)
        self.plot.addItem(self._mark, ignoreBounds=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot_widget)
        self.set_theme(LIGHT)
        self.set_log_scale(False)

    def clear(self) -> None:
        """Show empty axes."""
        self._batches.clear()
        self._smoothed.clear()
        self._mark.hide()
        self._result = None
        self._fit()

    def show_result(self, result: RangeResult) -> None:
        """Show what was found so far."""
        self._batches.setData(result.rates, result.losses)
        self._smoothed.setData(result.rates, result.smoothed)
        self._mark.setVisible(result.suggestion is not None)
        if result.suggestion is not None:
            self._mark.setValue(math.log10(result.suggestion))
        self._result = result
        self._fit()

    def set_log_scale(self, on: bool) -> None:
        """Space losses by powers of ten, as rates are; what is not above 0 is left out."""
        self.plot_widget.is_log = on
        self.plot.setLogMode(x=True, y=on)
        self.plot.getViewBox().disableAutoRange()  # which the mode has enabled
        self._fit()

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        dress_plot(self.plot_widget, tokens)
        colour = tokens.series[0]
        faint = mixed(colour, tokens.surface, _FAINT_SHARE)
        self._batches.setPen(pg.mkPen(QColor(faint), width=1))
        self._smoothed.setPen(pg.mkPen(QColor(colour), width=2))
        self._mark.setPen(pg.mkPen(QColor(tokens.series[1]), width=2, style=Qt.PenStyle.DashLine))

    # ---- What is shown ----

    def drawn(self) -> tuple[Doubles, Doubles]:
        """Return the (n,) rates and the (n,) smoothed losses."""
        rates, losses = self._smoothed.getOriginalDataset()
        return (np.empty(0), np.empty(0)) if rates is None else (rates, losses)

    def _fit(self) -> None:
        """Show what is of interest in the losses, and all rates that are tried."""
        result, span = self._result, (0.0, 1.0)
        if result is not None:
            smoothed, losses = result.smoothed, result.losses
            if self.plot_widget.is_log:
                positive = (smoothed > 0) & (losses > 0)
                smoothed, losses = np.log10(smoothed[positive]), np.log10(losses[positive])
            if len(losses):
                span = _interesting(smoothed, losses)
        rates = (math.log10(LOWEST), math.log10(HIGHEST))
        self.plot.setRange(xRange=rates, yRange=span, padding=0)


def _interesting(smoothed: Doubles, losses: Doubles) -> tuple[float, float]:
    """Return the losses from the lowest to where the course began; how high it climbs at the end says nothing."""
    lowest = int(np.argmin(smoothed))
    low, high = float(smoothed[lowest]), float(smoothed[: lowest + 1].max())
    beginning = losses[: max(1, lowest)]
    low, high = min(low, float(losses[lowest])), max(high, float(beginning.max()))
    span = max(high - low, _LEAST_SPAN * abs(high), 1e-12)
    return low - _MARGIN * span, high + _MARGIN * span
