"""The numbers of a training that its user, or a schedule, changes while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from engine.training.loop.preparation import RunSchedule

# Takes name, request, what is applied (None if it cannot be) and why that differs; as of `ValueApplied`.
Say: TypeAlias = Callable[[str, float, float | None, str], None]


class LiveValues:
    """Applies requests for other values, and says so.

    Parameters
    ----------
    batch_size
        Of the next epoch.
    rate
        Returns the learning rate of the next step as the plan has it.

    Attributes
    ----------
    batch_size
        Of the running epoch.
    outdated
        The graphs hold a number that has changed; whoever makes them anew resets it.
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
        if rules.tuner.batch_size != batch_size:  # requested before a break, not yet used
            self._batch_request = (rules.tuner.batch_size, "")

    @property
    def granted(self) -> dict[str, float]:
        """What was granted so far, by the names of `ValueApplied`."""
        return self._tuner.granted

    def apply(self, name: str, value: float) -> None:
        """Apply a request for another value."""
        answer = self._tuner.apply(name, value)
        self.outdated |= answer.anew
        if name == "batch_size" and answer.applied is not None:
            self._batch_request = (value, answer.message)  # answered when it is used
            return
        if name == "learning_rate" and answer.applied is not None:
            self._train_step.set_rate(self._rate())
        self._say(name, value, answer.applied, answer.message)

    def use_batch_size(self) -> None:
        """Cut the coming epoch as was requested meanwhile."""
        if self._batch_request is None:
            return
        request, message = self._batch_request
        self._batch_request = None
        if self._tuner.batch_size != self.batch_size:
            self.batch_size = self._tuner.batch_size
            self.outdated = True
        self._say("batch_size", request, self.batch_size, message)

    def epoch_ended(self, figures: Mapping[str, float]) -> None:
        """Use a lower rate where a schedule waited for this."""
        if self._plan.epoch_ended(figures):
            rate = self._rate()
            self._train_step.set_rate(rate)
            self._say("learning_rate", rate, rate, "Reduced by the schedule: nothing improved.")
