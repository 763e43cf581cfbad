"""Positions of blocks: rows by distance from the input, nothing on top of anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.editing.layout import arrange, arrange_some, cover, forward_sources
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from tests.engine.build.network_examples import chain, wired

SIZE, GAP = (180.0, 64.0), (48.0, 40.0)


@st.composite
def graphs(draw):
    """Any layers and wires, circles, loops and loose blocks included."""
    count = draw(st.integers(0, 12))
    names = [f"l{i}" for i in range(count)]
    ends = st.sampled_from(names) if names else st.nothing()
    wires = draw(st.lists(st.tuples(ends, ends), max_size=20)) if names else []
    return NetworkSpec(
        layers=tuple(LayerSpec(id=name, kind="Add") for name in names),
        wires=tuple(WireSpec(source=s, target=t, port=i) for i, (s, t) in enumerate(wires)),
    )


@given(graphs())
def test_every_block_has_a_place_of_its_own(network):
    places = arrange(network, SIZE, GAP)
    assert set(places) == set(network.ids)
    spots = list(places.values())
    for i, (x, y) in enumerate(spots):
        for other_x, other_y in spots[i + 1 :]:
            apart_x = abs(x - other_x) >= SIZE[0] + GAP[0] - 1e-6
            apart_y = abs(y - other_y) >= SIZE[1] + GAP[1] - 1e-6
            assert apart_x or apart_y


@given(graphs())
def test_order_has_every_layer_once_and_sources_first(network):
    order = forward_sources(network)
    assert sorted(order) == sorted(network.ids)
    place = {name: i for i, name in enumerate(order)}
    assert all(place[s] < place[name] for name, taken in order.items() for s in taken)


@given(graphs())
def test_without_circles_every_wire_leads_down_and_is_in_the_order(network):
    forward = NetworkSpec(
        layers=network.layers,
        wires=tuple(w for w in network.wires if int(w.source[1:]) < int(w.target[1:])),
    )
    places = arrange(forward, SIZE, GAP)
    assert all(places[w.source][1] < places[w.target][1] for w in forward.wires)
    taken = forward_sources(forward)
    for name in forward.ids:
        assert taken[name] == tuple(w.source for w in forward.wires_into(name))


def test_a_chain_stands_in_one_column():
    places = arrange(chain("Flatten", "Flatten", "Flatten"), SIZE, GAP)
    assert {x for x, _ in places.values()} == {-SIZE[0] / 2}
    assert [y for _, y in places.values()] == [i * (SIZE[1] + GAP[1]) for i in range(4)]


def test_branches_stand_side_by_side_above_where_they_meet():
    network = chain("Flatten").with_layer(LayerSpec(id="other", kind="Flatten"))
    network = network.with_layer(LayerSpec(id="add", kind="Add"))
    network = wired(network, ("input", "other", 0), ("flatten", "add", 0), ("other", "add", 1))
    places = arrange(network, SIZE, GAP)
    assert places["flatten"][1] == places["other"][1]
    assert places["flatten"][0] != places["other"][0]
    assert places["add"][1] > places["other"][1]
    assert places["add"][0] == places["input"][0] == pytest.approx(-SIZE[0] / 2)


def test_a_wire_around_blocks_has_a_free_lane():
    network = wired(chain("Flatten", "Flatten", "Add"), ("input", "add", 1))
    places = arrange(network, SIZE, GAP)
    lane = places["input"][0] + SIZE[0] / 2
    for name in ("flatten", "flatten_2"):
        assert not places[name][0] <= lane <= places[name][0] + SIZE[0]


def test_branches_do_not_cross():
    network = NetworkSpec(layers=tuple(LayerSpec(id=n, kind="Add") for n in "abcdef"))
    network = wired(network, ("a", "b", 0), ("a", "c", 0), ("b", "e", 0), ("c", "d", 0))
    network = wired(network, ("d", "f", 0), ("e", "f", 1))
    places = arrange(network, SIZE, GAP)
    assert (places["b"][0] < places["c"][0]) == (places["e"][0] < places["d"][0])


def test_a_densely_wired_network_does_not_drift_apart():
    names = [f"l{i}" for i in range(60)]
    wires = [(names[i], names[j], i) for j in range(60) for i in range(j)]
    network = wired(NetworkSpec(layers=tuple(LayerSpec(id=n, kind="Add") for n in names)), *wires)
    places = arrange(network, SIZE, GAP)
    assert len({y for _, y in places.values()}) == 60


def test_a_part_is_laid_out_where_it_stands():
    layers = tuple(LayerSpec(id=name, kind="Dense") for name in "abc")
    wires = (WireSpec(source="a", target="b"), WireSpec(source="b", target="c"))
    places = {"a": (500.0, 300.0), "b": (500.0, 200.0), "c": (700.0, 900.0)}
    laid = arrange_some(NetworkSpec(layers=layers, wires=wires), places, (100.0, 50.0))
    assert [laid[name][1] for name in "abc"] == [200.0, 286.0, 372.0]
    assert {x for x, _y in laid.values()} == {600.0}
    assert arrange_some(NetworkSpec(), {}) == {}


@pytest.mark.parametrize(
    ("step", "covered"),
    [((179, 63), True), ((180, 0), False), ((0, -64), False), ((-10, 10), True)],
)
def test_blocks_cover_one_another_unless_they_touch_at_most(step, covered):
    assert cover((5.0, 5.0), (5.0 + step[0], 5.0 + step[1]), SIZE) is covered


def test_networks_that_no_wire_joins_stand_side_by_side():
    from engine.data.readers import READERS
    from engine.templates import TEMPLATES

    network = TEMPLATES["gan_points"].build(READERS["ring"].info)
    places = arrange(network, size=(100.0, 50.0), gap=(20.0, 10.0))
    made = network.downstream(["noise"])
    right_of_made = max(places[name][0] for name in made) + 100.0
    left_of_judged = min(places[name][0] for name in network.downstream(["input"]))
    assert left_of_judged == right_of_made + 40.0
    assert places["noise"][1] == places["input"][1] == 0.0
    assert set(places) == set(network.ids)
