"""Run a training, from description to trained weights."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from engine.build.model import build
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Statistics
from engine.errors import JobFailed, NetsmithError
from engine.machine.memory import memory_for_samples
from engine.models.transfer import Learned
from engine.spec.project import ProjectSpec
from engine.training.diagnose.failure import Diverged, fitting_batch, is_out_of_memory, sentence
from engine.training.live.control import TrainingControl
from engine.training.live.events import PhaseChanged, RunEnded, RunId
from engine.training.loop.devices import resolve_device
from engine.training.loop.emitting import Emit, unfailing
from engine.training.loop.run_counters import RunCounters, Weights
from engine.training.loop.run_options import RunOptions
from engine.training.loop.training_loop import TrainingLoop
from engine.training.state.checkpoint_scheduler import KeepModel, KeepState
from engine.training.state.resume_point import ResumePoint
from engine.training.state.writes import Writes

_log = logging.getLogger(__name__)


def train(
    run: RunId,
    spec: ProjectSpec,
    data: LoadedData,
    emit: Emit,
    control: TrainingControl,
    checkpoint: KeepModel | None = None,
    *,
    resume: ResumePoint | None = None,
    keep_state: KeepState | None = None,
    measurements: Path | None = None,
    memory_limit_bytes: int | None = None,
    initial: Learned | None = None,
    writes: Writes | None = None,
    move: Callable[[Path], None] | None = None,
) -> None:
    """Run one training to its end on the calling thread.

    Equal specs and data give equal weights, bit for bit on the CPU, also if the run is paused, stepped,
    observed, resumed or streamed. Nothing is raised: the last event is always `RunEnded`.

    Parameters
    ----------
    emit
        Called with every event on this thread. Its errors are logged; the training continues.
    control
        Its requests are handled between chunks of 30 to 50 ms.
    checkpoint
        Called with model and moment at epoch ends, at most every
        `engine.training.state.checkpoint_scheduler.CHECKPOINT_PERIOD_S`, and with the state that is kept. Its errors
        become `WriteFailed`; the training continues and retries.
    resume
        State to continue from, of the same network, data, loss, optimizer and seed. There may be more epochs.
        Its changed hyperparameters are applied again.
    keep_state
        Called with the whole state periodically, also within an epoch, and when the run ends other than by a
        discard; after a failure with the last good state. Its errors become `WriteFailed`.
    measurements
        The user's folder of measurements: where XLA may pay, it is measured once for a network on this machine, and
        every later run takes the same choice. None: the kinds of the layers decide.
    memory_limit_bytes
        A part of the data that takes more streams to the device. None: a share of the memory that is free.
    initial
        What layers learned before: those that still fit begin with it, see `engine.models.transfer`.
    writes
        Attempts what is written; None: one of its own.
    move
        Called with the folder of another project when the run is to be kept there from now on.
    """
    emit = unfailing(emit)
    emit(PhaseChanged(run, "preparing"))
    given = RunOptions(
        checkpoint, resume, keep_state, measurements, memory_limit_bytes, initial, writes, move
    )
    emit(_ended(run, spec, data, emit, control, given))


def _ended(
    run: RunId,
    spec: ProjectSpec,
    data: LoadedData,
    emit: Emit,
    control: TrainingControl,
    given: RunOptions,
) -> RunEnded:
    """Run the training; return how it ended."""
    started = time.perf_counter()
    reached = RunCounters()
    course: TrainingLoop | None = None
    weights: Weights = ()
    why: dict[str, Any] = {}
    try:
        with tf.device(f"/{resolve_device(spec.training.device)}"):
            if given.memory_limit_bytes is None:
                given = replace(given, memory_limit_bytes=memory_for_samples())
            course = TrainingLoop(run, spec, data, emit, control, reached, given)
            outcome = course.work()
        weights = reached.good if outcome != "discarded" else ()
    except Exception as failure:  # noqa: BLE001  # the top of the thread: every failure becomes an event
        outcome, why = "failed", _explained(run, spec, failure, course)
        weights = reached.good if reached.steps else ()
    seconds = reached.seconds_before + time.perf_counter() - started
    ended = RunEnded(run, outcome, reached.epochs, reached.steps, seconds, reached.samples)
    return replace(ended, figures=reached.figures, weights=weights, **why)


def trained_model(
    spec: ProjectSpec, info: DataInfo, statistics: Statistics | None, weights: Weights
) -> keras.Model:
    """Return the model of a project with the weights of `RunEnded` or `SnapshotTaken`.

    Raises
    ------
    SpecError
        If Keras cannot build the network.
    JobFailed
        If the weights are of another network.
    """
    model = build(spec.network, info, statistics)
    shapes = [tuple(weight.shape) for weight in model.weights]
    if shapes != [np.shape(array) for array in weights]:
        raise JobFailed("The trained weights are of another network: train this one again.")
    model.set_weights(list(weights))
    return model


def _explained(
    run: RunId, spec: ProjectSpec, failure: Exception, course: TrainingLoop | None
) -> dict[str, Any]:
    """Log a failure; return the fields of `RunEnded` that describe it."""
    expected = isinstance(failure, NetsmithError)  # its message is complete
    level = logging.INFO if expected else logging.ERROR
    _log.log(level, "run %s failed", run, exc_info=None if expected else failure)
    size = course.batch_size if course else spec.training.batch_size
    fitting = (
        fitting_batch(course.program.model, size) if course and is_out_of_memory(failure) else None
    )
    return {
        "error": sentence(failure, size, fitting),
        "fault": failure.fault if isinstance(failure, Diverged) else None,
        "fitting_batch": fitting,
    }
