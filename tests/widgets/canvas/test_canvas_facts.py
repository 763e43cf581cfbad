"""What blocks say."""

import pytest
from canvas_examples import BY_NAME

from engine.catalog import catalog
from engine.editing.folding import fold
from engine.spec.issues import Cure, Issue, LayerFacts
from engine.spec.network import LayerSpec
from tests.engine.build.network_examples import chain
from widgets.canvas.descriptions import Descriptions
from widgets.canvas.facts import PREPARING, describe, detail_text, output_text, parameters_text


def layer(kind, **parameters):
    return LayerSpec(id="l", kind=kind, parameters=parameters)


@pytest.mark.parametrize(
    ("shape", "words"),
    [((8, 8, 32), "8 × 8 × 32"), ((None, 1024), "? × 1,024"), ((), "one number"), (None, "")],
)
def test_the_shape_that_a_layer_gives_in_words(shape, words):
    assert output_text(LayerFacts(output_shape=shape)) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "no parameters"), (1, "1 parameter"), (4640, "4,640 parameters")]
)
def test_parameters_in_words(count, words):
    assert parameters_text(count) == words


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (layer("Conv2D"), "32 filters · 3×3"),
        (
            layer("Conv2D", filters=16, kernel_size=[3, 5], activation="relu", padding="same"),
            "16 filters · 3×5 · same · relu",
        ),
        (layer("Conv2D", strides=[2, 2]), "32 filters · 3×3 · stride 2"),
        (layer("Conv2D", strides=[2, 1]), "32 filters · 3×3 · stride 2×1"),
        (layer("Dense", units=10, activation="softmax"), "10 units · softmax"),
        (layer("Dense", activation="linear"), "32 units"),
        (layer("Dense", units=1, activation="linear"), "1 unit"),
        (layer("MaxPooling2D"), "2×2"),
        (layer("InputLayer", shape=[28, 28, 1]), "28 × 28 × 1"),
        (layer("InputLayer"), "shape of the data"),
        (layer("BatchNormalization", momentum=0.9), "momentum 0.9"),
        (layer("Unknown", units=3), "3 units"),
        (layer("Bidirectional", layer={"kind": "LSTM", "parameters": {"units": 4}}), "LSTM"),
    ],
)
def test_main_parameters(spec, words):
    assert detail_text(spec, BY_NAME.get(spec.kind)) == words


def test_an_input_without_shape_shows_the_one_of_the_data():
    assert (
        detail_text(layer("InputLayer"), BY_NAME["InputLayer"], LayerFacts((8, 8, 1)))
        == "8 × 8 × 1"
    )


def test_the_worst_problem_comes_first_with_all_cures():
    mild = Issue("odd", layer="l", severity="warning", cures=(Cure("a"),))
    grave = Issue("wrong", layer="l", cures=(Cure("b"),))
    found = describe(layer("Dense"), BY_NAME["Dense"], None, (mild, grave), ())
    assert found.problems == ("wrong", "odd")
    assert found.severity == "error"
    assert [cure.label for cure in found.cures] == ["b", "a"]


def test_what_keras_refuses_is_a_problem_even_without_an_issue():
    refused = LayerFacts(None, error="the input is too small")
    found = describe(layer("Dense"), BY_NAME["Dense"], refused, (), ())
    assert (found.problem, found.severity, found.parameters) == (
        "the input is too small",
        "error",
        "",
    )


def test_frozen_weights_are_named():
    frozen = LayerSpec(id="l", kind="Dense", trainable=False)
    assert (
        describe(frozen, None, LayerFacts((3,), 12), (), ()).parameters == "12 parameters · frozen"
    )


def test_text_of_a_file_is_cut_and_on_one_line():
    found = describe(layer("A" * 200 + "\n"), None, None, (), ())
    assert len(found.title) <= 40
    hostile = detail_text(layer("Foreign", note="<b>x</b>\n\u202eabc"), None)
    assert hostile == "note <b>x</b> abc"


@pytest.mark.parametrize(
    ("kind", "wired", "n_inputs", "spare"),
    [
        ("InputLayer", (), 0, False),
        ("Dense", (), 1, False),
        ("Dense", (0,), 1, False),
        ("Add", (), 2, False),
        ("Add", (0, 1), 3, True),
        ("Add", (0, 3), 5, True),
        ("Subtract", (0, 1), 2, False),
        ("Subtract", (0, 1, 2), 3, False),
        ("MultiHeadAttention", (0,), 2, False),
        ("MultiHeadAttention", (0, 1), 3, True),
        ("MultiHeadAttention", (0, 1, 2), 3, False),
    ],
)
def test_input_ports(kind, wired, n_inputs, spare):
    found = describe(layer(kind), BY_NAME[kind], None, (), wired)
    assert (found.n_inputs, found.spare) == (n_inputs, spare)


@pytest.mark.parametrize(
    ("kept", "mark", "words"),
    [(None, "12 parameters", ""), (True, "12 parameters · kept", "keeps its weights"),
     (False, "12 parameters · anew", "starts anew")],
)  # fmt: skip
def test_a_block_says_whether_its_weights_are_kept(kept, mark, words):
    found = describe(layer("Dense"), BY_NAME["Dense"], LayerFacts((3,), 12), (), (), kept)
    assert found.parameters == mark
    assert words in found.sentence


def test_what_prepares_the_samples_is_marked_and_says_what_the_data_gives():
    network = chain("RandomFlip", "Rescaling", "Flatten", ("Rescaling", {"scale": 2.0}), "Dense")
    descriptions = Descriptions()
    descriptions.kinds = BY_NAME
    descriptions.facts = {name: LayerFacts((8, 8, 1)) for name in network.ids}
    shown = descriptions.of(network, fold(network, ()))
    marked = {name for name, facts in shown.items() if facts.prepares}
    assert marked == {"randomflip", "rescaling"}
    assert {shown[name].group for name in marked} == {PREPARING}
    assert shown["rescaling"].detail == "range of the data to 0 … 1"
    assert shown["rescaling"].parameters == "preprocessing"
    assert (shown["rescaling_2"].detail, shown["rescaling_2"].parameters) == (
        "scale 2", "no parameters",
    )  # fmt: skip
    cut = network.without_wires(network.wires_into("rescaling"))
    assert not descriptions.of(cut, fold(cut, ()))["rescaling"].prepares


def test_what_a_normalization_learns_is_said_until_it_has_its_own_numbers():
    assert (
        detail_text(layer("Normalization"), catalog().layer("Normalization"))
        == "to mean 0 · deviation 1"
    )
    own = layer("Normalization", mean=[0.5], variance=[2.0])
    assert detail_text(own, catalog().layer("Normalization")) == "mean 0.5 · variance 2"
    symmetric = layer("Rescaling", offset=-1.0)
    assert detail_text(symmetric, catalog().layer("Rescaling")) == "range of the data to -1 … 1"
