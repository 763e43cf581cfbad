"""Columns at the edge of 32 bits: learned as any others, and answered alike by every file made of the model."""

import json

import keras
import numpy as np
import pytest

from engine.build.model import build
from engine.code.reader import parse
from engine.code.script import generate
from engine.data.loading import load
from engine.evaluate.prediction import predict
from engine.importing import opener
from engine.models.card import ModelCard, card_of
from engine.spec.base import ObjectSpec
from engine.spec.data import DataSpec
from engine.templates import new_project
from engine.training.live.control import TrainingControl
from engine.training.loop.session import train, trained_model
from tests.engine.training.problems import Follower

R = np.random.default_rng(0)
PLAIN = R.normal(size=(600, 4))
STEPS = R.integers(-1, 2, (600, 4)).astype(float)  # of a clock, around 1.7e9 seconds
CASES = {
    "tiny": (PLAIN * 1e-9, (PLAIN[:, 0] + PLAIN[:, 1] > 0).astype(int), 0.97),
    "a clock": (STEPS + 1.7e9, (STEPS[:, 0] * STEPS[:, 1] > 0).astype(int), 1.0),
    "a clock in nanoseconds": (
        (STEPS * 1e6).astype(np.int64) + 1_700_000_000_000_000_000,
        (STEPS[:, 0] * STEPS[:, 1] > 0).astype(int), 1.0,
    ),
    "hardly above nothing": (PLAIN * 1e-100, (PLAIN[:, 0] + PLAIN[:, 1] > 0).astype(int), 0.97),
}  # fmt: skip


def project_of(tmp_path, x, y, epochs=40):
    np.savez(tmp_path / "x.npz", x=x, y=y)
    spec = DataSpec(reader="file", path=str(tmp_path / "x.npz"))
    data = load(spec)
    project = new_project("mlp", spec, data.info)
    adam = ObjectSpec(kind="Adam", parameters={"learning_rate": 0.005})
    training = project.training.but(epochs=epochs, device="cpu", optimizer=adam)
    return project.but(training=training), data


@pytest.mark.parametrize("name", CASES)
def test_such_columns_are_learned_from_and_every_file_answers_alike(tmp_path, name):
    x, y, wanted = CASES[name]
    spec, data = project_of(tmp_path, x, y)
    assert data.info.input_dtype == "float64"
    assert data.training.x.dtype == np.float64
    follower = Follower()
    train("run", spec, data, follower.emit, TrainingControl())
    assert follower.ended.figures["accuracy"] >= 0.995
    assert follower.ended.figures["test_accuracy"] >= wanted
    model = trained_model(spec, data.info, data.statistics, follower.ended.weights)
    answers = predict(model, data.test.x)
    card = card_of(spec, data.info)
    assert ModelCard.from_values(json.loads(card.to_json())).info.input_dtype == "float64"
    model.save(tmp_path / "x.keras")
    again = opener.restore(opener.open_model(tmp_path / "x.keras"))
    assert np.array_equal(predict(again, data.test.x), answers)
    elsewhere = keras.saving.load_model(tmp_path / "x.keras")
    assert np.array_equal(elsewhere.predict_on_batch(data.test.x), answers)


def test_the_scaled_columns_have_mean_0_and_deviation_1(tmp_path):
    x, y, _ = CASES["a clock"]
    spec, data = project_of(tmp_path, x, y)
    model = build(spec.network, data.info, data.statistics)
    scaled = np.asarray(model.get_layer("input_scaling")(data.training.x))
    assert np.allclose(scaled.mean(axis=0), 0, atol=1e-5)
    assert np.allclose(scaled.std(axis=0), 1, atol=1e-5)


def test_the_script_scales_alike(tmp_path):
    x, y, _ = CASES["a clock"]
    spec, data = project_of(tmp_path, x, y)
    text = generate(spec, data.info)
    code = text[text.index("axes = ") : text.index("# Training")]
    known = {"np": np, "keras": keras, "layers": keras.layers, "x_train": data.training.x}
    exec(code, known)  # noqa: S102 - a script of our own
    theirs = known["model"].get_layer("input_scaling")
    ours = build(spec.network, data.info, data.statistics).get_layer("input_scaling")
    assert np.allclose(theirs(data.test.x), ours(data.test.x), atol=1e-9)
    assert parse(text).network == spec.network


def test_a_column_whose_differences_are_lost_is_named(tmp_path):
    x = np.stack([PLAIN[:, 0], PLAIN[:, 1] * 50 + 1e17], axis=1)
    _, data = project_of(tmp_path, x, PLAIN[:, 0] > 0)
    assert any(n.startswith("Column 2 of x loses its differences") for n in data.info.notes)
    _, data = project_of(tmp_path, (STEPS * 200 + 1.7e9).astype(np.float32), PLAIN[:, 0] > 0)
    assert any("of x lose their differences" in note for note in data.info.notes)
    _, data = project_of(tmp_path, PLAIN * 1e-200, PLAIN[:, 0] > 0)
    assert any("of x lose their differences" in note for note in data.info.notes)
    _, data = project_of(tmp_path, STEPS + 1.7e9, PLAIN[:, 0] > 0)
    assert not any("differences" in note for note in data.info.notes)


def test_usual_columns_stay_in_32_bits(tmp_path):
    years = np.stack([R.integers(1990, 2020, 600), R.normal(size=600) * 1e5], axis=1)
    _, data = project_of(tmp_path, years, PLAIN[:, 0] > 0)
    assert data.info.input_dtype == "float32"
    assert data.training.x.dtype == np.float32


def test_a_strangers_rescaling_of_64_bits_is_computed_so(tmp_path):
    inputs = keras.Input((3,), dtype="float64")
    away = keras.layers.Rescaling(1.0, -1700000001.0, dtype="float64")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2)(away))
    model.save(tmp_path / "m.keras")
    x = 1_700_000_001 + R.normal(size=(5, 3))
    again = opener.restore(opener.open_model(tmp_path / "m.keras"))
    assert np.allclose(predict(again, x), predict(model, x), atol=1e-5)
    assert np.ptp(predict(again, x)) > 0.1
