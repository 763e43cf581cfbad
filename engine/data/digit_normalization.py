"""A drawn character, placed and drawn like those of the training pictures.

MNIST: the longer side of the ink takes 20 of 28 pixels, centred by mass (its authors' page).

The digits of scikit-learn come from 32 x 32 bitmaps that NIST's form reader normalised. Measured on all 1,797:
ink touches top and bottom; most glyphs fill 5 of 8 columns around the middle whatever the digit; ink covers
0.31 of the picture (standard deviation 0.04); and the leftmost ink of the top stands above the leftmost ink of
the bottom. The same is done here to drawings: without it a support vector machine trained on the set
knew 81 % of 300 drawn digits, with it 95 % (pen of 20 pixels on 280; 90 % and 98 % with 24).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.resampling import Pixels, Region, Size, around, averaged, border

Plane: TypeAlias = npt.NDArray[np.float32]  # (h, w) ink of 0 to 255
Point: TypeAlias = tuple[float, float]  # y, x

_INK = 0.25  # share of the strongest ink from which a pixel belongs to the glyph
_FAINTEST = 12.0  # of 255: a picture with less contrast holds no glyph
_CLEAN = 8.0  # of 255: darker backgrounds are left as they are
_FINE_PIXELS = 200  # least height at which strokes are thickened and turned upright
_NARROW = 0.35  # width over height below which a glyph is a bare line and keeps its width
_MOST_THICKENING = 0.12  # of the height: two far dots stay dots
_END = 0.02  # share of the height that counts as the top, and as the bottom, of a glyph


@dataclass(frozen=True)
class Style:
    """How training glyphs lie in their pictures.

    Attributes
    ----------
    box
        Share of the picture's side that the glyph's longer side takes.
    by_mass
        Centred by the centre of its ink, else by its bounding box.
    ink
        Share of the picture that ink covers; thinner strokes are thickened up to it.
    least_ink
        Least such share among the training pictures.
    aspect
        Width over height to which glyphs are stretched, and then turned upright; None: neither.
    """

    box: float
    by_mass: bool
    ink: float
    least_ink: float
    aspect: float | None = None


_MNIST = Style(20 / 28, by_mass=True, ink=0.08, least_ink=0.04)
_DIGITS = Style(1.0, by_mass=False, ink=0.30, least_ink=0.18, aspect=5 / 8)
_SMALLEST_WITH_MARGIN = 16  # pixels


@dataclass(frozen=True)
class _Box:
    """Bounding box of the ink, in pixels; ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


def glyph(pixels: Pixels, size: Size) -> Pixels | None:
    """Return a light-on-dark picture of a character at the network's size; None if it is empty."""
    pixels = _clean(pixels)
    ink = _ink(pixels)
    if float(ink.max()) - float(ink.min()) < _FAINTEST:
        return None
    style = _MNIST if min(size) >= _SMALLEST_WITH_MARGIN else _DIGITS
    box = _box(ink)
    centre = _centre(ink, box, style)
    if _is_like_training(ink, box, centre, size, style):
        return averaged(pixels, Region(0.0, 0.0, *ink.shape), size)
    factor = -(-_FINE_PIXELS // size[0])
    fine = averaged(
        pixels, around(centre, _extent(box, size, style)), (size[0] * factor, size[1] * factor)
    )
    fine = _thickened(fine, style.ink)
    if style.aspect is not None:
        fine = _upright(fine)
    blocks = fine.reshape(size[0], factor, size[1], factor, -1)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def _ink(pixels: Pixels) -> Plane:
    return np.asarray(pixels.mean(axis=2), np.float32)


def _clean(pixels: Pixels) -> Pixels:
    """Return the picture with grey paper made black and the strongest ink white."""
    paper, strongest = float(np.median(border(pixels))), float(pixels.max())
    if paper <= _CLEAN or strongest - paper < _FAINTEST:
        return pixels
    stretched = (pixels - paper) * (255.0 / (strongest - paper))
    return np.asarray(np.clip(stretched, 0.0, 255.0), np.float32)


def _mask(ink: Plane) -> npt.NDArray[np.bool_]:
    return np.asarray(ink > float(ink.max()) * _INK)


def _box(ink: Plane) -> _Box:
    mask = _mask(ink)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return _Box(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)


def _centre(ink: Plane, box: _Box, style: Style) -> Point:
    if not style.by_mass:
        return (box.top + box.bottom) / 2, (box.left + box.right) / 2
    rows, columns = ink.sum(axis=1, dtype=np.float64), ink.sum(axis=0, dtype=np.float64)
    y = rows @ (np.arange(len(rows)) + 0.5) / rows.sum()
    x = columns @ (np.arange(len(columns)) + 0.5) / columns.sum()
    return float(y), float(x)


def _is_like_training(ink: Plane, box: _Box, centre: Point, size: Size, style: Style) -> bool:
    """Tell whether the glyph is placed as in a training picture and no thinner than in any."""
    height, width = ink.shape
    scale = height / size[0]  # pixels for one of the network's
    longest = max(box.height, box.width)
    checks = (
        abs(width / size[1] - scale) <= 0.01 * scale,
        abs(longest / scale - style.box * size[0]) <= 1.0,
        abs(centre[0] - height / 2) <= 1.5 * scale,
        abs(centre[1] - width / 2) <= 1.5 * scale,
        _covered(ink) >= style.least_ink,
    )
    return all(checks)


def _covered(ink: Plane) -> float:
    """Return the share of the picture that ink covers."""
    return float(ink.mean(dtype=np.float64)) / float(ink.max())


def _extent(box: _Box, size: Size, style: Style) -> tuple[float, float]:
    """Return (height, width) of the region that leaves the usual margin around the box."""
    high, wide = box.height / style.box, box.width / style.box
    if style.aspect is None or box.width < _NARROW * box.height:
        scale = max(high / size[0], wide / size[1])
        return size[0] * scale, size[1] * scale
    return high, wide / style.aspect


def _thickened(fine: Pixels, share: float) -> Pixels:
    """Return the glyph with strokes so wide that ink covers ``share`` of the picture, or as it is."""
    ink = _ink(fine)
    wanted = (share - _covered(ink)) * ink.size / _edge_pixels(ink)
    radius = min(wanted, _MOST_THICKENING * len(ink))
    if radius < 0.5:
        return fine
    reach = math.ceil(radius)
    height, width = ink.shape
    padded = np.pad(fine, ((reach, reach), (reach, reach), (0, 0)))
    thick = fine.copy()
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            if dy * dy + dx * dx <= radius * radius:
                top, left = reach + dy, reach + dx
                np.maximum(thick, padded[top : top + height, left : left + width], out=thick)
    return thick


def _edge_pixels(ink: Plane) -> int:
    """Return how many pixels of the glyph touch background."""
    mask = np.pad(_mask(ink), 1)
    inner = mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    return int((mask[1:-1, 1:-1] & ~inner).sum())


def _upright(fine: Pixels) -> Pixels:
    """Return the glyph sheared until its top begins above where its bottom begins, and centred."""
    mask = _mask(_ink(fine))
    box = _box(_ink(fine))
    end = max(1, int(_END * box.height))
    top = _first_column(mask[box.top : box.top + end])
    bottom = _first_column(mask[box.bottom - end : box.bottom])
    slope = (bottom - top) / max(1, box.height - end)
    middle = (box.top + box.bottom) / 2
    shifts = np.rint(slope * (np.arange(len(fine)) - middle)).astype(int)
    sheared = _shifted(fine, shifts)
    moved = _box(_ink(sheared))
    to_centre = round((moved.left + moved.right - fine.shape[1]) / 2)
    return _shifted(sheared, np.full(len(fine), to_centre))


def _first_column(rows: npt.NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(rows.any(axis=0))[0])


def _shifted(fine: Pixels, shifts: npt.NDArray[Any]) -> Pixels:
    """Return each row moved left by its shift; what comes in is background."""
    width = fine.shape[1]
    columns = np.arange(width) + shifts[:, None]  # (h, w) where each pixel comes from
    moved = fine[np.arange(len(fine))[:, None], np.clip(columns, 0, width - 1)]
    moved[(columns < 0) | (columns >= width)] = 0.0
    return np.asarray(moved, np.float32)
