"""A weight matrix as colours."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from widgets.base.theme import LIGHT, Tokens
from widgets.base.throttle import Throttle
from widgets.plots.axes import WholeAxis
from widgets.plots.colour_bar import ColourBar
from widgets.plots.colours import (
    diverging_table,
    peak_of,
    scaled,
)
from widgets.plots.matrix_plot import Matrix, MatrixPlot
from widgets.plots.plot_view import dress_plot
from widgets.plots.wording import number_text

IDLE_TEXT = "Point at a cell to read it; double-click to see all."
_STRIP_HEIGHT_PX = 120  # of a single row
_TITLED_PX = (
    170,
    110,
)  # a lower plot has no room for a title beside its rows, and under its columns
_ALL_SHOWN = 0.9  # of the matrix: a view of less is zoomed in
_NO_LIMIT_PX = 16_777_215  # Qt's QWIDGETSIZE_MAX


class HeatmapView(QWidget):
    """A matrix: rows downwards, columns to the right, colours centred on zero.

    Rows are source neurons and columns target neurons, as Keras keeps a kernel. Wheel zooms,
    dragging moves, a double click shows everything; the view stays where it is while values change.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: npt.NDArray[Any] = np.zeros((1, 1), dtype=np.float32)
        self._full_shape = (1, 1)
        self._lengths = (1, 1)  # neurons that one shown row and column stand for
        self._level = 1.0
        self._blocks: tuple[str, ...] = ()
        self._titles = ("source neuron", "target neuron")
        self._pointed: tuple[int, int] | None = None
        self._axes = (WholeAxis("left"), WholeAxis("bottom"))
        self.plot_widget = MatrixPlot(self._axes[1], self._axes[0])
        self.plot = self.plot_widget.getPlotItem()
        self._bar = ColourBar(self.plot)
        self._scale = Throttle(self._show_scale, self)
        self._read_out = QLabel(IDLE_TEXT)
        self._read_out.setObjectName("plot.heatmap.value")
        self._build()
        self.set_titles(*self._titles)
        self.set_theme(LIGHT)
        self.show_values(self._values)
        self._fit_axes()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.plot_widget, 1)
        layout.addWidget(self._read_out)
        self._read_out.setTextFormat(Qt.TextFormat.PlainText)
        self._read_out.setMinimumWidth(1)  # a long text is cut rather than widening the panel
        self.plot_widget.setMinimumSize(160, 60)
        self.plot_widget.fit_requested.connect(self.show_everything)
        self.plot_widget.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot_widget.scene().sigMouseClicked.connect(self._on_mouse_clicked)

    # ---- Values ----

    @property
    def values(self) -> npt.NDArray[Any]:
        """(rows, columns) as shown."""
        return self._values

    @property
    def level(self) -> float:
        """The value with the strongest colour; minus it has the other end of the scale."""
        return self._level

    def show_values(
        self,
        values: npt.ArrayLike,
        full_shape: tuple[int, int] | None = None,
    ) -> None:
        """Show a matrix.

        Parameters
        ----------
        values
            (rows, columns), or (columns,) for a single row; at least one number.
        full_shape
            Rows and columns of the matrix that ``values`` are the block means of; None: of itself.
            Blocks are a power of two long, as `engine.probes.weights` makes them; the last of an
            axis, or of a gate, may be shorter.

        Raises
        ------
        ValueError
            If there are no values or more than two axes.
        """
        matrix = np.atleast_2d(np.asarray(values))
        if matrix.ndim != 2 or not matrix.size:
            raise ValueError(f"expected (rows, columns). Received: shape {np.shape(values)}")
        full = full_shape or (matrix.shape[0], matrix.shape[1])
        is_other, is_finer = full != self._full_shape, matrix.shape != self._values.shape
        self._values, self._full_shape = matrix, full
        self._lengths = (
            _block_length(full[0], matrix.shape[0]),
            _block_length(full[1], matrix.shape[1]),
        )
        self._level, indices = scaled(matrix)
        self.plot_widget.matrix = Matrix(matrix, self._lengths, self._blocks)
        self.plot_widget.show_indices(indices)
        self._scale.ask()
        if is_other:
            self._fit_axes()
        elif is_finer:  # the same matrix in other blocks: the view stays
            self._place_image()
        if self._pointed is not None:
            self._update_read_out()

    def _show_scale(self) -> None:
        self._bar.show_level(self._level, not math.isfinite(peak_of(self._values)))

    def set_titles(self, rows: str, columns: str) -> None:
        """Say what a row and a column stand for, in one or two words each."""
        self._titles = (rows, columns)
        for axis, title in zip(self._axes, self._titles, strict=True):
            axis.setLabel(title.capitalize())

    def set_blocks(self, names: tuple[str, ...]) -> None:
        """Divide the columns into equal blocks with these names; empty: no blocks."""
        self._blocks = names
        self.plot_widget.matrix = self.plot_widget.matrix._replace(blocks=names)
        self._fit_axes()

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        dress_plot(self.plot_widget, tokens, grid=False)
        self.plot_widget.set_colours(diverging_table(tokens), tokens)
        self._bar.set_theme(tokens)

    @property
    def sides(self) -> tuple[int, int] | None:
        """Device pixels that show the matrix, down and across; None: zoomed in, so that single values can be read."""
        view_box, (rows, columns) = self.plot.getViewBox(), self._extent()
        (left, right), (top, bottom) = view_box.viewRange()
        if (right - left) * (bottom - top) < _ALL_SHOWN * rows * columns:
            return None
        ratio = self.devicePixelRatioF()
        return round(view_box.height() * ratio), round(view_box.width() * ratio)

    @property
    def painted_s(self) -> float:
        """Seconds of this thread that painting took so far."""
        return float(self.plot_widget.painted_s)

    def show_everything(self) -> None:
        """Zoom out to the whole matrix."""
        rows, columns = self._extent()
        self.plot.setRange(
            xRange=(-0.5, columns - 0.5),
            yRange=(-0.5, rows - 0.5),
            padding=0,
            disableAutoRange=True,
        )

    # ---- Read-out ----

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return (row, column) of the shown cell at a plot coordinate; None beside the matrix."""
        row = int(np.floor((y + 0.5) / self._lengths[0]))
        column = int(np.floor((x + 0.5) / self._lengths[1]))
        inside = 0 <= row < self._values.shape[0] and 0 <= column < self._values.shape[1]
        return (row, column) if inside else None

    def cell_text(self, row: int, column: int) -> str:
        """Return what is read out of a cell."""
        shown_columns, full_columns = self._values.shape[1], self._full_shape[1]
        gate = ""
        if self._blocks:
            shown_columns //= len(self._blocks)
            full_columns //= len(self._blocks)
            gate = f"{self._blocks[column // shown_columns]} gate, "
            column_in_gate = column % shown_columns
        else:
            column_in_gate = column
        places = (
            _place_text("row", row, self._lengths[0], self._full_shape[0]),
            _place_text("column", column_in_gate, self._lengths[1], full_columns),
        )
        where = ", ".join(place for place in places if place) or "value"
        mean = "" if self._lengths == (1, 1) else "mean "
        return f"{gate}{where}: {mean}{number_text(float(self._values[row, column]))}"

    def _update_read_out(self) -> None:
        text = IDLE_TEXT
        if self._pointed is not None:
            row, column = self._pointed
            if row < self._values.shape[0] and column < self._values.shape[1]:
                text = self.cell_text(row, column)
        self._read_out.setText(text)

    def _on_mouse_moved(self, position: QPointF) -> None:
        view_box = self.plot.getViewBox()
        self._pointed = None
        if view_box.sceneBoundingRect().contains(position):
            at = view_box.mapSceneToView(position)
            self._pointed = self.cell_at(at.x(), at.y())
        self._update_read_out()

    def _on_mouse_clicked(self, event: Any) -> None:  # pyqtgraph's MouseClickEvent
        if event.double():
            self.show_everything()

    # ---- Axes ----

    def _fit_axes(self) -> None:
        rows, columns = self._extent()
        self._place_image()
        self.plot.getViewBox().setLimits(
            xMin=-0.5, xMax=columns - 0.5, yMin=-0.5, yMax=rows - 0.5, minXRange=1, minYRange=1
        )
        self.plot.showAxis("left", rows > 1)
        self.setMaximumHeight(_STRIP_HEIGHT_PX if rows == 1 else _NO_LIMIT_PX)
        self.show_everything()

    def _place_image(self) -> None:
        height, width = (
            size * length for size, length in zip(self._values.shape, self._lengths, strict=True)
        )
        self.plot_widget.image.setRect(QRectF(-0.5, -0.5, width, height))
        self._fit_blocks()

    def _extent(self) -> tuple[int, int]:
        """Rows and columns of the plot's coordinate.

        Gates all take the room of whole blocks, so that they stay equally wide.
        """
        columns = self._values.shape[1] * self._lengths[1] if self._blocks else self._full_shape[1]
        return self._full_shape[0], columns

    def _fit_blocks(self) -> None:
        self.plot.showAxis("top", bool(self._blocks))
        if not self._blocks:
            self.plot_widget.part_at(())
            return
        size = self._extent()[1] / len(self._blocks)
        centres = [(index + 0.5) * size - 0.5 for index in range(len(self._blocks))]
        self.plot.getAxis("top").setTicks([list(zip(centres, self._blocks, strict=True))])
        self.plot_widget.part_at([index * size - 0.5 for index in range(1, len(self._blocks))])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the titles of the axes where there is no room for them."""
        super().resizeEvent(event)
        for axis, least_px in zip(self._axes, _TITLED_PX, strict=True):
            axis.showLabel(self.height() >= least_px)

    def leaveEvent(self, event: QEvent) -> None:
        """Clear the read-out when the mouse leaves."""
        super().leaveEvent(event)
        self._pointed = None
        self._update_read_out()


def _block_length(full: int, shown: int) -> int:
    """Return how many of ``full`` one of ``shown`` blocks stands for: a power of two."""
    length = 1
    while length * shown < full:
        length *= 2
    return length


def _place_text(name: str, index: int, length: int, full: int) -> str:
    """Return ``"row 3"`` or ``"rows 12–15"``; "" if there is only one."""
    if full == 1:
        return ""
    first, last = index * length, min((index + 1) * length, full) - 1
    return f"{name} {first:,}" if first == last else f"{name}s {first:,}–{last:,}"
