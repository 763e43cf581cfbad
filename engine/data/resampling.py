"""Cutting a region out of a picture and averaging it down to few pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Pixels: TypeAlias = npt.NDArray[np.float32]  # (h, w, c) of 0 to 255
Size: TypeAlias = tuple[int, int]  # height, width


@dataclass(frozen=True)
class Region:
    """Part of a picture in its pixels; may reach beyond it, where background is."""

    top: float
    left: float
    height: float
    width: float


def around(centre: tuple[float, float], extent: tuple[float, float]) -> Region:
    """Return the region of ``extent`` (height, width) around a point (y, x)."""
    (y, x), (height, width) = centre, extent
    return Region(y - height / 2, x - width / 2, height, width)


def border(pixels: Pixels) -> Pixels:
    """Return the (n, c) pixels of the outermost frame."""
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def averaged(pixels: Pixels, region: Region, size: Size) -> Pixels:
    """Return the region at a size: exact area means where it shrinks, linear where it grows.

    What lies beyond the picture has the usual colour of its border. Pillow's box filter takes a pixel
    whole or not at all and so loses thin lines; this does not.
    """
    background = np.median(border(pixels), axis=0)
    away = pixels - background  # beyond the picture, nothing is added
    rows = _along(away, region.top, region.height, size[0])
    columns = _along(rows.transpose(1, 0, 2), region.left, region.width, size[1])
    picture = columns.transpose(1, 0, 2) + background
    return np.asarray(np.clip(picture, 0.0, 255.0), np.float32)


def _along(values: npt.NDArray[Any], start: float, extent: float, count: int) -> npt.NDArray[Any]:
    """Return ``count`` values for the stretch of axis 0 from ``start``; 0 beyond the ends."""
    step = extent / count
    if step >= 1.0:
        nothing = np.zeros((1, *values.shape[1:]))
        total = np.concatenate([nothing, np.cumsum(values, axis=0, dtype=np.float64)])
        sums = _interpolated(total, start + step * np.arange(count + 1))
        return np.asarray(np.diff(sums, axis=0) / step)
    centres = start + step * (np.arange(count) + 0.5) - 0.5
    found = _interpolated(values, centres)
    found[(centres < -0.5) | (centres > len(values) - 0.5)] = 0.0
    return found


def _interpolated(values: npt.NDArray[Any], places: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the values between neighbours on axis 0; the end values beyond the ends."""
    inside = np.clip(places, 0.0, len(values) - 1.0)
    lower = np.floor(inside).astype(int)
    upper = np.minimum(lower + 1, len(values) - 1)
    share = (inside - lower).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(values[lower] * (1.0 - share) + values[upper] * share)
