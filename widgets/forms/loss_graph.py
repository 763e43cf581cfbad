"""The graph of a loss over the prediction, drawn beneath the field that chooses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from PySide6.QtWidgets import QWidget

from widgets.forms.function_graph import FunctionGraph, Numbers, Plotted

_LEAST: Final = 1e-7  # Keras keeps probabilities away from 0 by as much
_SHARE: Final = "over the probability of the right class, 0 to 1"
_ERROR: Final = "over prediction minus label, -3 to 3"


def _cross_entropy(p: Numbers) -> Numbers:
    return np.asarray(-np.log(np.maximum(p, _LEAST)))


def _focal(p: Numbers) -> Numbers:
    return np.asarray((1.0 - p) ** 2 * _cross_entropy(p))


def _overlap(p: Numbers) -> Numbers:
    return np.asarray(1.0 - 2.0 * p / (1.0 + p))


def _huber(e: Numbers) -> Numbers:
    return np.where(np.abs(e) <= 1.0, 0.5 * e * e, np.abs(e) - 0.5)


def _of_class(values: Callable[[Numbers], Numbers]) -> tuple[Plotted, str]:
    return Plotted(values, 0.0, 1.0, 4.0), _SHARE


def _of_error(values: Callable[[Numbers], Numbers]) -> tuple[Plotted, str]:
    return Plotted(values, -3.0, 3.0, 9.0), _ERROR


# With the settings of a new loss, for one label: what is drawn, and along what.
LOSS_CURVES: Final[Mapping[str, tuple[Plotted, str]]] = {
    "SparseCategoricalCrossentropy": _of_class(_cross_entropy),
    "CategoricalCrossentropy": _of_class(_cross_entropy),
    "BinaryCrossentropy": _of_class(_cross_entropy),
    "KLDivergence": _of_class(_cross_entropy),
    "BinaryFocalCrossentropy": _of_class(_focal),
    "CategoricalFocalCrossentropy": _of_class(lambda p: 0.25 * _focal(p)),
    "CategoricalGeneralizedCrossEntropy": _of_class(lambda p: (1.0 - np.sqrt(p)) / 0.5),
    "CategoricalHinge": _of_class(lambda p: 2.0 - 2.0 * p),
    "Dice": _of_class(_overlap),
    "Tversky": _of_class(_overlap),
    "Hinge": (
        Plotted(lambda p: np.maximum(1.0 - p, 0.0), -2.0, 2.0, 9.0),
        "over the prediction, -2 to 2, where the label is 1",
    ),
    "SquaredHinge": (
        Plotted(lambda p: np.maximum(1.0 - p, 0.0) ** 2, -2.0, 2.0, 9.0),
        "over the prediction, -2 to 2, where the label is 1",
    ),
    "MeanSquaredError": _of_error(np.square),
    "MeanAbsoluteError": _of_error(np.abs),
    "Huber": _of_error(_huber),
    "LogCosh": _of_error(lambda e: np.log(np.cosh(e))),
    "MeanAbsolutePercentageError": (
        Plotted(lambda p: 100.0 * np.abs(1.0 - p), -1.0, 3.0, 200.0),
        "over the prediction, -1 to 3, where the label is 1",
    ),
    "MeanSquaredLogarithmicError": (
        Plotted(lambda p: (np.log1p(np.maximum(p, _LEAST)) - np.log(2.0)) ** 2, 0.0, 4.0, 9.0),
        "over the prediction, 0 to 4, where the label is 1",
    ),
    "Poisson": (
        Plotted(lambda p: p - np.log(p + _LEAST), 0.0, 4.0, 5.0),
        "over the prediction, 0 to 4, where the label is 1",
    ),
    "CosineSimilarity": (
        Plotted(lambda a: -np.cos(np.radians(a)), -180.0, 180.0, 1.0),
        "over the angle between prediction and label, -180 to 180 degrees",
    ),
}


class LossGraph(FunctionGraph):
    """How a loss grows as a prediction leaves its label."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("graph.loss")
        self.hide()

    def show_kind(self, name: str | None) -> None:
        """Show the loss with this name; hidden where one curve does not tell it."""
        plotted, along = LOSS_CURVES.get(name or "", (None, ""))
        self.show_function(name or "", plotted, along)
