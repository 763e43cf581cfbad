"""Plots of a few lines' height, in forms and lists."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSizePolicy

from widgets.plots.plot_view import PlotView


class SmallPlot(PlotView):
    """A plot as high as it wishes and of any width.

    The wheel scrolls the form around it, and comes nearer with the Control key.
    """

    def __init__(self, bottom: pg.AxisItem, left: pg.AxisItem) -> None:
        super().__init__(bottom, left)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.getPlotItem().getViewBox().disableAutoRange()

    def show_whole(self, across: tuple[float, float], up: tuple[float, float]) -> None:
        """Show these ranges; nothing lies beyond them."""
        view_box = self.getPlotItem().getViewBox()
        view_box.setLimits(xMin=across[0], xMax=across[1], yMin=up[0], yMax=up[1])
        view_box.setRange(xRange=across, yRange=up, padding=0)

    # ---- Qt overrides ----

    def minimumSizeHint(self) -> QSize:
        """As high as it wishes, any width."""
        return QSize(1, self.sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the form, unless Control is held."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
        else:
            event.ignore()
