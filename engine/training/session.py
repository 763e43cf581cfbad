"""One training from description to trained weights."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from engine.build.model import build
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Statistics
from engine.errors import JobFailed, NetsmithError
from engine.spec.project import ProjectSpec
from engine.training.control import TrainingControl
from engine.training.course import Course, Emit, KeepModel, KeepState
from engine.training.events import PhaseChanged, RunEnded, RunId
from engine.training.executor import resolve_device
from engine.training.failure import Diverged, fitting_batch, is_out_of_memory, sentence
from engine.training.reached import Reached, Weights
from engine.training.state import ResumePoint

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
) -> None:
    """Run one training to its end on the calling thread.

    The same spec and data give the same weights, bit for bit on the CPU, whatever is paused, stepped,
    watched, or resumed. Nothing is raised: whatever happens, the last event is `RunEnded`.

    Parameters
    ----------
    emit
        Takes every event, on this thread.
    control
        Its wishes are obeyed between chunks of 30 to 50 ms.
    checkpoint
        Called with model, epochs done and figures at epoch ends, at most every
        `engine.training.course.CHECKPOINT_PERIOD_S`, and with the state that is kept. What it raises is logged;
        training goes on.
    resume
        Where to go on; it must be of the same network, data, loss, optimizer and seed. Epochs may be more than
        they were. Its changed hyperparameters are applied again.
    keep_state
        Called with the whole state now and then, also within an epoch, and when the run ends for any reason but
        a discard; after a divergence with the last good one. What it raises is logged.
    """
    started = time.perf_counter()
    emit(PhaseChanged(run, "preparing"))
    reached = Reached()
    course: Course | None = None
    weights: Weights = ()
    error, fault = "", None
    try:
        with tf.device(f"/{resolve_device(spec.training.device)}"):
            course = Course(run, spec, data, emit, control, checkpoint, keep_state, reached, resume)
            outcome = course.work()
        weights = reached.good if outcome != "discarded" else ()
    except Exception as failure:  # noqa: BLE001  # the top of the thread: every failure becomes an event
        outcome, error = "failed", _said(run, spec, failure, course)
        fault = failure.fault if isinstance(failure, Diverged) else None
        weights = reached.good if reached.steps else ()
    seconds = reached.seconds_before + time.perf_counter() - started
    ended = RunEnded(run, outcome, reached.epochs, reached.steps, seconds, reached.samples)
    emit(replace(ended, figures=reached.figures, weights=weights, error=error, fault=fault))


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


def _said(run: RunId, spec: ProjectSpec, failure: Exception, course: Course | None) -> str:
    """Log a failure and return its sentence."""
    expected = isinstance(failure, NetsmithError)  # its sentence says it all
    level = logging.INFO if expected else logging.ERROR
    _log.log(level, "run %s failed", run, exc_info=None if expected else failure)
    size = course.batch_size if course else spec.training.batch_size
    fitting = fitting_batch(course.model, size) if course and is_out_of_memory(failure) else None
    return sentence(failure, size, fitting)
