"""Preprocessing blocks put behind inputs and taken away, and the old setting that stands for them."""

import pytest

from engine.data.preprocessing import preprocessing_layers
from engine.editing.layout import arrange
from engine.editing.preprocessing import (
    behind_preprocessing,
    scaling_layers,
    with_blocks,
    with_scaling,
    with_scaling_edited,
    without_scaling,
)
from engine.editing.settings import with_settings
from engine.errors import SpecError
from engine.spec.data import DataSpec
from engine.spec.network import LayerSpec
from engine.spec.project import ProjectSpec
from tests.engine.build.network_examples import (
    DIGITS,
    IRIS,
    NEWS,
    chain,
    classifier,
    dense,
    wired,
)


def kinds(network):
    return [layer.kind for layer in network.layers]


def test_another_scaling_takes_the_place_of_the_one_before():
    unit = with_scaling(classifier(), "unit", DIGITS)
    assert unit.layer("input_scaling").parameters == {"scale": 1 / 16}
    standard = with_scaling(unit, "standard", DIGITS)
    assert kinds(standard) == ["InputLayer", "Normalization", "Conv2D", "Flatten", "Dense"]
    assert with_scaling(standard, "none", DIGITS) == classifier()
    symmetric = with_scaling(unit, "symmetric", DIGITS).layer("input_scaling")
    assert symmetric.parameters == {"scale": 1 / 8, "offset": -1.0}


def test_text_is_left_alone():
    network = chain(("Embedding", {"input_dim": 9, "output_dim": 2}))
    assert with_scaling(network, "standard", NEWS) == network


def test_other_preprocessing_stays_when_scaling_goes():
    network = chain("RandomFlip", "Rescaling", "Flatten", dense(3))
    bare = without_scaling(network)
    assert kinds(bare) == ["InputLayer", "RandomFlip", "Flatten", "Dense"]
    assert [(wire.source, wire.target) for wire in bare.wires_into("flatten")] == [
        ("randomflip", "flatten")
    ]


def test_each_input_that_feeds_layers_has_its_own_and_noise_has_none():
    network = chain("Flatten").with_layer(LayerSpec(id="second", kind="InputLayer"))
    network = network.with_layer(LayerSpec(id="other", kind="Flatten"))
    noise = LayerSpec(id="noise", kind="InputLayer", parameters={"shape": (4,)}, noise=True)
    network = network.with_layer(noise).with_layer(LayerSpec(id="made", kind="Dense"))
    network = wired(network, ("second", "other", 0), ("noise", "made", 0))
    scaled = with_scaling(network, "unit", DIGITS)
    assert scaling_layers(scaled) == ("input_scaling", "second_scaling")
    assert [wire.target for wire in scaled.wires_from("noise")] == ["made"]


def test_blocks_stand_one_after_another_before_all_that_the_input_fed():
    network = wired(chain("Flatten"), ("input", "flatten", 1))
    size = {"height": 4, "width": 4}
    made = with_blocks(network, "input", (("Resizing", size), ("Rescaling", {"scale": 0.5})))
    assert kinds(made) == ["InputLayer", "Resizing", "Rescaling", "Flatten"]
    (last,) = [layer.id for layer in made.layers if layer.kind == "Rescaling"]
    assert [(wire.source, wire.port) for wire in made.wires_into("flatten")] == [
        (last, 0), (last, 1),
    ]  # fmt: skip
    assert len(preprocessing_layers(made)) == 2


def test_the_new_block_stands_below_its_input_on_the_canvas():
    network = classifier()
    spec = ProjectSpec(network=network, canvas=arrange(network))
    edited = with_scaling_edited(spec, "unit", DIGITS)
    moved = {name for name in network.ids if edited.canvas[name] != spec.canvas[name]}
    assert moved == {"input"}
    assert edited.canvas["input_scaling"] == spec.canvas["input"]
    again = with_scaling_edited(edited, "standard", DIGITS)
    assert again.canvas == edited.canvas


@pytest.mark.parametrize(
    ("value", "kind"),
    [("standard", "Normalization"), ('"symmetric"', "Rescaling"), ("none", "Dense")],
)
def test_the_setting_of_0_1_is_the_edit_of_the_block(value, kind):
    network = with_scaling(chain(dense(3)), "unit", IRIS)
    spec = ProjectSpec(network=network, data=DataSpec(reader="iris"))
    edited = with_settings(spec, [f" data.scaling = {value}", "training.epochs=3"])
    assert kinds(edited.network)[1] == kind
    assert edited.training.epochs == 3


def test_a_scaling_that_there_is_not_is_refused():
    with pytest.raises(SpecError) as refused:
        with_settings(ProjectSpec(), ["data.scaling=max"])
    expected = 'data.scaling: must be one of none, unit, symmetric, standard, not "max"'
    assert str(refused.value) == expected


def test_the_reader_is_known_by_its_name_of_version_0_1():
    assert with_settings(ProjectSpec(), ["data.source=iris"]).data.reader == "iris"


def test_a_layer_that_is_added_at_the_input_comes_behind_its_preprocessing():
    network = chain("RandomFlip", "Rescaling", "Flatten", dense(3))
    last = next(layer.id for layer in network.layers if layer.kind == "Rescaling")
    assert behind_preprocessing(network, "input", "Conv2D") == last
    assert behind_preprocessing(network, last, "Conv2D") == last
    assert behind_preprocessing(network, "flatten", "Dense") == "flatten"
    assert behind_preprocessing(network, "input", "Resizing") == "input"  # it prepares samples too


def test_a_layer_behind_an_input_of_two_branches_stays_there():
    network = wired(chain("Rescaling", "Flatten"), ("input", "flatten", 1))
    assert behind_preprocessing(network, "input", "Dense") == "input"
