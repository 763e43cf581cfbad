import graphlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.spec import edits
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec


def chain(*names, kind="Dense"):
    network = NetworkSpec()
    for name in names:
        network = network.with_layer(LayerSpec(id=name, kind=kind))
    for source, target in itertools.pairwise(names):
        network = network.with_wire(WireSpec(source=source, target=target))
    return network


def pairs(network):
    return {(w.source, w.target) for w in network.wires}


def test_names_must_be_unique_and_wires_must_end_at_layers():
    with pytest.raises(ValidationError, match='two layers are named "a"'):
        NetworkSpec(layers=(LayerSpec(id="a", kind="Dense"), LayerSpec(id="a", kind="Dense")))
    with pytest.raises(ValidationError, match='a wire names "b"'):
        NetworkSpec(
            layers=(LayerSpec(id="a", kind="Dense"),), wires=(WireSpec(source="a", target="b"),)
        )


@pytest.mark.parametrize("name", ["", "1a", "a/b", "a b", "<b>", "a" * 101])
def test_names_that_keras_refuses_are_refused(name):
    with pytest.raises(ValidationError):
        LayerSpec(id=name, kind="Dense")


def test_order_puts_sources_first_and_names_a_circle():
    network = chain("a", "b", "c")
    assert network.order() == ("a", "b", "c")
    with pytest.raises(graphlib.CycleError) as caught:
        network.with_wire(WireSpec(source="c", target="a")).order()
    assert set(caught.value.args[1]) == {"a", "b", "c"}


def test_a_second_wire_into_a_port_replaces_the_first():
    network = chain("a", "b").with_layer(LayerSpec(id="c", kind="Dense"))
    network = network.with_wire(WireSpec(source="c", target="b"))
    assert pairs(network) == {("c", "b")}
    assert network.free_port("b") == 1


def test_adding_behind_a_layer_takes_its_wires_over():
    network, new = edits.add_after(chain("a", "b"), "Dropout", {"rate": 0.5}, "a")
    assert new == "dropout"
    assert pairs(network) == {("a", "dropout"), ("dropout", "b")}
    assert network.layer("dropout").parameters == {"rate": 0.5}


def test_a_branch_leaves_the_other_wires_alone():
    network, new = edits.add_after(chain("a", "b"), "Dropout", {}, "a", branch=True)
    assert pairs(network) == {("a", "b"), ("a", new)}


def test_adding_on_a_wire_leaves_other_wires_alone():
    network = chain("a", "b").with_layer(LayerSpec(id="c", kind="Dense"))
    network = network.with_wire(WireSpec(source="a", target="c"))
    network, new = edits.add_on_wire(network, "Dropout", {}, WireSpec(source="a", target="b"))
    assert pairs(network) == {("a", new), (new, "b"), ("a", "c")}


def test_removing_from_a_chain_closes_it():
    assert pairs(edits.remove(chain("a", "b", "c"), ["b"])) == {("a", "c")}
    assert pairs(edits.remove(chain("a", "b", "c", "d"), ["b", "c"])) == {("a", "d")}


def test_pasting_renames_what_exists_and_keeps_inner_wires():
    network = chain("a", "b", "c")
    grown, names = edits.merged(network, edits.part(network, ["a", "b"]))
    assert names == {"a": "dense", "b": "dense_2"}
    assert ("dense", "dense_2") in pairs(grown)
    assert len(grown.layers) == 5


def test_renaming_follows_the_wires():
    network = chain("a", "b", "c").renamed("b", "middle")
    assert pairs(network) == {("a", "middle"), ("middle", "c")}


def test_downstream_reaches_over_branches():
    network = chain("a", "b", "c").with_layer(LayerSpec(id="d", kind="Dense"))
    network = network.with_wire(WireSpec(source="b", target="d"))
    assert network.downstream(["b"]) == {"b", "c", "d"}


@given(st.sets(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")), max_size=10))
def test_upstream_are_those_whose_downstream_holds_the_layer_in_circles_too(pairs):
    network = NetworkSpec(
        layers=tuple(LayerSpec(id=name, kind="Add") for name in "abcde"),
        wires=tuple(WireSpec(source=a, target=b, port=i) for i, (a, b) in enumerate(pairs)),
    )
    for name in network.ids:
        reaching = {each for each in network.ids if name in network.downstream([each])}
        assert network.upstream([name]) == reaching


@st.composite
def networks(draw):
    count = draw(st.integers(1, 8))
    network = NetworkSpec(layers=tuple(LayerSpec(id=f"l{i}", kind="Dense") for i in range(count)))
    wires = draw(
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=10)
    )
    for source, target in wires:
        if source < target:
            port = network.free_port(f"l{target}")
            network = network.with_wire(
                WireSpec(source=f"l{source}", target=f"l{target}", port=port)
            )
    return network


@given(networks(), st.data())
def test_edits_keep_networks_sound(network, data):
    some = data.draw(st.lists(st.sampled_from(network.ids), unique=True))
    shrunk = edits.remove(network, some)
    assert not set(shrunk.ids) & set(some)
    grown, names = edits.merged(network, edits.part(network, some))
    assert len(grown.layers) == len(network.layers) + len(some)
    assert len(set(names.values())) == len(some)
    grown.order()


def test_a_layer_that_is_there_goes_into_a_wire():
    layers = tuple(LayerSpec(id=name, kind="Dense") for name in "abc")
    wire = WireSpec(source="a", target="b", port=0)
    network = edits.put_on_wire(NetworkSpec(layers=layers, wires=(wire,)), "c", wire)
    assert {(w.source, w.target) for w in network.wires} == {("a", "c"), ("c", "b")}


def test_a_layer_in_a_circle_is_removed_without_a_loop():
    circle = chain("a", "b").with_wire(WireSpec(source="b", target="a"))
    assert edits.remove(circle, ("b",)).wires == ()
    alone = chain("a").with_wire(WireSpec(source="a", target="a"))
    assert edits.remove(alone, ("a",)).layers == ()
