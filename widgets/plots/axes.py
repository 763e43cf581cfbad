"""Axes and empty plots in the program's own dress."""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame

from widgets.theme import Tokens

_TICK_ROOM_PX = 8
_GRID_OPACITY = 0.25  # of the axis colour, 0 to 1


class WholeAxis(pg.AxisItem):  # type: ignore[misc] # pyqtgraph ships no types
    """An axis of whole numbers: no ticks between them, a comma every three digits."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)

    def tickSpacing(  # noqa: N802 - pyqtgraph's name
        self, lowest: float, highest: float, length_px: float
    ) -> list[tuple[float, float]]:
        """Keep the spacings that are whole numbers."""
        spacings = super().tickSpacing(lowest, highest, length_px)
        return [pair for pair in spacings if pair[0] >= 1] or [(1.0, 0.0)]

    def tickStrings(  # noqa: N802 - pyqtgraph's name
        self, values: list[float], scale: float, spacing: float
    ) -> list[str]:
        """Write whole numbers with a comma every three digits."""
        return [f"{round(value * scale):,}" for value in values]


class ValueAxis(pg.AxisItem):  # type: ignore[misc] # pyqtgraph ships no types
    """An axis of measured numbers, linear or by powers of ten."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)

    def logTickStrings(  # noqa: N802 - pyqtgraph's name
        self, values: list[float], scale: float, spacing: float | None
    ) -> list[str]:
        """Write 1, 2 and 5 of each decade; the ticks between stay without a number."""
        return [_decade_text(value) for value in values]


def _decade_text(exponent: float) -> str:
    power = math.floor(exponent + 1e-6)
    digit = round(10 ** (exponent - power))
    if digit not in (1, 2, 5):
        return ""
    return f"{digit * 10.0**power:.{max(0, -power)}f}" if -4 <= power < 5 else f"{digit}e{power}"


def new_plot(bottom: pg.AxisItem, left: pg.AxisItem) -> pg.PlotWidget:
    """Return an empty plot without pyqtgraph's menu (it leaks) and without its buttons."""
    widget = pg.PlotWidget(axisItems={"bottom": bottom, "left": left}, enableMenu=False)
    widget.hideButtons()
    widget.setFrameShape(QFrame.Shape.NoFrame)
    widget.getPlotItem().getViewBox().setDefaultPadding(0.0)
    # Room for the halves of tick numbers that reach beyond the ends of the axes.
    widget.getPlotItem().layout.setContentsMargins(2, _TICK_ROOM_PX, _TICK_ROOM_PX, 2)
    return widget


def dress_plot(widget: pg.PlotWidget, tokens: Tokens, grid: bool = True) -> None:
    """Give a plot and its axes the colours of a theme."""
    widget.setBackground(QColor(tokens.surface))
    for name in ("left", "bottom", "top", "right"):
        axis = widget.getPlotItem().getAxis(name)
        axis.setPen(pg.mkPen(QColor(tokens.faint)))
        axis.setTextPen(pg.mkPen(QColor(tokens.muted)))
    if grid:
        widget.showGrid(x=True, y=True, alpha=_GRID_OPACITY)
