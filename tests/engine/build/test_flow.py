"""A sample's way through a network, against the whole model that Keras builds."""

import keras
import numpy as np
import pytest

from engine.build.flow import MOST_PARAMETERS, Sample, SampleFlow
from engine.build.model import build
from engine.data.info import DataInfo
from engine.data.loaded import Statistics
from engine.errors import BadInput, Cancelled
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec

INFO = DataInfo.single(
    "set", "Set", "picture", "classification", (6, 6, 1), ("a", "b"), "uint8", (0.0, 255.0)
)
ROWS = (
    ("input", "InputLayer", {}),
    ("scaled", "Rescaling", {}),
    ("conv", "Conv2D", {"filters": 3, "kernel_size": [3, 3]}),
    ("flip", "RandomFlip", {}),
    ("drop", "Dropout", {"rate": 0.9}),
    ("norm", "BatchNormalization", {}),
    ("add", "Add", {}),
    ("flat", "Flatten", {}),
    ("end", "Dense", {"units": 2, "activation": "softmax"}),
)
WIRES = (
    ("input", "scaled", 0), ("scaled", "conv", 0), ("conv", "flip", 0), ("flip", "drop", 0),
    ("drop", "norm", 0), ("norm", "add", 0),
    ("conv", "add", 1), ("add", "flat", 0), ("flat", "end", 0),
)  # fmt: skip
NETWORK = NetworkSpec(
    layers=tuple(LayerSpec(id=a, kind=b, parameters=c) for a, b, c in ROWS),
    wires=tuple(WireSpec(source=a, target=b, port=c) for a, b, c in WIRES),
)
X = np.random.default_rng(0).integers(0, 255, (6, 6, 1)).astype(np.uint8)
SAMPLE = Sample(X, INFO)


@pytest.fixture(scope="module")
def model():
    return build(NETWORK, INFO)


@pytest.fixture
def weights(model):
    return {layer.name: layer.get_weights() for layer in model.layers}


@pytest.fixture
def made(monkeypatch):
    """Ids of the layers that are called, in order."""
    from engine.build import flow

    called = []
    original = flow._called
    monkeypatch.setattr(
        flow, "_called", lambda spec, *rest: called.append(spec.id) or original(spec, *rest)
    )
    return called


def test_every_layer_gives_what_the_model_gives(model, weights):
    found = SampleFlow().outputs(NETWORK, {}, SAMPLE, NETWORK.ids, weights)
    assert set(found) == set(NETWORK.ids)
    whole = keras.Model(
        model.inputs, [model.get_layer(name).output for name in found if name != "input"]
    )
    expected = whole.predict(X[np.newaxis], verbose=0)
    for (name, (array,)), one in zip(
        [item for item in found.items() if item[0] != "input"], expected, strict=True
    ):
        np.testing.assert_allclose(array, one[0], atol=1e-5, err_msg=name)
    np.testing.assert_array_equal(found["input"][0], X)
    np.testing.assert_allclose(found["scaled"][0], X / 255.0, atol=1e-6)


def test_an_edit_computes_what_lies_downstream(made):
    flow = SampleFlow()
    first = flow.outputs(NETWORK, {}, SAMPLE, NETWORK.ids)
    made.clear()
    assert flow.outputs(NETWORK, {}, SAMPLE, NETWORK.ids).keys() == first.keys()
    assert not made
    edited = NETWORK.with_parameters("end", {"units": 4})
    again = flow.outputs(edited, {}, SAMPLE, NETWORK.ids)
    assert made == ["end"]
    assert again["end"][0].shape == (4,)
    np.testing.assert_array_equal(again["conv"][0], first["conv"][0])


def test_another_sample_goes_through_the_same_weights():
    flow = SampleFlow()
    first = flow.outputs(NETWORK, {}, SAMPLE, ("end",))["end"][0]
    other = flow.outputs(NETWORK, {}, Sample(255 - X, INFO), ("end",))["end"][0]
    back = flow.outputs(NETWORK, {}, SAMPLE, ("end",))["end"][0]
    assert not np.allclose(first, other)
    np.testing.assert_array_equal(first, back)


def test_only_what_is_wanted_is_computed(made):
    found = SampleFlow().outputs(NETWORK, {}, SAMPLE, ("flip",))
    assert set(found) == {"flip"}
    assert made == ["scaled", "conv", "flip"]


def test_after_a_layer_that_cannot_be_called_nothing_is_given():
    broken = NETWORK.with_parameters("conv", {"filters": 3, "kernel_size": [9, 9]})
    assert set(SampleFlow().outputs(broken, {}, SAMPLE, NETWORK.ids)) == {"input", "scaled"}


def test_weights_of_another_shape_are_not_taken(weights):
    edited = NETWORK.with_parameters("end", {"units": 4})
    assert SampleFlow().outputs(edited, {}, SAMPLE, ("end",), weights)["end"][0].shape == (4,)


def test_scaled_by_the_statistics_of_the_data():
    statistics = Statistics(np.full(1, 100, np.float32), np.full(1, 4, np.float32))
    sample = Sample(X, INFO, statistics)
    normalized = NETWORK.with_changed(LayerSpec(id="scaled", kind="Normalization"))
    flow = SampleFlow()
    found = flow.outputs(normalized, {}, sample, ("scaled",))["scaled"][0]
    np.testing.assert_allclose(found, (X.astype(np.float32) - 100) / 2, atol=1e-4)
    other = Sample(X, INFO, Statistics(statistics.mean * 0, statistics.variance))
    np.testing.assert_allclose(flow.outputs(normalized, {}, other, ("scaled",))["scaled"][0], X / 2)


def test_what_does_not_know_its_numbers_and_what_follows_are_missing():
    amid = NETWORK.with_changed(LayerSpec(id="drop", kind="Normalization"))
    found = SampleFlow().outputs(amid, {}, SAMPLE, NETWORK.ids)
    assert set(found) == {"input", "scaled", "conv", "flip"}


def test_it_can_be_cancelled():
    with pytest.raises(Cancelled):
        SampleFlow().outputs(NETWORK, {}, SAMPLE, NETWORK.ids, cancelled=lambda: True)


def test_a_huge_network_is_refused():
    facts = {"end": LayerFacts((2,), MOST_PARAMETERS + 1)}
    with pytest.raises(BadInput, match="up to 20,000,000"):
        SampleFlow().outputs(NETWORK, facts, SAMPLE, NETWORK.ids)
