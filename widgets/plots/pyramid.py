"""The lows and highs of a long series, at a cost set by the screen and not by its length."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats32 = npt.NDArray[np.float32]
Floats64 = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

FACTOR = 8  # points of one level that make one of the next
_FIRST_CAPACITY = 1024


class View(NamedTuple):
    """What a screen shows of a series: one entry a bucket of neighbouring points.

    Attributes
    ----------
    start
        (buckets,) index of each bucket's first point.
    low, high
        (buckets,) smallest and largest finite value in the bucket; NaN if it has none.
    """

    start: Integers
    low: Floats32
    high: Floats32


class GrowingArray:
    """A one-dimensional array that grows at its end in O(1) a number, amortised."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._room: npt.NDArray[Any] = np.empty(_FIRST_CAPACITY, dtype=dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def values(self) -> npt.NDArray[Any]:
        """The numbers so far; a view that the next `extend` may leave behind."""
        return self._room[: self._size]

    def extend(self, numbers: npt.ArrayLike) -> None:
        """Add numbers at the end."""
        new = np.asarray(numbers)
        size = self._size + len(new)
        if size > len(self._room):
            room = np.empty(max(size, 2 * len(self._room)), dtype=self._room.dtype)
            room[: self._size] = self.values
            self._room = room
        self._room[self._size : size] = new
        self._size = size

    def truncate(self, size: int) -> None:
        """Forget everything from index ``size`` on."""
        self._size = min(self._size, size)


class _Level:
    """Low, high, sum and count of the finite points in each whole bucket of one width."""

    def __init__(self) -> None:
        self.low = GrowingArray(np.float32)
        self.high = GrowingArray(np.float32)
        self.total = GrowingArray(np.float64)
        self.count = GrowingArray(np.int64)

    def __len__(self) -> int:
        return len(self.low)

    def extend(self, low: Floats32, high: Floats32, total: Floats64, count: Integers) -> None:
        """Add whole buckets; each argument (buckets * FACTOR,) from the level below."""
        self.low.extend(np.fmin.reduce(low.reshape(-1, FACTOR), axis=1))
        self.high.extend(np.fmax.reduce(high.reshape(-1, FACTOR), axis=1))
        self.total.extend(total.reshape(-1, FACTOR).sum(axis=1))
        self.count.extend(count.reshape(-1, FACTOR).sum(axis=1))

    def truncate(self, size: int) -> None:
        """Forget every bucket from index ``size`` on."""
        for column in (self.low, self.high, self.total, self.count):
            column.truncate(size)


class Pyramid:
    """An append-only series of float32 numbers with its minima, maxima and sums at every scale.

    Level k holds the low, high and sum of each whole bucket of ``FACTOR**k`` points, so a view of
    any width reads at most ``FACTOR`` entries a pixel. Only whole buckets are stored: the open one
    at the end is read from the points. NaN and infinity count as missing. Below 8 bytes a point,
    at most twice that right after the arrays have grown.
    """

    def __init__(self) -> None:
        self._points = GrowingArray(np.float32)
        self._levels: list[_Level] = []  # of FACTOR, FACTOR**2, ... points a bucket

    def __len__(self) -> int:
        return len(self._points)

    @property
    def points(self) -> Floats32:
        """(n,) every point; NaN where none finite was given. Not to be written to."""
        values: Floats32 = self._points.values
        return values

    def append(self, values: npt.ArrayLike) -> None:
        """Add points at the end, in O(1) a point, amortised."""
        with np.errstate(over="ignore"):  # beyond float32 is infinite: missing
            new = np.array(values, dtype=np.float32, ndmin=1)
        new[~np.isfinite(new)] = np.nan
        self._points.extend(new)

    def _build(self) -> None:
        """Make the buckets of what was added since they were needed last, all at once."""
        below = len(self)
        for level in itertools.count():
            done = len(self._levels[level]) if level < len(self._levels) else 0
            whole = below // FACTOR
            if whole == done:
                return
            if level == len(self._levels):
                self._levels.append(_Level())
            self._levels[level].extend(*self._columns(level, done * FACTOR, whole * FACTOR))
            below = whole

    def truncate(self, size: int) -> None:
        """Forget every point from index ``size`` on."""
        self._points.truncate(size)
        for level in self._levels:
            size //= FACTOR
            level.truncate(size)

    def _columns(
        self, level: int, first: int, last: int
    ) -> tuple[Floats32, Floats32, Floats64, Integers]:
        """Low, high, sum and count of the buckets of a level; level 0 is the points themselves."""
        part = slice(first, last)
        if level == 0:
            points = self.points[part]
            finite = ~np.isnan(points)
            total = np.where(finite, points, 0).astype(np.float64)
            return points, points, total, finite.astype(np.int64)
        found = self._levels[level - 1]
        return (
            found.low.values[part],
            found.high.values[part],
            found.total.values[part],
            found.count.values[part],
        )

    def view(self, first: int, last: int, width: int) -> View:
        """Return the lows and highs of the points ``first <= index < last``, ``width`` to a bucket.

        Buckets lie at multiples of their width, a power of two, so that they stay where they are while the series
        grows; only the outermost two are cut to the range.
        """
        self._build()
        first, last = max(0, first), min(len(self), last)
        if last <= first:
            empty = np.empty(0, dtype=np.float32)
            return View(np.empty(0, dtype=np.int64), empty, empty)
        inner_first, inner_last = -(-first // width) * width, last // width * width
        if inner_first >= inner_last:  # at most two buckets, both cut
            edges = [(first, min(inner_first, last)), (max(inner_first, first), last)]
            return _joined([self._bucket(a, b) for a, b in edges if a < b])
        left = [self._bucket(first, inner_first)] if first < inner_first else []
        right = [self._bucket(inner_last, last)] if inner_last < last else []
        return _joined([*left, self._buckets(inner_first, inner_last, width), *right])

    def means(self, first: Integers, last: Integers) -> Floats64:
        """Return the mean of the finite points ``first[i] <= index < last[i]``; NaN if none.

        Each range is summed from the widest buckets inside it, not as the difference of two
        running sums: one huge loss must not blur the means of everything after it.
        """
        self._build()
        total, count = np.zeros(len(first)), np.zeros(len(first), dtype=np.int64)
        for level in range(len(self._levels) + 1):
            if (first >= last).all():
                break
            inner_first = np.minimum(-(-first // FACTOR) * FACTOR, last)
            inner_last = np.maximum(last // FACTOR * FACTOR, inner_first)
            for begin, end in ((first, inner_first), (inner_last, last)):
                sums, counts = self._short_sums(level, begin, end)
                total, count = total + sums, count + counts
            first, last = inner_first // FACTOR, inner_last // FACTOR
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    def _short_sums(self, level: int, first: Integers, last: Integers) -> tuple[Floats64, Integers]:
        """Sum and count over fewer than ``FACTOR`` buckets of a level, for each i."""
        index = first[:, None] + np.arange(FACTOR - 1)  # (n, FACTOR - 1)
        inside = index < last[:, None]
        if not inside.any():
            return np.zeros(len(first)), np.zeros(len(first), dtype=np.int64)
        index = np.where(inside, index, 0)
        if level == 0:
            points = self.points[index]
            inside &= ~np.isnan(points)
            return np.where(inside, points, 0.0).sum(axis=1, dtype=np.float64), inside.sum(axis=1)
        found = self._levels[level - 1]
        return (
            np.where(inside, found.total.values[index], 0.0).sum(axis=1),
            np.where(inside, found.count.values[index], 0).sum(axis=1),
        )

    def _bucket(self, first: int, last: int) -> View:
        part = self.points[first:last]
        low, high = np.fmin.reduce(part, keepdims=True), np.fmax.reduce(part, keepdims=True)
        return View(np.array([first], dtype=np.int64), low, high)

    def _buckets(self, first: int, last: int, width: int) -> View:
        """Whole buckets of ``width`` points, a power of two; both ends are multiples of it."""
        level, size = 0, 1
        while size * FACTOR <= width and level < len(self._levels):
            level, size = level + 1, size * FACTOR
        low = self._levels[level - 1].low.values if level else self.points
        high = self._levels[level - 1].high.values if level else self.points
        part, group = slice(first // size, last // size), width // size
        return View(
            np.arange(first, last, width, dtype=np.int64),
            np.fmin.reduce(low[part].reshape(-1, group), axis=1),
            np.fmax.reduce(high[part].reshape(-1, group), axis=1),
        )


def bucket_width(points: int, pixels: int) -> int:
    """Return the width of buckets, a power of two, so that ``points`` make no more than ``pixels`` whole ones."""
    return 1 << max(0, -(-points // max(1, pixels)) - 1).bit_length()


def _joined(views: list[View]) -> View:
    return View(*(np.concatenate(columns) for columns in zip(*views, strict=True)))
