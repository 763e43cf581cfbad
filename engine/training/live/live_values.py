"""Values that the user or a schedule changes during a training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from engine.training.loop.preparation import RunSchedule

# Takes name, requested value, applied value (None if refused) and the reason; as in `ValueApplied`.
Say: TypeAlias = Callable[[str, float, float | None, str], None]


class LiveValues:
    """Applies requested values and reports them.

    Parameters
    ----------
    batch_size
        Batch size of the next epoch.
    rate
        Returns the planned learning rate of the next step.

    Attributes
    ----------
    batch_size
        Batch size of the running epoch.
    outdated
        Whether the graphs contain a value that has changed; reset when they are rebuilt.
    """

    def __init__(
        self,
        rules: RunSchedule,
        batch_size: int,
        rate: Callable[[], float],
        say: Say,
    ) -> None:
        self.batch_size = batch_size
        self.outdated = False
        self._plan, self._train_step, self._tuner = rules.plan, rules.stepping, rules.tuner
        self._rate = rate
        self._say = say
        self._batch_request: tuple[float, str] | None = None
        if (
            rules.tuner.batch_size != batch_size
        ):  # requested before the run was interrupted, not used yet
            self._batch_request = (rules.tuner.batch_size, "")

    @property
    def granted(self) -> dict[str, float]:
        """All applied values by name, as in `ValueApplied`."""
        return self._tuner.granted

    def apply(self, name: str, value: float) -> None:
        """Apply a requested value."""
        answer = self._tuner.apply(name, value)
        self.outdated |= answer.anew
        if name == "batch_size" and answer.applied is not None:
            self._batch_request = (value, answer.message)  # reported when it is used
            return
        if name == "learning_rate" and answer.applied is not None:
            self._train_step.set_rate(self._rate())
        self._say(name, value, answer.applied, answer.message)

    def use_batch_size(self) -> None:
        """Use the requested batch size for the next epoch."""
        if self._batch_request is None:
            return
        request, message = self._batch_request
        self._batch_request = None
        if self._tuner.batch_size != self.batch_size:
            self.batch_size = self._tuner.batch_size
            self.outdated = True
        self._say("batch_size", request, self.batch_size, message)

    def epoch_ended(self, figures: Mapping[str, float]) -> None:
        """Reduce the rate if the schedule says so after this epoch."""
        if self._plan.epoch_ended(figures):
            rate = self._rate()
            self._train_step.set_rate(rate)
            self._say("learning_rate", rate, rate, "Reduced by the schedule: nothing improved.")
