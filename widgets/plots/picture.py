"""A matrix of colours in a plot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from widgets.plots.colours import Bytes, Colours
from widgets.plots.overlay import Overlay
from widgets.plots.plot_view import PlotView

_SEPARATOR_PX = 1.5
_ROUNDED_PX = 0.25  # by which an edge may miss a pixel that it paints all the same
_OPAQUE = QImage.Format.Format_RGB32


class Picture(Overlay):
    """Colours over a rectangle of the plot's coordinate, and lines that part its columns."""

    def __init__(self, plot: PlotView) -> None:
        super().__init__(plot)
        self._colours: Colours = np.zeros((0, 0), np.uint32)
        self._image = QImage()  # reads them where they are
        self._place = QRectF(0, 0, 1, 1)
        self._background = self._line = QColor()
        self._parted: tuple[float, ...] = ()

    def show_indices(self, indices: Bytes, table: Colours) -> None:
        """Show (rows, columns) indices into a table (256,) of colours."""
        if indices.shape != self._colours.shape:
            rows, columns = indices.shape
            self._colours = np.empty((rows, columns), np.uint32)
            self._image = QImage(self._colours.data, columns, rows, 4 * columns, _OPAQUE)
        # Colours, not indices: Qt would look every one up again at each painting.
        table.take(indices, out=self._colours, mode="clip")  # which needs no array in between
        self.update()

    def set_place(self, place: QRectF) -> None:
        """Lie on a rectangle of the plot's coordinate."""
        self._place = place
        self.update()

    def part_at(self, columns: Sequence[float]) -> None:
        """Draw a line at each of these coordinates across."""
        self._parted = tuple(columns)
        self.update()

    def set_colours(self, background: QColor, line: QColor) -> None:
        """Use other colours beside the matrix and between its parts."""
        self._background, self._line = background, line
        self.update()

    @property
    def parted(self) -> tuple[float, ...]:
        """Where lines are drawn."""
        return self._parted

    def draw(self, painter: QPainter, part: QRect) -> None:
        """Draw one cell a colour, without shades between them; rows go downwards."""
        (left, right), (top, bottom) = self.view_range
        across, down = self.width() / (right - left), self.height() / (bottom - top)
        place = QRectF(
            (self._place.left() - left) * across,
            (self._place.top() - top) * down,
            self._place.width() * across,
            self._place.height() * down,
        )
        if not place.adjusted(-_ROUNDED_PX, -_ROUNDED_PX, _ROUNDED_PX, _ROUNDED_PX).contains(
            QRectF(part)
        ):
            painter.fillRect(part, self._background)
        painter.drawImage(place, self._image)
        if self._parted:
            painter.setPen(QPen(self._line, _SEPARATOR_PX))
        for column in self._parted:
            x = (column - left) * across
            painter.drawLine(QLineF(x, 0, x, self.height()))
