"""Where a training obeys the wishes of its `TrainingControl`: between two chunks of steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from engine.training.control import TrainingControl, Wishes
from engine.training.events import Phase, PhaseChanged, RunId, SnapshotTaken, TrainingEvent
from engine.training.sampling import WeightsSampler

_LONG_S: Final = 3600.0  # a paused training sleeps until the wishes change


class Stopped(Exception):  # not an error: the user's wish travelling up
    """The user wants the run to end.

    Attributes
    ----------
    discard
        What was learned is to be forgotten.
    """

    def __init__(self, *, discard: bool) -> None:
        super().__init__("the user stopped the training")
        self.discard = discard


class Obedience:
    """Pauses, steps, stops, samples and takes snapshots as wished.

    Attributes
    ----------
    step
        Steps taken so far; whoever takes them keeps it true.
    """

    def __init__(
        self,
        run: RunId,
        model: Any,
        emit: Callable[[TrainingEvent], None],
        control: TrainingControl,
    ) -> None:
        self.step = 0
        self._run = run
        self._model = model
        self._emit = emit
        self._control = control
        self._sampler = WeightsSampler(run, model, emit)
        self._phase: Phase = "preparing"

    def enter(self, phase: Phase) -> None:
        """Say which phase the run is in, if it is a new one."""
        if phase != self._phase:
            self._phase = phase
            self._emit(PhaseChanged(self._run, phase))

    def may_train(self) -> int | None:
        """Wait while paused; return how many single steps are wished, None for no limit.

        Raises
        ------
        Stopped
            If the run is to end.
        """
        wishes = self._attend()
        while wishes.paused and not wishes.steps:
            wishes = self._wait(wishes)
        # Single steps leave the phase at "paused": it would flicker.
        if not wishes.paused or self._phase != "paused":
            self.enter("training")
        return wishes.steps if wishes.paused else None

    def took_single_step(self) -> None:
        """Note that a step which `may_train` counted is taken."""
        self._control.step_taken()

    def during_validation(self) -> Callable[[], None]:
        """Return what a validation calls between its chunks; it raises `Stopped`.

        A pause wished meanwhile is obeyed. Under a pause from before (single steps) validation runs to its
        end, so that the step which ends an epoch shows the epoch's figures.
        """
        stepping = self._control.wishes.paused
        self.enter("validating")

        def between() -> None:
            wishes = self._attend()
            while wishes.paused and not wishes.steps and not stepping:
                wishes = self._wait(wishes)
            self.enter("validating")

        return between

    def during_test(self) -> Callable[[], None]:
        """Return what the final test calls between its chunks; a new wish to stop raises `Stopped`."""
        known = self._control.wishes.stop
        self.enter("testing")

        def between() -> None:
            self._attend(known)

        return between

    def epoch_ended(self) -> None:
        """Sample the watched layer."""
        self._sampler.look_at_epoch_end(self._control.wishes.watch, self.step)

    def show_weights(self) -> None:
        """Sample the watched layer as it is now."""
        self._sampler.sample(self._control.wishes.watch, self.step)

    def show_final_weights(self) -> None:
        """Sample the watched layer although this step may have been sampled: its weights were replaced."""
        self._sampler.forget()
        self.show_weights()

    def _attend(self, known_stop: str = "") -> Wishes:
        """Obey what takes no time; return the wishes that are left."""
        wishes = self._control.wishes
        if wishes.stop not in ("", known_stop):
            raise Stopped(discard=wishes.stop == "discard")
        if wishes.snapshot:
            self._control.snapshot_taken()
            self._emit(SnapshotTaken(self._run, self.step, weights_of(self._model)))
        self._sampler.look(wishes.watch, self.step)
        return self._control.wishes

    def _wait(self, wishes: Wishes) -> Wishes:
        self.enter("paused")
        self._sampler.sample(wishes.watch, self.step)
        self._control.wait_for_change(wishes, _LONG_S)
        return self._attend()


def weights_of(model: Any) -> tuple[Any, ...]:
    """Return copies of a Keras model's weights that nobody can write to."""
    arrays = tuple(model.get_weights())
    for array in arrays:
        array.setflags(write=False)
    return arrays
