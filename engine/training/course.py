"""The course of one run: epochs, chunks of steps, wishes in between, and what is kept."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import keras
import numpy as np
import numpy.typing as npt

from engine.data.loaded import LoadedData, Part
from engine.errors import JobFailed
from engine.spec.project import ProjectSpec
from engine.training import state
from engine.training.control import TrainingControl
from engine.training.divergence import diagnosed, find_spoiling_step
from engine.training.early_stopping import Monitor
from engine.training.events import (
    EpochEnded,
    Outcome,
    RunId,
    RunStarted,
    StepsEnded,
    TrainingEvent,
    ValueApplied,
)
from engine.training.executor import LARGEST_CHUNK, Chunk, Executor, Order, Samples, sample_order
from engine.training.failure import Diverged
from engine.training.obedience import Obedience, Stopped, weights_of
from engine.training.pace import Pace
from engine.training.preparation import encoded_labels, metric_names, new_model, new_rules
from engine.training.reached import Reached, Weights
from engine.training.state import ResumePoint
from engine.training.stepping import WINDOW

CHECKPOINT_PERIOD_S: Final = 5.0
STATE_PERIOD_S: Final = 20.0  # what a power cut costs at most, writing aside
ANCHOR_PERIOD_S: Final = (
    1.0  # what finding the first bad tensor has to repeat at most, copying aside
)
_SHARE: Final = 0.02  # of the time that copying, and writing, the state may take
_log = logging.getLogger(__name__)

Emit: TypeAlias = Callable[[TrainingEvent], None]
KeepModel: TypeAlias = Callable[[keras.Model, int, Mapping[str, float]], None]
KeepState: TypeAlias = Callable[[ResumePoint], None]


class Course:
    """The course of one run; arguments as of `engine.training.session.train`.

    Attributes
    ----------
    model
        The Keras model being trained.
    batch_size
        Of the running epoch.
    """

    def __init__(
        self,
        run: RunId,
        spec: ProjectSpec,
        data: LoadedData,
        emit: Emit,
        control: TrainingControl,
        checkpoint: KeepModel | None,
        keep_state: KeepState | None,
        reached: Reached,
        resume: ResumePoint | None = None,
    ) -> None:
        self._run = run
        self._spec = spec
        self._data = data
        self._emit = emit
        self._checkpoint = checkpoint
        self._keep_state = keep_state
        self._started_s = self._checkpointed_s = self._state_kept_s = time.perf_counter()
        self._state_period_s = STATE_PERIOD_S
        self._reached = reached
        self._resume = resume
        self._key = state.key(spec, data) if keep_state or resume else ""
        self._monitor = Monitor(spec.training.early_stopping)
        self._pace = Pace(LARGEST_CHUNK)
        self.model = new_model(spec, data)
        rules = new_rules(self.model, spec, data)
        self._plan, self._stepping, self._tuner = rules.plan, rules.stepping, rules.tuner
        if resume:
            self._go_back_to(resume)
        self.batch_size = resume.progress.batch_size if resume else spec.training.batch_size
        self._batch_wish: tuple[float, str] | None = None
        if self._tuner.batch_size != self.batch_size:  # wished before the break, not yet used
            self._batch_wish = (self._tuner.batch_size, "")
        self._obedience = Obedience(run, self.model, emit, control, self._apply)
        self._executor = self._new_executor()
        self._samples: Samples
        self._validation: Samples | None = None
        self._anchor: ResumePoint
        self._anchor_due_s = 0.0

    def work(self) -> Outcome:
        """Train, keep the outcome and test it."""
        reached = self._reached
        reached.good = weights_of(self.model)
        outcome: Outcome
        try:
            self._prepare()
            outcome = self._epochs()
        except Stopped as wish:
            outcome = "discarded" if wish.discard else "stopped"
        except Diverged as error:
            raise self._keep_last_good(error) from error
        if outcome == "discarded":
            return outcome
        self._write_state(self._point())
        self._settle()
        return self._test(outcome)

    # ---- Before the first step ----

    def _go_back_to(self, point: ResumePoint) -> None:
        """Take over everything but the variables, which are not all made yet."""
        if point.key != self._key:
            raise JobFailed(
                "The saved state is of another network, data or seed: start a new training."
            )
        past = point.progress
        self._reached.go_back_to(point)
        self._monitor.best, self._monitor.waited = past.best, past.waited
        # Layers are released before others are frozen: at no moment would nothing learn.
        for name, value in sorted(past.granted, key=_freezes):
            self._tuner.apply(name, value)
        self._plan.restore(past.plan)

    def _prepare(self) -> None:
        data, reached = self._data, self._reached
        self._samples = samples = self._place(data.training)
        self._validation = self._place(data.validation) if len(data.validation) else None
        self._emit(
            RunStarted(
                run=self._run,
                epochs=self._spec.training.epochs,
                steps_per_epoch=-(-len(samples) // self.batch_size),
                batch_size=self.batch_size,
                samples=len(samples),
                device=self._executor.device,
                parameters=self.model.count_params(),
                metrics=metric_names(self.model, self._spec, data.info),
                epochs_before=reached.epochs,
                steps_before=reached.steps,
            )
        )
        self._prepare_executor()
        if self._resume:
            state.restore(self.model, self._resume.variables)
            reached.good = weights_of(self.model)
        self._obedience.step = reached.steps
        self._obedience.show_weights()
        self._take_anchor()

    def _new_executor(self) -> Executor:
        return Executor(self.model, self.batch_size, self._spec.training.device)

    def _prepare_executor(self) -> None:
        self._executor.prepare(self._samples, *([self._validation] if self._validation else []))

    def _place(self, part: Part) -> Samples:
        return self._executor.place(part.x, self._labels(part.y))

    def _labels(self, y: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return encoded_labels(self.model, self._spec, self._data.info, y)

    # ---- Epochs ----

    def _epochs(self) -> Outcome:
        while self._reached.epoch <= self._spec.training.epochs:
            started = time.perf_counter()
            figures = self._train_epoch()
            if self._validation is not None:
                between = self._obedience.during_validation()
                figures |= self._evaluate(self._validation, "val_", between)
            self._end_epoch(figures, time.perf_counter() - started)
            if self._monitor.exhausted:
                return "stopped_early"
        return "finished"

    def _train_epoch(self) -> dict[str, float]:
        """Take every step that is left of an epoch; returns the training part's figures."""
        reached = self._reached
        if reached.position == 0:
            self._obedience.may_train()
            self._use_batch_size()
            self._executor.start_epoch()
        order = self._order(reached.epoch)
        while reached.position < order.batches:
            granted = self._obedience.may_train()
            steps = min(self._pace.steps, granted)
            chunk = self._steps(order, reached.epoch, reached.position, steps)
            if (
                granted >= self._pace.steps
            ):  # a chunk cut short by a wish says little about the next
                self._pace.note(len(chunk.losses), chunk.seconds)
            self._note(chunk, order.batch_sizes(reached.position, len(chunk.losses)))
            self._obedience.took(len(chunk.losses))
            if time.perf_counter() >= self._anchor_due_s:
                self._take_anchor()
        return dict(reached.metrics)

    def _order(self, epoch: int) -> Order:
        return self._executor.order(self._samples, self._spec.training.seed, epoch)

    def _steps(self, order: Order, epoch: int, position: int, steps: int) -> Chunk:
        """Take at most ``steps`` steps, each with its own learning rate."""
        if self._plan.varies:
            steps = min(steps, WINDOW, order.batches - position)
            self._stepping.plan(self._plan.rates(epoch, position, steps, order.batches))
        return self._executor.train(self._samples, order, position, steps)

    def _note(self, chunk: Chunk, sizes: npt.NDArray[np.int64]) -> None:
        """Report a chunk; a loss that is no finite number ends the run."""
        reached = self._reached
        first = reached.steps + 1
        reached.take(chunk, sizes)
        self._obedience.step = reached.steps
        self._emit(
            StepsEnded(
                run=self._run,
                epoch=reached.epoch,
                first_step=first,
                losses=chunk.losses,
                metrics=reached.metrics,
                learning_rate=chunk.learning_rate,
                seconds=chunk.seconds,
                samples=int(sizes.sum()),
            )
        )
        if not math.isfinite(chunk.losses[-1]):
            raise Diverged("The loss", reached.steps)

    def _evaluate(
        self, samples: Samples, prefix: str, between: Callable[[], None]
    ) -> dict[str, float]:
        figures = self._executor.evaluate(samples, between)
        return {f"{prefix}{name}": value for name, value in figures.items()}

    def _end_epoch(self, figures: dict[str, float], seconds: float) -> None:
        reached = self._reached
        reached.good = self._finite_weights()
        epoch = reached.epoch
        reached.end_epoch(figures)
        best = self._monitor.note(figures)
        if best:
            reached.best = reached.good
        self._emit(EpochEnded(self._run, epoch, reached.steps, figures, seconds, best))
        if self._plan.epoch_ended(figures):
            self._reduce_rate()
        self._obedience.epoch_ended()
        self._keep()

    def _finite_weights(self) -> Weights:
        """Return the weights; the last step may have spoilt them although its loss was still finite."""
        weights = weights_of(self.model)
        if not all(np.isfinite(array).all() for array in weights):
            raise Diverged("A weight", self._reached.steps)
        return weights

    # ---- Other values ----

    def _apply(self, name: str, value: float) -> None:
        """Grant a wish for another value, and say so."""
        answer = self._tuner.apply(name, value)
        if answer.anew:
            self._work_anew()
        if name == "batch_size" and answer.applied is not None:
            self._batch_wish = (value, answer.message)  # answered when it is used
            return
        if name == "learning_rate" and answer.applied is not None:
            self._stepping.set_rate(self._rate())
        self._say(name, value, answer.applied, answer.message)

    def _use_batch_size(self) -> None:
        """Cut the coming epoch as was wished meanwhile."""
        if self._batch_wish is None:
            return
        wish, message = self._batch_wish
        self._batch_wish = None
        if self._tuner.batch_size != self.batch_size:
            self.batch_size = self._tuner.batch_size
            self._work_anew()
        self._say("batch_size", wish, self.batch_size, message)

    def _reduce_rate(self) -> None:
        """Use the rate of a plan that has just been lowered."""
        rate = self._rate()
        self._stepping.set_rate(rate)
        self._say("learning_rate", rate, rate, "Reduced by the schedule: nothing improved.")

    def _rate(self) -> float:
        """Return the rate of the next step."""
        reached = self._reached
        batches = -(-len(self._samples) // self.batch_size)
        return float(self._plan.rates(reached.epoch, reached.position, 1, batches)[0])

    def _say(self, name: str, wish: float, applied: float | None, message: str) -> None:
        self._emit(ValueApplied(self._run, self._reached.steps, name, wish, applied, message))
        if applied is not None:
            self._take_anchor()  # what is repeated from here is repeated with the new value

    def _work_anew(self) -> None:
        """Make the graphs anew; not a number of the training changes."""
        kept = state.capture(self.model)
        self._executor = self._new_executor()
        self._prepare_executor()
        state.restore(self.model, kept)

    # ---- The state ----

    def _point(self) -> ResumePoint:
        reached = self._reached
        progress = reached.progress(
            batch_size=self.batch_size,
            best=self._monitor.best,
            waited=self._monitor.waited,
            plan=self._plan.state,
            granted=tuple(self._tuner.granted.items()),
            seconds=reached.seconds_before + time.perf_counter() - self._started_s,
        )
        return ResumePoint(self._key, progress, state.capture(self.model), reached.best)

    def _take_anchor(self) -> None:
        """Keep the state in memory, and now and then on disk; a state that is not finite ends the run."""
        started = time.perf_counter()
        point = self._point()
        if not point.variables.finite:
            raise Diverged("A weight", self._reached.steps)
        self._anchor = point
        now = time.perf_counter()
        self._anchor_due_s = now + max(ANCHOR_PERIOD_S, (now - started) / _SHARE)
        if now - self._state_kept_s >= self._state_period_s:
            self._write_state(point)

    def _write_state(self, point: ResumePoint) -> None:
        if self._keep_state is None:
            return
        started = time.perf_counter()
        try:
            self._keep_state(point)
        except Exception as error:  # noqa: BLE001  # whatever the writer meets must not cost the training
            # An older state is still on disk, and the weights reach the window with RunEnded.
            _log.warning("the state of run %s was not written: %s", self._run, error)
        self._state_kept_s = time.perf_counter()
        self._state_period_s = max(STATE_PERIOD_S, (self._state_kept_s - started) / _SHARE)

    # ---- Divergence ----

    def _keep_last_good(self, error: Diverged) -> Diverged:
        """Go back to before the step that diverged, keep that; return the error with the place, if found."""
        anchor, part = self._anchor, self._data.training
        state.restore(self.model, anchor.variables)
        found = find_spoiling_step(self.model, anchor, error.step, self._order, self._steps)
        self._reached.good = weights_of(self.model)
        if found is not None:
            order = sample_order(len(part), self._spec.training.seed, found.epoch)
            rows = order[found.position * self.batch_size :][: self.batch_size]
            batch = part.x[rows], self._labels(part.y[rows])
            error = diagnosed(error, self.model, found.step, *batch)
        self._write_state(anchor)
        self._keep(last=True)
        return error

    # ---- After the last step ----

    def _settle(self) -> None:
        """Decide which weights the run keeps, show and save them."""
        reached = self._reached
        stopping = self._spec.training.early_stopping
        if stopping.enabled and stopping.restore_best and reached.best:
            self.model.set_weights(list(reached.best))
        reached.good = self._finite_weights()
        self._obedience.show_final_weights()
        self._keep(last=True)

    def _test(self, outcome: Outcome) -> Outcome:
        """Add the test part's figures; a wish to stop meanwhile goes without them."""
        if not len(self._data.test):
            return outcome
        try:
            between = self._obedience.during_test()
            figures = self._evaluate(self._place(self._data.test), "test_", between)
        except Stopped as wish:
            return "discarded" if wish.discard else outcome
        self._reached.figures = {**self._reached.figures, **figures}
        return outcome

    def _keep(self, *, last: bool = False) -> None:
        """Hand the model to the checkpoint, not too often."""
        now = time.perf_counter()
        due = last or now - self._checkpointed_s >= CHECKPOINT_PERIOD_S
        if self._checkpoint is None or not due:
            return
        try:
            self._checkpoint(self.model, self._reached.epochs, self._reached.figures)
        except Exception as error:  # noqa: BLE001  # whatever a checkpoint meets must not cost the training
            # The weights are still in memory and reach the window with RunEnded.
            _log.warning("the checkpoint of run %s was not written: %s", self._run, error)
        self._checkpointed_s = time.perf_counter()


def _freezes(granted: tuple[str, float]) -> bool:
    name, value = granted
    return name.startswith("trainable:") and not value
