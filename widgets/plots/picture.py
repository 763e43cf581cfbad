"""A matrix of colours in a plot."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter


class Picture(pg.GraphicsObject):  # type: ignore[misc] # pyqtgraph ships no types
    """Colours over a rectangle of the plot's coordinate: half of what pyqtgraph's image costs."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._place = QRectF(0, 0, 1, 1)

    def show_colours(self, colours: npt.NDArray[np.uint32]) -> None:
        """Show (rows, columns) opaque colours, ``0xffrrggbb`` each; the array is not to be written to any more."""
        rows, columns = colours.shape
        self._colours = np.ascontiguousarray(colours)  # Qt reads them where they are
        form = QImage.Format.Format_RGB32
        self._image = QImage(self._colours.data, columns, rows, 4 * columns, form)
        show_now(self, self._place)

    def set_place(self, place: QRectF) -> None:
        """Lie somewhere else."""
        self.prepareGeometryChange()
        self._place = place

    def boundingRect(self) -> QRectF:
        """Return the rectangle."""
        return self._place

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw one cell a colour, without shades between them."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(self._place, self._image)


def show_now(item: pg.GraphicsObject, part: QRectF) -> None:
    """Have a part of an item painted together with all else that changes now.

    By way of its scene, as Qt does it, it would be painted later and by itself.
    """
    for view in item.scene().views():
        view.viewport().update(view.mapFromScene(item.mapRectToScene(part)).boundingRect())
