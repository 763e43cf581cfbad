"""Several networks on one canvas."""

import pytest

from engine.errors import SpecError
from engine.spec import codec
from engine.spec.named_network import NamedNetwork
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import StageSpec, TrainingSpec


def layer(name, kind="Dense", **more):
    return LayerSpec(id=name, kind=kind, **more)


NETWORK = NetworkSpec(
    layers=(layer("noise", "InputLayer", noise=True), layer("a"), layer("input", "InputLayer"), layer("b")),
    wires=(WireSpec(source="noise", target="a"), WireSpec(source="input", target="b")),
)  # fmt: skip
NETWORKS = (
    NamedNetwork(name="maker", layers=("noise", "a")),
    NamedNetwork(name="judge", layers=("input", "b")),
)
SPEC = ProjectSpec(network=NETWORK, networks=NETWORKS)


def test_a_named_network_has_its_layers_and_the_wires_between_them():
    maker = SPEC.named_network("maker")
    assert maker.ids == ("noise", "a")
    assert maker.wires == (WireSpec(source="noise", target="a"),)
    assert SPEC.named_network("nobody") == NetworkSpec()


def test_a_new_layer_joins_the_network_it_is_wired_to():
    grown = NETWORK.with_layer(layer("c")).with_layer(layer("d")).with_layer(layer("alone"))
    grown = grown.with_wire(WireSpec(source="c", target="d"))
    grown = grown.with_wire(WireSpec(source="b", target="c"))
    changed = SPEC.but(network=grown)
    assert changed.named_network("judge").ids == ("input", "b", "c", "d")
    assert "alone" not in [name for each in changed.networks for name in each.layers]


def test_removed_layers_leave_and_without_any_layer_there_are_no_networks():
    assert SPEC.but(network=NETWORK.without_layers(["a"])).networks == (
        NamedNetwork(name="maker", layers=("noise",)),
        NETWORKS[1],
    )
    other = NetworkSpec(layers=(layer("x", "InputLayer"),))
    assert SPEC.but(network=other).networks == ()


def test_two_networks_of_one_name_are_refused():
    with pytest.raises(SpecError, match="two networks are named"):
        codec.parse({"networks": [{"name": "one"}, {"name": "one"}]})


def test_the_description_survives_its_text():
    stage = StageSpec(
        procedure="adversarial",
        networks={"generator": "maker", "discriminator": "judge"},
        options={"r1": 0.5},
    )
    spec = SPEC.but(training=TrainingSpec(stages=(stage,)))
    assert codec.decode(codec.encode(spec)) == spec


def test_a_layer_that_takes_samples_is_written_as_before():
    assert '"noise"' not in ProjectSpec(network=NetworkSpec(layers=(layer("a"),))).model_dump_json()
    assert codec.encode(SPEC).count('"noise": true') == 1


def test_a_file_of_schema_1_means_one_network_that_learns_supervised():
    text = codec.encode(ProjectSpec(network=NetworkSpec(layers=(layer("a"),))))
    old = text.replace('"schema": 2', '"schema": 1')
    assert old != text
    spec = codec.decode(old)
    assert spec.networks == ()
    assert spec.training.stage == StageSpec()
