"""Sample pictures with their labels."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.base.theme import LIGHT, Tokens

_SIDE_PX: Final = 72
_GAP_PX: Final = 8
_PAIR_GAP_PX: Final = 2  # between a picture and its answer
_PAIR: Final = "given and wanted"


class PictureGrid(QWidget):
    """Small pictures in rows, as many as fit side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = LIGHT
        self._images: tuple[QImage, ...] = ()
        self._answers: tuple[QImage, ...] = ()
        self._captions: tuple[str, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        self.update()

    def show_pictures(
        self,
        pictures: tuple[npt.NDArray[np.uint8], ...],
        captions: tuple[str, ...],
        answers: tuple[npt.NDArray[np.uint8], ...] = (),
    ) -> None:
        """Show uint8 pictures, (h, w) grey or (h, w, 3) RGB, each above its caption, or beside its answer."""
        self._images = tuple(as_image(picture) for picture in pictures)
        self._answers = tuple(as_image(answer) for answer in answers)
        self._captions = (_PAIR,) * len(answers) or captions
        self.setAccessibleName(f"Sample pictures: {', '.join(captions)}")
        self.updateGeometry()
        self.update()

    def cell(self, index: int) -> QRect:
        """Return where the picture with this index is painted; its answer stands right of it."""
        columns = self._columns(self.width())
        left = (index % columns) * (self._cell_px + _GAP_PX)
        return QRect(left, (index // columns) * self._row_height(), _SIDE_PX, _SIDE_PX)

    @property
    def _cell_px(self) -> int:
        return 2 * _SIDE_PX + _PAIR_GAP_PX if self._answers else _SIDE_PX

    def _columns(self, width: int) -> int:
        return max(1, (width + _GAP_PX) // (self._cell_px + _GAP_PX))

    def _row_height(self) -> int:
        return _SIDE_PX + self.fontMetrics().height() + _GAP_PX

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows."""
        return -(-len(self._images) // self._columns(width)) * self._row_height()

    def sizeHint(self) -> QSize:
        """Six pictures side by side."""
        width = 6 * (_SIDE_PX + _GAP_PX) - _GAP_PX
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """One picture wide."""
        return QSize(self._cell_px, self._row_height() if self._images else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pictures, pixels kept sharp."""
        painter = QPainter(self)
        line = self.fontMetrics().height()
        for index, image in enumerate(self._images):
            box = self.cell(index)
            self._paint_picture(painter, box, image)
            if self._answers:
                beside = box.translated(_SIDE_PX + _PAIR_GAP_PX, 0)
                self._paint_picture(painter, beside, self._answers[index])
                box = box.united(beside)
            painter.setPen(QColor(self._tokens.text))
            text = self.fontMetrics().elidedText(
                self._captions[index], Qt.TextElideMode.ElideRight, box.width()
            )
            under = QRect(box.left(), box.bottom() + 1, box.width(), line)
            painter.drawText(under, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, text)
        painter.end()

    def _paint_picture(self, painter: QPainter, box: QRect, image: QImage) -> None:
        fitted = image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(box.topLeft(), fitted)
        place.moveCenter(box.center())
        painter.fillRect(box, QColor(self._tokens.faint))
        painter.drawImage(place, image)


def as_image(picture: npt.NDArray[Any]) -> QImage:
    """Return a picture that owns its pixels; (h, w) grey or (h, w, 3) RGB, uint8."""
    pixels = np.ascontiguousarray(picture, dtype=np.uint8)
    height, width = pixels.shape[:2]
    grey = pixels.ndim == 2
    kind = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    return QImage(pixels.tobytes(), width, height, width * (1 if grey else 3), kind).copy()
