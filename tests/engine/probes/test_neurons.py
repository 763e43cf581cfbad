"""Which part of a network is drawn as neurons, and whose weights are whose."""

import itertools

import numpy as np
import pytest

from engine.data.sets import describe
from engine.probes.neurons import Column, dense_chain, has_dense, synapses
from engine.spec.data import DataSpec
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec

IRIS = describe(DataSpec(source="iris"))


def chain_of(*layers):
    """Return a chain and its facts from (id, kind, last size, parameters)."""
    specs = tuple(LayerSpec(id=i, kind=kind, parameters=p) for i, kind, _size, p in layers)
    wires = tuple(WireSpec(source=a.id, target=b.id) for a, b in itertools.pairwise(specs))
    facts = {i: LayerFacts((size,)) for i, _kind, size, _parameters in layers}
    return NetworkSpec(layers=specs, wires=wires), facts


WHOLE = (
    ("in", "InputLayer", 4, {}),
    ("a", "Dense", 8, {"activation": "relu"}),
    ("drop", "Dropout", 8, {}),
    ("b", "Dense", 3, {}),
    ("soft", "Softmax", 3, {}),
)


def test_dense_layers_and_what_only_passes_numbers_on_are_one_chain():
    network, facts = chain_of(*WHOLE)
    chain = dense_chain(network, facts, IRIS)
    assert chain.columns == (
        Column("in", 4, names=IRIS.feature_names),
        Column("a", 8, "relu"),
        Column("b", 3, "Softmax", IRIS.labels),
    )
    assert chain.is_whole
    assert chain.layers == ("a", "b")


def test_of_other_networks_the_longest_dense_part_is_drawn():
    network, facts = chain_of(
        ("in", "InputLayer", 1, {}),
        ("far", "Dense", 4, {}),
        ("conv", "Conv1D", 3, {}),
        ("flat", "Flatten", 12, {}),
        ("a", "Dense", 8, {}),
        ("b", "Dense", 3, {}),
    )
    chain = dense_chain(network, facts, None)
    assert [column.layer for column in chain.columns] == ["flat", "a", "b"]
    assert [column.size for column in chain.columns] == [12, 8, 3]
    assert not chain.is_whole


def test_a_merge_ends_a_chain():
    layers = [("in", "InputLayer"), ("a", "Dense"), ("b", "Dense"), ("add", "Add"), ("c", "Dense")]
    specs = tuple(LayerSpec(id=i, kind=kind) for i, kind in layers)
    pairs = (("in", "a", 0), ("in", "b", 0), ("a", "add", 0), ("b", "add", 1), ("add", "c", 0))
    wires = tuple(WireSpec(source=s, target=t, port=p) for s, t, p in pairs)
    facts = {spec.id: LayerFacts((4,)) for spec in specs}
    chain = dense_chain(NetworkSpec(layers=specs, wires=wires), facts, None)
    assert [column.layer for column in chain.columns] == ["add", "c"]
    assert not chain.is_whole


@pytest.mark.parametrize("facts", [{}, {"in": LayerFacts((None,)), "a": LayerFacts(None)}])
def test_a_network_of_unknown_sizes_is_not_drawn(facts):
    network, _ = chain_of(*WHOLE[:2])
    assert has_dense(network)
    assert dense_chain(network, facts, IRIS) is None


def test_a_circle_is_not_drawn():
    network, facts = chain_of(*WHOLE[1:3])
    circle = network.with_wire(WireSpec(source="drop", target="a"))
    assert dense_chain(circle, facts, None) is None


def test_weights_are_found_by_their_places():
    network, facts = chain_of(*WHOLE)
    chain = dense_chain(network, facts, IRIS)
    weights = (np.zeros(1), np.ones((4, 8)), np.ones(8), np.full((8, 3), 2.0))
    found = synapses(chain, {"a": (1, 2), "b": (3,)}, weights)
    assert [pair.kernel.shape for pair in found] == [(4, 8), (8, 3)]
    assert found[0].bias.shape == (8,)
    assert found[1].bias is None


@pytest.mark.parametrize("places", [{}, {"a": (0,), "b": (3,)}, {"a": (9,), "b": (3,)}])
def test_weights_of_another_network_are_not_drawn(places):
    network, facts = chain_of(*WHOLE)
    chain = dense_chain(network, facts, IRIS)
    weights = (np.zeros(1), np.ones((4, 8)), np.ones(8), np.full((8, 3), 2.0))
    assert synapses(chain, places, weights) is None
