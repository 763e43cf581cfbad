"""The learning-rate range test, on a temporary copy of the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from engine.data.loaded import LoadedData
from engine.errors import BadInput, Cancelled, JobFailed
from engine.spec.project import ProjectSpec
from engine.training.diagnose.rate_range import (
    HIGHEST,
    LOWEST,
    Doubles,
    RangeResult,
    smooth,
    suggest,
)
from engine.training.diagnose.trial import Trial
from engine.training.procedures import procedure_of

STEPS: Final = 200
_HOPELESS: Final = 4.0  # times the best smoothed loss, at which the test ends
_FEWEST: Final = 10  # fewest steps
_AT_ONCE: Final = 10  # steps between two checks of the loss

Progress: TypeAlias = Callable[[RangeResult], None]


def range_test(
    spec: ProjectSpec,
    data: LoadedData,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    steps: int = STEPS,
    measurements: Path | None = None,
) -> RangeResult:
    """Train a new model of the project for some steps at rising rates; project and data are not changed.

    Parameters
    ----------
    progress
        Called on this thread after every few steps with the result so far.
    measurements
        As in `engine.training.loop.executor.Executor`.

    Raises
    ------
    BadInput
        If the networks do not learn answers to samples.
    Cancelled
        If ``cancelled`` returns True.
    JobFailed
        If the loss is not finite almost from the start, or there is nothing to train on.
    SpecError
        If Keras cannot build the network.
    """
    if not procedure_of(spec).answers:
        raise BadInput(
            "a loss that falls says nothing where networks learn against each other: keep the learning rate"
        )
    trial = Trial(spec, data, scheduled=True, measurements=measurements)
    rates = np.geomspace(LOWEST, HIGHEST, steps)
    losses = np.empty(0)
    while len(losses) < steps:
        if cancelled is not None and cancelled():
            raise Cancelled("The range test was stopped.")
        coming = rates[len(losses) : len(losses) + _AT_ONCE]
        trial.stepping.plan(coming.astype(np.float32))
        losses = np.concatenate([losses, trial.take(len(coming))])
        finite = losses[np.isfinite(losses)]  # only the last may be NaN or infinite
        found = RangeResult(rates[: len(finite)], finite, smooth(finite))
        if progress is not None and len(finite):
            progress(found)
        if len(finite) < len(losses) or _is_hopeless(found.smoothed):
            break
    if len(found.losses) < min(_FEWEST, steps):
        raise JobFailed(
            "The loss is infinite or not a number from the start: check the data and the loss."
        )
    return replace(found, suggestion=suggest(found.rates, found.losses))


def _is_hopeless(smoothed: Doubles) -> bool:
    return len(smoothed) > _FEWEST and smoothed[-1] > _HOPELESS * smoothed.min() > 0
