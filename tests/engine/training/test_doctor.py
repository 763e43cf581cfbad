"""Trainings that diverge, and networks that do not fit the memory."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from engine.spec.base import ObjectSpec
from engine.training.diagnose import doctor
from engine.training.diagnose.failure import fitting_batch, sample_bytes, sentence
from engine.training.live.events import Fault, StepsEnded
from engine.training.loop import state_keeper
from tests.engine.training.problems import MLP, adam, chain, loaded, points, project, xor_data

GENERATOR = np.random.default_rng(2)
X = GENERATOR.normal(size=(8, 3)).astype(np.float32)
Y = np.zeros((8, 1), np.float32)
layers = keras.layers


@keras.saving.register_keras_serializable("test")
class Root(layers.Layer):
    """The square root of a square: its gradient at 0 is no number, its value is."""

    def call(self, x):
        return tf.sqrt(tf.square(x))


def network(*inner, rate=0.1, loss="mse"):
    model = keras.Sequential([keras.Input((3,)), *inner])
    model.compile(keras.optimizers.SGD(rate), loss)
    return model


def dense(name, **more):
    return layers.Dense(1, name=name, **more)


def test_a_healthy_step_has_no_finding():
    assert doctor.examine(network(dense("a"), layers.Dropout(0.5), dense("b")), X, Y) is None


@pytest.mark.parametrize(
    ("make", "x", "y", "layer", "tensor"),
    [
        (lambda: network(dense("a")), X * np.inf, Y, "", "samples"),
        (lambda: network(dense("a")), X, Y * np.nan, "", "labels"),
        (
            lambda: network(
                dense("a"), layers.Dense(1, name="big", activation="exponential"), dense("c")
            ),
            X * 1e4,
            Y,
            "big",
            "output",
        ),
        (lambda: network(dense("a")), X * 1e30, Y, "", "loss"),
        (
            lambda: network(dense("a", kernel_initializer="zeros"), Root(name="root")),
            X,
            Y + 1,
            "a",
            "gradient of bias",
        ),
        (lambda: network(dense("a"), rate=1e38), X * 1e4, Y, "a", "kernel"),
    ],
)
def test_the_first_bad_tensor_is_named(make, x, y, layer, tensor):
    finding = doctor.examine(make(), tf.constant(x), tf.constant(y))
    assert (finding.layer, finding.tensor) == (layer, tensor)
    said = finding.sentence(123456)
    assert len(said) <= 160
    assert "123456" in said
    if layer:
        assert f'"{layer}"' in said


def test_weights_that_are_bad_already_are_named_first():
    model = network(dense("a"), dense("b"))
    model.layers[1].kernel.assign([[np.nan]])
    finding = doctor.examine(model, X, Y)
    assert (finding.layer, finding.tensor) == ("b", "kernel")


def test_an_examination_draws_the_random_numbers_of_the_step():
    def after(examined):
        # The layers draw their seeds when they are made, before the network.
        keras.utils.set_random_seed(1)
        model = network(dense("a"), layers.Dropout(0.5), dense("b"))
        if examined:
            doctor.examine(model, X, Y)
        else:
            model.train_step((X, Y))
        return [variable.numpy() for variable in model.variables]

    for one, another in zip(after(True), after(False), strict=True):
        np.testing.assert_array_equal(one, another)


# ---- Within a run ----


def diverging():
    """Return a project whose hidden layer overflows after some hundred good steps, and its data."""
    net = chain(
        ("hidden", "Dense", {"units": 4, "activation": "exponential"}),
        ("output", "Dense", {"units": 1}),
    )
    x = np.random.default_rng(2).normal(size=(64, 2)).astype(np.float32)
    sgd = ObjectSpec(kind="SGD", parameters={"learning_rate": 0.05})
    spec = project(net, optimizer=sgd, epochs=40, batch_size=4)
    y = (3 * x[:, :1] + x[:, 1:] + 4).astype(np.float32)
    return spec, loaded(points("regression", ("y",)), (x, y))


@pytest.mark.parametrize("anchors", ["start", "often"])
def test_a_run_that_diverges_keeps_the_state_before_the_bad_step(
    follow, control, monkeypatch, anchors
):
    if anchors == "often":
        monkeypatch.setattr(state_keeper, "ANCHOR_PERIOD_S", 0.0)
        monkeypatch.setattr(state_keeper, "SHARE", 1e9)
    spec, data = diverging()
    follower = follow(spec, data)
    ended = follower.ended
    losses = np.concatenate([event.losses for event in follower.of(StepsEnded)])
    assert ended.outcome == "failed"
    assert isinstance(ended.fault, Fault)
    assert (ended.fault.layer, ended.fault.tensor) in (
        ("hidden", "output"),
        ("output", "output"),
        ("", "loss"),
    )
    assert 0 < ended.fault.step <= len(losses)
    assert f"step {ended.fault.step}" in ended.error
    assert ended.fault.layer in ended.error
    assert len(ended.error) <= 160
    assert all(np.isfinite(array).all() for array in ended.weights)
    reference = stopped_after(spec, data, ended.fault.step - 1)
    for one, another in zip(ended.weights, reference, strict=True):
        np.testing.assert_array_equal(one, another)


def stopped_after(spec, data, steps):
    """Return the weights after exactly so many steps."""
    from engine.training.live.control import TrainingControl
    from engine.training.loop.session import train
    from tests.engine.training.problems import Follower
    from tests.engine.training.test_resume import paused_at

    control, follower = TrainingControl(), Follower()
    for when, action in paused_at(steps):
        follower.when(when, lambda action=action: action(control))
    train("run", spec, data, follower.emit, control)
    return follower.ended.weights


def test_a_diverged_run_leaves_a_state_to_go_on_from(control):
    from engine.training.loop.session import train
    from tests.engine.training.problems import Follower

    spec, data = diverging()
    kept, follower = [], Follower()
    train("run", spec, data, follower.emit, control, keep_state=kept.append)
    assert follower.ended.fault
    assert kept[-1].variables.finite
    control.set_value("learning_rate", 0.0001)
    again = Follower()
    train("run", spec, data, again.emit, control, resume=kept[-1])
    assert again.ended.outcome == "finished"


def test_an_examination_that_fails_hides_nothing(follow, monkeypatch, caplog):
    def fail(*arguments):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(doctor, "examine", fail)
    ended = follow(*diverging()).ended
    assert ended.outcome == "failed"
    assert (ended.fault.layer, ended.fault.tensor) == ("", "")
    assert "lower the learning rate" in ended.error
    assert "planted" in caplog.text


# ---- Memory ----


def test_out_of_memory_names_a_batch_that_fits_and_the_next_training_works(follow, monkeypatch):
    from engine.training.loop.executor import Executor

    def fail(*arguments):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    with monkeypatch.context() as patch:
        patch.setattr(Executor, "train", fail)
        ended = follow(project(batch_size=48), xor_data(repeats=20)).ended
    assert ended.outcome == "failed"
    assert "try batch size 16" in ended.error
    assert follow(project(batch_size=16), xor_data(repeats=20)).ended.outcome == "finished"


def test_the_batch_that_fits_follows_the_free_memory():
    model = keras.Sequential([keras.Input((100,)), layers.Dense(200), layers.Dense(24)])
    assert sample_bytes(model) == 3 * 4 * 224
    assert fitting_batch(model, 1000, free_bytes=10**9) == 256
    assert fitting_batch(model, 1000, free_bytes=2 * 20 * 3 * 4 * 224) == 16
    assert fitting_batch(model, 1, free_bytes=10**9) == 0
    assert fitting_batch(model, 1000, free_bytes=10) == 0


@pytest.mark.parametrize(("size", "fitting"), [(1, None), (64, 0)])
def test_when_no_batch_fits_a_smaller_network_is_the_cure(size, fitting):
    said = sentence(MemoryError(), size, fitting)
    assert "batch" not in said
    assert "fewer filters" in said
    assert len(said) <= 160


def test_a_bad_sample_is_told_from_a_high_rate(follow):
    data = xor_data(repeats=4)
    data.training.x[3, 1] = np.nan
    ended = follow(project(MLP, optimizer=adam(0.1)), data).ended
    assert ended.fault.tensor == "samples"
    assert "Data page" in ended.error
