"""Learning-rate schedules as pure functions, used for the plot and for the steps.

Time is measured in epochs since the start, with fractions, so that a changed batch size does not
change the curve.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.errors import quoted
from engine.spec.issues import Cure, Issue
from engine.spec.training import ScheduleKind, ScheduleSpec, TrainingSpec

Doubles: TypeAlias = npt.NDArray[np.float64]
# A curve takes a schedule, the (n,) times at the start of each step, the length of a step and of the run, all in
# epochs; it returns (n,) factors of the base rate.
Curve: TypeAlias = Callable[[ScheduleSpec, Doubles, float, float], Doubles]

_ROUNDING: Final = 1e-9  # epochs, so that 0.3 / 0.1 is 3


def _constant(_schedule: ScheduleSpec, epochs: Doubles, _step: float, _run: float) -> Doubles:
    return np.ones_like(epochs)


def _step(schedule: ScheduleSpec, epochs: Doubles, _step: float, _run: float) -> Doubles:
    return np.power(schedule.factor, np.floor(epochs / schedule.every + _ROUNDING))


def _exponential(schedule: ScheduleSpec, epochs: Doubles, _step: float, _run: float) -> Doubles:
    return np.power(schedule.factor, epochs / schedule.every)


def _cosine(schedule: ScheduleSpec, epochs: Doubles, _step: float, run: float) -> Doubles:
    return _half_wave(1.0, schedule.final, epochs / run)


def _warmup(schedule: ScheduleSpec, epochs: Doubles, step: float, _run: float) -> Doubles:
    # The height of a step is that at its end, so that the first step learns even from a start of 0.
    return schedule.start + (1 - schedule.start) * np.minimum(
        1.0, (epochs + step) / schedule.warmup
    )


def _warmup_cosine(schedule: ScheduleSpec, epochs: Doubles, step: float, run: float) -> Doubles:
    rest = max(run - schedule.warmup, step)
    fall = _half_wave(1.0, schedule.final, (epochs - schedule.warmup) / rest)
    return np.where(epochs < schedule.warmup, _warmup(schedule, epochs, step, run), fall)


def _one_cycle(schedule: ScheduleSpec, epochs: Doubles, _step: float, run: float) -> Doubles:
    # Smith and Topin, "Super-Convergence" (2018), with half cosine waves instead of lines.
    top = schedule.peak * run
    climb = _half_wave(schedule.start, 1.0, epochs / top)
    fall = _half_wave(1.0, schedule.final, (epochs - top) / (run - top))
    return np.where(epochs < top, climb, fall)


def _half_wave(first: float, last: float, share: Doubles) -> Doubles:
    """Return values from ``first`` (share 0) to ``last`` (share 1 and above) along half a cosine wave."""
    angle = np.pi * np.clip(share, 0.0, 1.0)
    return np.asarray(last + (first - last) * 0.5 * (1 + np.cos(angle)), np.float64)


_CURVES: Final[Mapping[ScheduleKind, Curve]] = MappingProxyType(
    {
        "constant": _constant,
        "step": _step,
        "exponential": _exponential,
        "cosine": _cosine,
        "warmup": _warmup,
        "warmup_cosine": _warmup_cosine,
        "one_cycle": _one_cycle,
        "plateau": _constant,
    }
)
# The fields of `ScheduleSpec` that each kind uses, in the order of a form.
FIELDS: Final[Mapping[ScheduleKind, tuple[str, ...]]] = MappingProxyType(
    {
        "constant": (),
        "step": ("factor", "every"),
        "exponential": ("factor", "every"),
        "cosine": ("final",),
        "warmup": ("warmup", "start"),
        "warmup_cosine": ("warmup", "start", "final"),
        "one_cycle": ("start", "peak", "final"),
        "plateau": ("factor", "monitor", "patience", "min_delta", "final"),
    }
)


def values(
    schedule: ScheduleSpec, base_rate: float, steps: int, steps_per_epoch: int
) -> npt.NDArray[np.float32]:
    """Return the (steps,) learning rates of a run, for plotting before training.

    "plateau" depends on the training: the base rate is returned for every step.
    """
    return rates(schedule, base_rate, 0, steps, steps_per_epoch, steps / steps_per_epoch)


def rates(
    schedule: ScheduleSpec,
    base_rate: float,
    first: int,
    count: int,
    steps_per_epoch: int,
    epochs: float,
    *,
    epochs_before: int = 0,
) -> npt.NDArray[np.float32]:
    """Return the (count,) learning rates of some steps.

    Parameters
    ----------
    first
        Number of the first step, from 0, counted from the end of ``epochs_before``.
    steps_per_epoch
        Steps of an epoch from there on.
    epochs
        Epochs of the whole run.
    """
    began = epochs_before + np.arange(first, first + count, dtype=np.float64) / steps_per_epoch
    shares = _CURVES[schedule.kind](schedule, began, 1 / steps_per_epoch, max(epochs, _ROUNDING))
    return (base_rate * shares).astype(np.float32)


def varies(schedule: ScheduleSpec) -> bool:
    """Tell whether the schedule changes the rate from step to step."""
    return _CURVES[schedule.kind] is not _constant


def issues(training: TrainingSpec, figures: tuple[str, ...] = ()) -> Iterator[Issue]:
    """Yield the problems of a schedule that is impossible or pointless.

    Parameters
    ----------
    figures
        Names of an epoch's metrics; empty if unknown, and the monitored one is not checked.
    """
    yield from _too_long(training)
    schedule = training.schedule
    if schedule.kind == "plateau" and figures and schedule.monitor not in figures:
        mended = training.but(schedule=schedule.but(monitor=figures[0]))
        yield Issue(
            f'No epoch gives a figure called "{quoted(schedule.monitor, 40)}": watch {figures[0]} instead.',
            field="training.schedule.monitor",
            cures=(Cure(f"Watch {figures[0]}", training=mended),),
        )


def _too_long(training: TrainingSpec) -> Iterator[Issue]:
    schedule, epochs = training.schedule, training.epochs
    used = FIELDS[schedule.kind]
    if "warmup" in used and schedule.warmup >= epochs:
        fitting = max(epochs / 10, 0.01)
        mended = training.but(schedule=schedule.but(warmup=fitting))
        yield Issue(
            f"The warm-up of {schedule.warmup:g} epochs fills the whole run of {epochs}: "
            f"shorten it to {fitting:g}.",
            field="training.schedule.warmup",
            cures=(Cure(f"Set warm-up to {fitting:g}", training=mended),),
        )
    if schedule.kind == "step" and schedule.every >= epochs:
        fitting = max(1.0, math.floor(epochs / 3))
        mended = training.but(schedule=schedule.but(every=fitting))
        yield Issue(
            f"The first step comes after {schedule.every:g} epochs but the run has {epochs}: "
            f"set every to {fitting:g}.",
            field="training.schedule.every",
            severity="warning",
            cures=(Cure(f"Set every to {fitting:g}", training=mended),),
        )
    if schedule.kind == "plateau" and schedule.patience >= epochs:
        fitting_patience = max(1, epochs // 4)
        mended = training.but(schedule=schedule.but(patience=fitting_patience))
        yield Issue(
            f"A patience of {schedule.patience} is never used up in {epochs} epochs: "
            f"set it to {fitting_patience}.",
            field="training.schedule.patience",
            severity="warning",
            cures=(Cure(f"Set patience to {fitting_patience}", training=mended),),
        )
