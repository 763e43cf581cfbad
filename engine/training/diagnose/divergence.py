"""Trace a loss or weight that is no longer finite back to the step that caused it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.training.diagnose.failure import Diverged
from engine.training.live.events import Fault
from engine.training.loop.executor import Chunk, Order
from engine.training.procedures.program import Program
from engine.training.state import resume_point
from engine.training.state.resume_point import ResumePoint

_STEPS: Final = 64  # repeated steps between two copies of the state
_log = logging.getLogger(__name__)

# Takes order, epoch, first batch and the largest number of steps.
TakeSteps: TypeAlias = Callable[[Order, int, int, int], Chunk]


@dataclass(frozen=True)
class SpoilingStep:
    """The step with the first bad number: step of the run (from 1), epoch (from 1), batch in it (from 0)."""

    step: int
    epoch: int
    position: int


def find_spoiling_step(
    program: Program,
    anchor: ResumePoint,
    last: int,
    order_of: Callable[[int], Order],
    take: TakeSteps,
) -> SpoilingStep | None:
    """Train again from a good state, the program's current one, until just before the step with a bad number.

    Returns
    -------
    SpoilingStep or None
        None if all numbers stayed finite up to step ``last`` this time.
    """
    past = anchor.progress
    step, epoch, position = past.steps, past.epoch, past.position
    good, most, order = anchor.variables, _STEPS, order_of(past.epoch)
    while step < last:
        if position >= order.batches:
            epoch, position = epoch + 1, 0
            order = order_of(epoch)
        losses = take(order, epoch, position, min(most, last - step)).losses
        now = resume_point.capture(program)
        if np.isfinite(losses).all() and now.finite:
            good, step, position = now, step + len(losses), position + len(losses)
            continue
        resume_point.restore(program, good)
        if most == 1:
            return SpoilingStep(step + 1, epoch, position)
        most = 1
    return None


def diagnosed(
    error: Diverged, program: Program, step: int, x: npt.NDArray[Any], y: npt.NDArray[Any]
) -> Diverged:
    """Return the error with the first bad tensor of a step; the same error if none is found.

    Parameters
    ----------
    program
        In its state before the step, which is restored.
    x, y
        The batch of the step, labels encoded.
    """
    good = resume_point.capture(program)
    try:
        finding = program.first_fault(x, y)
    except Exception as failure:  # noqa: BLE001  # an examination that fails must not hide what it was for
        _log.warning("the first bad tensor was not found: %s", failure)
        return error
    finally:
        resume_point.restore(program, good)
    if finding is None:
        return error
    rate = float(program.learning_rate.numpy())
    return Diverged(finding.sentence(step), step, Fault(step, finding.layer, finding.tensor, rate))
