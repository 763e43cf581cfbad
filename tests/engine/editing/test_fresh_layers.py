"""What a layer that is added by hand gets."""

import pytest

from engine.editing.fresh_layers import fresh_settings, wire_before_answer
from engine.spec import edits
from tests.engine.build.network_examples import DIABETES, DIGITS, chain, conv, dense

ANSWER = {"units": 10, "activation": "softmax"}
HIDDEN = {"activation": "relu"}


def added(network, kind, after, **options):
    return edits.add_after(network, kind, {}, after, **options)


@pytest.mark.parametrize("kind", ["Dense", "Conv2D", "DepthwiseConv2D"])
def test_a_layer_in_the_middle_is_not_linear_and_says_why(kind):
    network, new = added(chain("Flatten", dense(10, "softmax")), kind, "input")
    found = fresh_settings(network, new, DIGITS)
    assert found.parameters == HIDDEN
    assert found.reason.startswith(f"{new} has relu: ")


@pytest.mark.parametrize(
    ("info", "parameters", "words"),
    [
        (DIGITS, ANSWER, "10 units with softmax, one for each class"),
        (
            DIABETES,
            {"units": 1, "activation": "linear"},
            "1 linear unit for the numbers to predict",
        ),
    ],
)
def test_the_last_dense_gives_what_the_data_asks_for(info, parameters, words):
    network, new = added(chain("Flatten"), "Dense", "flatten")
    found = fresh_settings(network, new, info)
    assert found.parameters == parameters
    assert words in found.reason


def test_behind_an_answer_it_is_the_answer():
    network, new = added(chain("Flatten", dense(10, "softmax")), "Dense", "dense")
    assert fresh_settings(network, new, DIGITS).parameters == ANSWER


def test_where_no_place_is_said_a_layer_goes_before_the_answer():
    network = chain("Flatten", dense(32, "relu"), dense(10, "softmax"))
    wire = wire_before_answer(network, DIGITS)
    assert (wire.source, wire.target) == ("dense", "dense_2")


@pytest.mark.parametrize(
    ("network", "info"),
    [
        (chain("Flatten", dense(32, "relu")), DIGITS),
        (chain("Flatten"), DIGITS),
        (chain(), DIGITS),
        (chain("Flatten", dense(10, "softmax")), None),
    ],
)
def test_a_network_without_an_answer_grows_at_its_end(network, info):
    assert wire_before_answer(network, info) is None


def test_one_of_several_ends_is_a_branch():
    network, new = added(chain("Flatten", dense(10, "softmax")), "Dense", "flatten", branch=True)
    assert fresh_settings(network, new, DIGITS).parameters == HIDDEN


@pytest.mark.parametrize("kind", ["LSTM", "Dropout", "MaxPooling2D", "Activation", "Embedding"])
def test_other_layers_get_nothing(kind):
    network, new = added(chain(conv()), kind, "conv2d")
    found = fresh_settings(network, new, DIGITS)
    assert (found.parameters, found.reason) == ({}, "")


def test_without_data_a_layer_is_hidden():
    network, new = added(chain("Flatten"), "Dense", "flatten")
    assert fresh_settings(network, new, None).parameters == HIDDEN
