"""Small pictures of weights and of what layers give."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from engine.probes.activations import LayerOutput, best_grid
from widgets.base.theme import Tokens

_MOST_TILES: Final = 4  # filters along each side
_LONGEST: Final = 3.0  # times its other side; a longer picture is stretched rather than a thread
_BARS_PX: Final = 144  # sides of a picture of bars: the block's picture at zoom 2
_BAR_SHARE: Final = 0.8  # of its place
LARGEST_SIDE: Final = 96  # cells; more than the block's picture has pixels at zoom 2


def reduced(values: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Return weights of any shape as a matrix of at most 96 × 96 cells, copied; every n-th is kept.

    Of a convolution's kernel (height, width, inputs, filters) up to 16 filters stand side by side,
    of each its first input; other tensors keep their last axis as columns.

    Raises
    ------
    ValueError
        If ``values`` is empty.
    """
    array = np.asarray(values, dtype=np.float32)
    if array.size == 0:
        raise ValueError("a thumbnail needs at least one number")
    matrix = _filters(array) if array.ndim == 4 else np.atleast_2d(array)
    matrix = matrix.reshape(-1, matrix.shape[-1])
    steps = [-(-side // LARGEST_SIDE) for side in matrix.shape]
    return np.array(matrix[:: steps[0], :: steps[1]])


def _filters(kernel: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the first filters of a kernel (h, w, c, k) as tiles of a near-square."""
    columns = min(_MOST_TILES, math.ceil(math.sqrt(kernel.shape[-1])))
    rows = min(_MOST_TILES, kernel.shape[-1] // columns)
    tiles = kernel[:, :, 0, : rows * columns]  # (h, w, rows * columns)
    height, width, _ = tiles.shape
    grid = tiles.reshape(height, width, rows, columns).transpose(2, 0, 3, 1)
    return grid.reshape(rows * height, columns * width)


def _rgb(name: str) -> npt.NDArray[np.float32]:
    colour = QColor(name)
    return np.array([colour.red(), colour.green(), colour.blue()], dtype=np.float32)


def output_picture(output: LayerOutput, tokens: Tokens) -> QImage:
    """Return a picture of what a layer gives: maps side by side, bars, or a strip."""
    values = output.values
    if output.form == "bars":
        return _bars(values, tokens)
    if output.form == "strip":
        return picture(values, tokens)
    count, height, width = values.shape
    columns, _ = best_grid(count, (height, width), (LARGEST_SIDE, LARGEST_SIDE))
    rows = -(-count // columns)
    tiles = np.zeros((rows * columns, height, width), np.float32)
    tiles[:count] = values
    grid = tiles.reshape(rows, columns, height, width).swapaxes(1, 2)
    return picture(grid.reshape(rows * height, columns * width), tokens)


def _bars(values: npt.NDArray[np.float32], tokens: Tokens) -> QImage:
    """Return a bar a number from the line of zero; one that is not finite reaches through the whole picture."""
    image = QImage(_BARS_PX, _BARS_PX, QImage.Format.Format_RGB32)
    image.fill(QColor(tokens.zero))
    finite = np.isfinite(values)
    high = float(values[finite].max(initial=0.0))
    low = float(values[finite].min(initial=0.0))
    scale = _BARS_PX / ((high - low) or 1.0)
    painter = QPainter(image)
    width = _BARS_PX / len(values)
    for place, value in enumerate(values.tolist()):
        top, bottom = (high - max(value, 0.0)) * scale, (high - min(value, 0.0)) * scale
        colour = tokens.positive if value >= 0 else tokens.negative
        if not math.isfinite(value):
            top, bottom, colour = 0.0, float(_BARS_PX), tokens.bad
        box = QRectF(place * width, top, width * _BAR_SHARE, bottom - top)
        painter.fillRect(box, QColor(colour))
    painter.end()
    return image


def picture(values: npt.NDArray[np.generic], tokens: Tokens) -> QImage:
    """Return a picture of a matrix (rows, columns): a pixel a number, zero in the middle colour.

    The scale reaches from -m to m, m the largest finite magnitude. What is not finite is drawn in
    the colour of errors. Bytes are a picture already, (h, w) grey or (h, w, 3) RGB.
    """
    if values.dtype == np.uint8:
        return _image(values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=-1))
    return _image(_coloured(values.astype(np.float32, copy=False), tokens))


def fitted(image: QImage, box: QRectF) -> QRectF:
    """Return the largest place for a picture in the middle of a box; a very long one fills it."""
    ratio = image.width() / max(1, image.height())
    if not 1 / _LONGEST <= ratio <= _LONGEST:
        return box
    width = min(box.width(), box.height() * ratio)
    place = QRectF(0, 0, width, width / ratio)
    place.moveCenter(box.center())
    return place


def _coloured(values: npt.NDArray[np.float32], tokens: Tokens) -> npt.NDArray[np.uint8]:
    """Return the colours (h, w, 3) of numbers (h, w)."""
    finite = np.isfinite(values)
    largest = float(np.abs(values[finite]).max(initial=0.0)) or 1.0
    share = np.where(finite, values / largest, 0.0)[..., None]  # (h, w, 1), -1 to 1
    negative, zero, positive, bad = (
        _rgb(name) for name in (tokens.negative, tokens.zero, tokens.positive, tokens.bad)
    )
    # The root lifts small weights, which are most of them, off the middle.
    end = np.where(share < 0, negative, positive)
    mixed = zero + (end - zero) * np.sqrt(np.abs(share))  # (h, w, 3)
    mixed[~finite] = bad
    pixels: npt.NDArray[np.uint8] = np.rint(mixed).astype(np.uint8)
    return pixels


def _image(pixels: npt.NDArray[np.generic]) -> QImage:
    height, width, _ = pixels.shape
    raw = np.ascontiguousarray(pixels).tobytes()
    return QImage(raw, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
