"""Values changed, steps rationed and class weights, on real trainings."""

import numpy as np
import pytest

from engine.spec.base import ObjectSpec
from engine.spec.training import ScheduleSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import (
    PhaseChanged,
    RunEnded,
    RunStarted,
    StepsEnded,
    ValueApplied,
)
from engine.training.live.schedules import values
from tests.engine.training.problems import (
    MLP,
    Follower,
    adam,
    chain,
    epoch_ended,
    loaded,
    points,
    project,
    xor_data,
)

pytestmark = pytest.mark.usefixtures("without_xla")
GENERATOR = np.random.default_rng(5)
X = GENERATOR.normal(size=(60, 4)).astype(np.float32)
Y = (X[:, 0] > 0.5).astype(np.int32)
DROPOUT = chain(
    ("hidden", "Dense", {"units": 16, "activation": "relu"}),
    ("drop", "Dropout", {"rate": 0.4}),
    ("output", "Dense", {"units": 2, "activation": "softmax"}),
)


def data(**parts):
    return loaded(points(features=4), (X, Y), **parts)


def phase(name):
    return lambda event: isinstance(event, PhaseChanged) and event.phase == name


def steps_of(follower):
    return sum(len(event.losses) for event in follower.of(StepsEnded))


def sgd(rate, **parameters):
    return ObjectSpec(kind="SGD", parameters={"learning_rate": rate, **parameters})


def run_with(follow, control, spec, name, value, parts=None):
    """Train with one value asked for before the first step."""
    control.set_value(name, value)
    follower = follow(spec, parts or data())
    assert follower.ended.error == ""
    (answer,) = follower.of(ValueApplied)
    assert (answer.name, answer.requested) == (name, value)
    return follower, answer


def assert_equal_weights(one, another):
    assert len(one) == len(another) > 0
    for first, second in zip(one, another, strict=True):
        np.testing.assert_array_equal(first, second)


# ---- Schedules ----


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "one_cycle"},
        {"kind": "warmup_cosine", "warmup": 0.5},
        {"kind": "step", "every": 0.3},
    ],
)
@pytest.mark.parametrize("chunk", [1, 50])
def test_each_step_uses_its_own_rate_however_the_steps_are_cut(fields, chunk):
    from engine.training.loop.executor import Executor
    from engine.training.loop.train_step import TrainStep
    from engine.training.procedures.supervised import Supervised

    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    program = Supervised(model)
    stepping, executor = TrainStep(program, scheduled=True), Executor(program, 1, "cpu")
    samples = executor.place(np.ones((20, 1), np.float32), np.zeros((20, 1), np.float32))
    executor.prepare(samples)
    planned = values(ScheduleSpec(**fields), 0.1, 20, 20)
    expected = model.get_weights()[0].item()
    order, position = executor.order(samples, 0, 1), 0
    while position < 20:
        stepping.plan(planned[position : position + chunk])
        taken = executor.train(samples, order, position, chunk)
        position += len(taken.losses)
        assert taken.learning_rate == planned[position - 1]
    for rate in planned:
        expected -= 2 * rate * expected
    np.testing.assert_allclose(model.get_weights()[0].item(), expected, rtol=1e-4)


def test_a_run_reports_the_planned_rates(follow):
    schedule = ScheduleSpec(kind="cosine", final=0.1)
    follower = follow(project(epochs=3, batch_size=8, schedule=schedule), data())
    planned = values(schedule, 0.05, 24, 8)
    for event in follower.of(StepsEnded):
        last = event.first_step + len(event.losses) - 2
        assert event.learning_rate == pytest.approx(planned[last], rel=1e-6)


def test_a_plateau_reduces_the_rate_and_says_so(follow):
    schedule = ScheduleSpec(kind="plateau", monitor="loss", patience=1, min_delta=100, final=0.2)
    follower = follow(project(epochs=5, schedule=schedule), data())
    answers = follower.of(ValueApplied)
    assert [answer.applied for answer in answers] == pytest.approx([0.025, 0.0125, 0.01])
    assert {answer.name for answer in answers} == {"learning_rate"}
    assert follower.of(StepsEnded)[-1].learning_rate == pytest.approx(0.01)


# ---- Values ----


@pytest.mark.parametrize(
    ("start", "name", "value", "like"),
    [
        ({"optimizer": adam(0.5)}, "learning_rate", 0.01, {"optimizer": adam(0.01)}),
        (
            {"optimizer": sgd(0.1, momentum=0.5)},
            "momentum",
            0.25,
            {"optimizer": sgd(0.1, momentum=0.25)},
        ),
        (
            {"optimizer": adam(0.1)},
            "momentum",
            0.5,
            {
                "optimizer": ObjectSpec(
                    kind="Adam", parameters={"learning_rate": 0.1, "beta_1": 0.5}
                )
            },
        ),
        (
            {"optimizer": sgd(0.1)},
            "weight_decay",
            0.01,
            {"optimizer": sgd(0.1, weight_decay=0.01)},
        ),
        ({"batch_size": 4}, "batch_size", 16, {"batch_size": 16}),
        (
            {"schedule": ScheduleSpec(kind="cosine"), "optimizer": sgd(0.5)},
            "learning_rate",
            0.1,
            {"schedule": ScheduleSpec(kind="cosine"), "optimizer": sgd(0.1)},
        ),
        ({}, "class_weight:yes", 3.0, {"class_weights": {"yes": 3.0}}),
        ({"class_weights": {"no": 2.0}}, "class_weight:no", 1.0, {"class_weights": {"no": 1.0}}),
    ],
)
def test_a_value_changed_before_the_first_step_is_as_if_the_run_had_begun_with_it(
    follow, control, start, name, value, like
):
    changed, answer = run_with(follow, control, project(**start), name, value)
    assert (answer.applied, answer.message, answer.step) == (value, "", 0)
    assert_equal_weights(changed.ended.weights, follow(project(**like), data()).ended.weights)
    assert not np.array_equal(
        changed.ended.weights[0], follow(project(**start), data()).ended.weights[0]
    )


def test_dropout_and_frozen_layers_change_in_mid_run(follow, control):
    follower = Follower()
    follower.when(
        epoch_ended(),
        lambda: [
            control.set_value("dropout:drop", 0.0),
            control.set_value("trainable:hidden", 0),
            control.request_snapshot(),
        ],
    )
    follow(project(DROPOUT, epochs=3), data(), follower=follower)
    assert [(a.name, a.applied) for a in follower.of(ValueApplied)] == [
        ("dropout:drop", 0.0),
        ("trainable:hidden", 0.0),
    ]
    from engine.training.live.events import SnapshotTaken

    (snapshot,) = follower.of(SnapshotTaken)
    ended = follower.ended
    assert_equal_weights(snapshot.weights[:2], ended.weights[:2])
    assert not np.array_equal(snapshot.weights[2], ended.weights[2])


def test_a_layer_frozen_from_the_start_learns_once_it_is_released(follow, control):
    frozen = MLP.with_changed(MLP.layer("hidden").but(trainable=False))
    follower, answer = run_with(follow, control, project(frozen), "trainable:hidden", 1)
    assert answer.applied == 1.0
    free = follow(project(MLP), data()).ended.weights
    assert_equal_weights(follower.ended.weights, free)


def test_what_the_optimizer_gathered_is_kept_when_a_layer_is_released():
    from engine.training.live.rate_plan import RatePlan
    from engine.training.live.tuning import Tuner
    from engine.training.loop.train_step import TrainStep
    from engine.training.procedures.supervised import Supervised

    keras = pytest.importorskip("keras")
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, name="a"), layers.Dense(2, name="b")]
    )
    model.layers[0].trainable = False
    model.compile("adam", "sparse_categorical_crossentropy")
    program = Supervised(model)
    stepping, plan = TrainStep(program, scheduled=False), RatePlan(ScheduleSpec(), 0.001, 3)
    tuner = Tuner(program, stepping, plan, ("no", "yes"), None, 8, 60)
    model.train_step((X, Y))
    before = {variable.path: variable.numpy() for variable in model.optimizer.variables}
    assert tuner.apply("trainable:b", 0).message
    assert tuner.apply("trainable:a", 1).anew
    tuner.apply("trainable:b", 0)
    after = {variable.path: variable.numpy() for variable in model.optimizer.variables}
    assert len(after) == len(before) + 4
    for path, array in before.items():
        np.testing.assert_array_equal(after[path], array)
    kernels = [layer.kernel.numpy() for layer in model.layers]
    model.train_step((X, Y))
    assert not np.array_equal(model.layers[0].kernel.numpy(), kernels[0])
    np.testing.assert_array_equal(model.layers[1].kernel.numpy(), kernels[1])


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("momentum", 1.5, "below 1"),
        ("learning_rate", -1.0, "negative"),
        ("learning_rate", float("nan"), "finite"),
        ("weight_decay", -1.0, "negative"),
        ("batch_size", 0, "at least 1"),
        ("dropout:drop", 1.0, "below 1"),
        ("dropout:hidden", 0.5, 'no dropout layer "hidden"'),
        ("trainable:drop", 0, "with weights"),
        ("class_weight:maybe", 1.0, 'no class "maybe"'),
        ("class_weight:yes", -1.0, "negative"),
        ("colour", 1.0, 'nothing called "colour"'),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(follow, control, name, value, words):
    control.set_value(name, value)
    follower = follow(project(DROPOUT, epochs=1), data())
    (answer,) = follower.of(ValueApplied)
    assert answer.applied is None
    assert words in answer.message
    assert len(answer.message) <= 160
    assert follower.ended.outcome == "finished"


def test_more_refusals(follow, control):
    control.set_value("momentum", 0.9)
    control.set_value("trainable:output", 0)
    control.set_value("trainable:hidden", 0)
    follower = follow(project(epochs=1, optimizer=sgd(0.1)), data())
    messages = [answer.message for answer in follower.of(ValueApplied)]
    assert "without momentum" in messages[0]
    assert messages[1] == ""
    assert "Every layer would be frozen" in messages[2]


def test_a_batch_larger_than_the_data_is_cut(follow, control):
    _, answer = run_with(follow, control, project(), "batch_size", 1000)
    assert (answer.applied, answer.message) == (60, "The training part has 60 samples.")


def test_another_batch_size_waits_for_the_next_epoch(follow, control):
    follower = Follower()
    follower.when(
        lambda event: isinstance(event, StepsEnded), lambda: control.set_value("batch_size", 30)
    )
    follow(project(epochs=3, batch_size=8), data(), follower=follower)
    by_epoch = {
        epoch: sum(len(e.losses) for e in follower.of(StepsEnded) if e.epoch == epoch)
        for epoch in (1, 2, 3)
    }
    assert by_epoch == {1: 8, 2: 2, 3: 2}
    assert follower.of(ValueApplied)[0].step == 8


# ---- Steps, epochs, slow motion ----


def test_run_more_steps_then_pause_then_an_epoch_then_pause(started, control):
    follower = Follower()
    follower.when(lambda event: isinstance(event, RunStarted), control.pause)
    started(project(epochs=1000, batch_size=8), data(), follower)
    follower.wait_for(phase("paused"))
    control.step(11)
    follower.wait_for(phase("paused"))
    assert steps_of(follower) == 11
    control.run_epoch()
    follower.wait_for(phase("paused"))
    assert steps_of(follower) == 16
    assert len(follower.epoch_ends) == 2
    control.stop()
    follower.wait_for(lambda event: isinstance(event, RunEnded))


def test_slow_motion_holds_its_speed_and_is_left_at_once(started, control):
    follower = Follower()
    control.limit_speed(100.0)
    started(project(epochs=100_000), xor_data(), follower)
    follower.wait_for(lambda event: isinstance(event, StepsEnded) and event.first_step > 20)
    chunks = follower.of(StepsEnded)
    assert max(len(event.losses) for event in chunks) <= 5
    control.limit_speed(0.001)
    control.limit_speed(0.0)
    follower.wait_for(lambda event: isinstance(event, StepsEnded) and event.first_step > 500)
    control.stop()
    follower.wait_for(lambda event: isinstance(event, RunEnded))


def test_requests_gather_and_are_taken_once():
    control = TrainingControl()
    control.set_value("a", 1)
    control.set_value("b", 2)
    control.run_epoch()
    assert control.take_values() == (("a", 1), ("b", 2))
    assert control.take_values() == ()
    control.epoch_ended()
    assert control.requests.paused
    control.step(2)
    control.step(3)
    control.steps_taken(1)
    assert control.requests.steps == 4
    control.resume()
    control.epoch_ended()
    assert not control.requests.paused


# ---- Class weights ----


def keras_model(units, loss):
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(3)
    activation = "sigmoid" if units == 1 else "softmax"
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation=activation)])
    model.compile(keras.optimizers.SGD(0.1), loss)
    return model


@pytest.mark.parametrize(
    ("units", "loss", "labels"),
    [
        (2, "sparse_categorical_crossentropy", Y),
        (2, "categorical_crossentropy", np.eye(2, dtype=np.float32)[Y]),
        (1, "binary_crossentropy", Y[:, None].astype(np.float32)),
    ],
)
def test_class_weights_equal_those_of_keras(units, loss, labels):
    from engine.training.loop.executor import Executor, sample_order
    from engine.training.loop.train_step import TrainStep
    from engine.training.procedures.supervised import Supervised

    ours, theirs = keras_model(units, loss), keras_model(units, loss)
    program = Supervised(ours)
    TrainStep(program, scheduled=False, class_weights=np.array([0.5, 4.0], np.float32))
    executor = Executor(program, 8, "cpu")
    samples = executor.place(X, labels)
    executor.prepare(samples)
    order, position, losses = executor.order(samples, 1, 1), 0, []
    while position < order.batches:
        losses += executor.train(samples, order, position, 3).losses.tolist()
        position = len(losses)
    rows = sample_order(60, 1, 1)
    expected = []
    for first in range(0, 60, 8):
        batch = rows[first : first + 8]
        theirs.reset_metrics()
        expected.append(
            theirs.train_on_batch(X[batch], labels[batch], class_weight={0: 0.5, 1: 4.0})
        )
    np.testing.assert_allclose(losses, np.ravel(expected), rtol=1e-5)
    for one, another in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, another, atol=1e-6)
