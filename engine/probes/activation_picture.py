"""What a layer gives for one sample, reduced to a small matrix that can be drawn. Loads without TensorFlow."""

from __future__ import annotations

import math
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

SIDE: Final = 72  # cells of the longer side
_TILES: Final = 3  # feature maps along each side
_LONGEST_STRIP: Final = 16  # a longer vector is folded into rows

Matrix: TypeAlias = npt.NDArray[np.float32]


def activation_picture(output: npt.NDArray[Any]) -> Matrix:
    """Return a layer's output as a matrix (rows, columns) of at most 72 × 72 cells.

    Of feature maps (h, w, c) up to 9 stand side by side, of a volume (d, h, w, c) those of its middle. A series
    (time, features) runs from left to right. A vector is one row, a long one a square that is read row by row; what
    is left of its last row is 0. More cells than fit are left out, every n-th kept.
    """
    values = np.asarray(output, dtype=np.float32)
    while values.ndim > 3:
        values = values[len(values) // 2]
    if values.size == 0:
        return np.zeros((1, 1), np.float32)
    if values.ndim == 3:
        matrix = _tiled(values)
    elif values.ndim == 2:
        matrix = values.T
    else:
        matrix = _folded(values.ravel())
    steps = [-(-side // SIDE) for side in matrix.shape]
    return np.array(matrix[:: steps[0], :: steps[1]])


def _tiled(maps: Matrix) -> Matrix:
    """Return the first maps of (h, w, c) as tiles of a near-square."""
    height, width, count = maps.shape
    columns = min(_TILES, math.ceil(math.sqrt(count)))
    rows = min(_TILES, count // columns)
    steps = (
        -(-height * rows // SIDE),
        -(-width * columns // SIDE),
    )  # before tiling: a tile stays whole
    tiles = maps[:: steps[0], :: steps[1], : rows * columns]
    high, wide, _ = tiles.shape
    grid = tiles.reshape(high, wide, rows, columns).transpose(2, 0, 3, 1)
    return grid.reshape(rows * high, columns * wide)


def _folded(vector: Matrix) -> Matrix:
    if len(vector) <= _LONGEST_STRIP:
        return vector[np.newaxis]
    columns = math.ceil(math.sqrt(len(vector)))
    rows = math.ceil(len(vector) / columns)
    square = np.zeros(rows * columns, np.float32)
    square[: len(vector)] = vector
    return square.reshape(rows, columns)
