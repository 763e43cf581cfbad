"""The lows and highs of a long series, at a cost set by the screen and not by its length."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats32 = npt.NDArray[np.float32]
Floats64 = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

FACTOR = 8  # points of one level that make one of the next
_FIRST_CAPACITY = 1024
_LARGEST = float(np.finfo(np.float32).max)
_HIGHEST = 32  # scales are enough for all that memory holds
_FEW = 4096  # points that are read as they are
# Limit of points that are not in buckets yet.
BLOCK = 1 << 16


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
    """A one-dimensional array that grows at its end in O(1) a number, amortised.

    Attributes
    ----------
    values
        The numbers so far; a view that the next `extend` may leave behind.
    """

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._room: npt.NDArray[Any] = np.empty(_FIRST_CAPACITY, dtype=dtype)
        self.values = self._room[:0]

    def __len__(self) -> int:
        return self.values.size

    def push(self, number: float) -> None:
        """Add one number at the end."""
        size = self.values.size
        if size == self._room.size:
            self.extend([number])
            return
        self._room[size] = number
        self.values = self._room[: size + 1]

    def extend(self, numbers: npt.NDArray[Any] | Sequence[float]) -> None:
        """Add numbers at the end."""
        before = self.values.size
        size = before + len(numbers)
        if size > self._room.size:
            room = np.empty(max(size, 2 * self._room.size), dtype=self._room.dtype)
            room[:before] = self.values
            self._room = room
        self._room[before:size] = numbers
        self.values = self._room[:size]

    def truncate(self, size: int) -> None:
        """Forget everything from index ``size`` on."""
        self.values = self.values[:size]


class _Level:
    """One number for each whole bucket of ``FACTOR**k`` points, at every scale k > 0.

    Parameters
    ----------
    fold
        Makes the number of a bucket out of those of the buckets within.
    ground
        (first, last) -> numbers of single points.
    """

    def __init__(
        self,
        fold: np.ufunc,
        dtype: npt.DTypeLike,
        ground: Callable[[int, int], npt.NDArray[Any]],
    ) -> None:
        self._fold = fold
        self._dtype = dtype
        self._ground = ground
        self._floors: list[GrowingArray] = []  # of FACTOR, FACTOR**2, ... points a bucket

    def build(self, points: int, height: int = _HIGHEST) -> None:
        """Make the buckets up to a scale, of what was added since they were needed last; ``points`` there are."""
        below = points
        for number in range(height):
            done = self._floors[number].values.size if number < len(self._floors) else 0
            whole = below // FACTOR
            if not whole:
                return
            if number == len(self._floors):
                self._floors.append(GrowingArray(self._dtype))
            if whole > done:
                new = self.part(number, done * FACTOR, whole * FACTOR)
                self._floors[number].extend(_folded(self._fold, new, FACTOR))
            below = whole

    @property
    def height(self) -> int:
        """The largest scale there is; 0 if there are single points only."""
        return len(self._floors)

    def part(self, level: int, first: int, last: int) -> npt.NDArray[Any]:
        """Return the numbers of some buckets of a scale; those of scale 0 are single points."""
        if level == 0:
            return self._ground(first, last)
        return self._floors[level - 1].values[first:last]

    def at(self, level: int, index: Integers) -> npt.NDArray[Any]:
        """Return the numbers of the buckets of a scale > 0 at these places."""
        found: npt.NDArray[Any] = self._floors[level - 1].values[index]
        return found

    def truncate(self, points: int) -> None:
        """Forget every bucket with a point from index ``points`` on."""
        for floor in self._floors:
            points //= FACTOR
            floor.truncate(points)


class MinMaxPyramid:
    """An append-only series of float32 numbers with its minima, maxima and sums at every scale.

    Scale k holds the low, high and sum of each whole bucket of ``FACTOR**k`` points, so a view of
    any width reads at most ``FACTOR`` entries a pixel. Only whole buckets are stored, once they are
    needed or `BLOCK` points wait: the open one at the end is read from the points. NaN and infinity count as missing.
    Below 8 bytes a point, at most twice that right after the arrays have grown.

    Attributes
    ----------
    points
        (n,) every point; NaN where none finite was given. Not to be written to.
    """

    def __init__(self) -> None:
        self._points = GrowingArray(np.float32)
        self.points: Floats32 = self._points.values
        self._low = _Level(np.fmin, np.float32, self._part)
        self._high = _Level(np.fmax, np.float32, self._part)
        self._total = _Level(np.add, np.float64, self._finite_part)
        self._count = _Level(np.add, np.int64, self._counts)
        self._towers = (self._low, self._high, self._total, self._count)
        self._built = 0  # points up to which all buckets are made

    def __len__(self) -> int:
        return self.points.size

    def append(self, values: npt.ArrayLike) -> None:
        """Add points at the end, in O(1) a point, amortised."""
        with np.errstate(over="ignore", invalid="ignore"):  # too large for 32 bits is infinite
            new = np.atleast_1d(np.asarray(values, np.float32))
            total = np.add.reduce(new)
        if not math.isfinite(total):  # then one of them may not be; else all are
            new = np.where(np.isfinite(new), new, np.float32(np.nan))
        self._points.extend(new)
        self._grown()

    def push(self, value: float) -> None:
        """Add one point at the end."""
        self._points.push(value if abs(value) <= _LARGEST else math.nan)  # NaN is not below
        self._grown()

    def _grown(self) -> None:
        self.points = self._points.values
        if self.points.size - self._built >= BLOCK:
            self._built = self.points.size
            for tower in self._towers:
                tower.build(self._built)

    def truncate(self, size: int) -> None:
        """Forget every point from index ``size`` on."""
        self._points.truncate(size)
        self.points = self._points.values
        self._built = min(self._built, size)
        for tower in self._towers:
            tower.truncate(size)

    def _part(self, first: int, last: int) -> Floats32:
        return self.points[first:last]

    def _finite_part(self, first: int, last: int) -> Floats64:
        return np.nan_to_num(self.points[first:last].astype(np.float64), copy=False)

    def _counts(self, first: int, last: int) -> Integers:
        points = self.points[first:last]
        counts: Integers = (points == points).astype(np.int64)  # NaN is not
        return counts

    def view(self, first: int, last: int, width: int) -> View:
        """Return the lows and highs of the points ``first <= index < last``, ``width`` to a bucket.

        Buckets lie at multiples of their width, a power of two, so that they stay where they are while the series
        grows; only the outermost two are cut to the range.
        """
        first, last = max(0, first), min(len(self), last)
        if last <= first:
            empty = np.empty(0, dtype=np.float32)
            return View(np.empty(0, dtype=np.int64), empty, empty)
        if width == 1:
            part = self.points[first:last]
            return View(np.arange(first, last, dtype=np.int64), part, part)
        if last - first <= _FEW:
            starts = np.arange(first // width * width, last, width)
            starts[0] = first
            part, begins = self.points[first:last], starts - first
            return View(starts, np.fmin.reduceat(part, begins), np.fmax.reduceat(part, begins))
        inner_first, inner_last = -(-first // width) * width, last // width * width
        if inner_first >= inner_last:  # at most two buckets, both cut
            edges = [(first, min(inner_first, last)), (max(inner_first, first), last)]
            return _joined([self._bucket(a, b) for a, b in edges if a < b])
        left = [self._bucket(first, inner_first)] if first < inner_first else []
        right = [self._bucket(inner_last, last)] if inner_last < last else []
        return _joined([*left, self._buckets(inner_first, inner_last, width), *right])

    def means_before(self, stops: Integers, window: int) -> Floats64:
        """Return the mean of the finite ones of the last ``window`` points before each of growing stops.

        There are fewer at the beginning, at least one; NaN if none is finite. Each range is summed by itself, not as
        the difference of two running sums: one huge loss must not blur the means of everything after it.
        """
        firsts = np.maximum(stops - window, 0)
        begin, end = int(firsts[0]), int(stops[-1])
        if max(end - begin, window * stops.size) <= _FEW:
            edges = np.empty(2 * stops.size, np.int64)
            edges[0::2], edges[1::2] = firsts - begin, stops - begin
            # Each first up to its stop, and nothing of use in between; the last ends where the points do.
            points = self.points[begin:end].astype(np.float64)
            sums = np.add.reduceat(points, edges[:-1])[0::2]
            if np.logical_and.reduce(sums == sums):  # else a point is missing
                means: Floats64 = sums / (stops - firsts)
                return means
        total, count = self._sums(firsts, stops)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    def _sums(self, first: Integers, last: Integers) -> tuple[Floats64, Integers]:
        """Sum and count of the points ``first[i] <= index < last[i]``, from the widest buckets inside."""
        for tower in (self._total, self._count):
            tower.build(len(self))
        total, count = np.zeros(len(first)), np.zeros(len(first), dtype=np.int64)
        for level in range(self._count.height + 1):
            if (first >= last).all():
                break
            inner_first = np.minimum(-(-first // FACTOR) * FACTOR, last)
            inner_last = np.maximum(last // FACTOR * FACTOR, inner_first)
            for begin, end in ((first, inner_first), (inner_last, last)):
                sums, counts = self._short_sums(level, begin, end)
                total, count = total + sums, count + counts
            first, last = inner_first // FACTOR, inner_last // FACTOR
        return total, count

    def _short_sums(self, level: int, first: Integers, last: Integers) -> tuple[Floats64, Integers]:
        """Sum and count over less than `FACTOR` buckets of a level, for each i."""
        index = first[:, None] + np.arange(FACTOR - 1)  # (n, FACTOR - 1)
        inside = index < last[:, None]
        index = np.where(inside, index, 0)
        if level == 0:
            points = self.points[index]
            inside &= points == points  # not NaN
            totals: Any = points
            counts: Any = inside
        else:
            totals, counts = self._total.at(level, index), self._count.at(level, index)
        return (
            np.add.reduce(np.where(inside, totals, 0.0), axis=1, dtype=np.float64),
            np.add.reduce(np.where(inside, counts, 0), axis=1, dtype=np.int64),
        )

    def _bucket(self, first: int, last: int) -> View:
        part = self.points[first:last]
        low, high = np.fmin.reduce(part, keepdims=True), np.fmax.reduce(part, keepdims=True)
        return View(np.array([first], dtype=np.int64), low, high)

    def _buckets(self, first: int, last: int, width: int) -> View:
        """Whole buckets of ``width`` points, a power of two; both ends are multiples of it."""
        level, size = 0, 1
        while size * FACTOR <= width:
            level, size = level + 1, size * FACTOR
        begin, end, group = first // size, last // size, width // size
        self._low.build(self.points.size, level)
        self._high.build(self.points.size, level)
        low, high = self._low.part(level, begin, end), self._high.part(level, begin, end)
        if group > 1:
            low, high = _folded(np.fmin, low, group), _folded(np.fmax, high, group)
        return View(np.arange(first, last, width, dtype=np.int64), low, high)


def bucket_width(points: int, pixels: int) -> int:
    """Return the width of buckets, a power of two, so that ``points`` make no more than ``pixels`` whole ones."""
    return 1 << max(0, -(-points // max(1, pixels)) - 1).bit_length()


def _folded(fold: np.ufunc, numbers: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """Return the fold of each ``size`` numbers, a power of two; NumPy takes ten times as long over short rows."""
    while size > 1:
        numbers = fold(numbers[0::2], numbers[1::2])
        size //= 2
    return numbers


def _joined(views: list[View]) -> View:
    if len(views) == 1:
        return views[0]
    return View(*(np.concatenate(columns) for columns in zip(*views, strict=True)))
