"""Handle the requests of a `TrainingControl` between two chunks of steps."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from engine.probes.probe import Subject
from engine.training.live.control import Requests, TrainingControl
from engine.training.live.events import Phase, PhaseChanged, RunId, SnapshotTaken, TrainingEvent
from engine.training.live.sampling import ProbeSampler

if TYPE_CHECKING:
    from engine.training.procedures.program import Program

_LONG_S: Final = 3600.0  # a paused training sleeps until the requests change
# Update rate of slow motion at speeds where several steps are taken at once.
_FRAME_S: Final = 0.05

Apply: TypeAlias = Callable[[str, float], None]
WriteNow: TypeAlias = Callable[[Path | None, bool], None]


class Stopped(Exception):  # not an error, but the user's request
    """The user stopped the run.

    Attributes
    ----------
    discard
        Whether to discard its result.
    """

    def __init__(self, *, discard: bool) -> None:
        super().__init__("the user stopped the training")
        self.discard = discard


class CommandHandler:
    """Pauses, steps, stops, slows down, samples and takes snapshots as requested.

    Parameters
    ----------
    apply
        Called with the name and value of each requested change.
    write_now
        Called when everything is to be written now, with the folder of the project to use from now on, None for the
        old one, and whether no step or validation is in progress.
    subject
        The subject of the probes.

    Attributes
    ----------
    step
        Steps taken so far; updated by the training loop.
    waited_s
        How long slow motion delayed the steps granted last.
    """

    def __init__(
        self,
        run: RunId,
        program: Program,
        emit: Callable[[TrainingEvent], None],
        control: TrainingControl,
        apply: Apply,
        write_now: WriteNow,
        subject: Subject,
    ) -> None:
        self.step = 0
        self.waited_s = 0.0
        self._apply = apply
        self._write_now = write_now
        self._granted_s = 0.0  # when the last steps were granted
        self._counted = False  # whether they were requested while paused
        self._taken = 0  # how many were taken
        self._run = run
        self._program = program
        self._only = ""  # the only network that learns, "" for all
        self._emit = emit
        self._control = control
        self._sampler = ProbeSampler(run, subject, emit)
        self._phase: Phase = "preparing"

    def enter(self, phase: Phase) -> None:
        """Report the phase of the run if it changed."""
        if phase != self._phase:
            self._phase = phase
            self._emit(PhaseChanged(self._run, phase))

    def may_train(self) -> int:
        """Wait while paused or too fast for the requested speed; return how many steps may be taken.

        Raises
        ------
        Stopped
            If the run was stopped.
        """
        requests = self._ready()
        # A single step keeps the phase "paused", which would flicker.
        if not requests.paused or requests.steps > 1 or self._phase != "paused":
            self.enter("training")
        self._granted_s = time.perf_counter()
        self._taken = 0  # asking again without taking steps does not wait again
        self._counted = requests.paused
        self._let_learn(requests.only if requests.paused else "")
        most = requests.steps if requests.paused else sys.maxsize
        return min(most, max(1, int(requests.speed * _FRAME_S))) if requests.speed else most

    def _let_learn(self, only: str) -> None:
        if only != self._only:
            self._only = only
            self._program.learn_only(only)

    @property
    def is_free(self) -> bool:
        """Whether no request limits the number of steps."""
        requests = self._control.requests
        return not (requests.paused or requests.epoch or requests.speed)

    def took(self, steps: int) -> None:
        """Record that steps granted by `may_train` were taken."""
        self._taken = steps
        self.waited_s = 0.0
        if self._counted:
            self._control.steps_taken(steps)

    def _ready(self) -> Requests:
        while True:
            requests = self._attend(between_steps=True)
            if requests.values:
                for name, value in self._control.take_values():
                    self._apply(name, value)
            elif requests.paused and not requests.steps:
                self._sleep(requests)
            elif (early_s := self._early_s(requests)) > 0:
                started_s = time.perf_counter()
                self._control.wait_for_change(requests, early_s)
                self.waited_s += time.perf_counter() - started_s
            else:
                return requests

    def _early_s(self, requests: Requests) -> float:
        """Return how long slow motion still has to wait."""
        if not requests.speed:
            return 0.0
        return self._granted_s + self._taken / requests.speed - time.perf_counter()

    def during_validation(self) -> Callable[[], None]:
        """Return a function to call between the chunks of a validation; it raises `Stopped`.

        It obeys a pause, also one requested during the steps before. After single steps the validation runs to its
        end, so that the last step of an epoch shows the epoch's metrics.
        """
        stepping = self._counted and self._control.requests.paused
        self.enter("validating")

        def between() -> None:
            requests = self._attend()
            while requests.paused and not requests.steps and not stepping:
                self._sleep(requests)
                requests = self._attend()
            self.enter("validating")

        return between

    def during_test(self) -> Callable[[], None]:
        """Return a function to call between the chunks of the final test; a new request to stop raises `Stopped`."""
        request = self._control.requests.stop
        known = "" if request == "leave" else request
        self.enter("testing")

        def between() -> None:
            self._attend(known_stop=known)

        return between

    def epoch_ended(self) -> None:
        """Record the end of an epoch before it is reported, so that later requests mean the next epoch."""
        self._control.epoch_ended()

    def show_epoch_end(self, epoch: int) -> None:
        """Take samples at the end of an epoch."""
        self._sampler.look_at_epoch_end(self._control.requests, self.step, epoch)

    def show_now(self) -> None:
        """Take samples now."""
        self._sampler.sample(self._control.requests, self.step)

    def show_final(self) -> None:
        """Take samples again, even of this step, because the weights were replaced."""
        self._sampler.forget()
        self.show_now()

    def _attend(self, *, known_stop: str = "", between_steps: bool = False) -> Requests:
        """Handle requests that take no time; return the remaining ones."""
        requests = self._control.requests
        while requests.stop in ("", known_stop):
            if requests.snapshot:
                self._control.snapshot_taken()
                begun = time.perf_counter()
                weights = weights_of(self._program)
                seconds = time.perf_counter() - begun
                self._emit(SnapshotTaken(self._run, self.step, weights, seconds))
            if requests.write:
                self._write_now(self._control.take_write(), between_steps)
            self._sampler.look(requests, self.step)
            requests = self._control.requests
            # Another one may have come meanwhile: who sleeps until the requests change would miss it.
            if not (requests.snapshot or requests.write):
                return requests
        raise Stopped(discard=requests.stop == "discard")

    def _sleep(self, requests: Requests) -> None:
        self.enter("paused")
        self._sampler.sample(requests, self.step)
        self._control.wait_for_change(requests, _LONG_S)


def weights_of(program: Program) -> tuple[Any, ...]:
    """Return read-only copies of the weights that the run would end with now."""
    with program.final_weights() as model:
        arrays = tuple(model.get_weights())
    for array in arrays:
        array.setflags(write=False)
    return arrays
