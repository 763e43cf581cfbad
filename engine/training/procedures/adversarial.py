"""Generative adversarial networks (Goodfellow et al. 2014).

With squared distances as losses (Mao et al. 2017) or the non-saturating cross-entropy; as options the gradient penalty
R1 (Mescheder et al. 2018) and a moving average of the generator's weights (Yazici et al. 2019).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import keras
import numpy.typing as npt
import tensorflow as tf

from engine.build.construct import construct
from engine.build.parts import network_of
from engine.data.loaded import LoadedData
from engine.errors import SpecError
from engine.probes.generated import SAMPLER
from engine.spec.project import ProjectSpec
from engine.training.procedures.program import Program
from engine.training.procedures.table import procedure_of

Tensor: TypeAlias = Any
_GENERATOR: Final = "generator"
_DISCRIMINATOR: Final = "discriminator"
_ROLES: Final = (_GENERATOR, _DISCRIMINATOR)
_WARM_UP: Final = 10.0  # steps before which the average follows at once


def make(spec: ProjectSpec, model: keras.Model, data: LoadedData) -> Program:
    """Return the program of a generator and a discriminator.

    Raises
    ------
    SpecError
        If a network is missing or an optimizer cannot be made.
    """
    stage = spec.training.stage
    networks = {role: network_of(model, spec, stage.networks.get(role, role)) for role in _ROLES}
    optimizers = {role: _optimizer(spec, role) for role in _ROLES}
    options = procedure_of(spec).option_values(stage.options)
    return Adversarial(model, networks, optimizers, spec.training.seed, **options)


def _optimizer(spec: ProjectSpec, role: str) -> keras.optimizers.Optimizer:
    chosen = spec.training.stage.optimizers.get(role, spec.training.optimizer)
    try:
        made: keras.optimizers.Optimizer = construct("optimizer", chosen.kind, chosen.parameters)
    except SpecError as error:
        raise SpecError(f"training.optimizer.{error.where}", error.problem) from error
    return made


def _squared(answers: Tensor, truth: float) -> Tensor:
    return tf.reduce_mean(tf.square(answers - truth))


def _cross_entropy(answers: Tensor, truth: float) -> Tensor:
    labels = truth * tf.ones_like(answers)
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=answers))


# Loss of the answers for a truth of 1 (real) or 0 (made), and the answer half-way between both.
_LOSSES: Final[Mapping[str, tuple[Callable[[Tensor, float], Tensor], float]]] = {
    "least_squares": (_squared, 0.5),
    "non_saturating": (_cross_entropy, 0.0),
}


class Adversarial:
    """A generator and a discriminator, each with its own optimizer. See `Program`.

    Each step draws noise from the seed and the number of the step, so that a resumed run draws the same.

    Parameters
    ----------
    networks, optimizers
        By role.
    loss, r1, average
        As the options of the procedure.
    """

    series: tuple[str, ...] = ("generator_loss", "discriminator_loss")
    figures: tuple[str, ...] = ("discriminator_accuracy",)

    def __init__(
        self,
        model: keras.Model,
        networks: Mapping[str, keras.Model],
        optimizers: Mapping[str, keras.optimizers.Optimizer],
        seed: int,
        *,
        loss: str = "least_squares",
        r1: float = 0.0,
        average: float = 0.995,
    ) -> None:
        self.model = model
        self.networks = dict(networks)
        self.optimizers = dict(optimizers)
        self._generator, self._discriminator = (self.networks[role] for role in _ROLES)
        self._loss, self._threshold = _LOSSES[loss]
        self._r1, self._average = r1, average
        self._seed = seed
        first = self._rate_of(_GENERATOR)
        self._proportion = self._rate_of(_DISCRIMINATOR) / first if first else 1.0
        for role in _ROLES:
            self.optimizers[role].build(self.networks[role].trainable_variables)
        # A twin holds the average, which begins with the new weights.
        self._averaged = keras.models.clone_model(self._generator) if average else self._generator
        self._averaged.set_weights(self._generator.get_weights())
        self._averages = self._averaged.weights if average else []
        self._taken = tf.Variable(0, trainable=False, name="taken")
        self._evaluated = tf.Variable(0, trainable=False, name="evaluated")
        self._learns = {
            role: tf.Variable(True, trainable=False, name=f"{role}_learns") for role in _ROLES
        }
        self._metrics = {
            name: keras.metrics.Mean(name=name) for name in (*self.series, *self.figures)
        }

    @property
    def observed(self) -> Mapping[str, keras.Model]:
        """Both networks, and the generator with its averaged weights, which makes the samples."""
        return {SAMPLER: self._averaged, **self.networks}

    def _rate_of(self, role: str) -> float:
        return float(self.optimizers[role].learning_rate.numpy())

    @property
    def variables(self) -> Mapping[str, Sequence[Any]]:
        """Weights, both optimizers' numbers, the average, how many steps drew noise, the running figures."""
        return {
            "model": self.model.variables,
            **{f"optimizer_{role}": self.optimizers[role].variables for role in _ROLES},
            "average": self._averages,
            "taken": [self._taken],
            "metrics": [
                *(each for metric in self._metrics.values() for each in metric.variables),
                self._evaluated,
            ],
        }

    @property
    def dtype(self) -> str:
        """Of the discriminator's input."""
        return str(self._discriminator.inputs[0].dtype)

    # ---- Outside the graphs ----

    def build(self, x: Tensor, y: Tensor) -> None:
        """All variables are made with the program."""

    def labels(self, y: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the answers as they are: nobody looks at them."""
        return y

    def set_optimizer(self, role: str, optimizer: keras.optimizers.Optimizer) -> None:
        """Replace an optimizer."""
        self.optimizers[role] = optimizer

    def learn_only(self, role: str) -> None:
        """Let the coming steps change this network only; "" for both."""
        for name, learns in self._learns.items():
            learns.assign(role in ("", name))

    @contextlib.contextmanager
    def final_weights(self) -> Iterator[keras.Model]:
        """Put the moving average into the generator while the context lasts."""
        weights = self._generator.weights if self._averages else []
        kept = [weight.numpy() for weight in weights]
        for weight, average in zip(weights, self._averages, strict=True):
            weight.assign(average.value)
        try:
            yield self.model
        finally:
            for weight, value in zip(weights, kept, strict=True):
                weight.assign(value)

    def first_fault(self, x: Tensor, y: Tensor) -> None:
        """No place is looked for."""

    # ---- Within the graphs ----

    @property
    def learning_rate(self) -> Tensor:
        """Of the generator."""
        return self.optimizers[_GENERATOR].learning_rate

    def set_rate(self, rate: Tensor) -> None:
        """Set the generator's rate; the discriminator's follows in proportion."""
        self.optimizers[_GENERATOR].learning_rate.assign(rate)
        self.optimizers[_DISCRIMINATOR].learning_rate.assign(rate * self._proportion)

    def reset(self) -> None:
        """Forget the running figures."""
        self._evaluated.assign(0)
        for metric in self._metrics.values():
            metric.reset_state()

    def step(self, x: Tensor, y: Tensor, weights: Tensor | None = None) -> Mapping[str, Tensor]:
        """Let the discriminator learn from real and made samples, then the generator from its answers."""
        draw = 2 * self._taken
        discriminator_loss, right = self._teach_discriminator(x, self._noise(x, draw))
        generator_loss = self._teach_generator(self._noise(x, draw + 1))
        self._metrics["discriminator_accuracy"].update_state(right)
        self._taken.assign_add(1)
        return dict(zip(self.series, (generator_loss, discriminator_loss), strict=True))

    def evaluate(self, x: Tensor, y: Tensor) -> None:
        """Add the losses of a batch to the running figures; the noise depends on its place alone."""
        # Below 0 no step draws.
        made = self._generator(self._noise(x, -1 - self._evaluated), training=False)
        real, false = (self._discriminator(each, training=False) for each in (x, made))
        found = (
            self._loss(false, 1.0),
            self._loss(real, 1.0) + self._loss(false, 0.0),
            self._judged_right(real, false),
        )
        self._evaluated.assign_add(1)
        size = tf.cast(tf.shape(x)[0], tf.float32)
        for metric, value in zip(self._metrics.values(), found, strict=True):
            metric.update_state(value, sample_weight=size)

    def running(self) -> Mapping[str, Tensor]:
        """Return the running figures."""
        return {name: metric.result() for name, metric in self._metrics.items()}

    def _noise(self, x: Tensor, draw: Tensor) -> Tensor:
        """Return as much noise as there are samples."""
        shape = tf.concat([tf.shape(x)[:1], self._generator.inputs[0].shape[1:]], 0)
        return tf.random.stateless_normal(shape, tf.stack([self._seed, draw]))

    def _teach_discriminator(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Take the discriminator's step; returns its loss and the share it judged right."""
        made = tf.stop_gradient(self._generator(noise, training=True))
        weights = self._discriminator.trainable_variables
        with tf.GradientTape() as tape:
            real = self._discriminator(x, training=True)
            false = self._discriminator(made, training=True)
            loss = self._loss(real, 1.0) + self._loss(false, 0.0)
            if self._r1:
                loss += 0.5 * self._r1 * self._squared_slope(x)
        self._apply(_DISCRIMINATOR, tape.gradient(loss, [each.value for each in weights]), weights)
        return loss, self._judged_right(real, false)

    def _squared_slope(self, x: Tensor) -> Tensor:
        """Return the mean squared length of the discriminator's gradient at real samples."""
        with tf.GradientTape() as tape:
            tape.watch(x)
            answers = self._discriminator(x, training=True)
        slope = tape.gradient(answers, x)
        return tf.reduce_mean(tf.reduce_sum(tf.square(slope), range(1, len(x.shape))))

    def _judged_right(self, real: Tensor, false: Tensor) -> Tensor:
        right = tf.concat([real > self._threshold, false <= self._threshold], 0)
        return tf.reduce_mean(tf.cast(right, tf.float32))

    def _teach_generator(self, noise: Tensor) -> Tensor:
        """Take the generator's step; returns its loss."""
        weights = self._generator.trainable_variables
        with tf.GradientTape() as tape:
            made = self._generator(noise, training=True)
            loss = self._loss(self._discriminator(made, training=True), 1.0)
        self._apply(_GENERATOR, tape.gradient(loss, [each.value for each in weights]), weights)
        return loss

    def _apply(self, role: str, gradients: list[Tensor], weights: list[Any]) -> None:
        """Let a network learn, unless it is to be left alone."""

        def learn() -> Tensor:
            self.optimizers[role].apply(gradients, weights)
            if role == _GENERATOR:
                self._follow()
            return tf.constant(True)

        tf.cond(self._learns[role], learn, lambda: tf.constant(False))

    def _follow(self) -> None:
        """Move the average towards the generator's weights; at first faster, lest it keeps where they began."""
        taken = tf.cast(self._taken, tf.float32)
        decay = tf.minimum(self._average, (1.0 + taken) / (_WARM_UP + taken))
        for average, weight in zip(
            self._averages, self._generator.weights if self._averages else (), strict=True
        ):
            share = tf.cast(decay, average.dtype)
            average.assign(
                share * average.value + (1 - share) * tf.cast(weight.value, average.dtype)
            )
