"""Hyperparameters with which the ready networks learn each kind of data well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.data.info import DataInfo
from engine.spec.base import ObjectSpec
from engine.spec.training import TrainingSpec

LARGE_PICTURE: Final = 24  # pixels a side from which a picture deserves more filters


def default_training(info: DataInfo) -> TrainingSpec:
    """Return hyperparameters with which the ready networks learn this kind of data well."""
    if info.kind == "picture" and min(info.input_shape[:2]) >= LARGE_PICTURE:
        return TrainingSpec(epochs=5)
    if info.kind == "number" and info.task == "regression":
        return TrainingSpec(epochs=100, optimizer=adam(0.01))
    return _TRAINING.get(info.kind, TrainingSpec())


def adam(learning_rate: float) -> ObjectSpec:
    """Return the optimizer of most ready networks."""
    return ObjectSpec(kind="Adam", parameters={"learning_rate": learning_rate})


_TRAINING: Final[Mapping[str, TrainingSpec]] = {
    "picture": TrainingSpec(epochs=40),
    "number": TrainingSpec(epochs=50, optimizer=adam(0.003)),
    "point": TrainingSpec(epochs=100, optimizer=adam(0.01)),
    "sequence": TrainingSpec(epochs=30, optimizer=adam(0.003)),
    "text": TrainingSpec(epochs=5, batch_size=64),
}
