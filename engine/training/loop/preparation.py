"""From a project to a compiled model and what changes from step to step beside its weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy.typing as npt

from engine.build.model import compile_model
from engine.build.seed_lock import KERAS_SEED_LOCK
from engine.data.auto_defaults import figure_names, label_encoding, resolve_loss, resolve_metrics
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData
from engine.errors import JobFailed
from engine.models.transfer import Learned
from engine.spec.project import ProjectSpec
from engine.training.live.rate_plan import RatePlan
from engine.training.live.tuning import Tuner
from engine.training.loop.class_weights import resolve_class_weights
from engine.training.loop.initial import fresh_model, take_over
from engine.training.loop.targets import encode
from engine.training.loop.train_step import TrainStep


@dataclass(frozen=True)
class RunSchedule:
    """What changes from step to step beside the weights."""

    plan: RatePlan
    stepping: TrainStep
    tuner: Tuner


def new_model(spec: ProjectSpec, data: LoadedData, initial: Learned | None = None) -> keras.Model:
    """Return the model of a project as it is before the first step, compiled.

    Layers that keep what was learned in ``initial`` begin with that, the others with new weights.

    Raises
    ------
    JobFailed
        If there is nothing to train on.
    SpecError
        If Keras cannot build it.
    """
    if not len(data.training):
        raise JobFailed("The training part is empty: make the validation and test shares smaller.")
    with KERAS_SEED_LOCK:  # to the last seed drawn
        model = fresh_model(spec, data.info, data.statistics)
        compile_model(model, spec, data.info)
    if initial is not None:
        take_over(model, spec.network, initial)
    return model


def new_schedule(model: keras.Model, spec: ProjectSpec, data: LoadedData) -> RunSchedule:
    """Return the rules of a run that begins.

    Raises
    ------
    SpecError
        If the class weights do not fit the data.
    """
    training, info = spec.training, data.info
    weights = resolve_class_weights(training.class_weights, info, data.training.y)
    base = training.optimizer.parameters.get("learning_rate")
    if base is None:
        base = float(model.optimizer.learning_rate.numpy())
    # Here, before any layer is frozen: a resumed run builds it for the same weights as the first one did.
    model.optimizer.build(model.trainable_variables)
    plan = RatePlan(training.schedule, float(base), training.epochs)
    stepping = TrainStep(model, scheduled=plan.varies, class_weights=weights)
    labels = info.labels if info.n_classes else ()
    size, samples = training.batch_size, len(data.training)
    return RunSchedule(plan, stepping, Tuner(model, stepping, plan, labels, weights, size, samples))


def encoded_labels(
    model: keras.Model, spec: ProjectSpec, info: DataInfo, y: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """Return the answers of a `Part` as the loss wants them."""
    units = _units(model)
    loss = resolve_loss(spec, info, units)
    return encode(y, label_encoding(loss.kind, info, units), info.n_classes)


def metric_names(model: keras.Model, spec: ProjectSpec, info: DataInfo) -> tuple[str, ...]:
    """Return the names of an epoch's figures beside the loss."""
    return figure_names(resolve_metrics(spec, info, _units(model)))


def _units(model: keras.Model) -> int | None:
    shape = model.output_shape
    return shape[-1] if isinstance(shape, tuple) else None
