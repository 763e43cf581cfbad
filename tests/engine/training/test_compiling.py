"""Which networks XLA compiles, and what a measurement may change about it."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from engine.training.loop import compiling, executor, measuring
from engine.training.loop.compiling import Choice, decided
from engine.training.loop.executor import Executor
from engine.training.procedures.supervised import Supervised
from tests.engine.training.test_executor import dense_net, picture_net, pictures, run_epochs

PLAIN, XLA = Choice("plain", "usual"), Choice("xla", "usual")


def model_of(layer):
    class Model:
        layers = (layer,)

    return Model()


@pytest.mark.parametrize(
    ("layer", "variant"),
    [
        (lambda: keras.layers.Dense(2), "xla"),
        (lambda: keras.layers.Dropout(0.5), "plain"),
        (lambda: keras.layers.Conv1D(2, 2), "plain"),
        (lambda: keras.layers.LSTM(2), "xla"),
        (lambda: keras.layers.LSTM(2, dropout=0.1), "plain"),
        (lambda: keras.layers.Bidirectional(keras.layers.GRU(2)), "xla"),
        (lambda: keras.layers.Bidirectional(keras.layers.GRU(2, recurrent_dropout=0.1)), "plain"),
        (lambda: keras.layers.TimeDistributed(keras.layers.Conv1D(1, 1)), "plain"),
    ],
)
def test_the_usual_choice_follows_from_the_network_alone(layer, variant):
    choice = compiling.by_kind(model_of(layer()), "cpu")
    assert choice.variant == variant
    assert choice.steps_per_second == {}


@pytest.mark.parametrize(("side", "is_one"), [(8, True), (256, False)])
def test_a_loop_over_little_is_one_piece_of_code(side, is_one):
    @tf.function(jit_compile=True, autograph=False)
    def loop(x):
        return tf.while_loop(lambda i, _: i < 9, lambda i, x: (i + 1, x @ x), (0, x))

    text = loop.experimental_get_compiler_ir(tf.zeros((side, side)))(stage="optimized_hlo")
    assert ("small_call" in text) == is_one


@pytest.mark.parametrize(
    "given",
    [
        "",
        "--xla_cpu_multi_thread_eigen=true",
        "--xla_cpu_experimental_ynn_fusion_type=individual_dot",
    ],
)
def test_what_a_user_tells_xla_stays(given):
    flags = compiling.xla_flags(given)
    assert flags.startswith(given)
    assert flags == flags.strip() != given
    assert compiling.xla_flags(flags) == flags
    names = [flag.partition("=")[0] for flag in flags.split()]
    assert len(set(names)) == len(names)


def test_the_reason_names_what_stands_in_the_way():
    assert "Dropout" in compiling.by_kind(model_of(keras.layers.Dropout(0.5)), "cpu").reason
    many = model_of(keras.layers.Dense(1))
    many.layers *= 101
    assert "101 layers" in compiling.by_kind(many, "cpu").reason
    assert compiling.by_kind(many, "gpu:0").variant == "plain"


@pytest.mark.parametrize(
    ("layer", "worth"),
    [
        (lambda: keras.layers.Dropout(0.5), True),
        (lambda: keras.layers.SeparableConv1D(1, 1), False),
        (lambda: keras.layers.TimeDistributed(keras.layers.Conv1D(1, 1)), False),
        (lambda: keras.Sequential([keras.layers.Conv2D(1, 1)]), False),
    ],
)
def test_only_a_race_that_may_be_close_is_run(layer, worth):
    assert compiling.worth_measuring(model_of(layer()), "cpu") is worth


@pytest.mark.parametrize(
    ("usual", "speeds", "variant"),
    [
        (XLA, {"plain": 100.0, "xla": 300.0}, "xla"),
        (PLAIN, {"plain": 100.0, "xla": 300.0}, "xla"),
        (PLAIN, {"plain": 100.0, "xla": 105.0}, "plain"),
        (XLA, {"plain": 105.0, "xla": 100.0}, "xla"),
        (XLA, {"plain": 300.0, "xla": 100.0}, "plain"),
    ],
)
def test_only_a_clear_lead_overrules_the_usual_choice(usual, speeds, variant):
    choice = decided(usual, speeds)
    assert choice.variant == variant
    assert choice.steps_per_second == speeds
    assert all(f"{speed:.0f}" in choice.reason for speed in speeds.values())
    assert len(choice.reason) <= 160


def test_without_a_measurement_the_usual_choice_stands():
    assert decided(XLA, {}) is XLA


def test_a_network_that_xla_refused_says_so():
    assert "cannot compile" in decided(PLAIN, {"plain": 100.0}).reason


# ---- Measured ----


def test_a_measurement_leaves_every_bit_as_it_was_and_is_kept(tmp_path, monkeypatch):
    x, y = pictures(50)
    folder = tmp_path / "deep" / "speeds"
    monkeypatch.setattr(compiling, "worth_measuring", lambda model, device: True)
    monkeypatch.setattr(compiling, "_CLEARLY", float("inf"))  # measured, but the usual one is taken
    plain, measured = picture_net(), picture_net()
    _, expected = run_epochs(plain, x, y, chunk=3)
    chosen, losses = run_epochs(measured, x, y, chunk=3, measurements=folder)
    assert losses == expected
    for one, another in zip(plain.get_weights(), measured.get_weights(), strict=True):
        np.testing.assert_array_equal(one, another)
    assert set(chosen.choice.steps_per_second) == {"plain", "xla"}
    (file,) = folder.iterdir()
    assert json.loads(file.read_text()) == chosen.choice.steps_per_second


def test_the_same_machine_chooses_the_same_ever_after(tmp_path, monkeypatch):
    x, y = pictures(20)
    speeds = iter([{"plain": 900.0, "xla": 100.0}, {"plain": 1.0, "xla": 100.0}])
    monkeypatch.setattr(executor, "measure", lambda run, variants, most: next(speeds))
    found = []
    for _ in range(2):
        model = dense_net()  # Keras gives its layers other names each time
        model.optimizer.learning_rate = 0.1 * (1 + len(found))
        one = Executor(Supervised(model), 8, "cpu", measurements=tmp_path)
        one.prepare(one.place(x, y))
        found.append(one.choice)
    assert found[0] == found[1]
    assert found[0].variant == "plain"
    other = Executor(
        Supervised(dense_net()), 4, "cpu", measurements=tmp_path
    )  # another batch, another question
    other.prepare(other.place(x, y))
    assert other.choice.variant == "xla"


def test_what_xla_is_told_asks_for_another_measurement(tmp_path, monkeypatch):
    x, y = pictures(20)
    told = []
    for flags in ("", "", "--xla_cpu_multi_thread_eigen=false"):
        monkeypatch.setenv("XLA_FLAGS", flags)
        told.append(compiling.measurement_file(tmp_path, dense_net(), 8, "cpu", [x, y]))
    assert told[0] == told[1] != told[2]


def test_samples_that_stream_take_the_measurement_of_those_on_the_device(tmp_path):
    x, y = pictures(20)
    placed = Executor(Supervised(dense_net()), 8, "cpu").place(x, y)
    files = [
        compiling.measurement_file(tmp_path, dense_net(), 8, "cpu", [each.x, each.y])
        for each in (
            placed,
            Executor(Supervised(dense_net()), 8, "cpu", memory_limit_bytes=1).place(x, y),
        )
    ]
    assert files[0] == files[1] is not None


@pytest.mark.parametrize("content", ["", "[]", '{"xla": 1}', '{"plain": 0}', '{"plain": "x"}'])
def test_a_file_that_is_no_measurement_is_measured_anew(tmp_path, content):
    path = tmp_path / "a.json"
    assert compiling.read_measurement(path) is None
    path.write_text(content)
    assert compiling.read_measurement(path) is None


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path, caplog):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    compiling.keep_measurement(in_the_way / "a.json", {"plain": 1.0})
    assert "not kept" in caplog.text


def scripted(losses):
    """Return a run whose every step has this loss, or which raises it."""

    def run(variant, steps):
        loss = losses[variant]
        if isinstance(loss, Exception):
            raise loss
        return np.full(steps, loss, np.float32)

    return run


def test_a_variant_that_cannot_run_is_left_out():
    refusal = tf.errors.UnimplementedError(None, None, "no")
    run = scripted({"plain": 1.0, "xla": refusal})
    assert set(measuring.measure(run, ("plain", "xla"), 1000)) == {"plain"}


def test_losses_that_are_no_numbers_measure_nothing():
    run = scripted({"plain": 1.0, "xla": np.nan})
    assert measuring.measure(run, ("plain", "xla"), 1000) == {}


def test_the_state_comes_back_even_after_an_error():
    variable = tf.Variable([1.0, np.nan])

    def spoil():
        with measuring.kept_state([variable, variable]):
            variable.assign([2.0, 3.0])
            raise KeyError

    with pytest.raises(KeyError):
        spoil()
    np.testing.assert_array_equal(variable, [1.0, np.nan])
