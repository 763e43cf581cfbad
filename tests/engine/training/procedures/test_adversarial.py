"""Two networks that learn against each other."""

from functools import cache

import numpy as np
import pytest

from engine.data.info import DataInfo
from engine.errors import BadInput, JobFailed, SpecError
from engine.spec.base import ObjectSpec
from engine.spec.data import DataSpec
from engine.spec.named_network import NamedNetwork
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import ScheduleSpec, StageSpec, TrainingSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import EpochsEnded, RunStarted, StepsEnded
from engine.training.loop.preparation import new_program
from engine.training.loop.session import train
from engine.training.procedures import PROCEDURES
from engine.training.state import resume_point
from tests.engine.training.problems import Follower, loaded

RANDOM = np.random.default_rng(1)
INFO = DataInfo.single("ring", "Ring", "point", "classification", (2,), ("a", "b"))
CENTRE = np.array([3.0, -2.0], np.float32)


def samples(n):
    x = (CENTRE + 0.1 * RANDOM.standard_normal((n, 2))).astype(np.float32)
    return x, np.zeros(n, np.int32)


DATA = loaded(INFO, samples(40), validation=samples(12))  # two whole batches and a smaller one


def dense(name, units, activation="relu"):
    return LayerSpec(id=name, kind="Dense", parameters={"units": units, "activation": activation})


NETWORK = NetworkSpec(
    layers=(
        LayerSpec(id="noise", kind="InputLayer", parameters={"shape": (3,)}, noise=True),
        dense("made", 8),
        dense("point", 2, "linear"),
        LayerSpec(id="input", kind="InputLayer"),
        dense("seen", 8),
        dense("real", 1, "linear"),
    ),
    wires=tuple(
        WireSpec(source=source, target=target)
        for source, target in (
            ("noise", "made"), ("made", "point"), ("input", "seen"), ("seen", "real"),
        )
    ),
)  # fmt: skip
NETWORKS = (
    NamedNetwork(name="maker", layers=("noise", "made", "point")),
    NamedNetwork(name="judge", layers=("input", "seen", "real")),
)
ADAM = ObjectSpec(kind="Adam", parameters={"learning_rate": 0.01, "beta_1": 0.5})


def project(epochs=3, schedule="constant", **options):
    stage = StageSpec(
        procedure="adversarial",
        networks={"generator": "maker", "discriminator": "judge"},
        optimizers={"discriminator": ObjectSpec(kind="SGD", parameters={"learning_rate": 0.02})},
        options=options,
    )
    training = TrainingSpec(
        optimizer=ADAM, batch_size=16, epochs=epochs, stages=(stage,), device="cpu",
        schedule=ScheduleSpec(kind=schedule),
    )  # fmt: skip
    data = DataSpec(reader="ring")
    return ProjectSpec(network=NETWORK, networks=NETWORKS, data=data, training=training)


def run(spec=None, control=None, watch=(), **options):
    follower = Follower()

    def emit(event):
        follower.emit(event)
        for look in watch:
            look(event)

    train("run", spec or project(), DATA, emit, control or TrainingControl(), **options)
    return follower


@cache
def usual():
    """Return a run of the usual project, and its states."""
    states = []
    return run(keep_state=states.append), states


def assert_equal_groups(one, another):
    assert one.groups.keys() == another.groups.keys()
    for name, arrays in one.groups.items():
        for left, right in zip(arrays, another.groups[name], strict=True):
            np.testing.assert_array_equal(left, right, name)


def test_both_losses_of_every_step_and_their_means_are_told():
    follower, _ = usual()
    assert follower.ended.outcome == "finished"
    started = next(event for event in follower.events if isinstance(event, RunStarted))
    assert started.series == PROCEDURES["adversarial"].series
    assert started.metrics == PROCEDURES["adversarial"].figures
    chunks = [event for event in follower.events if isinstance(event, StepsEnded)]
    series = {
        name: np.concatenate([chunk.series[name] for chunk in chunks]) for name in started.series
    }
    assert [len(values) for values in series.values()] == [9, 9]
    ends = [
        end for event in follower.events if isinstance(event, EpochsEnded) for end in event.ends
    ]
    for name, values in series.items():
        weighted = np.average(values[:3], weights=[16, 16, 8])
        assert ends[0].figures[name] == pytest.approx(weighted, rel=1e-6)
        assert f"val_{name}" in ends[0].figures
    assert 0 <= ends[0].figures["discriminator_accuracy"] <= 1


def test_a_step_is_that_of_the_losses_by_hand():
    import keras
    import tensorflow as tf

    program = new_program(project(average=0.0), DATA)
    maker, judge = (program.networks[role] for role in ("generator", "discriminator"))
    before = [weight.numpy() for weight in judge.weights]
    x = tf.constant(DATA.training.x[:16])
    noise = tf.random.stateless_normal((16, 3), (0, 0))
    with tf.GradientTape() as tape:
        real, false = judge(x), judge(maker(noise))
        loss = tf.reduce_mean((real - 1.0) ** 2) + tf.reduce_mean(false**2)
    slopes = tape.gradient(loss, [weight.value for weight in judge.trainable_variables])
    found = program.step(x, None)
    np.testing.assert_allclose(found["discriminator_loss"], loss, rtol=1e-6)
    for weight, old, slope in zip(judge.weights, before, slopes, strict=True):
        np.testing.assert_allclose(weight.numpy(), old - 0.02 * slope, rtol=1e-5, atol=1e-7)
    false = judge(maker(tf.random.stateless_normal((16, 3), (0, 1))))
    assert keras.ops.shape(false) == (16, 1)


def test_the_penalty_is_half_gamma_times_the_squared_slope_at_real_samples():
    import tensorflow as tf

    plain, penalised = (new_program(project(r1=gamma), DATA) for gamma in (0.0, 3.0))
    x = tf.constant(DATA.training.x[:16])
    judge = plain.networks["discriminator"]
    with tf.GradientTape() as tape:
        tape.watch(x)
        answers = judge(x)
    slope = tape.gradient(answers, x).numpy()
    expected = 1.5 * np.mean(np.sum(slope**2, axis=1))
    losses = [program.step(x, None)["discriminator_loss"] for program in (plain, penalised)]
    assert float(losses[1] - losses[0]) == pytest.approx(expected, rel=1e-4)


def test_whole_numbers_are_taken_as_fractions():
    import tensorflow as tf

    given = ({"average": 0, "r1": 2}, {"average": 0.0, "r1": 2.0})
    one, another = (new_program(project(**options), DATA) for options in given)
    x = tf.constant(DATA.training.x[:16])
    for program in (one, another):
        program.step(x, None)
    for left, right in zip(one.model.weights, another.model.weights, strict=True):
        np.testing.assert_array_equal(left, right)


def test_the_generator_moves_to_the_samples():
    import keras

    follower = run(project(epochs=150, average=0.9))
    program = new_program(project(), DATA)
    program.model.set_weights(list(follower.ended.weights))
    made = program.networks["generator"](keras.random.normal((500, 3), seed=1)).numpy()
    before = new_program(project(), DATA).networks["generator"](
        keras.random.normal((500, 3), seed=1)
    )
    far = np.linalg.norm(before.numpy().mean(axis=0) - CENTRE)
    assert np.linalg.norm(made.mean(axis=0) - CENTRE) < 0.4 * far


def test_the_same_seed_gives_the_same_bits():
    one, again = usual()[0], run()
    for left, right in zip(one.ended.weights, again.ended.weights, strict=True):
        np.testing.assert_array_equal(left, right)
    other = run(project().but(training=project().training.but(seed=1)))
    assert any(
        np.any(left != right)
        for left, right in zip(one.ended.weights, other.ended.weights, strict=True)
    )


def usual_falling():
    states = []
    return run(project(schedule="cosine"), keep_state=states.append), states


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_a_resumed_run_equals_the_unbroken_one_bit_for_bit(schedule):
    first_states, second_states = [], []
    whole, whole_states = usual() if schedule == "constant" else usual_falling()
    control = TrainingControl()

    def stop(event):
        if isinstance(event, StepsEnded) and event.last_step >= 4:
            control.stop()

    control.step(4)
    run(project(schedule=schedule), control, [stop], keep_state=first_states.append)
    assert first_states[-1].progress.steps == 4
    second = run(
        project(schedule=schedule), resume=first_states[-1], keep_state=second_states.append
    )
    assert second.ended.figures == whole.ended.figures
    assert_equal_groups(second_states[-1].variables, whole_states[-1].variables)
    assert {"model", "optimizer_generator", "optimizer_discriminator", "average"} <= (
        whole_states[-1].variables.groups.keys()
    )
    assert any(np.any(array) for array in whole_states[-1].variables.groups["average"])


def test_a_state_with_the_average_survives_its_file(tmp_path):
    _, states = usual()
    path = tmp_path / resume_point.FILE_NAME
    resume_point.write(path, states[-1])
    back = resume_point.read(path)
    assert_equal_groups(back.variables, states[-1].variables)
    assert str(back.progress) == str(states[-1].progress)  # NaN is no other NaN


@pytest.mark.parametrize(
    ("only", "moved"), [("generator", {"made", "point"}), ("discriminator", {"seen", "real"})]
)
def test_a_step_of_one_network_changes_that_network_only(only, moved):
    control = TrainingControl()

    def drive(event):
        if isinstance(event, StepsEnded) and event.last_step >= 2:
            control.stop()

    states = []
    control.step(2, only)
    run(project(average=0.0), control, [drive], keep_state=states.append)
    begun = new_program(project(average=0.0), DATA)
    ended = new_program(project(average=0.0), DATA)
    resume_point.restore(ended, states[-1].variables)
    changed = {
        layer.name
        for layer in ended.model.layers
        for before, after in zip(
            begun.model.get_layer(layer.name).get_weights(), layer.get_weights(), strict=True
        )
        if np.any(before != after)
    }
    assert changed == moved
    other = "discriminator" if only == "generator" else "generator"
    counts = {role: int(ended.optimizers[role].iterations) for role in (only, other)}
    assert counts == {only: 2, other: 0}


def test_the_run_ends_with_the_moving_average():
    follower, states = usual()
    program = new_program(project(), DATA)
    resume_point.restore(program, states[-1].variables)
    raw = [weight.numpy() for weight in program.networks["generator"].weights]
    program.model.set_weights(list(follower.ended.weights))
    averaged = [weight.numpy() for weight in program.networks["generator"].weights]
    for array, kept in zip(averaged, states[-1].variables.groups["average"], strict=True):
        np.testing.assert_array_equal(array, kept)
    assert any(np.any(one != other) for one, other in zip(raw, averaged, strict=True))


def test_looking_at_the_final_weights_changes_nothing():
    program = new_program(project(), DATA)
    import tensorflow as tf

    program.step(tf.constant(DATA.training.x[:16]), None)
    before = resume_point.capture(program)
    with program.final_weights() as model:
        assert model is program.model
    assert_equal_groups(resume_point.capture(program), before)


def test_a_rate_changed_live_moves_both_optimizers_in_proportion():
    control, states = TrainingControl(), []
    control.set_value("learning_rate", 0.001)
    run(project(epochs=1), control, keep_state=states.append)
    program = new_program(project(), DATA)
    resume_point.restore(program, states[-1].variables)
    rates = [float(optimizer.learning_rate) for optimizer in program.optimizers.values()]
    assert rates == pytest.approx([0.001, 0.002])


def test_a_divergence_ends_the_run_with_the_series_and_the_cure():
    spec = project(epochs=50, loss="least_squares")
    wild = ObjectSpec(kind="SGD", parameters={"learning_rate": 500.0})
    stage = spec.training.stage.but(optimizers={"discriminator": wild})
    spec = spec.but(training=spec.training.but(optimizer=wild, stages=(stage,)))
    follower = run(spec)
    assert follower.ended.outcome == "failed"
    assert "not a number at step" in follower.ended.error
    assert "loss" in follower.ended.error or "weight" in follower.ended.error


def test_weights_of_another_project_are_refused():
    program = new_program(project(average=0.0), DATA)
    with pytest.raises(JobFailed, match="another network"):
        resume_point.restore(program, resume_point.capture(new_program(project(), DATA)))


def test_what_means_nothing_for_two_networks_is_refused():
    from engine.code.script import generate
    from engine.training.diagnose.range_test import range_test

    with pytest.raises(BadInput, match="learn against each other"):
        range_test(project(), DATA)
    with pytest.raises(SpecError, match="not written as a script"):
        generate(project(), INFO)
