"""One network that learns the answer to each sample, by Keras's own ``train_step``."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import keras
import numpy.typing as npt
import tensorflow as tf

from engine.build.model import compile_model
from engine.data.auto_defaults import figure_names, label_encoding, resolve_loss, resolve_metrics
from engine.data.loaded import LoadedData
from engine.spec.project import ProjectSpec
from engine.training.loop.targets import encode
from engine.training.procedures.program import Program

Tensor: TypeAlias = Any
_ROLE = "model"


def make(spec: ProjectSpec, model: keras.Model, data: LoadedData) -> Program:
    """Return the program of a project with one network; SpecError if optimizer, loss or metrics cannot be made."""
    compile_model(model, spec, data.info)
    shape = model.output_shape
    units = shape[-1] if isinstance(shape, tuple) else None
    info = data.info
    encoding = label_encoding(resolve_loss(spec, info, units).kind, info, units)
    return Supervised(
        model,
        figure_names(resolve_metrics(spec, info, units)),
        lambda y: encode(y, encoding, info.n_classes),
    )


class Supervised:
    """A compiled Keras model. See `Program`.

    Parameters
    ----------
    figures
        Names of the metrics.
    labels
        Returns labels as the loss takes them; None: as they are.
    """

    series: tuple[str, ...] = ("loss",)

    def __init__(
        self, model: keras.Model, figures: tuple[str, ...] = (), labels: Any = None
    ) -> None:
        self.model = model
        self.figures = figures
        self._labels = labels

    @property
    def networks(self) -> Mapping[str, keras.Model]:
        """The model."""
        return {_ROLE: self.model}

    @property
    def observed(self) -> Mapping[str, keras.Model]:
        """The model."""
        return {"network": self.model}

    @property
    def optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """The one that the model was compiled with."""
        return {_ROLE: self.model.optimizer}

    @property
    def variables(self) -> Mapping[str, Sequence[Any]]:
        """Weights and the states of random generators, the optimizer's numbers, the metrics."""
        return {
            "model": self.model.variables,
            "optimizer": self.model.optimizer.variables,
            "metrics": self.model.metrics_variables,
        }

    @property
    def dtype(self) -> str:
        """Of the model's input."""
        return str(self.model.inputs[0].dtype)

    def build(self, x: Tensor, y: Tensor) -> None:
        """Let Keras make its variables outside the graphs."""
        self.model.test_step((x, y))
        self.model.reset_metrics()
        self.model.optimizer.build(self.model.trainable_variables)

    def labels(self, y: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return labels as the loss takes them."""
        encoded: npt.NDArray[Any] = y if self._labels is None else self._labels(y)
        return encoded

    def set_optimizer(self, role: str, optimizer: keras.optimizers.Optimizer) -> None:
        """Replace the optimizer."""
        self.model.optimizer = optimizer

    def learn_only(self, role: str) -> None:
        """There is one network."""

    def final_weights(self) -> contextlib.nullcontext[keras.Model]:
        """Return the model as it is."""
        return contextlib.nullcontext(self.model)

    def first_fault(self, x: Tensor, y: Tensor) -> Any:
        """Look at each layer's output and gradient in turn."""
        from engine.training.diagnose.doctor import examine

        batch = tf.cast(tf.constant(x), self.dtype), tf.constant(y)
        return examine(self.model, *batch, self.step)

    @property
    def learning_rate(self) -> Tensor:
        """Of the optimizer."""
        return self.model.optimizer.learning_rate

    def set_rate(self, rate: Tensor) -> None:
        """Set the optimizer's rate."""
        self.model.optimizer.learning_rate.assign(rate)

    def reset(self) -> None:
        """Forget the running metrics."""
        self.model.reset_metrics()

    def step(self, x: Tensor, y: Tensor, weights: Tensor | None = None) -> Mapping[str, Tensor]:
        """Take Keras's step and return the loss of this batch by itself."""
        self.model.metrics[0].reset_state()  # else Keras gives the running mean of the epoch
        logs = self.model.train_step((x, y) if weights is None else (x, y, weights))
        return {"loss": logs["loss"]}

    def evaluate(self, x: Tensor, y: Tensor) -> None:
        """Take Keras's test step."""
        self.model.test_step((x, y))

    def running(self) -> Mapping[str, Tensor]:
        """Return Keras's metrics, the loss among them."""
        found: Mapping[str, Tensor] = self.model.get_metrics_result()
        return found
