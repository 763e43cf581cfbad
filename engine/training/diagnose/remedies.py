"""Cures for failed runs, applied by one click."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from engine.spec.issues import Cure
from engine.spec.training import TrainingSpec
from engine.training.diagnose.base_rate import base_rate, with_rate
from engine.training.live.events import Fault, RunEnded

_CLIP: Final = "clipnorm"
_FROM_OUTSIDE: Final = frozenset({"samples", "labels"})  # no setting repairs the data
_LOWERED: Final = 10.0


def cures(ended: RunEnded, training: TrainingSpec) -> tuple[Cure, ...]:
    """Return changed settings for a run that failed, the most promising first; () if there are none."""
    return (*_of_fault(ended.fault, training), *_of_memory(ended.fitting_batch, training))


def _of_fault(fault: Fault | None, training: TrainingSpec) -> Iterator[Cure]:
    if fault is None or fault.tensor in _FROM_OUTSIDE:
        return
    chosen = training.optimizer
    may_be_gradient = not fault.tensor or fault.tensor.startswith("gradient")
    if may_be_gradient and chosen.parameters.get(_CLIP) is None:
        yield Cure("Clip gradient norm at 1", training=_with_parameter(training, _CLIP, 1.0))
    rate = _lower_rate(fault, training)
    if rate is not None:
        yield Cure(f"Set learning rate to {rate:g}", training=with_rate(training, rate))


def _lower_rate(fault: Fault, training: TrainingSpec) -> float | None:
    """Return a tenth of the rate, rounded to two digits: of the step's, or of the base rate with a schedule."""
    base = base_rate(training)
    known = training.schedule.kind == "constant" and math.isfinite(fault.learning_rate)
    rate = fault.learning_rate if known else base
    return float(f"{rate / _LOWERED:.2g}") if isinstance(rate, float) and rate > 0 else None


def _of_memory(fitting: int | None, training: TrainingSpec) -> Iterator[Cure]:
    if fitting and fitting < training.batch_size:
        yield Cure(f"Set batch size to {fitting}", training=training.but(batch_size=fitting))


def _with_parameter(training: TrainingSpec, name: str, value: float) -> TrainingSpec:
    chosen = training.optimizer
    optimizer = chosen.but(parameters={**chosen.parameters, name: value})
    changed: TrainingSpec = training.but(optimizer=optimizer)
    return changed
