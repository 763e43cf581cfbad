"""Sends the watched layer's weights to the screen, within a budget of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from engine.inspect.weights import layer_views
from engine.training.control import Watch
from engine.training.events import RunId, TrainingEvent, WeightsSampled

_HISTOGRAM_PERIOD_S: Final = 0.5  # counts are read rather than watched, and cost the most
_EVERY_EPOCH: Final = 30  # samples; so that short runs show every epoch


class WeightsSampler:
    """Takes samples in the training thread, where no step runs meanwhile.

    Parameters
    ----------
    now
        Clock in seconds.
    busy
        Seconds that this thread has worked so far: what it costs does not depend on what else the computer does.
    """

    def __init__(
        self,
        run: RunId,
        model: Any,
        emit: Callable[[TrainingEvent], None],
        now: Callable[[], float] = time.perf_counter,
        busy: Callable[[], float] = time.thread_time,
    ) -> None:
        self._run = run
        self._layers = {layer.name: layer for layer in model.layers}
        self._emit = emit
        self._now = now
        self._busy = busy
        self._due = -float("inf")  # when the next regular sample is to be taken
        self._histogram_due = -float("inf")
        self._taken = 0
        self._shown = ("", 0, True)  # layer, numbers, histogram of the last sample
        self._step = -1

    def look(self, watch: Watch, step: int) -> None:
        """Sample if another view is wanted, or enough time has passed and steps were taken."""
        if _view(watch) != self._shown:
            self.sample(watch, step)
        elif step != self._step and self._now() >= self._due:
            self.sample(watch, step, whole=False)

    def look_at_epoch_end(self, watch: Watch, step: int) -> None:
        """Sample as long as the run is short; then only when one is due: epochs may be shorter than frames."""
        if self._taken < _EVERY_EPOCH:
            self.sample(watch, step)
        else:
            self.look(watch, step)

    def forget(self) -> None:
        """Let the next sample be taken although no step was."""
        self._step = -1

    def sample(self, watch: Watch, step: int, *, whole: bool = True) -> None:
        """Sample now, unless this view was sampled at this very step; an unknown layer has no sample.

        One that need not be whole holds a histogram, if one is wanted, only a few times a second.
        """
        if (_view(watch), step) == (self._shown, self._step):
            return
        self._shown, self._step = _view(watch), step
        layer = self._layers.get(watch.layer)
        if layer is None:
            return
        now, before = self._now(), self._busy()
        histogram = watch.histogram and (whole or now >= self._histogram_due)
        if histogram:
            self._histogram_due = now + _HISTOGRAM_PERIOD_S
        views = layer_views(layer, numbers=watch.numbers, histogram=histogram)
        cost = self._busy() - before
        kind = type(layer).__name__
        self._emit(WeightsSampled(self._run, step, watch.layer, kind, views, cost))
        self._taken += 1
        # From when it was due, not from now: a chunk that ends late must not make all later ones late.
        due = min(now, max(self._due, now - watch.period_s))
        self._due = due + max(watch.period_s, cost / max(watch.share, 1e-9))


def _view(watch: Watch) -> tuple[str, int, bool]:
    return watch.layer, watch.numbers, watch.histogram
