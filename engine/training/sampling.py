"""Sends the watched layer's weights to the screen, within a budget of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from engine.inspect.weights import layer_views
from engine.training.events import RunId, TrainingEvent, WeightsSampled

PERIOD_S: Final = 0.1  # ten samples a second are as many as an eye follows
SHARE: Final = 0.05  # of the training's time
_ALLOWANCE_S: Final = 0.25  # spent freely, so that short runs show every epoch


class WeightsSampler:
    """Takes samples in the training thread, where no step runs meanwhile.

    Parameters
    ----------
    now
        Clock in seconds.
    """

    def __init__(
        self,
        run: RunId,
        model: Any,
        emit: Callable[[TrainingEvent], None],
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._run = run
        self._layers = {layer.name: layer for layer in model.layers}
        self._emit = emit
        self._now = now
        self._started = now()
        self._ready = -float("inf")  # when the next regular sample may be taken
        self._spent = 0.0
        self._layer = ""
        self._step = -1

    def look(self, layer_id: str, step: int) -> None:
        """Sample if the layer is newly watched, or enough time has passed and steps were taken."""
        if layer_id != self._layer or (step != self._step and self._now() >= self._ready):
            self.sample(layer_id, step)

    def look_at_epoch_end(self, layer_id: str, step: int) -> None:
        """Sample unless samples already took more than their share of the time."""
        if self._spent <= _ALLOWANCE_S + SHARE * (self._now() - self._started):
            self.sample(layer_id, step)

    def forget(self) -> None:
        """Let the next sample be taken although no step was."""
        self._step = -1

    def sample(self, layer_id: str, step: int) -> None:
        """Sample now, unless this layer was sampled at this very step; an unknown layer has no sample."""
        if (layer_id, step) == (self._layer, self._step):
            return
        self._layer, self._step = layer_id, step
        layer = self._layers.get(layer_id)
        if layer is None:
            return
        started = self._now()
        self._emit(
            WeightsSampled(self._run, step, layer_id, type(layer).__name__, layer_views(layer))
        )
        cost = self._now() - started
        self._spent += cost
        self._ready = started + max(PERIOD_S, cost / SHARE)
