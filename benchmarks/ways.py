"""The ways to train a case without a window; each can be measured again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import keras
import tensorflow as tf

from benchmarks.cases import SEED, Case
from engine.build.model import build
from engine.data.loaded import LoadedData
from engine.errors import JobFailed
from engine.training.control import TrainingControl
from engine.training.events import (
    EpochsEnded,
    PhaseChanged,
    RunEnded,
    StepsEnded,
    TrainingEvent,
    new_run_id,
)
from engine.training.session import train

ENDLESS = 1_000_000  # epochs: a measurement ends by time
WARM_UP_S = 1.0
STEPS_PER_EXECUTION = 32


class Way(Protocol):
    """One way to train a case."""

    def measure(self) -> float:
        """Train for a while; return samples a second, without tracing and compiling."""


class Stopwatch:
    """Takes the events of a run on its own thread and counts samples a second.

    Counting starts with the first epoch that ends at least `WARM_UP_S` after the first step: by then everything
    is traced and compiled, the chunks have found their length and the views their rate. Whatever happens between
    the chunks (samples of weights, ends of epochs, checkpoints) is part of the time.
    """

    def __init__(self) -> None:
        self.started_s: float | None = None
        self.ended: RunEnded | None = None
        self._warming_s: float | None = None
        self._last_s = 0.0
        self._samples = 0

    def __call__(self, event: TrainingEvent) -> None:
        """Take account of an event."""
        now = time.perf_counter()
        if isinstance(event, PhaseChanged) and event.phase == "training":
            self._warming_s = self._warming_s or now
        elif isinstance(event, EpochsEnded) and self.started_s is None:
            warm = self._warming_s is not None and now - self._warming_s >= WARM_UP_S
            self.started_s = now if warm else None
        elif isinstance(event, StepsEnded) and self.started_s is not None:
            self._samples += event.samples
            self._last_s = now
        elif isinstance(event, RunEnded):
            self.ended = event

    @property
    def counted_s(self) -> float:
        """Seconds since counting started; 0 before."""
        return time.perf_counter() - self.started_s if self.started_s is not None else 0.0

    @property
    def samples_per_second(self) -> float:
        """The speed.

        Raises
        ------
        JobFailed
            If the run ended before anything was counted.
        """
        if self.ended is not None and self.ended.error:
            raise JobFailed(self.ended.error)
        if self.started_s is None or not self._samples:
            raise JobFailed("The run ended before it could be measured.")
        return self._samples / (self._last_s - self.started_s)


class Engine:
    """The engine of this program, without its window."""

    def __init__(self, case: Case, data: LoadedData, seconds: float) -> None:
        self._spec = case.project(ENDLESS)
        self._data = data
        self._seconds = seconds

    def measure(self) -> float:
        """See `Way`."""
        control, stopwatch = TrainingControl(), Stopwatch()

        def emit(event: TrainingEvent) -> None:
            stopwatch(event)
            if stopwatch.counted_s >= self._seconds:
                control.stop()

        train(new_run_id(), self._spec, self._data, emit, control)
        return stopwatch.samples_per_second


class Fit:
    """Keras's ``model.fit`` on the same layers, as a user writes it, or tuned.

    Plain: arrays, nothing set. Tuned: a ``tf.data`` pipeline with cache, shuffle, batch and prefetch, and
    ``steps_per_execution``. Both leave ``jit_compile`` to Keras, which chooses XLA, and print nothing.
    """

    def __init__(self, case: Case, data: LoadedData, seconds: float, *, tuned: bool) -> None:
        keras.utils.set_random_seed(SEED)
        self._samples = len(data.training)
        self._model = _compiled_by_a_user(case, data, tuned=tuned)
        self._given: dict[str, Any] = (
            {"x": _pipeline(case, data), "shuffle": False}  # the pipeline shuffles
            if tuned
            else {"x": data.training.x, "y": data.training.y, "batch_size": case.batch_size}
        )
        self._fit(1)  # traces and compiles
        self._epochs = max(1, round(seconds / max(self._fit(1), 1e-6)))

    def measure(self) -> float:
        """See `Way`."""
        return self._samples * self._epochs / self._fit(self._epochs)

    def _fit(self, epochs: int) -> float:
        started = time.perf_counter()
        self._model.fit(**self._given, epochs=epochs, verbose=0)
        return time.perf_counter() - started


def _compiled_by_a_user(case: Case, data: LoadedData, *, tuned: bool) -> keras.Model:
    model = build(case.network, data.info, case.scaling, data.statistics)
    classes = data.info.task == "classification"
    steps = -(-len(data.training) // case.batch_size)
    model.compile(
        optimizer="adam",
        loss="sparse_categorical_crossentropy" if classes else "mean_squared_error",
        metrics=["accuracy" if classes else "mean_absolute_error"],
        **({"steps_per_execution": min(STEPS_PER_EXECUTION, steps)} if tuned else {}),
    )
    return model


def _pipeline(case: Case, data: LoadedData) -> Any:
    part = data.training
    samples = tf.data.Dataset.from_tensor_slices((part.x, part.y)).cache()
    batches = samples.shuffle(len(part), seed=SEED).batch(case.batch_size)
    return batches.prefetch(tf.data.AUTOTUNE)


def fit(case: Case, data: LoadedData, seconds: float) -> Way:
    """Return plain ``model.fit``."""
    return Fit(case, data, seconds, tuned=False)


def fit_tuned(case: Case, data: LoadedData, seconds: float) -> Way:
    """Return tuned ``model.fit``."""
    return Fit(case, data, seconds, tuned=True)


MakeWay = Callable[[Case, LoadedData, float], Way]
