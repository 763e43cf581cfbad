"""What a result is of, and when it is an old one."""

from dataclasses import replace

import pytest

from engine.data.choice import describe
from engine.editing.preprocessing import without_scaling
from engine.runs.origin import Origin, age_in_words, changed_since, is_current
from engine.spec.data import DataSpec
from engine.templates import new_project

DIGITS = describe(DataSpec(reader="digits"))
CIRCLES = describe(DataSpec(reader="circles"))
SPEC = new_project("cnn", DataSpec(reader="digits"), DIGITS, "test")
COUNTED = replace(DIGITS, counts=(1257, 270, 270), class_counts=(180,) * 10)
ORIGIN = Origin("r", 3, SPEC, COUNTED)


def other_network(spec):
    layer = spec.network.layers[2]
    network = spec.network.with_changed(layer.but(parameters={**layer.parameters, "filters": 7}))
    return spec.but(network=network)


CHANGES = {
    "nothing": (lambda spec: spec, (), ""),
    "its name": (lambda spec: spec.but(name="other"), (), ""),
    "where blocks stand": (lambda spec: spec.but(canvas={}), (), ""),
    "epochs": (lambda spec: spec.but(training=spec.training.but(epochs=7)), ("settings",), ""),
    "a layer": (other_network, ("network",), "the network changed since"),
    "the scaling": (
        lambda spec: spec.but(network=without_scaling(spec.network)),
        ("network",),
        "the network changed since",
    ),
    "network and data": (
        lambda spec: other_network(spec).but(data=DataSpec(reader="circles")),
        ("network", "data"),
        "the network and the data changed since",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_result_is_old_once_network_or_data_moved_on(what):
    change, parts, words = CHANGES[what]
    now = change(SPEC)
    assert changed_since(ORIGIN, now, COUNTED) == parts
    assert age_in_words(ORIGIN, now, COUNTED) == words
    assert is_current(ORIGIN, now, COUNTED) == (not words)


def test_an_edit_taken_back_makes_it_current_again():
    assert is_current(ORIGIN, other_network(SPEC).but(network=SPEC.network))


@pytest.mark.parametrize(
    ("now", "same"),
    [
        (COUNTED, True),
        (DIGITS, True),  # not counted yet
        (None, True),
        (replace(COUNTED, counts=(1317, 270, 270)), False),
        (DIGITS.with_target(labels=("a",)), False),
        (CIRCLES, False),
    ],
)
def test_the_same_choice_of_data_with_other_samples_is_other_data(now, same):
    assert is_current(ORIGIN, SPEC, now) == same


def test_it_names_the_data_and_the_run():
    assert ORIGIN.words == "Handwritten digits, run 3"
    assert replace(ORIGIN, opened=True).words == "Handwritten digits, opened model"
