"""Values at training steps: the pyramid with the numbers of its steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from widgets.plots.pyramid import Floats32, Floats64, GrowingArray, Integers, MinMaxPyramid


class StepView(NamedTuple):
    """What a screen shows of a series between two steps.

    Attributes
    ----------
    step
        (buckets,) step of each bucket's first point.
    low, high
        (buckets,) smallest and largest finite value in it; NaN if it has none.
    """

    step: Integers
    low: Floats32
    high: Floats32


class Series:
    """Values at ever growing steps, mostly one a step.

    Only jumps of the step number are stored, so a batch loss costs no more than its value.

    Attributes
    ----------
    version
        Another number after every change.
    rewinds
        How often points were forgotten; as long as it stays, the series has only grown.
    last_step
        Step of the last point; 0 if there is none.
    """

    def __init__(self) -> None:
        self.version = self.rewinds = 0
        self.last_step = 0
        self._pyramid = MinMaxPyramid()
        # A jump: from this index on, steps count up by one from this step.
        self._jump_index = GrowingArray(np.int64)
        self._jump_step = GrowingArray(np.int64)

    def __len__(self) -> int:
        return self._pyramid.points.size

    def append(self, first_step: int, values: npt.ArrayLike) -> None:
        """Add values at ``first_step`` and the steps after it.

        Whatever stood at ``first_step`` or later is forgotten: the run went back and repeats it.
        """
        new = np.atleast_1d(values)
        self._make_room(first_step)
        if not new.size:
            return
        self._note_jump(first_step)
        self._pyramid.append(new)
        self.last_step = first_step + new.size - 1

    def push(self, step: int, value: float) -> None:
        """Add one value; see `append`."""
        self._make_room(step)
        self._note_jump(step)
        self._pyramid.push(value)
        self.last_step = step

    def _note_jump(self, step: int) -> None:
        size = self._pyramid.points.size
        if step != self.last_step + 1 or not size:
            self._jump_index.push(size)
            self._jump_step.push(step)

    def append_at(
        self, steps: Sequence[int] | Integers, values: Sequence[float] | npt.NDArray[Any]
    ) -> None:
        """Add (n,) values at (n,) growing steps; see `append`."""
        if len(steps) == 1:
            self.push(int(steps[0]), float(values[0]))
            return
        if not len(steps):
            return
        self._make_room(steps[0])
        new = np.asarray(steps, dtype=np.int64)
        is_jump = np.ones(new.size, dtype=bool)
        is_jump[0] = not len(self) or new[0] != self.last_step + 1
        np.not_equal(new[1:] - new[:-1], 1, out=is_jump[1:])
        (jumps,) = is_jump.nonzero()
        self._jump_index.extend(len(self) + jumps)
        self._jump_step.extend(new[jumps])
        self._pyramid.append(values)
        self.last_step = int(steps[-1])

    def _make_room(self, step: int) -> None:
        """Forget what stands at a step or later."""
        self.version += 1
        if step <= self.last_step and len(self):
            self.rewinds += 1
            self._truncate(self.position(step))
            self.last_step = self.step(len(self) - 1) if len(self) else 0

    def points(self) -> tuple[Integers, Floats32]:
        """Return (n,) steps and (n,) values, NaN where not finite."""
        return self._steps(np.arange(len(self))), self._pyramid.points

    def span(self, first: float, last: float) -> tuple[int, int]:
        """Return the first index of the points between two steps and the one after the last, each widened by one."""
        start = self.position(math.ceil(first)) - 1
        stop = self.position(math.floor(last) + 1) + 1
        return max(0, start), min(self._pyramid.points.size, stop)

    def position(self, step: int) -> int:
        """Return the index of the first point at ``step`` or later."""
        size = self._pyramid.points.size
        if step > self.last_step:
            return size
        jumps = self._jump_step.values
        if not jumps.size or step <= jumps[0]:
            return 0
        if jumps.size == 1:  # as in most runs
            return step - int(jumps[0])
        jump = int(jumps.searchsorted(step, side="right")) - 1
        index = int(self._jump_index.values[jump]) + step - int(jumps[jump])
        is_last = jump + 1 == jumps.size
        return min(index, size if is_last else int(self._jump_index.values[jump + 1]))

    def step(self, index: int) -> int:
        """Return the step of the point at an index."""
        if self._jump_step.values.size == 1:
            return int(self._jump_step.values[0]) + index
        jump = int(self._jump_index.values.searchsorted(index, side="right")) - 1
        return int(self._jump_step.values[jump]) + index - int(self._jump_index.values[jump])

    def view(self, start: int, stop: int, width: int) -> StepView:
        """Return lows and highs of the points ``start <= index < stop``, ``width`` (a power of two) to a bucket."""
        found = self._pyramid.view(start, stop, width)
        return StepView(self._steps(found.start), found.low, found.high)

    def smoothed(
        self, start: int, stop: int, stride: int, window: int
    ) -> tuple[Integers, Floats64]:
        """Return the steps of every ``stride``-th point and both ends, and the mean of ``window`` points up to each."""
        if stop <= start:
            return np.empty(0, np.int64), np.empty(0)
        last = stop - 1
        inner = range(start // stride * stride + stride, last, stride)
        index = np.array([start, *inner, last] if last > start else [start])
        return self._steps(index), self._pyramid.means_before(index + 1, window)

    def at(self, step: float, window: int = 1) -> float | None:
        """Return the value at the last point up to ``step``, averaged over ``window`` points.

        None before the first point; NaN where the value is not finite.
        """
        stop = self.position(math.floor(step) + 1)
        if stop == 0:
            return None
        if window == 1:
            return float(self._pyramid.points[stop - 1])
        return float(self._pyramid.means_before(np.array([stop]), window)[0])

    def _steps(self, index: Integers) -> Integers:
        starts = self._jump_index.values
        if starts.size == 1:
            alike: Integers = index + self._jump_step.values[0]
            return alike
        jump = starts.searchsorted(index, side="right") - 1
        steps: Integers = self._jump_step.values[jump] + index - starts[jump]
        return steps

    def _truncate(self, size: int) -> None:
        self._pyramid.truncate(size)
        kept = int(self._jump_index.values.searchsorted(size, side="left"))
        self._jump_index.truncate(kept)
        self._jump_step.truncate(kept)
