"""The engine's numbers against those of Keras's own ``model.fit``, and of data that streams."""

from functools import cache

import keras
import numpy as np
import pytest

from engine.training.live.control import TrainingControl
from engine.training.live.events import RunStarted, StepsEnded
from engine.training.loop import compiling
from engine.training.loop.compiling import Choice
from engine.training.loop.executor import Executor, sample_order
from engine.training.loop.preparation import new_program
from engine.training.loop.session import train
from engine.training.procedures.supervised import Supervised
from tests.engine.training.problems import (
    MLP,
    Follower,
    adam,
    chain,
    loaded,
    picture_info,
    points,
    project,
    series_info,
)

SAMPLES, SIZE, EPOCHS = 160, 8, 10
OUTPUT = ("output", "Dense", {"units": 2, "activation": "softmax"})
NETWORKS = {
    "dense": (MLP, points(features=4)),
    "conv": (
        chain(
            ("conv", "Conv2D", {"filters": 3, "kernel_size": (3, 3), "activation": "relu"}),
            ("norm", "BatchNormalization", {}),
            ("flat", "Flatten", {}),
            OUTPUT,
        ),
        picture_info(),
    ),
    "lstm": (chain(("lstm", "LSTM", {"units": 4}), OUTPUT), series_info()),
}


def made(kind):
    network, info = NETWORKS[kind]
    random = np.random.default_rng(3)
    x = random.normal(size=(SAMPLES, *info.input_shape)).astype(np.float32)
    y = (x.reshape(SAMPLES, -1)[:, :2].sum(axis=1) > 0).astype(np.int32)
    return project(network, epochs=EPOCHS, batch_size=SIZE, optimizer=adam(0.005)), info, x, y


@cache
def losses_of_fit(kind):
    """Return the loss of each step of plain ``fit`` over the samples in the engine's order."""
    spec, info, x, y = made(kind)
    model = new_program(spec, loaded(info, (x, y))).model
    model.jit_compile = False
    losses = []

    class Losses(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            model.metrics[0].reset_state()  # else the running mean

        def on_train_batch_end(self, batch, logs=None):
            losses.append(logs["loss"])

    seed = spec.training.seed
    rows = np.concatenate([sample_order(SAMPLES, seed, epoch + 1) for epoch in range(EPOCHS)])
    model.fit(x[rows], y[rows], SIZE, shuffle=False, verbose=0, callbacks=[Losses()])
    return np.array(losses)


@pytest.mark.parametrize("variant", ["plain", "xla"])
@pytest.mark.parametrize("kind", NETWORKS)
def test_two_hundred_losses_are_those_of_fit(kind, variant, monkeypatch):
    monkeypatch.setattr(compiling, "by_kind", lambda model, device: Choice(variant, "a test"))
    spec, info, x, y = made(kind)
    follower = Follower()
    train("run", spec, loaded(info, (x, y)), follower.emit, TrainingControl())
    losses = np.concatenate([event.losses for event in follower.of(StepsEnded)])
    assert len(losses) == 200
    np.testing.assert_allclose(losses, losses_of_fit(kind), rtol=1e-4)


def test_data_larger_than_the_limit_gives_every_bit_of_data_in_memory():
    spec, info, x, y = made("conv")
    data = loaded(info, (x, y), validation=(x[:70], y[:70]), test=(x[:30], y[:30]))
    spec = spec.but(training=spec.training.but(epochs=2, batch_size=24))
    found = []
    for limit in (None, x[:50].nbytes):
        follower = Follower()
        train("run", spec, data, follower.emit, TrainingControl(), memory_limit_bytes=limit)
        found.append(follower)
    placed, streamed = found
    figures = [[dict(event.figures) for event in each.epoch_ends] for each in found]
    assert figures[0] == figures[1]
    assert placed.ended.figures == streamed.ended.figures
    assert "test_loss" in placed.ended.figures
    for one, another in zip(placed.ended.weights, streamed.ended.weights, strict=True):
        np.testing.assert_array_equal(one, another)


def test_a_run_says_how_its_steps_run_and_keeps_to_what_was_measured(tmp_path, monkeypatch):
    spec, info, x, y = made("dense")
    spec = spec.but(training=spec.training.but(epochs=1))
    found = []
    for _ in range(2):
        follower = Follower()
        data = loaded(info, (x, y))
        train("run", spec, data, follower.emit, TrainingControl(), measurements=tmp_path)
        found.append(follower)
    first, second = (each.of(RunStarted)[0].choice for each in found)
    assert first == second
    assert "measured on this computer" in first
    for one, another in zip(found[0].ended.weights, found[1].ended.weights, strict=True):
        np.testing.assert_array_equal(one, another)


# ---- Any compiled Keras model ----


def steps_of(model, x, y, size):
    """Take an epoch's steps through the executor; returns their losses and the order."""
    executor = Executor(Supervised(model), size, "cpu")
    samples = executor.place(x, y)
    executor.prepare(samples)
    order = executor.order(samples, 0, 1)
    return executor.train(samples, order, 0, order.batches).losses, sample_order(len(x), 0, 1)


def assert_like_keras(make, rtol):
    _, _, x, y = made("dense")
    ours, theirs = make(), make()
    losses, rows = steps_of(ours, x, y, SIZE)
    expected = []
    for batch in rows.reshape(-1, SIZE):
        theirs.reset_metrics()
        expected.append(theirs.train_on_batch(x[batch], y[batch], return_dict=True)["loss"])
    np.testing.assert_allclose(losses, expected, rtol=rtol)
    for one, another in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, another, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_trains_as_in_keras(policy):
    def make():
        keras.utils.set_random_seed(1)
        layers = [
            keras.Input((4,)),
            keras.layers.Dense(8, activation="tanh", dtype=policy),
            keras.layers.Dense(2, dtype="float32", activation="softmax"),
        ]
        model = keras.Sequential(layers)
        model.dtype_policy = keras.DTypePolicy(policy)  # what makes Keras scale the loss
        model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
        return model

    scales = isinstance(make().optimizer, keras.optimizers.LossScaleOptimizer)
    assert scales == (policy == "mixed_float16")
    assert_like_keras(make, rtol=1e-2)


class Noisy(keras.Model):
    """Has a training step of its own: it pulls the weights towards nothing, too."""

    def train_step(self, data):
        x, y, *_ = data
        loss = self.compute_loss(x, y, self(x, training=True))
        self._loss_tracker.update_state(loss)
        for weight in self.trainable_variables:
            weight.assign(0.9 * weight)
        return {"loss": self._loss_tracker.result()}


def test_a_training_step_of_ones_own_is_taken():
    def make():
        keras.utils.set_random_seed(1)
        given = keras.Input((4,))
        model = Noisy(given, keras.layers.Dense(2, activation="softmax")(given))
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model

    assert_like_keras(make, rtol=1e-5)
