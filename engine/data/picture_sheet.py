"""Pictures side by side in one. Loads without TensorFlow."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data.info import DataInfo

_GAP_PX: Final = 1  # between the pictures of a sheet


def as_bytes(samples: npt.NDArray[Any], info: DataInfo) -> npt.NDArray[np.uint8]:
    """Return pictures (n, h, w, channels) as bytes, black and white as the data has them."""
    low, high = info.value_range or (float(samples.min()), float(samples.max()))
    share = (samples - low) / ((high - low) or 1.0)
    return np.round(255 * np.clip(share, 0.0, 1.0)).astype(np.uint8)


def sheet(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return pictures (n, h, w, channels) side by side in one, as square as can be."""
    count, height, width, channels = pictures.shape
    columns = math.ceil(math.sqrt(count * height / width))
    rows = math.ceil(count / columns)
    cells = np.zeros((rows * columns, height + _GAP_PX, width + _GAP_PX, channels), np.uint8)
    cells[:count, :height, :width] = pictures
    joined = cells.reshape(rows, columns, *cells.shape[1:]).swapaxes(1, 2)
    whole = joined.reshape(rows * (height + _GAP_PX), columns * (width + _GAP_PX), channels)
    return whole[: -_GAP_PX or None, : -_GAP_PX or None]
