"""Predictions of a trained model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import keras
import numpy as np
import numpy.typing as npt

from engine.data.column_array import Inputs
from engine.data.info import DataInfo
from engine.errors import BadInput, Cancelled

BATCH_SIZE: Final = 256
_TOLERANCE: Final = 1e-3  # tolerance for the sum of a half-precision softmax

Floats: TypeAlias = npt.NDArray[np.float32]
Top: TypeAlias = tuple[tuple[str, float], ...]


def predict(
    model: keras.Model,
    x: Inputs,
    batch_size: int = BATCH_SIZE,
    cancelled: Callable[[], bool] | None = None,
) -> Floats:
    """Return the model's outputs for samples, (n, ...).

    Parameters
    ----------
    x
        (n, *input_shape), unscaled, of the input's dtype or a smaller one.
    cancelled
        Checked before each batch.

    Raises
    ------
    Cancelled
        If ``cancelled`` returns True.
    BadInput
        If the samples do not have the model's input shape.
    """
    taken = tuple(model.inputs[0].shape[1:])
    given = x.shape[1:]
    fits = len(taken) == len(given) and all(
        size in (None, length) for size, length in zip(taken, given, strict=True)
    )
    if not fits:
        raise BadInput(
            f"The samples have the shape {_shape(given)}: the model takes {_shape(taken)}."
        )
    if not len(x):
        return np.zeros((0, *(size or 0 for size in model.output_shape[1:])), np.float32)
    outputs = []
    for first in range(0, len(x), batch_size):
        if cancelled is not None and cancelled():
            raise Cancelled("The prediction was cancelled.")
        batch = x[first : first + batch_size].astype(model.inputs[0].dtype, copy=False)
        outputs.append(model.predict_on_batch(batch))
    found: Floats = np.concatenate(outputs)
    return found


def probabilities(
    outputs: npt.NDArray[Any], info: DataInfo, *, from_logits: bool | None = None
) -> Floats:
    """Return a probability for each class, (n, classes), rows summing to 1.

    Parameters
    ----------
    outputs
        (n, classes), or (n, 1) for two classes: the output for the second one.
    from_logits
        Whether the outputs are logits, to which softmax, or sigmoid for a single unit, is applied. None: they are
        logits if some of them are outside [0, 1].
    """
    values = np.asarray(outputs, np.float64).reshape(len(outputs), -1)
    if values.shape[1] == 1 and info.n_classes == 2:
        second = _sigmoid(values) if _are_scores(values, from_logits) else np.clip(values, 0, 1)
        values = np.hstack([1 - second, second])
    elif _are_scores(values, from_logits):
        values = np.exp(values - values.max(axis=1, keepdims=True))
    values = np.clip(values, 0, None)
    total = values.sum(axis=1, keepdims=True)
    # Outputs that are all zero mean equal probabilities.
    shares: npt.NDArray[np.float64] = np.divide(
        values, total, out=np.full_like(values, 1 / values.shape[1]), where=total > 0
    )
    return shares.astype(np.float32)


def top(probabilities: npt.NDArray[Any], labels: Sequence[str], k: int = 5) -> Top:
    """Return (label, probability) of the ``k`` most probable classes of one sample, (classes,)."""
    order = np.argsort(-probabilities, kind="stable")[:k]
    return tuple((labels[index], float(probabilities[index])) for index in order)


def classify(
    model: keras.Model,
    pictures: npt.NDArray[Any],
    info: DataInfo,
    k: int = 5,
    *,
    from_logits: bool | None = None,
) -> tuple[Top, ...]:
    """Return the most probable classes of each prepared image, (n, *input_shape); errors as in `predict`."""
    scores = gives_scores(model) if from_logits is None else from_logits
    rows = probabilities(predict(model, pictures), info, from_logits=scores)
    return tuple(top(row, info.labels, k) for row in rows)


def gives_scores(model: keras.Model) -> bool | None:
    """Tell from the last layer whether the outputs are logits; None if only the values can tell."""
    activation = getattr(model.layers[-1], "activation", None)
    if activation is keras.activations.linear:
        return True
    return False if activation in (keras.activations.softmax, keras.activations.sigmoid) else None


def _are_scores(values: npt.NDArray[np.float64], from_logits: bool | None) -> bool:
    if from_logits is not None:
        return from_logits
    return bool(np.any(values < -_TOLERANCE) or np.any(values > 1 + _TOLERANCE))


def _sigmoid(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return 0.5 * (1 + np.tanh(0.5 * values))  # cannot overflow


def _shape(shape: Sequence[int | None]) -> str:
    return " x ".join("any" if size is None else str(size) for size in shape) or "one number"
