"""Weights of the classes in the training loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data.info import DataInfo
from engine.errors import SpecError, quoted
from engine.spec.training import ClassWeights

_PLACE: Final = "training.class_weights"


def resolve_class_weights(
    chosen: ClassWeights, info: DataInfo, y: npt.NDArray[Any]
) -> npt.NDArray[np.float32] | None:
    """Return (classes,) weights in the order of the labels; None if all are 1.

    "balanced" gives a class ``samples / (classes * samples of the class)``, so that all classes have the same total
    weight and the mean weight of a sample is 1; a class without samples gets 1.

    Parameters
    ----------
    y
        (n,) class indices of the training part.

    Raises
    ------
    SpecError
        If the data has no classes, or no class with this label.
    """
    if chosen == "none":
        return None
    if not info.n_classes:
        raise SpecError(_PLACE, "the data wants numbers, not classes: choose none")
    if isinstance(chosen, Mapping):
        return _named(chosen, info.labels)
    counts = np.bincount(y.astype(np.int64).ravel(), minlength=info.n_classes)
    present = counts > 0
    weights = np.ones(info.n_classes, np.float64)
    weights[present] = counts.sum() / (present.sum() * counts[present])
    return weights.astype(np.float32)


def _named(chosen: Mapping[str, float], labels: tuple[str, ...]) -> npt.NDArray[np.float32]:
    unknown = next((label for label in chosen if label not in labels), None)
    if unknown is not None:
        raise SpecError(_PLACE, f'there is no class "{quoted(unknown, 40)}": remove its weight')
    return np.array([chosen.get(label, 1.0) for label in labels], np.float32)
