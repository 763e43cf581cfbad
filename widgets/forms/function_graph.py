"""A small graph of a function with a remark beside it, drawn beneath a form's field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from widgets.base.labels import plain_label
from widgets.base.theme import LIGHT, Tokens
from widgets.plots.axes import ValueAxis
from widgets.plots.plot_view import dress_plot
from widgets.plots.small_plot import SmallPlot

Numbers: TypeAlias = npt.NDArray[np.float64]

_POINTS: Final = 161
_LEAST_HEIGHT: Final = 0.2  # of the values, on each side of 0
_MARGIN: Final = 0.04  # of the values, above and below
_LINES: Final = 4  # height in lines of text
_WIDTH_LINES: Final = 6
_SPACE_PX: Final = 8
_PEN_PX: Final = 1.8


@dataclass(frozen=True)
class Plotted:
    """A function and the part of it that is drawn.

    Attributes
    ----------
    values
        (n,) inputs -> (n,) outputs.
    low, high
        The first and the last input.
    highest
        Outputs are cut off above it, and below its negative.
    """

    values: Callable[[Numbers], Numbers]
    low: float
    high: float
    highest: float


class FunctionGraph(QWidget):
    """The curve at the left, a remark beside it; hidden while there is no remark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = LIGHT
        self._plot: _FunctionPlot | None = (
            None  # made when a function is first shown: it takes 9 ms
        )
        self._has_curve = False
        self._remark = plain_label(wrap=True, tone="muted")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(1)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 2, 0, 2)
        self._row.setSpacing(_SPACE_PX)
        self._row.addWidget(self._remark, 1)

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        if self._plot is not None:
            self._plot.set_theme(tokens)

    def show_function(self, name: str, plotted: Plotted | None, remark: str) -> None:
        """Show a function, or its remark alone; without a remark nothing."""
        self._remark.setText(remark)
        self.setVisible(bool(remark))
        self.setAccessibleName(f"{name}: {remark}" if remark else "")
        self._has_curve = plotted is not None
        if plotted is not None:
            if self._plot is None:
                self._plot = _FunctionPlot()
                self._plot.set_theme(self._tokens)
                self._row.insertWidget(0, self._plot, 0)
            self._plot.show_function(name, plotted)
        if self._plot is not None:
            self._plot.setVisible(self._has_curve)
            self._plot.setFixedWidth(_WIDTH_LINES * self.fontMetrics().height())
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """A graph of a few lines' height, one line where there is only a remark."""
        line = self.fontMetrics().height()
        return QSize(160, _LINES * line if self._has_curve else line + 4)

    def minimumSizeHint(self) -> QSize:
        """As high as it wishes, any width."""
        return QSize(1, self.sizeHint().height())


class _FunctionPlot(SmallPlot):
    """A curve with lines at zero."""

    def __init__(self) -> None:
        super().__init__(ValueAxis("bottom"), ValueAxis("left"))
        self.setObjectName("plot.function")
        self._zeros = [pg.InfiniteLine(angle=angle) for angle in (0, 90)]
        self._curve = pg.PlotCurveItem(antialias=True)
        plot = self.getPlotItem()
        for item in (*self._zeros, self._curve):
            plot.addItem(item, ignoreBounds=True)
        for side in ("left", "bottom"):
            plot.hideAxis(side)
        plot.layout.setContentsMargins(1, 1, 1, 1)
        self.fit_requested.connect(self._fit)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        dress_plot(self, tokens, grid=False)
        for line in self._zeros:
            line.setPen(pg.mkPen(tokens.faint))
        self._curve.setPen(pg.mkPen(tokens.accent, width=_PEN_PX))

    def show_function(self, name: str, plotted: Plotted) -> None:
        """Show a function over its inputs."""
        x = np.linspace(plotted.low, plotted.high, _POINTS)
        y = np.clip(plotted.values(x), -plotted.highest, plotted.highest)
        self._curve.setData(x, y, name=name)
        self._fit()

    def _fit(self) -> None:
        x, y = self._curve.getData()
        low, high = min(float(y.min()), -_LEAST_HEIGHT), max(float(y.max()), _LEAST_HEIGHT)
        margin = _MARGIN * (high - low)
        self.show_whole((float(x[0]), float(x[-1])), (low - margin, high + margin))

    def sizeHint(self) -> QSize:
        """Qt: a few lines."""
        line = self.fontMetrics().height()
        return QSize(_WIDTH_LINES * line, _LINES * line)
