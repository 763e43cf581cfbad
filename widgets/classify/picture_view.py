"""A picture with its caption, as given or as the network sees it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from widgets.base.labels import plain_label
from widgets.base.theme import LIGHT, Tokens

Array = npt.NDArray[Any]
OLD_OPACITY = 0.35  # of what belongs to another input or to other weights


class PictureView(QWidget):
    """A title, a picture scaled to the space, and a caption."""

    def __init__(self, title: str, is_smooth: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = _Canvas(is_smooth)
        self._caption = plain_label(tone="muted", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(plain_label(title, strong=True))
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self._caption)

    def show_picture(self, image: QImage | None, caption: str = "") -> None:
        """Show a picture; None: none."""
        self.canvas.show_image(image)
        self._caption.setText(caption)

    def set_old(self, on: bool) -> None:
        """Show the picture faintly: it is not of what is shown now."""
        self.canvas.set_old(on)

    def caption(self) -> str:
        """Return the line below the picture."""
        return self._caption.text()

    def image(self) -> QImage | None:
        """Return the picture shown."""
        return self.canvas.image

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self.canvas.set_theme(tokens)


class _Canvas(QWidget):
    def __init__(self, is_smooth: bool) -> None:
        super().__init__()
        self.image: QImage | None = None
        self._tokens = LIGHT
        self._is_smooth = is_smooth
        self._is_old = False
        self.setMinimumSize(120, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_image(self, image: QImage | None) -> None:
        """Show a picture; None: none."""
        self.image = None if image is None or image.isNull() else image
        self.update()

    def set_old(self, on: bool) -> None:
        """Show the picture faintly."""
        if on != self._is_old:
            self._is_old = on
            self.update()

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for a square."""
        return QSize(240, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture as large as it fits."""
        painter = QPainter(self)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QColor(self._tokens.faint))
        painter.setBrush(QColor(self._tokens.surface))
        painter.drawRect(frame)
        if self.image is None:
            painter.setPen(QColor(self._tokens.muted))
            painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, "No picture yet")
        else:
            inner = frame.adjusted(4, 4, -4, -4)
            size = self.image.size().toSizeF()
            size.scale(inner.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(inner.topLeft(), size)
            place.moveCenter(inner.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._is_smooth)
            painter.setOpacity(OLD_OPACITY if self._is_old else 1.0)
            painter.drawImage(place, self.image)
        painter.end()


def prepared_image(array: Array, value_range: tuple[float, float]) -> QImage:
    """Return what goes into the network as a picture, one pixel a value.

    Parameters
    ----------
    array
        (h, w) or (h, w, c): one channel is shown grey, three as RGB, of any other number the mean.
    value_range
        What is shown black and white.
    """
    planes = array.reshape(array.shape[0], array.shape[1], -1).astype(np.float64)
    if planes.shape[2] not in (1, 3):
        planes = planes.mean(axis=2, keepdims=True)
    low, high = value_range
    shares = np.nan_to_num((planes - low) / ((high - low) or 1.0))
    pixels = np.round(np.clip(shares, 0, 1) * 255).astype(np.uint8)
    pixels = np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))
    height, width = pixels.shape[:2]
    image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()  # of its own: the array ends with this function


def prepared_caption(array: Array, value_range: tuple[float, float]) -> str:
    """Return the size of what the network sees and the range of its values."""
    height, width = array.shape[:2]
    channels = array.shape[2] if array.ndim > 2 else 1
    kind = {1: "grey", 3: "RGB"}.get(channels, f"{channels} channels")
    low, high = value_range
    return f"{width} × {height} pixels, {kind}, values {low:g} to {high:g}"
