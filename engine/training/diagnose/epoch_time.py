"""How long an epoch will take, measured on a throw-away copy before the training."""

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

_MEASURED_S: Final = 0.6  # long enough that another program's short load does not decide
_WARM_UP: Final = 2  # chunks: the first steps fill caches
_FEWEST: Final = 2  # chunks measured after them


@dataclass(frozen=True)
class EpochTime:
    """What an epoch takes.

    Attributes
    ----------
    step_s
        One batch of the training part.
    steps
        Batches an epoch.
    validation_s
        The validation at its end, 0 without one.
    """

    step_s: float
    steps: int
    validation_s: float

    @property
    def seconds(self) -> float:
        """The whole epoch."""
        return self.steps * self.step_s + self.validation_s


def measure_epoch(
    spec: ProjectSpec,
    data: LoadedData,
    cancelled: Callable[[], bool] | None = None,
    measurements: Path | None = None,
) -> EpochTime:
    """Return how long an epoch takes, from some real steps and one validation of a new model.

    Parameters
    ----------
    measurements
        As `engine.training.loop.executor.Executor` takes it.

    Raises
    ------
    Cancelled
        If ``cancelled`` said so; it is asked between chunks.
    JobFailed
        If the loss is no finite number, or there is nothing to train on.
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
