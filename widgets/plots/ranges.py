"""The range of an axis that follows values: it stays as long as it can, as a new one is drawn at a price."""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import numpy as np

from widgets.plots.curve import Floats

Range: TypeAlias = tuple[float, float]

_LOWEST_LOG = 1e-12  # where a log scale ends if nothing positive is shown

_DECADES_TO_ZERO = 3  # that a log scale shows of a range that reaches to zero
_MOST_DECADES = 300.0  # of numbers that there are

_MARGIN = 0.05  # of the range of values, below and above, at least; half of it may be used up
_LEAST_FILLED = 0.6  # of an axis
_UNITS = 4  # ends lie at whole units, four to eight of which the values take


class Extent(NamedTuple):
    """Smallest, largest and smallest positive of some values; infinite if there are none.

    The smallest positive one is known where the scale is by powers of ten only.
    """

    low: float = math.inf
    high: float = -math.inf
    least_positive: float = math.inf

    def joined(self, values: Floats, is_log: bool) -> Extent:
        """Return the extent of these values too; NaN is none."""
        least = self.least_positive
        if is_log:
            least = float(values[values > 0].min(initial=least))
        return Extent(
            float(np.fmin.reduce(values, initial=self.low)),
            float(np.fmax.reduce(values, initial=self.high)),
            least,
        )

    @property
    def floor(self) -> float:
        """Where a log scale puts zeros and negative values, if there are any: just below the smallest positive one."""
        if self.low > 0:
            return 0.0
        return self.least_positive / 2 if self.least_positive < math.inf else _LOWEST_LOG


def fitted(low: float, high: float, shown: Range | None) -> Range:
    """Return the ends of an axis for values from ``low`` to ``high``.

    The ends ``shown`` so far while the values fit them well; else new ones with room to grow. What is never negative
    starts little below zero.
    """
    span = high - low
    margin = span * _MARGIN
    if shown is not None:
        bottom, top = shown
        has_room = bottom <= low - margin / 2 and high + margin / 2 <= top
        if has_room and span >= _LEAST_FILLED * (top - bottom):
            return shown
    if not span:
        half = abs(high) * 0.05 or 0.5
        return low - half, high + half
    unit = 2.0 ** math.floor(math.log2(span)) / _UNITS
    bottom = math.floor((low - margin) / unit) * unit
    top = math.ceil((high + margin) / unit) * unit
    return max(bottom, -margin) if low >= 0 else bottom, top


def respaced(bottom: float, top: float, is_log: bool) -> Range:
    """Return the ends of an axis that is to show the same values by powers of ten, or evenly again."""
    if not is_log:
        return 10.0 ** min(bottom, _MOST_DECADES), 10.0 ** min(top, _MOST_DECADES)
    high = math.log10(top) if top > 0 else 0.0
    return math.log10(bottom) if bottom > 0 else high - _DECADES_TO_ZERO, high
