"""Change hyperparameters of a running training, keeping the optimizer's state.

Rates and class weights are variables. Values that are constants in the graph (momentum, decay, dropout, which layers
are trainable) require rebuilding the graphs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt

from engine.errors import quoted
from engine.training.live.rate_plan import RatePlan
from engine.training.loop.train_step import TrainStep
from engine.training.procedures.program import Program


@dataclass(frozen=True)
class Answer:
    """The result of a request.

    Attributes
    ----------
    applied, message
        As in `engine.training.live.events.ValueApplied`.
    anew
        Whether the graphs must be rebuilt before the next step.
    """

    applied: float | None
    message: str = ""
    anew: bool = False


class Tuner:
    """Applies requested values.

    Parameters
    ----------
    labels
        Labels of the classes, () for regression.
    class_weights
        (classes,) at the start of the run, None for none.
    samples
        Number of samples of the training part.

    Attributes
    ----------
    batch_size
        The requested size, used from the next epoch on.
    granted
        Name -> value of all changes so far, for resuming the run.
    """

    def __init__(
        self,
        program: Program,
        stepping: TrainStep,
        plan: RatePlan,
        labels: tuple[str, ...],
        class_weights: npt.NDArray[np.float32] | None,
        batch_size: int,
        samples: int,
    ) -> None:
        self.batch_size = batch_size
        self.granted: dict[str, float] = {}
        self._program = program
        self._train_step = stepping
        self._plan = plan
        self._labels = labels
        self._class_weights = (
            np.ones(len(labels), np.float32) if class_weights is None else class_weights.copy()
        )
        self._samples = samples
        self._followed = {
            weight.path
            for network in program.networks.values()
            for weight in network.trainable_variables
        }

    def apply(self, name: str, value: float) -> Answer:
        """Apply a request as far as possible; names as in `engine.training.live.events.ValueApplied`."""
        kind, _, target = name.partition(":")
        apply = _APPLIERS.get(kind)
        if apply is None:
            return _refused(
                f'There is nothing called "{quoted(name, 40)}" to change while training.'
            )
        if not math.isfinite(value):
            return _refused("Only a finite number can be applied: enter one.")
        answer = apply(self, target, float(value))
        if answer.applied is not None:
            self.granted[name] = answer.applied
        return answer

    # ---- The optimizer ----

    def set_learning_rate(self, _target: str, value: float) -> Answer:
        """Set the base rate; the schedule keeps its shape."""
        if value < 0:
            return _refused("The learning rate cannot be negative: enter 0 or more.")
        self._plan.base = value
        return Answer(value)

    def set_momentum(self, _target: str, value: float) -> Answer:
        """Set the momentum, which is called beta_1 in Adam and similar optimizers."""
        if not 0 <= value < 1:
            return _refused("The momentum must be at least 0 and below 1.")
        for optimizer in self._optimizers:
            attribute = "momentum" if hasattr(optimizer, "momentum") else "beta_1"
            if not hasattr(optimizer, attribute):
                return _refused(
                    f"{type(optimizer).__name__} has no momentum: choose another optimizer."
                )
            if attribute == "momentum" and not optimizer.momentum and value:
                return _refused("The run began without momentum: start a new one to use it.")
        for optimizer in self._optimizers:
            setattr(optimizer, "momentum" if hasattr(optimizer, "momentum") else "beta_1", value)
        return Answer(value, anew=True)

    def set_weight_decay(self, _target: str, value: float) -> Answer:
        """Set the weight decay."""
        if value < 0:
            return _refused("The weight decay cannot be negative: enter 0 or more.")
        for optimizer in self._optimizers:
            optimizer.weight_decay = value
        return Answer(value, anew=True)

    def set_batch_size(self, _target: str, value: float) -> Answer:
        """Set the batch size from the next epoch on."""
        if value < 1:
            return _refused("The batch size must be at least 1.")
        size = min(int(value), self._samples)
        self.batch_size = size
        return Answer(size, "" if size == value else f"The training part has {size} samples.")

    # ---- Layers ----

    def set_dropout(self, target: str, value: float) -> Answer:
        """Set the dropout rate of a layer."""
        layer = self._layer(target)
        if layer is None or not hasattr(layer, "rate"):
            return _refused(f'There is no dropout layer "{quoted(target, 40)}" in this run.')
        if not 0 <= value < 1:
            return _refused("The dropout rate must be at least 0 and below 1.")
        if not hasattr(layer, "seed_generator"):
            name = quoted(target, 40)
            return _refused(f'"{name}" began this run at 0, without dropout: start a new run.')
        layer.rate = value
        return Answer(value, anew=True)

    def set_trainable(self, target: str, value: float) -> Answer:
        """Freeze or unfreeze a layer."""
        layer = self._layer(target)
        if layer is None or not layer.weights:
            return _refused(f'There is no layer "{quoted(target, 40)}" with weights in this run.')
        before = layer.trainable
        layer.trainable = bool(value)
        if not all(network.trainable_weights for network in self._program.networks.values()):
            layer.trainable = before
            return _refused("Every layer would be frozen: leave one that learns.")
        self._follow_learning_weights()
        return Answer(float(bool(value)), anew=True)

    def _follow_learning_weights(self) -> None:
        """Rebuild the optimizers for the weights that are trainable now, keeping the state of the others."""
        for role, network in self._program.networks.items():
            learning = {weight.path for weight in network.trainable_variables}
            if not learning <= self._followed:
                self._followed |= learning
                self._rebuild_optimizer(role, network)

    def _rebuild_optimizer(self, role: str, network: keras.Model) -> None:
        """Recreate an optimizer, which can only be built once, for a fixed list of weights."""
        old = self._program.optimizers[role]
        optimizer = type(old).from_config(old.get_config())
        optimizer.build([weight for weight in network.weights if weight.path in self._followed])
        known = {variable.path: variable for variable in old.variables}
        for variable in optimizer.variables:
            if variable.path in known:
                variable.assign(known[variable.path])
        self._program.set_optimizer(role, optimizer)

    @property
    def _optimizers(self) -> list[Any]:
        return list(self._program.optimizers.values())

    def _layer(self, name: str) -> Any:
        return next((layer for layer in self._program.model.layers if layer.name == name), None)

    # ---- Classes ----

    def set_class_weight(self, target: str, value: float) -> Answer:
        """Set the weight of a class in the loss."""
        if target not in self._labels:
            return _refused(f'There is no class "{quoted(target, 40)}" in this data.')
        if value < 0:
            return _refused("The weight of a class cannot be negative: enter 0 or more.")
        self._class_weights[self._labels.index(target)] = value
        return Answer(value, anew=self._train_step.weigh(self._class_weights))


_APPLIERS: Final[Mapping[str, Callable[[Tuner, str, float], Answer]]] = MappingProxyType(
    {
        "learning_rate": Tuner.set_learning_rate,
        "momentum": Tuner.set_momentum,
        "beta_1": Tuner.set_momentum,
        "weight_decay": Tuner.set_weight_decay,
        "batch_size": Tuner.set_batch_size,
        "dropout": Tuner.set_dropout,
        "trainable": Tuner.set_trainable,
        "class_weight": Tuner.set_class_weight,
    }
)


def _refused(why: str) -> Answer:
    return Answer(None, why)


def freezes(granted: tuple[str, float]) -> bool:
    """Tell whether a (name, value) pair freezes a layer."""
    name, value = granted
    return name.startswith("trainable:") and not value
