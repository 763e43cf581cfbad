"""The filters of a kernel as one image in a plot."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QSize, Signal

from widgets.base.theme import Tokens
from widgets.plots.axes import WholeAxis
from widgets.plots.colours import Bytes, diverging_table
from widgets.plots.filter_stack import Cells, GridPlan, compose, plan_grid
from widgets.plots.index_image import IndexImage
from widgets.plots.plot_view import PlotView, dress_plot
from widgets.plots.table import Table

NO_WEIGHT: Final = (-1, -1, -1)
_LEAST_PX: Final = (160, 60)


class FilterPlot(PlotView):
    """Panels of colours as a grid, every weight a whole number of device pixels until it is zoomed.

    The plot's coordinate counts device pixels of the view that shows all, to the right and downwards.

    Signals
    -------
    pointed(filter, row, column)
        The weight under the mouse; -1 each if there is none.
    """

    pointed = Signal(int, int, int)

    def __init__(self) -> None:
        super().__init__(WholeAxis("bottom"), WholeAxis("left"))
        self.setObjectName("plot.filters.grid")
        self.setMinimumSize(*_LEAST_PX)
        self.pointed_at = NO_WEIGHT
        self.values: npt.NDArray[Any] = np.zeros((1, 1, 1, 1), np.float32)
        self._panels: Cells = np.zeros((1, 1, 1), np.uint8)
        self._gap = self._empty = 0
        self._image = IndexImage()
        plot = self.getPlotItem()
        plot.addItem(self._image, ignoreBounds=True)
        for side in ("left", "bottom"):
            plot.hideAxis(side)
        plot.layout.setContentsMargins(0, 0, 0, 0)
        view_box = plot.getViewBox()
        view_box.disableAutoRange()
        view_box.invertY(True)
        view_box.sigResized.connect(self._on_resized)
        self.fit_requested.connect(self.show_everything)
        self.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.scene().sigMouseClicked.connect(self._on_mouse_clicked)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        dress_plot(self, tokens, grid=False)
        self.setBackground(tokens.window)
        self._image.setLookupTable(diverging_table(tokens))

    def show_panels(self, panels: Cells, gap: int, empty: int) -> None:
        """Show (filters, height, width) colours, others between them and where there is none.

        They are indices (uint8) into the table of colours, or packed colours (uint32).
        """
        self._panels, self._gap, self._empty = panels, gap, empty
        self._draw()

    def plan(self) -> GridPlan:
        """Return where the filters lie at the present size, in device pixels."""
        count, height, width = self._panels.shape
        return plan_grid(count, height, width, self._space())

    def count(self) -> int:
        """Return how many filters fit."""
        return self.plan().count

    def show_everything(self) -> None:
        """Zoom out to all filters."""
        height, width = self._space()
        view_box = self.getPlotItem().getViewBox()
        view_box.setLimits(xMin=0, xMax=width, yMin=0, yMax=height)
        view_box.setRange(xRange=(0, width), yRange=(0, height), padding=0)

    # ---- Numbers ----

    @property
    def row_count(self) -> int:
        """Lines of all slices of all filters."""
        return int(np.prod(self.values.shape[:3]))

    def take_table(self) -> Callable[[], Table]:
        """Return what makes the table of the filters shown now."""
        return partial(_table, self.values.copy())

    # ---- Inside ----

    def _space(self) -> tuple[int, int]:
        """Return height and width of the inside in device pixels."""
        view_box, ratio = self.getPlotItem().getViewBox(), self.devicePixelRatioF()
        return max(1, int(view_box.height() * ratio)), max(1, int(view_box.width() * ratio))

    def _draw(self) -> None:
        picture = compose(self._panels, self.plan(), self._gap, self._empty)
        self._image.setImage(_as_image(picture), autoLevels=False)

    def _on_resized(self, *_: object) -> None:
        self._draw()
        self.show_everything()

    def _on_mouse_moved(self, position: QPointF) -> None:
        view_box = self.getPlotItem().getViewBox()
        self.pointed_at = NO_WEIGHT
        if view_box.sceneBoundingRect().contains(position):
            at = view_box.mapSceneToView(position)
            self.pointed_at = self.plan().weight_at(int(at.x()), int(at.y())) or NO_WEIGHT
        self.pointed.emit(*self.pointed_at)

    def _on_mouse_clicked(self, event: Any) -> None:  # pyqtgraph's MouseClickEvent
        if event.double():
            self.show_everything()

    # ---- Qt overrides ----

    def sizeHint(self) -> QSize:
        """Ask for a square."""
        return QSize(240, 240)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that no weight is under the mouse."""
        super().leaveEvent(event)
        self.pointed_at = NO_WEIGHT
        self.pointed.emit(*self.pointed_at)


def _as_image(picture: Cells) -> Bytes:
    """Return packed colours as (h, w, 3) red, green and blue; indices as they are."""
    if picture.dtype == np.uint8:
        return picture
    channels = picture.astype("<u4").view(np.uint8).reshape(*picture.shape, 4)
    return np.ascontiguousarray(channels[..., 2::-1])


def _table(values: npt.NDArray[Any]) -> Table:
    """Return a line for each line of each slice of (filters, depth, height, width); three for a last axis of three."""
    if values.ndim == 5:  # the first inputs as red, green and blue
        values = np.moveaxis(values, -1, 1).reshape(-1, *values.shape[1:-1])
        inputs = 3
    else:
        inputs = 1
    filters, depth, height, width = values.shape
    place = np.indices((filters, depth, height)).reshape(3, -1)
    titles = ["filter", "depth", "row", *(str(column) for column in range(width))]
    columns = [place[0] // inputs, place[1], place[2], *values.reshape(-1, width).T]
    if inputs > 1:
        titles.insert(1, "input")
        columns.insert(1, place[0] % inputs)
    return Table(tuple(titles), tuple(columns))
