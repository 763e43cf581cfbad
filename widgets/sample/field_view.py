"""A sample as a picture, with the places that a unit sees."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.base.theme import LIGHT, Tokens
from widgets.canvas.thumbnails import fitted, picture

_MARGIN_PX: Final = 8
_SHADE: Final = 0.6  # how much of what is not seen is covered
_KEYS: Final = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class FieldView(QWidget):
    """Draws a picture and covers what is not seen; the mouse and the arrow keys choose another unit.

    Signals
    -------
    place_chosen(float, float)
        The unit at this place of the picture, (down, right) from 0 to 1, is wanted.
    step_requested(int, int)
        The unit so many rows down and columns right is wanted.
    """

    place_chosen = Signal(float, float)
    step_requested = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sample.view")
        self.setAccessibleName("Sample")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._tokens = LIGHT
        self._values: npt.NDArray[np.generic] | None = None
        self._image: QImage | None = None
        self._mask: npt.NDArray[np.bool_] | None = None
        self._shade: QImage | None = None

    def show_sample(self, values: npt.NDArray[np.generic] | None) -> None:
        """Show (h, w) or (h, w, 3) bytes, or a matrix of numbers; None: nothing."""
        self._values = values
        self._image = None if values is None else picture(values, self._tokens)
        self.update()

    def show_field(self, mask: npt.NDArray[np.bool_] | None) -> None:
        """Cover all but the marked places, (h, w) as the sample's; None: cover nothing."""
        self._mask = mask
        self._shade = None if mask is None else _shade(mask, QColor(self._tokens.muted))
        self.update()

    def set_theme(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        self._tokens = tokens
        self.show_sample(self._values)
        self.show_field(self._mask)

    def place(self) -> QRectF:
        """Return where the picture stands, in the widget's pixels; empty without one."""
        if self._image is None:
            return QRectF()
        room = QRectF(self.rect()).adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
        return fitted(self._image, room)

    def _choose(self, at: QPointF) -> None:
        place = self.place()
        if self._mask is None or place.isEmpty():
            return
        down = (at.y() - place.top()) / place.height()
        right = (at.x() - place.left()) / place.width()
        self.place_chosen.emit(min(max(down, 0.0), 1.0), min(max(right, 0.0), 1.0))

    # ---- Qt overrides ----

    def sizeHint(self) -> QSize:
        """Qt: room for a small picture."""
        return QSize(200, 160)

    def minimumSizeHint(self) -> QSize:
        """Qt: still a picture."""
        return QSize(60, 60)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: choose the unit here."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: choose while the button is down."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: the arrow keys go to the neighbouring unit."""
        step = _KEYS.get(Qt.Key(event.key()))
        if step is None or self._mask is None:
            super().keyPressEvent(event)
        else:
            self.step_requested.emit(*step)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: draw the picture, the cover and a frame around what is seen."""
        del event
        if self._image is None:
            return
        painter = QPainter(self)
        place = self.place()
        painter.drawImage(place, self._image)
        painter.setPen(QColor(self._tokens.faint))
        painter.drawRect(place)
        if self._shade is None or self._mask is None:
            return
        painter.drawImage(place, self._shade)
        painter.setPen(QPen(QColor(self._tokens.accent), 2))
        painter.drawRect(_around(self._mask, place))


def _shade(mask: npt.NDArray[np.bool_], colour: QColor) -> QImage:
    """Return a cover of this colour that is clear where the mask is True."""
    height, width = mask.shape
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[..., :3] = colour.red(), colour.green(), colour.blue()
    pixels[..., 3] = np.where(mask, 0, round(255 * _SHADE))
    raw = pixels.tobytes()
    return QImage(raw, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def _around(mask: npt.NDArray[np.bool_], place: QRectF) -> QRectF:
    """Return the rectangle around the marked places, in the widget's pixels; empty if there are none."""
    if not mask.any():
        return QRectF()
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    high, wide = place.height() / mask.shape[0], place.width() / mask.shape[1]
    left, top = place.left() + columns[0] * wide, place.top() + rows[0] * high
    width, height = (columns[-1] - columns[0] + 1) * wide, (rows[-1] - rows[0] + 1) * high
    return QRectF(left, top, width, height)
