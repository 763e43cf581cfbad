"""Descriptions of schema 1: where the layer that scaled the samples comes to stand."""

import json

import pytest

from engine.errors import SpecError
from engine.spec.codec import decode
from engine.spec.migrations import name_behind, placed_behind


def layer(name, kind="Dense", **parameters):
    return {"id": name, "kind": kind, "parameters": parameters, "trainable": True}


def wire(source, target, port=0):
    return {"source": source, "target": target, "port": port}


def read(**content):
    """Return a description of schema 1 as it is read today."""
    return decode(json.dumps({"format": "netsmith-project", "schema": 1, **content}))


NETWORK = {
    "layers": [layer("input", "InputLayer"), layer("dense", units=2)],
    "wires": [wire("input", "dense")],
}
CANVAS = {"input": [0.0, 0.0], "dense": [0.0, 100.0]}


@pytest.mark.parametrize(
    ("data", "block"),
    [
        ({}, ("Rescaling", {})),
        ({"source": "mnist", "scaling": "unit"}, ("Rescaling", {})),
        ({"scaling": "symmetric"}, ("Rescaling", {"offset": -1.0})),
        ({"source": "file", "scaling": "standard"}, ("Normalization", {})),
        ({"scaling": "none"}, None),
        ({"source": "imdb", "scaling": "standard"}, None),
        ({"source": "reuters"}, None),
    ],
)
def test_each_scaling_is_a_layer_behind_the_input(data, block):
    network = read(network=NETWORK, data=data).network
    if block is None:
        assert network.ids == ("input", "dense")
        return
    assert network.ids == ("input", "input_scaling", "dense")
    found = network.layer("input_scaling")
    assert (found.kind, found.parameters, found.trainable) == (*block, True)
    assert [(w.source, w.target, w.port) for w in network.wires] == [
        ("input", "input_scaling", 0), ("input_scaling", "dense", 0),
    ]  # fmt: skip


def test_without_a_row_between_the_input_makes_room_and_nothing_else_moves():
    spec = read(network=NETWORK, canvas=CANVAS)
    expected = {"input": (0.0, -100.0), "input_scaling": (0.0, 0.0), "dense": (0.0, 100.0)}
    assert spec.canvas == expected


def test_a_free_row_takes_the_block_and_nothing_moves():
    places = {"input": (0.0, 0.0), "dense": (0.0, 200.0)}
    assert placed_behind(places, "input", "new") == {**places, "new": (0.0, 100.0)}


def test_between_two_rows_all_below_moves_down():
    places = {"above": (10.0, -90.0), "input": (0.0, 0.0), "dense": (20.0, 100.0)}
    assert placed_behind(places, "input", "new") == {
        "above": (10.0, -90.0), "input": (0.0, 0.0), "new": (0.0, 100.0), "dense": (20.0, 200.0),
    }  # fmt: skip


def test_an_input_without_a_place_leaves_the_layout_to_the_program():
    assert read(network=NETWORK, canvas={"dense": [5.0, 6.0]}).canvas == {"dense": (5.0, 6.0)}


def test_the_layer_joins_the_group_of_its_input():
    groups = [{"id": "g", "title": "Start", "layers": ["input", "dense"], "collapsed": True}]
    (group,) = read(network=NETWORK, groups=groups).groups
    assert group.layers == ("input", "dense", "input_scaling")


def test_inputs_that_feed_nothing_get_none_unless_no_input_does():
    layers = [*NETWORK["layers"], layer("idle", "InputLayer")]
    network = read(network={**NETWORK, "layers": layers}).network
    assert network.ids == ("input", "input_scaling", "dense", "idle")
    only = read(network={"layers": [layer("input", "InputLayer")], "wires": []}).network
    assert only.ids == ("input", "input_scaling")


def test_a_taken_name_and_the_longest_name_still_give_a_name():
    assert name_behind("input", {"input_scaling", "input_scaling_2"}) == "input_scaling_3"
    longest = "a" * 100
    first = name_behind(longest, {longest})
    second = name_behind(longest, {longest, first})
    assert len(first) == len(second) == 100
    assert first != second
    assert first.endswith("_scaling")


def test_a_scaling_that_never_was_is_refused_by_its_field():
    for scaling in ("max", 3, None, ["unit"]):
        with pytest.raises(SpecError) as refused:
            read(network=NETWORK, data={"scaling": scaling})
        assert refused.value.where == "data.scaling"


@pytest.mark.parametrize(
    "content",
    [
        {"network": []},
        {"network": {"layers": 3}},
        {"network": {"layers": [3]}},
        {"network": {"layers": [{"id": ["x"]}]}},
        {"network": {**NETWORK, "wires": [{"source": ["input"], "target": "dense"}]}},
        {"network": {**NETWORK, "wires": [3]}},
        {"network": NETWORK, "data": []},
        {"network": NETWORK, "data": {"source": ["digits"]}},
        {"network": NETWORK, "canvas": {"input": [1]}},
        {"network": NETWORK, "canvas": [1]},
        {"network": NETWORK, "groups": [{"layers": 3}]},
        {"network": NETWORK, "groups": 3},
    ],
)
def test_what_is_no_description_is_refused_and_not_stumbled_over(content):
    with pytest.raises(SpecError):
        read(**content)
