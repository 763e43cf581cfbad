"""An image of indices into a table of colours."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtGui import QImage

from widgets.plots.colours import Bytes, Colours, packed


class IndexImage(pg.ImageItem):  # type: ignore[misc] # pyqtgraph ships no types
    """Rows downwards, one index (uint8) a cell, with a table of 256 colours.

    pyqtgraph converts the table with every image, which took half of a frame.
    """

    def __init__(self) -> None:
        self._colours: Colours = np.zeros(256, np.uint32)
        self._shown: npt.NDArray[Any] = np.zeros((0, 0), np.uint32)
        super().__init__(axisOrder="row-major")

    def setLookupTable(self, lut: Bytes, update: bool = True) -> None:
        """Use a table (256, 3) of red, green and blue."""
        self._colours = packed(lut)
        super().setLookupTable(lut, update)

    def render(self) -> None:
        """Make the picture that is painted; colours that are no indices are left to pyqtgraph."""
        if self.image.ndim != 2:
            super().render()
            return
        rows, columns = self.image.shape
        self._shown = self._colours[self.image]  # Qt reads it where it is
        self.qimage = QImage(
            self._shown.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32
        )
        self._renderRequired = self._unrenderable = False
