"""A matrix of colours in a plot, read cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg

from widgets.base.theme import Tokens
from widgets.plots.axes import WholeAxis
from widgets.plots.colours import Bytes
from widgets.plots.index_image import IndexImage
from widgets.plots.plot_view import PlotView
from widgets.plots.table import Table

_SEPARATOR_PX: Final = 1.5


class Matrix(NamedTuple):
    """Numbers, and what they stand for.

    Attributes
    ----------
    values
        (rows, columns).
    lengths
        Rows and columns of the whole matrix that one row and one column stand for.
    blocks
        Names of equal parts of the columns, or none.
    """

    values: npt.NDArray[Any]
    lengths: tuple[int, int] = (1, 1)
    blocks: tuple[str, ...] = ()

    def table(self) -> Table:
        """Return a line for each row, with the number of the first row and column of each block of them."""
        rows, columns = self.values.shape
        down, across = self.lengths
        titles = [str(column * across) for column in range(columns)]
        if self.blocks:
            width = columns // len(self.blocks)
            titles = [
                f"{name} {column * across}" for name in self.blocks for column in range(width)
            ]
        return Table(("row", *titles), (np.arange(rows) * down, *self.values.T))


class MatrixPlot(PlotView):
    """A plot with one image, rows downwards, and lines that part its columns."""

    def __init__(self, bottom: WholeAxis, left: WholeAxis) -> None:
        super().__init__(bottom, left)
        self.matrix = Matrix(np.zeros((1, 1), np.float32))
        self.image = IndexImage()
        self._lines: list[pg.InfiniteLine] = []
        self._line_pen = pg.mkPen(width=_SEPARATOR_PX)
        plot = self.getPlotItem()
        plot.addItem(self.image, ignoreBounds=True)
        view_box = plot.getViewBox()
        view_box.disableAutoRange()
        view_box.invertY(True)

    def show_indices(self, indices: Bytes) -> None:
        """Show (rows, columns) indices into the table of colours."""
        self.image.setImage(indices, autoLevels=False)

    def set_colours(self, table: Bytes, tokens: Tokens) -> None:
        """Use a table (256, 3) of colours, and the colours of a theme for the rest."""
        self.image.setLookupTable(table)
        self._line_pen = pg.mkPen(tokens.muted, width=_SEPARATOR_PX)
        for line in self._lines:
            line.setPen(self._line_pen)

    def part_at(self, columns: Sequence[float]) -> None:
        """Draw a line at each of these coordinates across."""
        plot = self.getPlotItem()
        for line in self._lines:
            plot.removeItem(line)
        self._lines = [pg.InfiniteLine(column, pen=self._line_pen) for column in columns]
        for line in self._lines:
            plot.addItem(line, ignoreBounds=True)

    @property
    def parted(self) -> tuple[float, ...]:
        """Where lines are drawn."""
        return tuple(line.value() for line in self._lines)

    @property
    def row_count(self) -> int:
        """Rows of the matrix as it is shown."""
        return len(self.matrix.values)

    def take_table(self) -> Callable[[], Table]:
        """Return what makes the table of the matrix shown now."""
        return partial(Matrix.table, self.matrix._replace(values=self.matrix.values.copy()))
