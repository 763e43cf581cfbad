"""One training from description to trained weights."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from engine.build.making import MAKING_LAYERS
from engine.build.model import build, compile_model
from engine.choices import figure_names, label_encoding, resolve_loss, resolve_metrics
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics
from engine.errors import JobFailed, NetsmithError
from engine.spec.project import ProjectSpec
from engine.training.control import TrainingControl
from engine.training.early_stopping import Monitor
from engine.training.events import (
    EpochEnded,
    Outcome,
    PhaseChanged,
    RunEnded,
    RunId,
    RunStarted,
    StepsEnded,
    TrainingEvent,
)
from engine.training.executor import LARGEST_CHUNK, Chunk, Executor, Samples, resolve_device
from engine.training.failure import Diverged, sentence
from engine.training.obedience import Obedience, Stopped, weights_of
from engine.training.pace import Pace
from engine.training.targets import encode

CHECKPOINT_PERIOD_S: Final = 5.0
_log = logging.getLogger(__name__)

Emit: TypeAlias = Callable[[TrainingEvent], None]
Weights: TypeAlias = tuple[npt.NDArray[Any], ...]
KeepModel: TypeAlias = Callable[[keras.Model, int, Mapping[str, float]], None]


@dataclass
class _Progress:
    """What a run has reached, whatever ends it.

    Attributes
    ----------
    good
        Weights after the last whole epoch (before the first: the initial ones), all finite.
    best
        Weights of the epoch that the monitored figure calls best.
    """

    epochs: int = 0
    steps: int = 0
    samples: int = 0
    figures: dict[str, float] = field(default_factory=dict)
    good: Weights = ()
    best: Weights = ()


def train(
    run: RunId,
    spec: ProjectSpec,
    data: LoadedData,
    emit: Emit,
    control: TrainingControl,
    checkpoint: KeepModel | None = None,
) -> None:
    """Run one training to its end on the calling thread.

    The same spec and data give the same weights, bit for bit on the CPU, whatever is paused, stepped or
    watched. Nothing is raised: whatever happens, the last event is `RunEnded`.

    Parameters
    ----------
    emit
        Takes every event, on this thread.
    control
        Its wishes are obeyed between chunks of 30 to 50 ms.
    checkpoint
        Called with model, epochs done and figures at epoch ends, at most every `CHECKPOINT_PERIOD_S`, and with
        the state that is kept. What it raises is logged; training goes on.
    """
    started = time.perf_counter()
    progress = _Progress()
    error = ""
    weights: Weights = ()
    emit(PhaseChanged(run, "preparing"))
    try:
        with tf.device(f"/{resolve_device(spec.training.device)}"):
            training = _Training(run, spec, data, emit, control, checkpoint, progress)
            outcome = training.work()
        weights = progress.good if outcome != "discarded" else ()
    except Exception as failure:  # noqa: BLE001  # the top of the thread: every failure becomes an event
        expected = isinstance(failure, NetsmithError)  # its sentence says it all
        level = logging.INFO if expected else logging.ERROR
        _log.log(level, "run %s failed", run, exc_info=None if expected else failure)
        outcome, error = "failed", sentence(failure, spec.training.batch_size)
        weights = progress.good if progress.steps else ()
    seconds = time.perf_counter() - started
    emit(
        RunEnded(
            run=run,
            outcome=outcome,
            epochs=progress.epochs,
            steps=progress.steps,
            seconds=seconds,
            samples=progress.samples,
            figures=progress.figures,
            weights=weights,
            error=error,
        )
    )


def trained_model(
    spec: ProjectSpec, info: DataInfo, statistics: Statistics | None, weights: Weights
) -> keras.Model:
    """Return the model of a project with the weights that `RunEnded` or `SnapshotTaken` brought.

    Raises
    ------
    SpecError
        If Keras cannot build the network.
    JobFailed
        If the weights are of another network.
    """
    model = build(spec.network, info, spec.data.scaling, statistics)
    shapes = [tuple(weight.shape) for weight in model.weights]
    if shapes != [np.shape(array) for array in weights]:
        raise JobFailed("The trained weights are of another network: train this one again.")
    model.set_weights(list(weights))
    return model


class _Training:
    """The course of one run."""

    def __init__(
        self,
        run: RunId,
        spec: ProjectSpec,
        data: LoadedData,
        emit: Emit,
        control: TrainingControl,
        checkpoint: KeepModel | None,
        progress: _Progress,
    ) -> None:
        self._run = run
        self._spec = spec
        self._data = data
        self._emit = emit
        self._checkpoint = checkpoint
        self._checkpointed_s = time.perf_counter()
        self._progress = progress
        self._monitor = Monitor(spec.training.early_stopping)
        self._pace = Pace(LARGEST_CHUNK)
        self._model = self._build()
        self._obedience = Obedience(run, self._model, emit, control)
        self._executor = Executor(self._model, spec.training.batch_size, spec.training.device)

    def work(self) -> Outcome:
        """Train, keep the outcome and test it."""
        progress = self._progress
        progress.good = weights_of(self._model)
        try:
            samples, validation = self._prepare()
            outcome = self._epochs(samples, validation)
        except Stopped as wish:
            outcome = "discarded" if wish.discard else "stopped"
        except Diverged:
            self._model.set_weights(list(progress.good))
            self._keep(last=True)
            raise
        if outcome == "discarded":
            return outcome
        self._settle()
        return self._test(outcome)

    # ---- Before the first step ----

    def _build(self) -> keras.Model:
        spec, data = self._spec, self._data
        if not len(data.training):
            raise JobFailed(
                "The training part is empty: make the validation and test shares smaller."
            )
        with MAKING_LAYERS:
            keras.utils.set_random_seed(spec.training.seed)
            model = build(spec.network, data.info, spec.data.scaling, data.statistics)
            compile_model(model, spec, data.info)
        return model

    def _prepare(self) -> tuple[Samples, Samples | None]:
        training = self._spec.training
        samples = self._place(self._data.training)
        validation = self._place(self._data.validation) if len(self._data.validation) else None
        self._emit(
            RunStarted(
                run=self._run,
                epochs=training.epochs,
                steps_per_epoch=-(-len(samples) // training.batch_size),
                batch_size=training.batch_size,
                samples=len(samples),
                device=self._executor.device,
                parameters=self._model.count_params(),
                metrics=self._metric_names(),
            )
        )
        self._obedience.show_weights()
        self._executor.prepare(samples, *([validation] if validation else []))
        return samples, validation

    def _place(self, part: Part) -> Samples:
        info, units = self._data.info, self._units()
        loss = resolve_loss(self._spec, info, units)
        encoding = label_encoding(loss.kind, info, units)
        return self._executor.place(part.x, encode(part.y, encoding, info.n_classes))

    def _units(self) -> int | None:
        shape = self._model.output_shape
        return shape[-1] if isinstance(shape, tuple) else None

    def _metric_names(self) -> tuple[str, ...]:
        return figure_names(resolve_metrics(self._spec, self._data.info, self._units()))

    # ---- Epochs ----

    def _epochs(self, samples: Samples, validation: Samples | None) -> Outcome:
        for epoch in range(1, self._spec.training.epochs + 1):
            started = time.perf_counter()
            figures = self._train_epoch(epoch, samples)
            if validation is not None:
                figures |= self._evaluate(validation, "val_", self._obedience.during_validation())
            self._end_epoch(epoch, figures, time.perf_counter() - started)
            if self._monitor.exhausted:
                return "stopped_early"
        return "finished"

    def _train_epoch(self, epoch: int, samples: Samples) -> dict[str, float]:
        """Take every step of an epoch; returns the training part's figures."""
        order = self._executor.order(samples, self._spec.training.seed, epoch)
        self._executor.start_epoch()
        mean = _RunningLoss()
        metrics: Mapping[str, float] = {}
        position = 0
        while position < order.batches:
            single_steps = self._obedience.may_train()
            steps = self._pace.steps if single_steps is None else 1
            chunk = self._executor.train(samples, order, position, steps)
            taken = len(chunk.losses)
            mean.add(chunk.losses, order.batch_sizes(position, taken))
            metrics = {"loss": mean.value, **chunk.metrics}
            self._note(epoch, chunk, metrics, int(order.batch_sizes(position, taken).sum()))
            if single_steps is None:
                self._pace.note(taken, chunk.seconds)
            else:
                self._obedience.took_single_step()
            position += taken
        return dict(metrics)

    def _note(self, epoch: int, chunk: Chunk, metrics: Mapping[str, float], samples: int) -> None:
        """Report a chunk; a loss that is no finite number ends the run."""
        progress = self._progress
        first = progress.steps + 1
        progress.steps += len(chunk.losses)
        progress.samples += samples
        self._obedience.step = progress.steps
        self._emit(
            StepsEnded(
                run=self._run,
                epoch=epoch,
                first_step=first,
                losses=chunk.losses,
                metrics=metrics,
                learning_rate=chunk.learning_rate,
                seconds=chunk.seconds,
                samples=samples,
            )
        )
        if not math.isfinite(chunk.losses[-1]):
            raise Diverged("The loss", progress.steps)

    def _evaluate(
        self, samples: Samples, prefix: str, between: Callable[[], None]
    ) -> dict[str, float]:
        figures = self._executor.evaluate(samples, between)
        return {f"{prefix}{name}": value for name, value in figures.items()}

    def _end_epoch(self, epoch: int, figures: dict[str, float], seconds: float) -> None:
        progress = self._progress
        progress.good = self._finite_weights()
        progress.epochs, progress.figures = epoch, figures
        best = self._monitor.note(figures)
        if best:
            progress.best = progress.good
        self._emit(EpochEnded(self._run, epoch, progress.steps, figures, seconds, best))
        self._obedience.epoch_ended()
        self._keep()

    def _finite_weights(self) -> Weights:
        """Return the weights; the last step may have spoilt them although its loss was still finite."""
        weights = weights_of(self._model)
        if not all(np.isfinite(array).all() for array in weights):
            raise Diverged("A weight", self._progress.steps)
        return weights

    # ---- After the last step ----

    def _settle(self) -> None:
        """Decide which weights the run keeps, show and save them."""
        progress = self._progress
        stopping = self._spec.training.early_stopping
        if stopping.enabled and stopping.restore_best and progress.best:
            self._model.set_weights(list(progress.best))
        progress.good = self._finite_weights()
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
        self._progress.figures = {**self._progress.figures, **figures}
        return outcome

    def _keep(self, *, last: bool = False) -> None:
        """Hand the model to the checkpoint, not too often."""
        now = time.perf_counter()
        due = last or now - self._checkpointed_s >= CHECKPOINT_PERIOD_S
        if self._checkpoint is None or not due:
            return
        try:
            self._checkpoint(self._model, self._progress.epochs, self._progress.figures)
        except Exception as error:  # noqa: BLE001  # whatever a checkpoint meets must not cost the training
            # The weights are still in memory and reach the window with RunEnded.
            _log.warning("the checkpoint of run %s was not written: %s", self._run, error)
        self._checkpointed_s = time.perf_counter()


class _RunningLoss:
    """Mean loss over an epoch's samples so far, the same however the steps are cut into chunks."""

    def __init__(self) -> None:
        self._total = 0.0
        self._samples = 0

    def add(self, losses: npt.NDArray[np.float32], sizes: npt.NDArray[np.int64]) -> None:
        """Take account of batches: (n,) losses and samples."""
        for loss, size in zip(losses.tolist(), sizes.tolist(), strict=True):
            self._total += loss * size
            self._samples += size

    @property
    def value(self) -> float:
        """The mean."""
        return self._total / self._samples
