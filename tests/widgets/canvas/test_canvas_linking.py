"""Which wires are allowed, and where the arrow keys lead."""

import graphlib

import pytest
from canvas_examples import BY_NAME, CHAIN, RESIDUAL, column, wire
from hypothesis import given
from hypothesis import strategies as st

from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from widgets.canvas.facts import BlockFacts, describe
from widgets.canvas.linking import judge, neighbour

NAMES = "abcdef"
edges = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda e: e[0] < e[1])


def network_of(pairs):
    return NetworkSpec(
        layers=tuple(LayerSpec(id=name, kind="Add") for name in NAMES),
        wires=tuple(WireSpec(source=a, target=b, port=i) for i, (a, b) in enumerate(sorted(pairs))),
    )


@given(st.sets(edges, max_size=10), st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_a_wire_is_refused_exactly_if_it_closes_a_circle(pairs, source, target):
    network = network_of(pairs)
    verdict = judge(network, source, BlockFacts(target, "Add", n_inputs=20))
    try:
        network.with_wire(WireSpec(source=source, target=target, port=99)).order()
    except graphlib.CycleError:
        assert verdict.refusal
        assert len(verdict.refusal) <= 160
    else:
        assert not verdict.refusal


def facts_of(network, layer_id):
    layer = network.layer(layer_id)
    ports = [w.port for w in network.wires_into(layer_id)]
    return describe(layer, BY_NAME[layer.kind], None, (), ports)


@pytest.mark.parametrize(
    ("network", "source", "target", "preferred", "port"),
    [
        (RESIDUAL, "a", "add", None, 2),  # the spare port of a merge
        (RESIDUAL, "a", "add", 1, 1),  # the one pointed at
        (CHAIN, "input", "pool", None, 0),  # the only one, though it is wired
    ],
)
def test_the_port_it_takes(network, source, target, preferred, port):
    assert judge(network, source, facts_of(network, target), preferred).port == port


def test_an_input_layer_takes_nothing():
    assert "takes no wire" in judge(CHAIN, "out", facts_of(CHAIN, "input")).refusal


@pytest.mark.parametrize(
    ("start", "direction", "wanted"),
    [
        ("conv", "up", "input"),
        ("conv", "down", "pool"),
        ("out", "down", "out"),
        ("input", "left", "input"),
    ],
)
def test_arrows_follow_the_wires(start, direction, wanted):
    assert neighbour(CHAIN, column(CHAIN), start, direction) == wanted


def test_arrows_go_sideways_to_the_nearest_block():
    network = NetworkSpec(
        layers=tuple(LayerSpec(id=i, kind="Dense") for i in "abc"), wires=(wire("a", "c"),)
    )
    places = {"a": (0.0, 0.0), "b": (240.0, 10.0), "c": (480.0, 0.0)}
    assert neighbour(network, places, "a", "right") == "b"
    assert neighbour(network, places, "b", "right") == "c"
    assert neighbour(network, places, "c", "left") == "b"
    assert neighbour(network, places, "c", "up") == "a"  # along the wire, wherever it comes from
