"""Scaling and hyperparameters with which the ready networks learn each kind of data well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.data.info import DataInfo, InputKind
from engine.data.sets import USUAL_SCALING
from engine.spec.base import ObjectSpec
from engine.spec.data import Scaling
from engine.spec.training import TrainingSpec

LARGE_PICTURE: Final = 24  # pixels a side from which a picture deserves more filters


def default_scaling(info: DataInfo) -> Scaling:
    """Return the usual scaling: pictures to [0, 1], word numbers as they are, else standardised."""
    unbounded_picture = info.kind == "image" and info.value_range is None
    return "standard" if unbounded_picture else USUAL_SCALING[info.kind]


def default_training(info: DataInfo) -> TrainingSpec:
    """Return hyperparameters with which the ready networks learn this kind of data well."""
    if info.kind == "image" and min(info.input_shape[:2]) >= LARGE_PICTURE:
        return TrainingSpec(epochs=5)
    if info.kind == "table" and info.task == "regression":
        return TrainingSpec(epochs=100, optimizer=adam(0.01))
    return _TRAINING[info.kind]


def adam(learning_rate: float) -> ObjectSpec:
    """Return the optimizer of most ready networks."""
    return ObjectSpec(kind="Adam", parameters={"learning_rate": learning_rate})


_TRAINING: Final[Mapping[InputKind, TrainingSpec]] = {
    "image": TrainingSpec(epochs=40),
    "table": TrainingSpec(epochs=50, optimizer=adam(0.003)),
    "points": TrainingSpec(epochs=100, optimizer=adam(0.01)),
    "series": TrainingSpec(epochs=30, optimizer=adam(0.003)),
    "text": TrainingSpec(epochs=5, batch_size=64),
}
