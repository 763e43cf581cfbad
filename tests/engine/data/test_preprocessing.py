"""Preprocessing that takes its numbers from the data: which layers, with which numbers, and where."""

import numpy as np
import pytest

from engine.catalog.keras_form import is_wide
from engine.data.info import DataInfo
from engine.data.loaded import Statistics
from engine.data.loading import load
from engine.data.preprocessing import fitted, preprocessing_layers
from engine.data.readers import READERS
from engine.errors import SpecError
from engine.spec.data import DataSpec
from engine.spec.network import NetworkSpec
from tests.engine.build.network_examples import DIGITS, chain, dense, extend, wired


def info(dtype="float32", features=2):
    return DataInfo.single(
        "file", "x", "number", "regression", (features,), ("y",), input_dtype=dtype
    )


def normalized(mean, variance, dtype="float32"):
    statistics = Statistics(np.array(mean), np.array(variance))
    found = fitted(chain("Normalization"), info(dtype, len(mean)), statistics).layers[1]
    return found.kind, found.parameters


@pytest.mark.parametrize("source", ["iris", "wine", "breast_cancer", "diabetes", "moons", "sine"])
def test_usual_data_are_standardised_as_keras_does_it(source):
    data = load(DataSpec(reader=source))
    found = fitted(chain("Normalization"), data.info, data.statistics).layers[1]
    assert found.kind == "Normalization"
    x = data.training.x.astype(np.float64).reshape(-1, data.info.input_shape[-1])
    away = x - x.sum(axis=0) / len(x)
    variance = (np.einsum("nf,nf->f", away, away) / len(x)).astype(np.float32)
    assert found.parameters["mean"] == tuple((x.sum(axis=0) / len(x)).astype(np.float32).tolist())
    assert np.allclose(found.parameters["variance"], variance, rtol=1e-6)
    assert data.info.input_dtype == READERS[source].info.input_dtype == "float32"


@pytest.mark.parametrize(
    ("mean", "variance", "dtype"),
    [
        ([0.0, 1.0], [1e-18, 2.0], "float32"),  # below what Keras takes for nothing
        ([1.7e9, 0.0], [0.9, 4.0], "float32"),  # the mean has no digits left for the deviation
        ([5.0, 6.0], [2.0, 3.0], "float64"),
    ],
)
def test_what_32_bits_would_lose_is_scaled_in_64(mean, variance, dtype):
    kind, parameters = normalized(mean, variance, dtype)
    assert kind == "Rescaling"
    assert is_wide(kind, parameters)
    x = np.array(mean) + np.sqrt(variance) * np.array([[-1.0], [0.0], [2.0]])
    scaled = x * np.array(parameters["scale"]) + np.array(parameters["offset"])
    assert np.allclose(scaled, [[-1, -1], [0, 0], [2, 2]], atol=1e-5)


def test_a_constant_feature_stays_in_32_bits_and_at_zero():
    kind, parameters = normalized([123_456.0, 2.0], [1.0, 4.0])
    assert kind == "Normalization"
    assert parameters["variance"] == (1.0, 4.0)


@pytest.mark.parametrize("variance", [0.0, 1e-320, 1e-300, 1e300])
def test_no_scale_is_infinite(variance):
    _kind, parameters = normalized([1.0, 1.0], [variance, 1e-18])
    assert np.isfinite(parameters["scale"]).all()
    assert np.isfinite(parameters["offset"]).all()


@pytest.mark.parametrize(("offset", "scale"), [(None, 1 / 16), (-1.0, 2 / 16), (0.5, 0.5 / 16)])
def test_a_rescaling_without_scale_takes_the_range_to_that_from_offset_to_1(offset, scale):
    given = {} if offset is None else {"offset": offset}
    found = fitted(chain(("Rescaling", given)), DIGITS).layers[1]
    assert found.parameters == {"scale": scale, "offset": offset or 0.0}
    low, high = (value * scale + found.parameters["offset"] for value in DIGITS.value_range)
    assert (low, high) == (offset or 0.0, 1.0)


def test_numbers_of_its_own_are_left_alone():
    network = chain(
        ("Rescaling", {"scale": 3.0}), ("Normalization", {"mean": (1.0,), "variance": (2.0,)})
    )
    assert fitted(network, DIGITS) == network


def test_what_keeps_the_values_may_stand_between_an_input_and_what_learns_them():
    network = chain(("Resizing", {"height": 4, "width": 4}), "Rescaling", "Flatten", dense(3))
    assert fitted(network, DIGITS).layer("rescaling").parameters["scale"] == 1 / 16


@pytest.mark.parametrize(
    ("layers", "where"),
    [
        ((dense(3), "Normalization"), "network.layers.normalization.mean"),
        ((("Rescaling", {"scale": 2.0}), "Normalization"), "network.layers.normalization.mean"),
        ((dense(3), "Rescaling"), "network.layers.rescaling.scale"),
        ((("Normalization", {"axis": 1}),), "network.layers.normalization.axis"),
        ((("Normalization", {"invert": True}),), "network.layers.normalization.invert"),
        (("Rescaling",), "network.layers.rescaling.scale"),  # the table has no range
        ((("Rescaling", {"offset": 1.0}),), "network.layers.rescaling.scale"),
    ],
)
def test_what_cannot_know_its_numbers_is_refused_by_name(layers, where):
    with pytest.raises(SpecError) as refused:
        fitted(chain(*layers), info(), Statistics(np.zeros(2), np.ones(2)))
    assert refused.value.where == where


def test_a_normalization_without_the_samples_says_that_they_are_missing():
    with pytest.raises(SpecError, match="load the data first"):
        fitted(chain("Normalization"), info())


def test_preprocessing_is_what_stands_between_inputs_and_the_first_other_layer():
    network = chain("RandomFlip", "Rescaling", "Flatten", ("Rescaling", {"scale": 2.0}), dense(3))
    assert preprocessing_layers(network) == ("randomflip", "rescaling")
    joined = extend(network, None, "Normalization")
    assert preprocessing_layers(joined) == ("randomflip", "rescaling")
    fed = wired(joined, ("dense", "normalization", 0))
    assert preprocessing_layers(fed) == ("randomflip", "rescaling")


def test_the_order_of_the_layers_does_not_hide_preprocessing():
    network = chain("RandomFlip", "Rescaling", "Flatten")
    turned = NetworkSpec(layers=tuple(reversed(network.layers)), wires=network.wires)
    assert preprocessing_layers(turned) == ("randomflip", "rescaling")


def test_a_circle_behind_an_input_ends():
    network = wired(chain("Rescaling", "RandomFlip"), ("randomflip", "rescaling", 1))
    assert preprocessing_layers(network) == ()
