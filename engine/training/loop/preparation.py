"""Create a project's program and schedule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.build.seed_lock import KERAS_SEED_LOCK
from engine.data.loaded import LoadedData
from engine.errors import JobFailed
from engine.models.transfer import Learned
from engine.spec.project import ProjectSpec
from engine.training.live.rate_plan import RatePlan
from engine.training.live.tuning import Tuner
from engine.training.loop.class_weights import resolve_class_weights
from engine.training.loop.initial import fresh_model, take_over
from engine.training.loop.train_step import TrainStep
from engine.training.procedures import procedure_of
from engine.training.procedures.program import Program


@dataclass(frozen=True)
class RunSchedule:
    """What changes from step to step besides the weights."""

    plan: RatePlan
    stepping: TrainStep
    tuner: Tuner


def new_program(spec: ProjectSpec, data: LoadedData, initial: Learned | None = None) -> Program:
    """Return the program of a project before the first step.

    Layers that match ``initial`` begin with its weights, the others with new ones.

    Raises
    ------
    JobFailed
        If there is nothing to train on.
    BadInput
        If there is no such procedure.
    SpecError
        If Keras cannot build it.
    """
    procedure = procedure_of(spec)
    if not len(data.training):
        raise JobFailed("The training part is empty: make the validation and test shares smaller.")
    with KERAS_SEED_LOCK:  # until the last seed is drawn
        model = fresh_model(spec, data.info, data.statistics)
        program: Program = procedure.make(spec, model, data)
    if initial is not None:
        take_over(model, spec.network, initial)
    return program


def new_schedule(program: Program, spec: ProjectSpec, data: LoadedData) -> RunSchedule:
    """Return the schedule of a new run.

    Raises
    ------
    SpecError
        If the class weights do not fit the data.
    """
    training, info = spec.training, data.info
    weights = class_weights_of(spec, data)
    base = training.optimizer.parameters.get("learning_rate")
    if base is None:
        base = float(program.learning_rate.numpy())
    # Before any layer is frozen, so that a resumed run builds it for the same weights.
    for role, optimizer in program.optimizers.items():
        optimizer.build(program.networks[role].trainable_variables)
    plan = RatePlan(training.schedule, float(base), training.epochs)
    stepping = TrainStep(program, scheduled=plan.varies, class_weights=weights)
    labels = info.labels if info.n_classes else ()
    size, samples = training.batch_size, len(data.training)
    return RunSchedule(
        plan, stepping, Tuner(program, stepping, plan, labels, weights, size, samples)
    )


def class_weights_of(spec: ProjectSpec, data: LoadedData) -> npt.NDArray[np.float32] | None:
    """Return (classes,) weights in the loss; None if all are 1 or there are no classes.

    Raises
    ------
    SpecError
        If the class weights do not fit the data.
    """
    if not procedure_of(spec).answers:
        return None
    return resolve_class_weights(spec.training.class_weights, data.info, data.training.y)
