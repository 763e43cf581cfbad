"""Sends the watched layer's weights to the screen, within a budget of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from engine.probes.weights import LayerReader
from engine.training.live.control import Watch
from engine.training.live.events import RunId, TrainingEvent, WeightsSampled

_FIGURES_PERIOD_S: Final = 0.5  # figures and counts are read, not watched, and cost the most
_FIGURES_SHARE: Final = 0.005  # of the training's time that samples with figures may take
# Of time whose share may be spent in advance: single samples may cost more than the others.
_CREDIT_S: Final = 0.5
_EVERY_EPOCH: Final = 30  # epochs; so that short runs show every one

_View: TypeAlias = tuple[str, tuple[int, int] | None, bool]  # layer, sides, histogram


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
        self._reader: tuple[str, LayerReader | None] = ("", None)
        self._emit = emit
        self._now = now
        self._busy = busy
        self._due = -float("inf")  # when the next regular sample is to be taken
        self._figures_due = -float("inf")
        self._paid_until = -float("inf")  # up to then the share of the time is spent
        self._has_figures = False  # of the last sample
        self._shown: _View = ("", None, True)  # of the last sample
        self._step = -1

    def look(self, watch: Watch, step: int) -> None:
        """Sample if another view is wanted, or enough time has passed and steps were taken."""
        if _view(watch) != self._shown:
            self.sample(watch, step)
        elif step != self._step and self._now() >= self._due:
            self.sample(watch, step, whole=False)

    def look_at_epoch_end(self, watch: Watch, step: int, epoch: int) -> None:
        """Sample as long as the run is short; then only when one is due: epochs may be shorter than frames."""
        if epoch <= _EVERY_EPOCH:
            self.sample(watch, step, whole=False)
        else:
            self.look(watch, step)

    def forget(self) -> None:
        """Let the next sample be taken although no step was."""
        self._step = -1

    def sample(self, watch: Watch, step: int, *, whole: bool = True) -> None:
        """Sample now, unless this view was sampled at this very step; an unknown layer has no sample.

        One that need not be whole has figures and histogram only a few times a second.
        """
        is_known = (_view(watch), step) == (self._shown, self._step)
        if is_known and (self._has_figures or not whole):
            return
        self._shown, self._step = _view(watch), step
        reader = self._reader_of(watch.layer)
        if reader is None:
            return
        now, before = self._now(), self._busy()
        self._has_figures = whole or now >= self._figures_due
        views = reader.views(
            sides=watch.sides,
            histogram=watch.histogram and self._has_figures,
            figures=self._has_figures,
        )
        cost = self._busy() - before
        kind = type(self._layers[watch.layer]).__name__
        self._emit(WeightsSampled(self._run, step, watch.layer, kind, views, cost))
        # From when it was due, not from now: a chunk that ends late must not make all later ones late.
        due = min(now, max(self._due, now - watch.period_s))
        self._paid_until = max(self._paid_until, now) + cost / max(watch.share, 1e-9)
        self._due = max(due + watch.period_s, self._paid_until - _CREDIT_S)
        if self._has_figures:
            self._figures_due = now + max(_FIGURES_PERIOD_S, cost / _FIGURES_SHARE)

    def _reader_of(self, name: str) -> LayerReader | None:
        """Return what reads a layer, kept as long as it is watched; None if there is no such layer."""
        if self._reader[0] != name:
            layer = self._layers.get(name)
            self._reader = name, LayerReader(layer, _read) if layer is not None else None
        return self._reader[1]


def _view(watch: Watch) -> _View:
    return watch.layer, watch.sides, watch.histogram


def _read(weight: Any) -> npt.NDArray[Any]:
    """Return a weight's numbers; Keras's way through ``numpy()`` takes three times as long, and training waits."""
    variable = getattr(weight, "value", None)
    if not isinstance(variable, tf.Variable):
        return np.asarray(weight.numpy())
    found = tf.raw_ops.ReadVariableOp(resource=variable.handle, dtype=variable.dtype)
    return np.asarray(found)
