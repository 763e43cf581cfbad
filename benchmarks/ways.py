"""The ways to train a case without a window; each can be measured again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import keras
import tensorflow as tf

from app import heavy
from benchmarks.cases import SEED, Case
from benchmarks.laps import Lap, Pacer, wait
from engine.build.model import build
from engine.data.loaded import LoadedData
from engine.machine.user_folder import home
from engine.runs.project_folder import ProjectFolder
from engine.training.live.control import TrainingControl
from engine.training.live.events import new_run_id

ENDLESS = 1_000_000  # epochs: a measurement ends by time
STEPS_PER_EXECUTION = 32


class Way(Protocol):
    """One way to train a case, by itself."""

    def measure(self) -> float:
        """Train for a while; return samples a second, without tracing and compiling."""


class Engine:
    """The program without its window: its own headless way, history and checkpoints included.

    See `benchmarks.laps.Racer`.
    """

    def __init__(self, case: Case, data: LoadedData) -> None:
        self._spec = case.project(ENDLESS)
        self._data = data
        self._folder = Path(home(), "headless")
        ProjectFolder(self._folder).create(self._spec)
        self._pacer = Pacer()
        self._control = TrainingControl()
        self._thread = threading.Thread()

    def start(self) -> None:
        """See `Racer`."""
        self._pacer, self._control = Pacer(), TrainingControl()
        arguments = (new_run_id(), self._spec, self._data, self._pacer, self._control)
        self._thread = threading.Thread(
            target=heavy.train, args=(*arguments, self._folder), name="training-bench", daemon=True
        )
        self._thread.start()
        wait(self._pacer.waits)
        self._pacer.lap()  # fails if the run did

    def lap(self, seconds: float) -> Lap:
        """See `Racer`."""
        over = threading.Event()
        self._pacer.begin(seconds, over.set)
        wait(over)
        return self._pacer.lap()

    def stop(self) -> None:
        """See `Racer`."""
        self._control.stop()
        self._pacer.let_go()
        self._thread.join()


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
    model = build(case.whole, data.info, data.statistics)
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
