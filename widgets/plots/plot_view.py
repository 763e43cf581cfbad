"""Plots in the program's own dress."""

from __future__ import annotations

import time
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFrame

from widgets.base.theme import Tokens
from widgets.plots.axes import TICK_ROOM_PX
from widgets.plots.colours import mixed
from widgets.plots.exportable_plot import ExportablePlot
from widgets.plots.plot_menu import obey, open_menu

_KEYS = {
    Qt.Key.Key_Left: "left", Qt.Key.Key_Right: "right", Qt.Key.Key_Plus: "in", Qt.Key.Key_Equal: "in",
    Qt.Key.Key_Minus: "out",
}  # fmt: skip
# What the help shows: (keys, words).
PLOT_KEYS = (
    ("Left", "Read the values of a step before"),
    ("Right", "Read the values of a step after"),
    ("+", "Come nearer"),
    ("-", "Go away"),
    ("Menu", "Show all of it, space values by powers of ten, copy or save them"),
)
_GRID_SHARE = 0.6  # of the axis colour over the background


def tick_lines(
    axes: tuple[pg.AxisItem, pg.AxisItem], view_box: pg.ViewBox
) -> list[tuple[float, float, float, float]]:
    """Return the ends of a line at each tick of the bottom and the left axis, in pixels of the view box."""
    (first, last), (bottom, top) = view_box.viewRange()
    width, height = view_box.width(), view_box.height()
    if min(width, height) <= 0:
        return []
    columns, rows = (
        axis.tickValues(*span, length)[:1]
        for axis, span, length in zip(
            axes, ((first, last), (bottom, top)), (width, height), strict=True
        )
    )
    across = [(x - first) * width / (last - first) for _, ticks in columns for x in ticks]
    down = [(top - y) * height / (top - bottom) for _, ticks in rows for y in ticks]
    return [
        *((x, 0.0, x, height) for x in across),
        *((0.0, y, width, y) for y in down),
    ]


def grid_colour(tokens: Tokens) -> str:
    """Return the colour of lines at ticks."""
    return mixed(tokens.faint, tokens.surface, _GRID_SHARE)


class GridLines(pg.GraphicsObject):  # type: ignore[misc] # pyqtgraph ships no types
    """Lines at the ticks of two axes; a tenth of the cost of the axes' own grid, which every frame pays."""

    def __init__(self, bottom: pg.AxisItem, left: pg.AxisItem, view_box: pg.ViewBox) -> None:
        super().__init__()
        self._axes = (bottom, left)
        self._view_box = view_box
        self._pen = pg.mkPen()
        self._lines: list[QLineF] = []
        self.setZValue(-20)
        self.setVisible(False)  # until a plot wants lines
        self.setParentItem(view_box)  # in pixels, behind all that lies in the plot's coordinates
        view_box.sigRangeChanged.connect(self._lay_out)
        view_box.sigResized.connect(self._lay_out)

    def show_with(self, pen: QPen) -> None:
        """Draw the lines with a pen of one device pixel."""
        self._pen = pen
        self.setVisible(True)
        self._lay_out()

    def _lay_out(self, *_: object) -> None:
        if not self.isVisible():
            return
        self._lines = [QLineF(*ends) for ends in tick_lines(self._axes, self._view_box)]
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the whole of the view box."""
        return QRectF(0, 0, self._view_box.width(), self._view_box.height())

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw the lines."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self._pen)
        painter.drawLines(self._lines)


class PlotView(ExportablePlot):
    """A plot with a menu of its own instead of pyqtgraph's (it leaks), and without its buttons.

    Attributes
    ----------
    painted_s
        Seconds of this thread that painting took so far.
    frames
        How often it was painted.

    Signals
    -------
    key_used(str)
        ``"left"``, ``"right"``, ``"in"`` or ``"out"``: an arrow, or plus or minus, was pressed.
    """

    key_used = Signal(str)

    def __init__(self, bottom: pg.AxisItem, left: pg.AxisItem) -> None:
        super().__init__(bottom, left)
        self.painted_s = 0.0
        self.frames = 0
        self.hideButtons()
        self.setFrameShape(QFrame.Shape.NoFrame)
        # It covers what is behind it: nothing there is to be painted with every frame.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.getPlotItem().getViewBox().setDefaultPadding(0.0)
        # Room for the halves of tick numbers that reach beyond the ends of the axes.
        self.getPlotItem().layout.setContentsMargins(2, TICK_ROOM_PX, TICK_ROOM_PX, 4)
        self._grid = GridLines(bottom, left, self.getPlotItem().getViewBox())
        self.scene().sigMouseClicked.connect(self._on_clicked)

    def show_grid(self, colour: QColor) -> None:
        """Draw lines at the ticks."""
        self._grid.show_with(pg.mkPen(colour, width=1))

    # ---- Menu ----

    def on_menu_action(self, action: QAction) -> None:
        """Do what was chosen in the menu."""
        obey(self, action)

    def _on_clicked(self, event: Any) -> None:  # pyqtgraph's MouseClickEvent
        if event.button() == Qt.MouseButton.RightButton:
            open_menu(self, event.screenPos().toPoint())

    # ---- Qt overrides ----

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu by the keyboard; a right button may also begin to zoom, so the mouse opens it when let go."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            open_menu(self, self.mapToGlobal(self.rect().center()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell the keys that plots know; Escape, Tab and others go on."""
        action = _KEYS.get(Qt.Key(event.key()))
        if action is None:
            event.ignore()
        else:
            self.key_used.emit(action)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and count what it costs."""
        started = time.thread_time()
        super().paintEvent(event)
        self.frames += 1
        self.painted_s += time.thread_time() - started


def dress_plot(widget: PlotView, tokens: Tokens, grid: bool = True) -> None:
    """Give a plot and its axes the colours of a theme."""
    widget.setBackground(QColor(tokens.surface))
    for name in ("left", "bottom", "top", "right"):
        axis = widget.getPlotItem().getAxis(name)
        axis.setPen(pg.mkPen(QColor(tokens.faint)))
        axis.setTextPen(pg.mkPen(QColor(tokens.muted)))
    if grid:
        widget.show_grid(QColor(grid_colour(tokens)))
