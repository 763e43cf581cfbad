"""A plain widget over the inside of a plot."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from widgets.plots.plot_view import PlotView


class Overlay(QWidget):
    """Covers a plot's view box, between its axes, and paints what changes many times a second.

    A graphics scene asks each of its items, written in Python here, several times a painting where it is: that cost
    as much as all curves. The mouse goes through to the plot.

    Attributes
    ----------
    view_range
        First and last, bottom and top coordinate of the view box.
    extent
        Width and height of the view box in logical pixels, which need not be whole.
    frames
        How often it was painted.
    painted_s
        Seconds of this thread that painting took so far.
    """

    def __init__(self, plot: PlotView) -> None:
        super().__init__(plot.viewport())
        self.frames = 0
        self.painted_s = 0.0
        self._plot = plot
        self._view_box = plot.getPlotItem().getViewBox()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._view_box.sigResized.connect(self.settle)
        self._view_box.sigRangeChanged.connect(self._on_range)
        self._on_range(None, self._view_box.viewRange())
        self.settle()

    def settle(self, *_: object) -> None:
        """Lie where the view box is."""
        self.extent = self._view_box.width(), self._view_box.height()
        place = self._plot.mapFromScene(self._view_box.sceneBoundingRect()).boundingRect()
        if place != self.geometry():
            self.setGeometry(place)

    def draw(self, painter: QPainter, part: QRect) -> None:
        """Paint a part of the widget, all of it."""
        raise NotImplementedError

    def _on_range(self, _view_box: object, span: Sequence[Sequence[float]], *_: object) -> None:
        (first, last), (bottom, top) = span
        self.view_range = (first, last), (bottom, top)
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Find the place."""
        super().showEvent(event)
        self.settle()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and count what it costs."""
        started = time.thread_time()
        painter = QPainter(self)
        self.draw(painter, event.rect())
        painter.end()
        self.frames += 1
        self.painted_s += time.thread_time() - started
