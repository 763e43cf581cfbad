import keras
import numpy as np
import pytest
import tensorflow as tf

from engine.errors import JobFailed
from engine.training.loop import compiling
from engine.training.loop.compiling import Choice
from engine.training.loop.devices import devices, resolve_device
from engine.training.loop.executor import Executor, sample_order
from engine.training.procedures.supervised import Supervised

GENERATOR = np.random.default_rng(7)


def linear(rate=0.1):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse", metrics=["mae"])
    return model


def picture_net():
    keras.utils.set_random_seed(1)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Rescaling(1 / 16),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def dense_net():
    keras.utils.set_random_seed(1)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Rescaling(1 / 16),
            layers.Flatten(),
            layers.Dense(5, activation="relu", kernel_regularizer="l2"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def pictures(n):
    return GENERATOR.integers(0, 17, (n, 6, 6, 1)).astype(np.uint8), GENERATOR.integers(
        0, 3, n
    ).astype(np.int32)


def run_epochs(model, x, y, chunk, epochs=2, batch_size=8, **options):
    executor = Executor(Supervised(model), batch_size, "cpu", **options)
    samples = executor.place(x, y)
    executor.prepare(samples)
    losses = []
    for epoch in range(epochs):
        order = executor.order(samples, seed=3, epoch=epoch)
        executor.start_epoch()
        position = 0
        while position < order.batches:
            taken = executor.train(samples, order, position, chunk).losses
            losses += taken.tolist()
            position += len(taken)
    return executor, losses


def test_batch_losses_and_weights_are_those_of_gradient_descent_by_hand():
    x = GENERATOR.normal(size=(21, 3)).astype(np.float32)
    y = GENERATOR.normal(size=(21, 1)).astype(np.float32)
    model = linear()
    kernel, bias = (array.astype(np.float64) for array in model.get_weights())
    _, losses = run_epochs(model, x, y, chunk=4)
    expected = []
    for epoch in range(2):
        order = sample_order(21, 3, epoch)
        for rows in (order[0:8], order[8:16], order[16:21]):
            error = x[rows] @ kernel + bias - y[rows]
            expected.append(np.mean(error**2))
            kernel -= 0.1 * 2 * x[rows].T @ error / len(rows)
            bias -= 0.1 * 2 * error.mean(axis=0)
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    np.testing.assert_allclose(model.get_weights()[0], kernel, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("make", [picture_net, dense_net])
def test_the_cut_into_chunks_changes_no_bit(make):
    x, y = pictures(50)
    found = []
    for chunk in (1, 3, 1000):
        model = make()
        executor, losses = run_epochs(model, x, y, chunk)
        assert executor.compiled == (make is dense_net)
        found.append([losses, *model.get_weights()])
    for other in found[1:]:
        for one, another in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(one, another)


def test_a_learning_rate_of_zero_changes_nothing():
    model = linear(rate=0.0)
    before = model.get_weights()
    run_epochs(model, np.ones((21, 3), np.float32), np.zeros((21, 1), np.float32), chunk=4)
    for one, another in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, another)


def test_training_equals_keras_batch_by_batch():
    x, y = pictures(40)
    ours, theirs = dense_net(), dense_net()
    run_epochs(ours, x, y, chunk=3, epochs=1)
    order = sample_order(40, 3, 0)
    for rows in order.reshape(-1, 8):
        theirs.train_on_batch(x[rows].astype(np.float32), y[rows])
    for one, another in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, another, atol=1e-6)


@pytest.mark.parametrize("samples", [1, 255, 300, 513])
def test_evaluation_equals_keras(samples):
    x, y = pictures(samples)
    model = dense_net()
    executor = Executor(Supervised(model), 8, "cpu")
    asked = []
    placed = executor.place(x, y)
    figures = executor.evaluate(placed, lambda: asked.append(1))
    expected = model.evaluate(
        x.astype(np.float32), y, batch_size=executor.evaluation_batch(placed), verbose=0
    )
    np.testing.assert_allclose([figures["loss"], figures["accuracy"]], expected, rtol=1e-6)
    assert asked


def test_an_evaluation_ends_where_the_caller_says():
    x, y = pictures(600)
    executor = Executor(Supervised(dense_net()), 8, "cpu")
    asked = []

    def between():
        asked.append(1)
        if len(asked) == 2:
            raise KeyError("enough")

    with pytest.raises(KeyError):
        executor.evaluate(executor.place(x, y), between)


def test_bytes_stay_bytes_on_the_device():
    x, y = pictures(4)
    assert Executor(Supervised(dense_net()), 2, "cpu").place(x, y).x.dtype == tf.uint8


def test_preparing_changes_no_weight():
    x, y = pictures(20)
    model = picture_net()
    before = model.get_weights()
    executor = Executor(Supervised(model), 8, "cpu")
    samples = executor.place(x, y)
    executor.prepare(samples, samples)
    for one, another in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, another)
    assert int(model.optimizer.iterations.numpy()) == 0


def test_a_loss_that_is_no_number_ends_the_chunk_at_its_step():
    x = np.ones((40, 3), np.float32)
    x[17] = np.nan
    executor = Executor(Supervised(linear()), 1, "cpu")
    samples = executor.place(x, np.ones((40, 1), np.float32))
    executor.prepare(samples)
    order = executor.order(samples, 3, 0)
    losses = executor.train(samples, order, 0, 40).losses
    assert len(losses) == list(sample_order(40, 3, 0)).index(17) + 1
    assert np.isnan(losses[-1])
    assert np.isfinite(losses[:-1]).all()


def test_the_learning_rate_is_that_of_the_last_step():
    model = linear()
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([2], [0.5, 0.25])
    model.compile(keras.optimizers.SGD(schedule), "mse")
    executor = Executor(Supervised(model), 1, "cpu")
    samples = executor.place(np.zeros((4, 3), np.float32), np.zeros((4, 1), np.float32))
    executor.prepare(samples)
    order = executor.order(samples, 0, 0)
    assert executor.train(samples, order, 0, 3).learning_rate == 0.5
    assert executor.train(samples, order, 3, 1).learning_rate == 0.25


class Host(keras.layers.Layer):
    """Computes outside TensorFlow, which XLA cannot compile."""

    def call(self, x):
        y = tf.numpy_function(lambda array: array, [x], tf.float32)
        return tf.ensure_shape(y, x.shape)

    def compute_output_shape(self, shape):
        return shape


def test_a_network_that_xla_refuses_trains_without(monkeypatch):
    monkeypatch.setattr(compiling, "by_kind", lambda model, device: Choice("xla", "a test"))
    model = keras.Sequential([keras.Input((3,)), Host(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    executor, losses = run_epochs(model, np.ones((10, 3), np.float32), np.ones((10, 1)), chunk=4)
    assert executor.choice.variant == "plain"
    assert "cannot compile" in executor.choice.reason
    assert len(losses) == 4


def test_orders_differ_by_epoch_and_seed_and_hold_every_sample():
    orders = [sample_order(50, seed, epoch) for seed in (0, 1) for epoch in (1, 2)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4


def test_devices():
    assert devices()[0] == "cpu"
    assert resolve_device("cpu") == "cpu"
    assert resolve_device("auto") in devices()
    with pytest.raises(JobFailed, match='no device "gpu:99"'):
        resolve_device("gpu:99")
