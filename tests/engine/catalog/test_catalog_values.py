"""Checking and cleaning values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog import (
    catalog,
    check_parameters,
    check_value,
    clean_parameters,
    normal_value,
)
from engine.catalog.values import DEEPEST_NESTING
from engine.errors import LONGEST_MESSAGE

FIELDS = [
    field for kinds in catalog().kinds.values() for kind in kinds.values() for field in kind.fields
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=200),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)


def field_at(place):
    kind, name = place.split(".")
    return catalog().layer(kind).field(name)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("Dense.units", 1),
        ("Dense.activation", "relu"),
        ("Dense.activation", None),
        ("Dropout.rate", 0),
        ("Dropout.rate", 1.0),
        ("Conv2D.kernel_size", 5),
        ("Conv2D.kernel_size", [3, 5]),
        ("Conv2D.kernel_size", (3, 5)),
        ("MaxPooling2D.strides", None),
        ("ZeroPadding2D.padding", [0, 1, 2, 3]),
        ("Reshape.target_shape", [-1, 4]),
        ("InputLayer.shape", [None, 3]),
        ("InputLayer.shape", None),
        ("Dense.kernel_initializer", {"kind": "HeNormal", "parameters": {"seed": 1}}),
        ("Dense.kernel_initializer", {"kind": "HeNormal"}),
        ("Dense.kernel_regularizer", None),
        ("Bidirectional.layer", {"kind": "GRU", "parameters": {"units": 4}}),
        ("RNN.cell", {"kind": "GRUCell", "parameters": {"units": 4}}),
        ("StringLookup.vocabulary", ["a", "b"]),
        ("RandomSaturation.factor", [0.2, 0.8]),
        ("Normalization.mean", [0.5, 1]),
        ("Normalization.mean", 0.5),
    ],
)
def test_values_that_fit(place, value):
    assert check_value(field_at(place), value) == ""


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        ("Dense.units", 0, "units must be a whole number from 1 to 1000000000, not 0"),
        ("Dense.units", 1.5, "units must be a whole number from 1 to 1000000000, not 1.5"),
        ("Dense.units", True, "units must be a whole number from 1 to 1000000000, not yes"),
        ("Dense.units", None, "units needs a value"),
        ("Dense.use_bias", 1, "use_bias must be yes or no, not 1"),
        ("Dropout.rate", 1.2, "rate must be a number from 0 to 1, not 1.2"),
        ("Dropout.rate", float("nan"), "rate must be a number from 0 to 1, not nan"),
        ("Conv2D.kernel_size", [3], "kernel_size must be 2 whole numbers from 1 to 10000, not [3]"),
        (
            "Conv2D.kernel_size",
            [3, 0],
            "kernel_size must be 2 whole numbers from 1 to 10000, not 0",
        ),
        ("Conv2D.padding", "causal", 'padding must be one of valid, same, not "causal"'),
        ("Reshape.target_shape", [0], "target_shape must be sizes such as 28, 28, 1, not [0]"),
        ("InputLayer.shape", [-1], "shape must be sizes such as 28, 28, 1, not [-1]"),
        (
            "Dense.activation",
            "sigmiod",
            'activation: there is no activation called "sigmiod"; choose one from the list',
        ),
        (
            "Dense.activation",
            "glu",
            "activation: glu cannot be used here; choose another from the list",
        ),
        (
            "Dense.kernel_initializer",
            {"kind": "RandomNormal", "parameters": {"stddev": -1}},
            "kernel_initializer: stddev must be a number of at least 0, not -1",
        ),
        (
            "Dense.kernel_initializer",
            "glorot_uniform",
            'kernel_initializer must be an initializer with its settings, not "glorot_uniform"',
        ),
        (
            "TimeDistributed.layer",
            {"kind": "Lambda", "parameters": {}},
            "layer: Lambda cannot be used here; choose another from the list",
        ),
        (
            "TimeDistributed.layer",
            {"kind": "Dense", "parameters": {}},
            "layer: units needs a value",
        ),
        (
            "RNN.cell",
            {"kind": "Dense", "parameters": {"units": 1}},
            "cell: Dense cannot be used here; choose another from the list",
        ),
        ("StackedRNNCells.cells", [], "cells must be a list of at least one layer"),
        (
            "StackedRNNCells.cells",
            [{"kind": "GRUCell", "parameters": {"units": 0}}],
            "cells: units must be a whole number from 1 to 1000000000, not 0",
        ),
        ("StringLookup.vocabulary", ["a", "a"], "vocabulary has an entry twice: remove one"),
    ],
)
def test_values_that_do_not_fit(place, value, sentence):
    assert check_value(field_at(place), value) == sentence


def test_a_word_list_can_never_name_a_file():
    for kind in ("StringLookup", "IntegerLookup", "TextVectorization"):
        field = catalog().layer(kind).field("vocabulary")
        assert check_value(field, "/etc/passwd")
        assert check_value(field, ["/etc/passwd", ["x"]])


def test_nesting_has_an_end():
    value = {"kind": "Dense", "parameters": {"units": 1}}
    for _ in range(DEEPEST_NESTING):
        value = {"kind": "TimeDistributed", "parameters": {"layer": value}}
    assert "nested" in check_value(field_at("TimeDistributed.layer"), value)


@given(st.sampled_from(FIELDS), JSON)
def test_any_value_gets_an_answer_that_fits_a_message(field, value):
    problem = check_value(field, value)
    assert "\n" not in problem
    if field.type != "choice" or len(field.choices) < 6:
        assert len(problem) <= LONGEST_MESSAGE


@given(st.sampled_from(FIELDS), JSON)
def test_the_one_way_of_writing_is_stable_and_fits_whenever_the_value_does(field, value):
    once = normal_value(field, value)
    if check_value(field, value) == "":
        assert check_value(field, once) == ""
        assert normal_value(field, once) == once


def test_parameters_are_checked_as_a_whole():
    kind = catalog().layer("Conv2D")
    found = check_parameters(kind, {"filters": 0, "colour": 1})
    assert set(found) == {"filters", "colour", "kernel_size"}
    assert found["colour"] == 'Conv2D has no setting called "colour": remove it'
    assert found["kernel_size"] == "kernel_size needs a value"


def test_cleaning_writes_values_in_one_way_and_drops_defaults():
    kind = catalog().layer("Conv2D")
    parameters = {
        "filters": 8,
        "kernel_size": 3,
        "strides": [1, 1],
        "activation": None,
        "use_bias": True,
        "kernel_initializer": {"kind": "GlorotUniform", "parameters": {"seed": None}},
        "bias_initializer": {"kind": "Ones", "parameters": {}},
    }
    assert clean_parameters(kind, parameters) == {
        "filters": 8,
        "kernel_size": (3, 3),
        "bias_initializer": {"kind": "Ones", "parameters": {}},
    }


def test_cleaning_keeps_what_it_does_not_know_and_what_does_not_fit():
    kind = catalog().layer("Dense")
    assert clean_parameters(kind, {"units": -1, "colour": [1]}) == {"units": -1, "colour": (1,)}


def test_yes_is_not_one():
    kind = catalog().layer("Dense")
    assert clean_parameters(kind, {"units": 4, "use_bias": 1}) == {"units": 4, "use_bias": 1}
