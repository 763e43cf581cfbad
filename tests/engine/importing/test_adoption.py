"""Opened models taken into a project, and trained further."""

import keras
import numpy as np
import pytest

from app import heavy
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics
from engine.errors import UnsafeFile
from engine.export.formats import write_keras
from engine.importing import adoption
from engine.importing.opener import open_model
from engine.models.card import ModelCard
from engine.spec.project import ProjectSpec
from engine.spec.training import TrainingSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunEnded, RunStarted
from tests.engine.build.network_examples import chain, dense

layers = keras.layers
INFO = DataInfo.single("file", "Four", "number", "classification", (4,), ("a", "b", "c"))
SPEC = ProjectSpec(training=TrainingSpec(epochs=1, batch_size=4, device="cpu"))


def _saved(path, *stack, shape=(4,)):
    model = keras.Sequential([keras.Input(shape), *stack])
    model.save(path)
    return path


def _adopted(path, info=INFO, spec=SPEC):
    opened = open_model(path)
    last = opened.network.outputs[0].parameters.get("units")
    return opened, adoption.adopt(opened, [(last,)], spec, info)


@pytest.fixture
def data():
    rng = np.random.default_rng(3)
    x = rng.random((12, 4), dtype="float32")
    part = Part(x, rng.integers(0, 3, 12).astype("int32"))
    statistics = Statistics(np.zeros(4, "float32"), np.ones(4, "float32"))
    return LoadedData(INFO, part, Part(x[:0], part.y[:0]), Part(x[:0], part.y[:0]), statistics)


def test_a_model_that_scales_by_itself_is_not_scaled_again(tmp_path):
    spec = SPEC.but(network=chain("Normalization", dense(3)))
    _, bare = _adopted(_saved(tmp_path / "bare.keras", layers.Dense(3)), spec=spec)
    path = _saved(tmp_path / "whole.keras", layers.Rescaling(2.0), layers.Dense(3))
    _, whole = _adopted(path, spec=spec)
    kinds = [[layer.kind for layer in each.spec.network.layers] for each in (bare, whole)]
    assert kinds == [["InputLayer", "Normalization", "Dense"], ["InputLayer", "Rescaling", "Dense"]]
    assert (bare.scaled_by, whole.scaled_by) == ("Normalization", "")


@pytest.mark.parametrize(
    ("shape", "units", "fits"), [((4,), 3, True), ((5,), 3, False), ((4,), 2, False)]
)
def test_only_a_model_of_the_projects_data_is_trained_further(tmp_path, shape, units, fits):
    path = _saved(tmp_path / "x.keras", layers.Dense(units), shape=shape)
    opened, adopted = _adopted(path)
    assert adopted.fits_data is fits
    assert (adopted.info is INFO) is fits
    words = adoption.adoption_text("x.keras", opened, [(units,)], adopted)
    assert ("trains it further" in words) is fits
    assert ("choose data of" in words) is not fits


def test_a_card_tells_how_a_model_of_other_data_is_asked(tmp_path):
    model = keras.Sequential([keras.Input((5,)), layers.Dense(2, "softmax")])
    write_keras(model, ModelCard(labels=("x", "y"), input_shape=(5,)), tmp_path / "x.keras")
    opened, adopted = _adopted(tmp_path / "x.keras")
    assert adopted.info.labels == ("x", "y")
    assert adopted.answering_spec.network == opened.network


def test_a_picture_model_without_a_card_is_asked_by_its_shapes(tmp_path):
    stack = (layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(2, "softmax"))
    _, adopted = _adopted(_saved(tmp_path / "x.keras", *stack, shape=(6, 7, 3)))
    assert adopted.info.image.value_range == (0.0, 255.0)
    assert (adopted.info.image.height, adopted.info.image.width) == (6, 7)


def test_training_goes_on_from_the_weights_of_the_file(tmp_path, data):
    path = _saved(tmp_path / "x.keras", layers.Rescaling(0.5), layers.Dense(3, "softmax"))
    project = tmp_path / "project"
    project.mkdir()
    imported = heavy.import_model(path, SPEC, INFO, data, project)
    events = []
    control = TrainingControl()
    heavy.train("run", imported.spec, data, events.append, control, project, imported.trained)
    started = next(event for event in events if isinstance(event, RunStarted))
    ended = next(event for event in events if isinstance(event, RunEnded))
    assert (started.steps_before, ended.outcome, ended.steps) == (0, "finished", 3)
    before, after = imported.trained.weights[0], ended.weights[0]
    step = float(np.abs(after - before).max())
    assert 0 < step < 0.01  # three steps of Adam from the file's weights, not from new ones


def test_an_opened_model_of_other_data_answers_after_the_project_is_opened_again(tmp_path):
    model = keras.Sequential([keras.Input((5,)), layers.Dense(2, "softmax")])
    write_keras(model, ModelCard(labels=("x", "y"), input_shape=(5,)), tmp_path / "x.keras")
    imported = heavy.import_model(tmp_path / "x.keras", SPEC, INFO, None, tmp_path)
    again = heavy.restore(tmp_path, heavy.last_run(tmp_path))
    assert again.opened
    assert again.run == imported.trained.run
    assert again.info.labels == ("x", "y")
    x = np.ones((1, 5), "float32")
    assert heavy.Classifier().answers(again, x) == heavy.Classifier().answers(imported.trained, x)


@pytest.mark.usefixtures("reloaded_here")
def test_an_exported_folder_comes_back_to_the_same_user_alone(tmp_path, data, monkeypatch):
    monkeypatch.setenv("NETSMITH_HOME", str(tmp_path / "home"))
    path = _saved(tmp_path / "x.keras", layers.Rescaling(0.5), layers.Dense(3, "softmax"))
    imported = heavy.import_model(path, SPEC, INFO, data, tmp_path)
    folder = tmp_path / "served"
    heavy.export_model(imported.trained, "saved_model", folder, data, False)
    again = heavy.import_model(folder, SPEC, INFO, data, tmp_path)
    assert again.sentence.startswith('"served" of Keras')
    classifier = heavy.Classifier()
    x = data.training.x[:1]
    found, expected = (dict(classifier.answers(each.trained, x)[0]) for each in (again, imported))
    assert found == pytest.approx(expected, abs=1e-6)
    monkeypatch.setenv("NETSMITH_HOME", str(tmp_path / "another home"))
    with pytest.raises(UnsafeFile, match="a SavedModel, which is a program"):
        heavy.import_model(folder, SPEC, INFO, data, tmp_path)
