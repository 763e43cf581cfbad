"""Metrics of a trained model on a part of the data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt

from engine.data.auto_defaults import label_encoding
from engine.data.info import DataInfo
from engine.data.loaded import Part
from engine.errors import BadInput
from engine.evaluate.prediction import BATCH_SIZE, gives_scores, predict, probabilities
from engine.training.loop.targets import encode

_SCORES: Final = "_keras_logits"  # attribute in which activations of Keras keep their logits


@dataclass(frozen=True)
class Evaluation:
    """Metrics of a model on one part of the data.

    Attributes
    ----------
    metrics
        Classification: ``accuracy``, ``precision``, ``recall``, ``f1`` (means over the classes that occur or
        are predicted). Regression: ``mean_absolute_error``, ``root_mean_squared_error``, ``r2`` (absent
        for a single sample). ``loss`` if the model is compiled.
    labels
        Class names; for regression, names of the targets.
    confusion
        (classes, classes) samples of each true class (row) that got each prediction (column); (0, 0) for
        regression.
    per_class
        Precision, recall, F1 and samples of each class, in the order of ``labels``; empty for regression.
    predicted
        (n,) class indices, or (n, targets) numbers.
    """

    metrics: Mapping[str, float]
    labels: tuple[str, ...]
    samples: int
    confusion: npt.NDArray[np.int64]
    per_class: tuple[ClassFigures, ...] = ()
    predicted: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True)
class ClassFigures:
    """Metrics of one class, 0 if undefined; ``samples`` is the number of its samples."""

    label: str
    precision: float
    recall: float
    f1: float
    samples: int


def evaluate(
    model: keras.Model,
    part: Part,
    info: DataInfo,
    batch_size: int = BATCH_SIZE,
    cancelled: Callable[[], bool] | None = None,
) -> Evaluation:
    """Return the metrics of a model on a part.

    Raises
    ------
    BadInput
        If the part is empty, or its samples or labels do not fit the model.
    Cancelled
        If ``cancelled``, checked before each batch, returns True.
    """
    if not len(part):
        raise BadInput(
            "There are no samples to evaluate on: give the test part a share of the data."
        )
    outputs = predict(model, part.x, batch_size, cancelled)
    loss = _loss(model, part, info, outputs)
    if info.task == "classification":
        likely = probabilities(outputs, info, from_logits=gives_scores(model))
        return _classification(likely, part, info, loss)
    return _regression(outputs, part, info, loss)


def _loss(
    model: keras.Model, part: Part, info: DataInfo, outputs: npt.NDArray[Any]
) -> dict[str, float]:
    """Return the compiled loss with the penalties of regularizers; nothing if there is none."""
    if not getattr(model, "compiled", False):
        return {}
    encoding = label_encoding(_loss_kind(model), info, outputs.shape[-1])
    y = encode(part.y, encoding, info.n_classes)
    x, y_true = (keras.ops.convert_to_tensor(each) for each in (part.x[:1], y))
    y_predicted = _with_scores(model, part, outputs)
    return {"loss": float(model.compute_loss(x=x, y=y_true, y_pred=y_predicted, training=False))}


def _with_scores(model: keras.Model, part: Part, outputs: npt.NDArray[Any]) -> Any:
    """Return outputs with their logits, as Keras's losses use them in training.

    Without logits, Keras clips probabilities at its epsilon, and confident mistakes would count less than in training.
    """
    predicted = keras.ops.convert_to_tensor(outputs)
    if outputs.min() >= keras.config.epsilon() and outputs.max() <= 1.0 - keras.config.epsilon():
        return predicted
    found = []
    for first in range(0, len(part), BATCH_SIZE):
        batch = part.x[first : first + BATCH_SIZE].astype(model.inputs[0].dtype, copy=False)
        scores = getattr(model(batch, training=False), _SCORES, None)
        if scores is None:
            return predicted
        found.append(scores)
    setattr(predicted, _SCORES, keras.ops.concatenate(found))
    return predicted


def _loss_kind(model: keras.Model) -> str:
    """Return the class name of the compiled loss, which may be an object, a function or a name."""
    if isinstance(model.loss, keras.losses.Loss):
        return type(model.loss).__name__
    name = model.loss if isinstance(model.loss, str) else model.loss.__name__
    return str(name).title().replace("_", "")


def _classification(
    likely: npt.NDArray[Any], part: Part, info: DataInfo, loss: Mapping[str, float]
) -> Evaluation:
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    if likely.shape[1] < info.n_classes:
        raise BadInput(
            f"The model tells {likely.shape[1]} classes apart,"
            f" the data has {info.n_classes}: change its units."
        )
    predicted = likely[:, : info.n_classes].argmax(axis=1)
    classes = np.arange(info.n_classes)
    confusion = confusion_matrix(part.y, predicted, labels=classes)
    each = precision_recall_fscore_support(
        part.y, predicted, labels=classes, average=None, zero_division=0.0
    )
    seen = confusion.sum(axis=0) + confusion.sum(axis=1) > 0
    means = [float(np.mean(column[seen])) for column in each[:3]]
    return Evaluation(
        metrics={
            **loss,
            "accuracy": float(np.trace(confusion) / len(part)),
            **dict(zip(("precision", "recall", "f1"), means, strict=True)),
        },
        labels=info.labels,
        samples=len(part),
        confusion=confusion.astype(np.int64),
        per_class=tuple(
            ClassFigures(label, float(precision), float(recall), float(f1), int(samples))
            for label, precision, recall, f1, samples in zip(info.labels, *each, strict=True)
        ),
        predicted=predicted,
    )


def _regression(
    outputs: npt.NDArray[Any], part: Part, info: DataInfo, loss: Mapping[str, float]
) -> Evaluation:
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    truth = part.y.reshape(len(part), -1)
    predicted = outputs.reshape(len(part), -1)
    if truth.shape != predicted.shape:
        raise BadInput(
            f"The model gives {predicted.shape[1]} numbers a sample, the data has {truth.shape[1]}: change its units."
        )
    if not np.isfinite(predicted).all():
        raise BadInput(
            "The model's answers are not finite numbers: train it with a lower learning rate."
        )
    metrics = {
        **loss,
        "mean_absolute_error": float(mean_absolute_error(truth, predicted)),
        "root_mean_squared_error": float(root_mean_squared_error(truth, predicted)),
        "r2": float(r2_score(truth, predicted)) if len(part) > 1 else math.nan,
    }
    return Evaluation(
        metrics={name: value for name, value in metrics.items() if not math.isnan(value)},
        labels=info.labels,
        samples=len(part),
        confusion=np.zeros((0, 0), np.int64),
        predicted=predicted,
    )
