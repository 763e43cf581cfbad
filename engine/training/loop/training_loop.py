"""The training loop of one run: epochs, chunks of steps, requests between them, and checkpoints."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from engine.data.loaded import LoadedData, Part
from engine.errors import JobFailed
from engine.spec.project import ProjectSpec
from engine.training.diagnose.divergence import diagnosed, find_spoiling_step
from engine.training.diagnose.failure import Diverged
from engine.training.live.command_handler import CommandHandler, Stopped
from engine.training.live.control import TrainingControl
from engine.training.live.events import (
    EpochEnd,
    EpochsEnded,
    Outcome,
    Phase,
    PhaseChanged,
    RunId,
    ValueApplied,
)
from engine.training.live.live_values import LiveValues
from engine.training.live.tuning import Tuner, freezes
from engine.training.loop.batches import batch_sizes
from engine.training.loop.chunk_sizer import ChunkSizer
from engine.training.loop.early_stopping import Monitor
from engine.training.loop.emitting import Emit
from engine.training.loop.executor import (
    LARGEST_CHUNK,
    Chunk,
    Executor,
    Order,
    PlacedSamples,
    sample_order,
)
from engine.training.loop.observing import subject_of
from engine.training.loop.preparation import new_program, new_schedule
from engine.training.loop.run_counters import RunCounters
from engine.training.loop.run_options import RunOptions
from engine.training.loop.state_keeper import StateKeeper
from engine.training.loop.step_reporter import StepReporter, prefixed
from engine.training.loop.train_step import WINDOW
from engine.training.loop.whole_epochs import WholeEpochs
from engine.training.state import resume_point
from engine.training.state.resume_point import Progress, ResumePoint
from engine.training.state.writes import Writes

_log = logging.getLogger(__name__)


class TrainingLoop:
    """Trains one run; arguments as in `engine.training.loop.session.train`.

    Parameters
    ----------
    reached
        Counters of the run, for the report of its end.

    Attributes
    ----------
    program
        The networks being trained.
    """

    def __init__(
        self,
        run: RunId,
        spec: ProjectSpec,
        data: LoadedData,
        emit: Emit,
        control: TrainingControl,
        reached: RunCounters,
        options: RunOptions,
    ) -> None:
        self._run = run
        self._spec = spec
        self._data = data
        self._emit = emit
        self._options = options
        self._resume = resume = options.resume
        self._started_s = time.perf_counter()
        self._counters = reached
        self._key = resume_point.key(spec, data) if options.keep_state or resume else ""
        stopping = spec.training.early_stopping
        self._goes_back = stopping.enabled and stopping.restore_best
        self._monitor = Monitor(stopping)
        self._chunk_sizer = ChunkSizer(LARGEST_CHUNK)
        self._whole_epochs = WholeEpochs(spec.training)
        self.program = new_program(spec, data, options.initial)
        rules = new_schedule(self.program, spec, data)
        self._plan, self._train_step = rules.plan, rules.stepping
        if resume:
            self._go_back_to(resume, rules.tuner)
        self._state = StateKeeper(
            self.program,
            self._key,
            reached,
            options,
            options.writes or Writes(run, emit),
            self._progress,
        )
        size = resume.progress.batch_size if resume else spec.training.batch_size
        self._values = LiveValues(rules, size, self._rate, self._say)
        self._commands = CommandHandler(
            run,
            self.program,
            emit,
            control,
            self._values.apply,
            self._state.write_all,
            subject_of(self.program, spec, data),
        )
        self._reporter = StepReporter(run, self.program.series[0], reached, self._commands, emit)
        self._executor = self._new_executor()
        self._samples: PlacedSamples
        self._validation: PlacedSamples | None = None

    @property
    def batch_size(self) -> int:
        """Of the running epoch."""
        return self._values.batch_size

    def work(self) -> Outcome:
        """Train, keep the outcome and test it."""
        try:
            self._prepare()
            outcome = self._train()
            if outcome == "discarded":
                return outcome
            anchor = self._state.take()
        except Exception as error:  # noqa: BLE001  # raised again
            raise self._go_back(error) from None
        self._state.write(anchor)
        self._settle()
        return self._test(outcome)

    def _train(self) -> Outcome:
        try:
            return self._epochs()
        except Stopped as request:
            return "discarded" if request.discard else "stopped"

    # ---- Before the first step ----

    def _go_back_to(self, point: ResumePoint, tuner: Tuner) -> None:
        """Take over everything but the variables, which are not all made yet."""
        if point.key not in ("", self._key):
            raise JobFailed(
                "The saved state is of another network, data or seed: start a new training."
            )
        past = point.progress
        self._counters.go_back_to(point)
        if point.best or not self._goes_back:  # an epoch without weights is none to go back to
            self._monitor.best, self._monitor.waited = past.best, past.waited
        # Layers are released before others are frozen: at no moment would nothing learn.
        for name, value in sorted(past.granted, key=freezes):
            tuner.apply(name, value)
        self._plan.restore(past.plan)

    def _prepare(self) -> None:
        data, reached = self._data, self._counters
        self._enter("loading")
        self._samples = samples = self._place(data.training)
        self._validation = self._place(data.validation) if len(data.validation) else None
        self._prepare_executor(self._enter)
        if self._resume:
            resume_point.restore(self.program, self._resume.variables)
        self._reporter.started(
            self._executor, self._spec.training.epochs, len(samples), self.batch_size
        )
        for name, value in self._values.granted.items():  # before the break
            self._emit(ValueApplied(self._run, reached.steps, name, value, value, ""))
        self._commands.step = reached.steps
        self._commands.show_now()
        self._state.take()

    def _new_executor(self) -> Executor:
        return Executor(
            self.program,
            self.batch_size,
            self._spec.training.device,
            measurements=self._options.measurements,
            memory_limit_bytes=self._options.memory_limit_bytes,
            compiles_rest=self._whole_epochs.are_many,
        )

    def _prepare_executor(self, entered: Callable[[Phase], None] | None = None) -> None:
        evaluated = [self._validation] if self._validation else []
        self._executor.prepare(self._samples, *evaluated, entered=entered)

    def _enter(self, phase: Phase) -> None:
        self._emit(PhaseChanged(self._run, phase))

    def _place(self, part: Part) -> PlacedSamples:
        return self._executor.place(part.x, self.program.labels(part.y))

    # ---- Epochs ----

    def _epochs(self) -> Outcome:
        while self._counters.epoch <= self._spec.training.epochs:
            if self._counters.position == 0:
                self._begin_epoch()
            count = self._whole_epochs_now()
            if count:
                self._train_epochs(count)
            else:
                self._train_epoch()
            if self._monitor.exhausted:
                return "stopped_early"
        return "finished"

    def _begin_epoch(self) -> None:
        self._commands.may_train()
        self._values.use_batch_size()
        self._apply_changes()

    def _train_epoch(self) -> None:
        """Take every step that is left of an epoch, and validate."""
        started = time.perf_counter()
        reached = self._counters
        if reached.position == 0:
            self._executor.start_epoch()
        order = self._order(reached.epoch)
        while reached.position < order.batches:
            granted = self._commands.may_train()
            self._apply_changes()
            steps = min(self._chunk_sizer.steps, granted)
            chunk = self._steps(order, reached.epoch, reached.position, steps)
            # A chunk cut short by a request says little about the next.
            if granted >= self._chunk_sizer.steps:
                self._chunk_sizer.note(len(chunk.losses), chunk.seconds)
            self._reporter.chunk(chunk, order.batch_sizes(reached.position, len(chunk.losses)))
            self._commands.took(len(chunk.losses))
            self._state.take_if_due()
        figures = dict(reached.metrics)
        if self._validation is not None:
            between = self._commands.during_validation()
            figures |= prefixed("val_", self._executor.evaluate(self._validation, between))
        seconds = time.perf_counter() - started
        self._whole_epochs.note(1, seconds)
        self._close_epochs([self._end_epoch(figures, seconds)])

    # ---- Several epochs at once ----

    def _whole_epochs_now(self) -> int:
        """Return how many whole epochs to take in one call, 0 if the next steps are taken one chunk at a time."""
        reached = self._counters
        if reached.position or not self._commands.is_free:
            return 0
        return self._whole_epochs.count(
            self._executor, self._samples, self._validation, self._batches, reached.epoch
        )

    def _train_epochs(self, count: int) -> None:
        """Take whole epochs in one call."""
        reached, batches = self._counters, self._batches
        self._commands.enter("training")
        epochs = range(reached.epoch, reached.epoch + count)
        if self._plan.varies:
            rates = [self._plan.rates(epoch, 0, batches, batches) for epoch in epochs]
            self._train_step.plan(np.concatenate(rates))
        self._executor.prepare_epochs(self._samples, self._validation)
        started = time.perf_counter()
        found = self._executor.train_epochs(
            self._samples, self._validation, self._spec.training.seed, epochs
        )
        seconds = time.perf_counter() - started
        self._whole_epochs.note(len(found), seconds)
        sizes = batch_sizes(len(self._samples), self.batch_size)
        ended = self._reporter.epochs(found, sizes, seconds, self._end_epoch)
        self._commands.took(sum(len(each.losses) for each in found))
        self._close_epochs(ended)
        self._state.take_if_due()

    @property
    def _batches(self) -> int:
        """Steps an epoch."""
        return -(-len(self._samples) // self.batch_size)

    def _order(self, epoch: int) -> Order:
        return self._executor.order(self._samples, self._spec.training.seed, epoch)

    def _steps(self, order: Order, epoch: int, position: int, steps: int) -> Chunk:
        """Take at most ``steps`` steps, each with its own learning rate."""
        if self._plan.varies:
            steps = min(steps, WINDOW, order.batches - position)
            self._train_step.plan(self._plan.rates(epoch, position, steps, order.batches))
        return self._executor.train(self._samples, order, position, steps)

    def _end_epoch(self, figures: dict[str, float], seconds: float) -> EpochEnd:
        """Count an epoch; returns what to tell of it."""
        reached = self._counters
        epoch = reached.epoch
        best = self._monitor.note(figures)
        if best and self._goes_back:
            reached.best = self._state.finite_weights()
        reached.end_epoch(figures)
        return EpochEnd(epoch, reached.steps, figures, seconds, best)

    def _close_epochs(self, ended: Sequence[EpochEnd]) -> None:
        """Tell of the ends of epochs, and do what they ask for."""
        self._commands.epoch_ended()
        if ended:
            self._emit(EpochsEnded(self._run, tuple(ended)))
        for end in ended:
            self._values.epoch_ended(end.figures)
        self._commands.show_epoch_end(self._counters.epochs)
        self._state.offer_model()

    # ---- Other values ----

    def _rate(self) -> float:
        """Return the rate of the next step."""
        at = self._counters
        return float(self._plan.rates(at.epoch, at.position, 1, self._batches)[0])

    def _say(self, name: str, request: float, applied: float | None, message: str) -> None:
        self._emit(ValueApplied(self._run, self._counters.steps, name, request, applied, message))
        if applied is not None:
            self._state.take()  # what is repeated from here is repeated with the new value

    def _apply_changes(self) -> None:
        """Make the graphs anew, once for all values that changed; not a number of the training changes."""
        if not self._values.outdated:
            return
        self._values.outdated = False
        kept = resume_point.capture(self.program)
        self._executor = self._new_executor()
        self._prepare_executor()
        resume_point.restore(self.program, kept)

    def _progress(self) -> Progress:
        reached = self._counters
        return reached.progress(
            batch_size=self.batch_size,
            best=self._monitor.best,
            waited=self._monitor.waited,
            plan=self._plan.state,
            granted=tuple(self._values.granted.items()),
            seconds=reached.seconds_before + time.perf_counter() - self._started_s,
        )

    # ---- Failures ----

    def _go_back(self, error: Exception) -> Exception:
        """Keep the last good state; return the error, with its place if it is a divergence and that was found."""
        anchor = self._state.anchor
        if anchor is None:
            return error
        try:
            resume_point.restore(self.program, anchor.variables)
            if isinstance(error, Diverged):
                error = self._located(error, anchor)
            self._state.keep_weights()
        except tf.errors.OpError as another:  # a device that is gone must not hide why
            _log.warning("the last weights of run %s were not read: %s", self._run, another)
        self._state.write(anchor)
        return error

    def _located(self, error: Diverged, anchor: ResumePoint) -> Diverged:
        """Train again from the anchor, where the model is, to before the step that diverged."""
        found = find_spoiling_step(self.program, anchor, error.step, self._order, self._steps)
        if found is None:
            return error
        order = sample_order(len(self._data.training), self._spec.training.seed, found.epoch)
        part = self._data.training.rows(
            order[found.position * self.batch_size :][: self.batch_size]
        )
        return diagnosed(error, self.program, found.step, part.x, self.program.labels(part.y))

    # ---- After the last step ----

    def _settle(self) -> None:
        """Decide which weights the run keeps, show and save them."""
        if self._goes_back and self._counters.best:
            self.program.model.set_weights(list(self._counters.best))
        self._commands.show_final()
        self._state.keep_weights()

    def _test(self, outcome: Outcome) -> Outcome:
        """Add the test part's figures; a request to stop meanwhile goes without them."""
        if not len(self._data.test):
            return outcome
        try:
            between = self._commands.during_test()
            test = self._place(self._data.test)
            figures = prefixed("test_", self._executor.evaluate(test, between))
        except Stopped as request:
            return "discarded" if request.discard else outcome
        self._counters.figures = {**self._counters.figures, **figures}
        return outcome
