"""Weights of files made elsewhere in the layers of the same names; transfer learning from them."""

from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

from app import heavy
from engine.data.choice import describe
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics
from engine.editing.preprocessing import with_scaling
from engine.errors import BadInput
from engine.export.formats import write_keras
from engine.importing.keras.file_weights import read_weights
from engine.models.card import ModelCard
from engine.spec import edits
from engine.spec.data import DataSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import TrainingSpec
from engine.templates import new_project
from engine.templates.architectures import architectures
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunEnded
from engine.training.loop.session import trained_model

layers = keras.layers


def small():
    stack = (
        layers.Dense(3, name="a"),
        layers.BatchNormalization(name="n"),
        layers.Dense(2, name="b"),
    )
    model = keras.Sequential([keras.Input((4,)), *stack])
    model.set_weights([np.random.default_rng(1).random(each.shape) for each in model.weights])
    return model


def as_keras_2(model, path):
    """Write weights alone, as the files of keras.applications are."""
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


WRITERS = {
    "old.h5": as_keras_2,
    "new.weights.h5": lambda model, path: model.save_weights(path),
    "whole.h5": lambda model, path: legacy_h5_format.save_model_to_hdf5(model, path),
    "whole.keras": lambda model, path: write_keras(model, ModelCard(), path),
}


def test_weights_in_the_order_of_cudnn_are_given_in_todays():
    found = read_weights(Path(__file__).parents[2] / "data/old_models/keras-2.2.4.cudnn_chain.h5")
    shapes = {name: [array.shape for array in arrays] for name, arrays in found.items()}
    assert shapes == {"a": [(3, 16), (4, 16), (16,)], "b": [(4, 6), (2, 6), (2, 6)]}


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_file_gives_its_weights_by_layer(name, tmp_path):
    model = small()
    WRITERS[name](model, tmp_path / name)
    found = read_weights(tmp_path / name)
    assert set(found) == {"a", "n", "b"}
    for layer in model.layers:
        for one, another in zip(layer.get_weights(), found[layer.name], strict=True):
            np.testing.assert_array_equal(one, another)


def test_a_file_without_weights_is_refused(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["numbers"] = np.zeros(3)
    with pytest.raises(BadInput, match="no weights with names"):
        read_weights(tmp_path / "x.h5")


INFO = DataInfo.single(
    "file", "Colours", "picture", "classification", (32, 32, 3), ("a", "b"), "uint8", (0.0, 255.0)
)


@pytest.fixture(scope="module")
def mobile_net(tmp_path_factory):
    """A file as keras.applications downloads it, with random numbers: made here."""
    model = keras.applications.MobileNetV2(
        input_shape=(32, 32, 3), alpha=1.0, weights=None, include_top=False
    )
    path = tmp_path_factory.mktemp("models") / "mobilenet_v2_no_top.h5"
    as_keras_2(model, path)
    return path, {layer.name: layer.get_weights() for layer in model.layers if layer.weights}


def test_a_frozen_base_keeps_the_files_weights_while_the_head_learns(mobile_net, tmp_path):
    path, stored = mobile_net
    template = next(each for each in architectures() if each.title == "MobileNetV2")
    network = with_scaling(template.build(INFO), "symmetric", INFO)
    spec = ProjectSpec(
        network=network,
        training=TrainingSpec(epochs=1, batch_size=4, device="cpu"),
    )
    x = np.random.default_rng(2).integers(0, 255, (4, 32, 32, 3)).astype("uint8")
    part = Part(x, np.array([0, 1, 0, 1], "int32"))
    empty = Part(x[:0], part.y[:0])
    data = LoadedData(INFO, part, empty, empty, Statistics(np.zeros(3), np.ones(3)))

    loaded = heavy.load_weights(path, spec, INFO, data, tmp_path)
    head = edits.head(network, set(stored) | {"dense"})
    assert loaded.trained.fresh == head
    assert f"{len(stored)} of {len(stored) + 1} layers keep" in loaded.sentence

    frozen = spec.but(network=edits.with_trainable(network, stored, trainable=False))
    events = []
    heavy.train("run", frozen, data, events.append, TrainingControl(), tmp_path, loaded.trained)
    ended = events[-1]
    assert isinstance(ended, RunEnded)
    assert ended.outcome == "finished", ended.error
    model = trained_model(frozen, INFO, data.statistics, ended.weights)
    for name, arrays in stored.items():
        for one, another in zip(arrays, model.get_layer(name).get_weights(), strict=True):
            np.testing.assert_array_equal(one, another)
    before = heavy.Classifier().model(loaded.trained).get_layer(next(iter(head)))
    after = model.get_layer(next(iter(head)))
    assert np.any(before.get_weights()[0] != after.get_weights()[0])


def test_a_file_for_another_network_changes_nothing(mobile_net, tmp_path):
    info = describe(DataSpec(reader="digits"))
    spec = new_project("mlp", DataSpec(reader="digits"), info, "x")
    with pytest.raises(BadInput, match="no layer has name and shapes"):
        heavy.load_weights(mobile_net[0], spec, info, None, tmp_path)
    assert heavy.last_run(tmp_path) is None
