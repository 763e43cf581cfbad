"""Colours of plots, made from the tokens."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from widgets.base.theme import Tokens

Bytes = npt.NDArray[np.uint8]
Colours = npt.NDArray[np.uint32]  # opaque, ``0xffrrggbb`` each, which Qt paints as they are

# The diverging scale has an odd number of entries, so that exactly zero has one of its own.
SCALE_SIZE = 251
ZERO = SCALE_SIZE // 2
NOT_FINITE = 252  # index of the colour of NaN and infinity
SLICE = 253  # index of the column between two slices of one filter
GAP = 254  # index of the line between two filters
EMPTY = 255  # index of the background


_SAFE_LEVEL = 1e-30  # of which the reciprocal is far from the largest 32-bit number
_SMALLEST = float(np.finfo(np.float32).smallest_subnormal)


def mixed(front: str, back: str, share: float) -> str:
    """Return ``share`` (0 to 1) of ``front`` over ``back``; opaque, which paints faster."""
    a, b = QColor(front), QColor(back)
    return QColor(
        round(a.red() * share + b.red() * (1 - share)),
        round(a.green() * share + b.green() * (1 - share)),
        round(a.blue() * share + b.blue() * (1 - share)),
    ).name()


@lru_cache(maxsize=4)
def diverging_table(tokens: Tokens) -> Bytes:
    """Return (256, 3) red, green, blue by index: the scale, then what it leaves out. Not to be written to."""
    anchors = np.array([_rgb(c) for c in (tokens.negative, tokens.zero, tokens.positive)])
    position = np.linspace(0, 2, SCALE_SIZE)
    table = np.zeros((256, 3))
    for channel in range(3):
        table[:SCALE_SIZE, channel] = np.interp(position, [0, 1, 2], anchors[:, channel])
    table[NOT_FINITE] = _rgb(tokens.series[3])  # far from both ends of the scale
    table[SLICE] = _rgb(mixed(tokens.muted, tokens.surface, 0.5))  # no weight is grey
    table[GAP] = _rgb(tokens.muted)
    table[EMPTY] = _rgb(tokens.window)
    colours: Bytes = np.round(table).astype(np.uint8)
    colours.setflags(write=False)
    return colours


def packed(channels: Bytes) -> Colours:
    """Return (...) colours of (..., 3) red, green and blue."""
    red, green, blue = np.moveaxis(channels.astype(np.uint32), -1, 0)
    colours: Colours = 0xFF << 24 | red << 16 | green << 8 | blue
    return colours


def _rgb(colour: str) -> tuple[int, int, int]:
    made = QColor(colour)
    return made.red(), made.green(), made.blue()


def largest_magnitude(values: npt.NDArray[np.floating]) -> float:
    """Return the largest finite magnitude; 1 if there is none or it is zero."""
    peak = peak_of(values)
    if not math.isfinite(peak):
        peak = peak_of(values[np.isfinite(values)])
    return peak or 1.0


def peak_of(values: npt.NDArray[np.floating]) -> float:
    """Return the largest magnitude, 0 if there is none; NaN or infinite if a value is."""
    high = np.maximum.reduce(values, axis=None, initial=0.0)
    low = np.minimum.reduce(values, axis=None, initial=0.0)
    return float(max(high, -low))  # both are NaN, or none


def scaled(values: npt.NDArray[np.floating]) -> tuple[float, Bytes]:
    """Return the `largest_magnitude` of values, and their `colour_indices` on a scale up to it."""
    peak = peak_of(values)
    if _SAFE_LEVEL < peak < math.inf:  # the usual case, which is read once only
        return peak, _quick_indices(values, peak)
    level = largest_magnitude(values)
    return level, colour_indices(values, level)


def _quick_indices(values: npt.NDArray[np.floating], level: float) -> Bytes:
    places = values * np.float32(ZERO / level)
    places += np.float32(ZERO + 0.5)  # the cast cuts off, so this rounds
    indices: Bytes = places.astype(np.uint8)
    return indices


def colour_indices(values: npt.NDArray[np.floating], level: float) -> Bytes:
    """Return the index into `diverging_table` of each value, ``-level`` first, ``level`` last."""
    if level > _SAFE_LEVEL and peak_of(values) <= level:  # NaN is not below
        return _quick_indices(values, level)
    with np.errstate(over="ignore", invalid="ignore"):
        # Divided first: ZERO / level would overflow for the smallest levels.
        places = np.divide(values, np.float32(max(level, _SMALLEST)), dtype=np.float32)
        places *= ZERO
        places += ZERO + 0.5  # the cast below cuts off, so this rounds
    finite = np.isfinite(values)
    np.clip(places, 0, SCALE_SIZE - 1, out=places)
    if not finite.all():
        places[~finite] = NOT_FINITE
    indices: Bytes = places.astype(np.uint8)
    return indices
