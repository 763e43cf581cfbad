"""Find the first tensor of a step that is not finite: samples, outputs, loss, gradients, weights."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import keras
import numpy as np
import tensorflow as tf

from engine.errors import quoted

Tensor: TypeAlias = Any
SAMPLES: Final = "samples"
LABELS: Final = "labels"
LOSS: Final = "loss"
OUTPUT: Final = "output"


@dataclass(frozen=True)
class Finding:
    """The first tensor of a step that is not finite.

    Attributes
    ----------
    layer, tensor
        As in `engine.training.live.events.Fault`.
    cure
        What to do, as the second half of a sentence.
    """

    layer: str
    tensor: str
    cure: str

    def sentence(self, step: int) -> str:
        """Return what happened and what to do."""
        if self.tensor in (SAMPLES, LABELS):
            return f"The {self.tensor} of step {step} hold infinity or no number: {self.cure}."
        name = f'"{quoted(self.layer, 40)}"' if self.layer else ""
        place = f"the {self.tensor} of {name}" if name else "the loss"
        return f"At step {step} {place} became infinite or not a number: {self.cure}."


def examine(
    model: keras.Model,
    x: Tensor,
    y: Tensor,
    step: Callable[[Tensor, Tensor], object] | None = None,
) -> Finding | None:
    """Return the first tensor that is not finite when the model takes a step on a batch; None if all are.

    The step is taken: keep a copy of the state if it is needed.

    Parameters
    ----------
    step
        Takes the step; None for Keras's own.
    """
    take = step or (lambda x, y: model.train_step((x, y)))
    return next(_findings(model, x, y, take), None)


def _findings(
    model: keras.Model, x: Tensor, y: Tensor, step: Callable[[Tensor, Tensor], object]
) -> Iterator[Finding]:
    for tensor, name in ((x, SAMPLES), (y, LABELS)):
        if not _finite(tensor):
            yield Finding("", name, "mend them on the Data page")
    weight = _first_bad(model, model.weights)
    if weight:
        yield Finding(*weight, _cure_of_rate(model))
    for name, output in _outputs(model, x):
        if not _finite(output):
            yield Finding(name, OUTPUT, _cure_of_rate(model))
    yield from _backwards(model, x, y)
    step(x, y)
    weight = _first_bad(model, model.weights)
    if weight:
        yield Finding(*weight, _cure_of_rate(model))


def _outputs(model: keras.Model, x: Tensor) -> list[tuple[str, Tensor]]:
    """Return layer ids and outputs in training mode, in topological order."""
    named = [
        (layer.name, tensor)
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
        for tensor in keras.tree.flatten(layer.output)
    ]
    inputs = model.inputs[0] if len(model.inputs) == 1 else model.inputs
    inner = keras.Model(inputs, [tensor for _, tensor in named])
    with _random_states_kept(model):
        outputs = keras.tree.flatten(inner(x, training=True))
    return [(name, output) for (name, _), output in zip(named, outputs, strict=True)]


@contextlib.contextmanager
def _random_states_kept(model: keras.Model) -> Iterator[None]:
    """Restore the random generators on exit."""
    weights = {id(weight) for weight in model.weights}
    states = [variable for variable in model.variables if id(variable) not in weights]
    values = [np.array(state.numpy()) for state in states]
    yield
    for state, value in zip(states, values, strict=True):
        state.assign(value)


def _backwards(model: keras.Model, x: Tensor, y: Tensor) -> Iterator[Finding]:
    with _random_states_kept(model), tf.GradientTape() as tape:
        loss = model.compute_loss(x, y, model(x, training=True), training=True)
    if not _finite(loss):
        yield Finding("", LOSS, "lower the learning rate, or choose another loss")
    weights = model.trainable_weights
    gradients = tape.gradient(loss, [weight.value for weight in weights])
    # Backpropagation starts at the last layer.
    for weight, gradient in reversed(list(zip(weights, gradients, strict=True))):
        if gradient is not None and not _finite(gradient):
            layer, name = _place(model, weight)
            cure = 'set the optimizer\'s "clipnorm" to 1, or lower the learning rate'
            yield Finding(layer, f"gradient of {name}", cure)


def _first_bad(model: keras.Model, weights: list[Any]) -> tuple[str, str] | None:
    bad = next((weight for weight in weights if not _finite(weight.value)), None)
    return None if bad is None else _place(model, bad)


def _place(model: keras.Model, weight: Any) -> tuple[str, str]:
    """Return the layer id and name of a weight."""
    for layer in model.layers:
        if any(weight is own for own in layer.weights):
            return layer.name, weight.name
    return "", weight.name


def _finite(tensor: Tensor) -> bool:
    dtype = tf.as_dtype(tensor.dtype)
    return not dtype.is_floating or bool(tf.reduce_all(tf.math.is_finite(tensor)))


def _cure_of_rate(model: keras.Model) -> str:
    rate = float(model.optimizer.learning_rate.numpy())
    return f"lower the learning rate, to {rate / 10:.2g} for a start"
