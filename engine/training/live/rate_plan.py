"""The learning rate of a running training: schedule, base rate and plateau."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from engine.spec.training import EarlyStoppingSpec, ScheduleSpec
from engine.training.live import schedules
from engine.training.loop.early_stopping import Monitor

PlanState: TypeAlias = tuple[float, float, float, int]


class RatePlan:
    """Computes the rate of every future step.

    Parameters
    ----------
    epochs
        Epochs of the whole run.

    Attributes
    ----------
    base
        The base rate; changing it scales the curve from the next step on.
    varies
        Whether the rate can change at every step, rather than only at epoch ends or by the user.
    """

    def __init__(self, schedule: ScheduleSpec, base: float, epochs: int) -> None:
        self.base = base
        self.varies = schedules.varies(schedule)
        self._schedule = schedule
        self._epochs = epochs
        self._share = 1.0
        self._plateau = Monitor(
            EarlyStoppingSpec(
                enabled=schedule.kind == "plateau",
                monitor=schedule.monitor,
                patience=schedule.patience,
                min_delta=schedule.min_delta,
            )
        )

    def rates(
        self, epoch: int, position: int, count: int, steps_per_epoch: int
    ) -> npt.NDArray[np.float32]:
        """Return (count,) rates of the steps from batch ``position`` of epoch ``epoch`` (from 1)."""
        return schedules.rates(
            self._schedule,
            self.base * self._share,
            position,
            count,
            steps_per_epoch,
            self._epochs,
            epochs_before=epoch - 1,
        )

    def epoch_ended(self, figures: Mapping[str, float]) -> bool:
        """Process the end of an epoch; tell whether the rate was reduced at a plateau."""
        self._plateau.note(figures)
        if not self._plateau.exhausted:
            return False
        self._plateau.waited = 0
        before = self._share
        self._share = max(before * self._schedule.factor, self._schedule.final)
        return self._share < before

    @property
    def state(self) -> PlanState:
        """The state for `restore`: base, share, best value and epochs waited."""
        return self.base, self._share, self._plateau.best, self._plateau.waited

    def restore(self, state: PlanState) -> None:
        """Continue from the state of another plan with the same schedule."""
        self.base, self._share, self._plateau.best, self._plateau.waited = state
