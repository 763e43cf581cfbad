"""Measure the duration of an epoch on a temporary copy before the training."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from engine.data.loaded import LoadedData
from engine.errors import Cancelled, JobFailed
from engine.spec.project import ProjectSpec
from engine.training.diagnose.trial import Trial
from engine.training.loop.batches import LARGEST_CHUNK
from engine.training.loop.chunk_sizer import ChunkSizer

_MEASURED_S: Final = 0.6  # long enough to be robust against short load of other programs
_WARM_UP: Final = 2  # chunks, which fill caches
_FEWEST: Final = 2  # measured chunks


@dataclass(frozen=True)
class EpochTime:
    """Duration of an epoch.

    Attributes
    ----------
    step_s
        Time of one batch of the training part.
    steps
        Batches an epoch.
    validation_s
        Time of the validation at its end, 0 if there is none.
    """

    step_s: float
    steps: int
    validation_s: float

    @property
    def seconds(self) -> float:
        """Time of the whole epoch."""
        return self.steps * self.step_s + self.validation_s


def measure_epoch(
    spec: ProjectSpec,
    data: LoadedData,
    cancelled: Callable[[], bool] | None = None,
    measurements: Path | None = None,
) -> EpochTime:
    """Return the duration of an epoch, from some real steps and a validation of a new model.

    Parameters
    ----------
    measurements
        As in `engine.training.loop.executor.Executor`.

    Raises
    ------
    Cancelled
        If ``cancelled``, checked between chunks, returns True.
    JobFailed
        If the loss is not finite, or there is nothing to train on.
    SpecError
        If Keras cannot build the network.
    """

    def go_on() -> None:
        if cancelled is not None and cancelled():
            raise Cancelled("The measurement was stopped.")

    go_on()
    trial = Trial(spec, data, validated=True, measurements=measurements)
    step_s = _step_seconds(trial, go_on)
    started = time.perf_counter()
    trial.validate(go_on)
    return EpochTime(step_s, trial.steps_per_epoch, time.perf_counter() - started)


def _step_seconds(trial: Trial, go_on: Callable[[], None]) -> float:
    pace = ChunkSizer(LARGEST_CHUNK)
    spent, taken, chunks = 0.0, 0, 0
    while spent < _MEASURED_S or chunks < _WARM_UP + _FEWEST:
        go_on()
        started = time.perf_counter()
        losses = trial.take(pace.steps)
        seconds = time.perf_counter() - started
        if not np.isfinite(losses[-1]):
            raise JobFailed(
                "The time cannot be measured, since the loss is infinite or not a number: lower the learning rate."
            )
        pace.note(len(losses), seconds)
        chunks += 1
        if chunks > _WARM_UP:
            spent, taken = spent + seconds, taken + len(losses)
    return spent / taken
