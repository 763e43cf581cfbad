"""Which part of a network is drawn as neurons, and whose weights are whose."""

import itertools

import numpy as np
import pytest

from engine.data.choice import describe
from engine.probes.neurons import (
    ChainWeights,
    Column,
    dense_chain,
    has_dense,
    shown_neurons,
    synapses_of,
)
from engine.spec.data import DataSpec
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec

IRIS = describe(DataSpec(reader="iris"))


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


def test_of_a_large_layer_only_the_neurons_that_stand_in_the_picture_are_kept():
    kernel = np.arange(100 * 3, dtype=np.float32).reshape(100, 3)
    found = synapses_of(kernel, np.array([1.0, 2.0, 3.0]), room=10)
    assert found.kernel.shape == (9, 3)  # the tenth place says how many are left out
    assert found.sources.tolist() == shown_neurons(100, 10).tolist()
    assert (found.sources[0], found.sources[-1]) == (0, 99)
    np.testing.assert_array_equal(
        found.between(np.array([0, 99]), np.array([1])), kernel[[0, 99]][:, [1]]
    )
    assert found.between(np.array([1]), np.array([0])) is None
    assert found.biases(np.array([2])).tolist() == [3.0]
    assert synapses_of(kernel, None, 10).biases(np.array([2])) is None


@pytest.mark.parametrize(("shape", "fits"), [((4, 8), True), ((8, 4), False), ((4, 9), False)])
def test_weights_of_another_network_do_not_fit(shape, fits):
    network, facts = chain_of(*WHOLE)
    chain = dense_chain(network, facts, IRIS)
    found = ChainWeights(tuple(synapses_of(np.ones(s), None, 32) for s in (shape, (8, 3))))
    assert found.fits(chain) is fits
    assert not ChainWeights(found.synapses[:1]).fits(chain)
