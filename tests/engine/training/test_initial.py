"""Trainings that begin with what layers learned before."""

import numpy as np
import pytest

from engine.spec.network import LayerSpec
from engine.training.live.control import TrainingControl
from engine.training.loop.initial import learned, weight_shapes
from engine.training.loop.preparation import new_program, new_schedule
from engine.training.loop.session import train, trained_model
from tests.engine.training.problems import Follower, chain, project, xor_data

pytestmark = pytest.mark.usefixtures("without_xla")
NETWORK = chain(
    ("hidden", "Dense", {"units": 8, "activation": "tanh"}),
    ("norm", "BatchNormalization", {}),
    ("output", "Dense", {"units": 2, "activation": "softmax"}),
)
DATA = xor_data()


def ended(spec, initial=None):
    follower = Follower()
    train("run", spec, DATA, follower.emit, TrainingControl(), initial=initial)
    assert follower.ended.outcome == "finished", follower.ended.error
    return follower.ended


@pytest.fixture(scope="module")
def past():
    spec = project(NETWORK)
    model = trained_model(spec, DATA.info, DATA.statistics, ended(spec).weights)
    return learned(model, spec.network)


def values(model):
    return {layer.name: layer.get_weights() for layer in model.layers if layer.weights}


def assert_same(one, another):
    assert len(one) == len(another) > 0
    for left, right in zip(one, another, strict=True):
        np.testing.assert_array_equal(left, right)


def test_kept_layers_begin_bit_for_bit_and_the_others_as_always(past):
    network = NETWORK.with_parameters("output", {"units": 3, "activation": "softmax"})
    network = network.renamed("hidden", "first")
    spec = project(network)
    fresh, program = values(new_program(spec, DATA).model), new_program(spec, DATA, past)
    begun = values(program.model)
    assert_same(begun["first"], past.weights["hidden"])
    assert_same(begun["norm"], past.weights["norm"])
    assert_same(begun["output"], fresh["output"])
    new_schedule(program, spec, DATA)
    slots = [variable.numpy() for variable in program.model.optimizer.variables[2:]]
    assert slots
    assert not any(np.any(slot) for slot in slots)


def test_a_training_begins_there_and_ends_the_same_again(past):
    spec = project(NETWORK)
    once, again = ended(spec, past), ended(spec, past)
    assert_same(once.weights, again.weights)
    assert any(
        np.any(one != other) for one, other in zip(once.weights, ended(spec).weights, strict=True)
    )


def test_a_frozen_layer_has_its_weights_in_the_same_order(past):
    norm = LayerSpec(id="norm", kind="BatchNormalization", trainable=False)
    model = new_program(project(NETWORK.with_changed(norm)), DATA, past).model
    assert weight_shapes(model.get_layer("norm")) == past.shapes["norm"]
    assert_same(values(model)["norm"], past.weights["norm"])
