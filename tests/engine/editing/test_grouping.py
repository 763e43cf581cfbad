"""Groups are a way of looking: whatever is grouped, folded or unfolded, the network is the same."""

import itertools
import random

import pytest

from engine.editing import grouping
from engine.editing.folding import GROUP_KIND, fold
from engine.errors import BadInput
from engine.spec import codec
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec

SIZE = (184.0, 68.0)


def project(*ids, wires=()):
    layers = tuple(LayerSpec(id=i, kind="InputLayer" if i == "input" else "Dense") for i in ids)
    pairs = wires or tuple(itertools.pairwise(ids))
    network = NetworkSpec(
        layers=layers,
        wires=tuple(
            WireSpec(source=a, target=b, port=p) for a, b, *rest in pairs for p in rest or (0,)
        ),
    )
    canvas = {name: (0.0, row * 108.0) for row, name in enumerate(ids)}
    return ProjectSpec(network=network, canvas=canvas)


CHAIN = project("input", "a", "b", "c", "out")
SKIP = project(
    "input", "a", "b", "add", "out",
    wires=(("input", "a"), ("a", "b"), ("b", "add"), ("input", "add", 1), ("add", "out")),
)  # fmt: skip


def collapsed(spec, ids, title="Part"):
    return grouping.grouped(spec, ids, title)


def test_a_collapsed_group_is_one_block_with_a_port_for_each_way_in_and_out():
    spec, group = collapsed(SKIP, ("a", "b", "add"))
    folding = fold(spec.network, spec.groups)
    assert folding.network.ids == ("input", "part", "out")
    assert folding.network.layer("part").kind == GROUP_KIND
    assert folding.borders["part"].inputs == (("a", 0), ("add", 1))
    assert folding.borders["part"].outputs == ("add",)
    assert {(w.source, w.target, w.port) for w in folding.network.wires} == {
        ("input", "part", 0), ("input", "part", 1), ("part", "out", 0),
    }  # fmt: skip
    assert {folding.wire_of(w) for w in folding.network.wires} <= set(spec.network.wires)
    assert folding.layers_of(("input", "part")) == ("input", "a", "b", "add")
    assert group.title == "Part"


def test_an_open_group_keeps_ports_to_wire_it_by():
    spec = project("a", "b", "c")
    folding = fold(spec.network, collapsed(spec, ("a", "b", "c"))[0].groups)
    assert folding.borders["part"].inputs == (("a", 0),)
    assert folding.borders["part"].outputs == ("c",)


def test_layers_on_the_way_come_along_so_that_no_block_leads_to_itself():
    spec, group = collapsed(CHAIN, ("a", "c"))
    assert group.layers == ("a", "b", "c")
    fold(spec.network, spec.groups).network.order()


def test_a_block_never_takes_the_name_of_a_layer():
    spec = project("input", "part", "b", "out")
    folding = fold(spec.network, collapsed(spec, ("part", "b"))[0].groups)
    assert folding.network.ids == ("input", "part_2", "out") or "part" in folding.layers_of(
        ("part_2",)
    )


@pytest.mark.parametrize(
    ("ids", "words"), [((), "two layers"), (("a",), "two layers"), (("b", "c"), "ungroup")]
)
def test_what_cannot_be_grouped_is_refused_in_a_sentence(ids, words):
    spec, _ = collapsed(CHAIN, ("a", "b"))
    with pytest.raises(BadInput, match=words):
        grouping.grouped(spec, ids, "More")


def test_titles_are_one_line_of_words():
    assert grouping.clean_title("  My\n block ") == "My block"
    assert len(grouping.clean_title("x" * 500)) == 80
    for nothing in ("", " \n", "\x07", "‮x"):
        with pytest.raises(BadInput):
            grouping.clean_title(nothing)


def test_groups_forget_layers_that_are_gone_and_end_with_their_last():
    spec, _ = collapsed(CHAIN, ("a", "b"))
    shrunk = spec.but(network=spec.network.without_layers(("a",)))
    assert shrunk.groups[0].layers == ("b",)
    assert spec.but(network=spec.network.without_layers(("a", "b"))).groups == ()


def test_a_renamed_layer_stays_in_its_group():
    spec, group = collapsed(CHAIN, ("a", "b"))
    groups = grouping.with_renamed_layer(spec.groups, "b", "new")
    assert groups[0].layers == ("a", "new")
    assert group.layers == ("a", "b")


def test_what_stands_below_comes_nearer_and_makes_room_again():
    spec, group = grouping.grouped(CHAIN, ("a", "b", "c"), "Part", collapsed=False)
    shut = grouping.with_collapsed(spec, group.id, True, spec.canvas, SIZE)
    assert shut.canvas["out"] == (0.0, 108.0 * 2)
    assert fold(shut.network, shut.groups).shown_places(shut.canvas)["part"] == (0.0, 108.0)
    assert grouping.with_collapsed(shut, group.id, False, shut.canvas, SIZE) == spec


def test_moving_the_block_moves_its_layers():
    spec, _ = collapsed(CHAIN, ("a", "b"))
    folding = fold(spec.network, spec.groups)
    moved = folding.layer_places({"part": (10.0, 108.0), "out": (1.0, 2.0)}, spec.canvas)
    assert moved == {"a": (10.0, 108.0), "b": (10.0, 216.0), "out": (1.0, 2.0)}


def random_project(rng):
    ids = [f"n{i}" for i in range(rng.randint(3, 14))]
    wires = [
        (a, b, port)
        for column, b in enumerate(ids)
        for port, a in enumerate(rng.sample(ids[:column], min(column, rng.randint(0, 2))))
    ]
    return project("input", *ids, wires=tuple(wires) or (("input", "n0"),))


@pytest.mark.parametrize("seed", range(40))
def test_any_sequence_of_group_edits_leaves_the_network_equal(seed):
    rng = random.Random(seed)
    start = spec = random_project(rng)
    for _ in range(12):
        choice = rng.choice(("group", "ungroup", "turn"))
        try:
            if choice == "group":
                ids = rng.sample(spec.network.ids, rng.randint(1, 4))
                spec, _ = grouping.grouped(spec, ids, "Part", collapsed=rng.random() < 0.5)
            elif spec.groups:
                group = rng.choice(spec.groups)
                spec = (
                    grouping.ungrouped(spec, (group.id,))
                    if choice == "ungroup"
                    else grouping.with_collapsed(
                        spec, group.id, not group.collapsed, spec.canvas, SIZE
                    )
                )
        except BadInput:
            continue
        folding = fold(spec.network, spec.groups)
        crossing = [
            w
            for w in spec.network.wires
            if folding.block_of(w.source) != folding.block_of(w.target)
            or w.source not in folding.blocks
        ]
        assert {folding.wire_of(w) for w in folding.network.wires} == set(crossing)
        assert set(folding.layers_of(folding.network.ids)) == set(start.network.ids)
        for shown in folding.network.wires:
            real = folding.wire_of(shown)
            assert folding.source_of(shown.source, folding.source_port(shown)) == real.source
            assert folding.target_of(shown.target, shown.port) == (real.target, real.port)
        assert spec.network == start.network
        assert codec.decode(codec.encode(spec)) == spec
    assert grouping.ungrouped(spec, {g.id for g in spec.groups}).but(canvas=start.canvas) == start
