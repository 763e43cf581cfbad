"""Reusable blocks on disk, and put into a project."""

import json
import os

import pytest

from engine.editing.folding import fold
from engine.editing.library import Library, block_of
from engine.editing.placing import with_block
from engine.errors import BadInput, JobFailed
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec

SIZE = (184.0, 68.0)
NETWORK = NetworkSpec(
    layers=tuple(
        LayerSpec(id=name, kind=kind)
        for name, kind in (("input", "InputLayer"), ("a", "Dense"), ("b", "ReLU"), ("out", "Dense"))
    ),
    wires=tuple(
        WireSpec(source=s, target=t) for s, t in (("input", "a"), ("a", "b"), ("b", "out"))
    ),
)
PLACES = {name: (0.0, row * 108.0) for row, name in enumerate(NETWORK.ids)}
SPEC = ProjectSpec(network=NETWORK, canvas=PLACES)
BLOCK = block_of(NETWORK, ("a", "b"), PLACES, "Dense pair")


@pytest.fixture
def library(tmp_path):
    return Library(tmp_path / "blocks")


def test_a_block_is_read_as_it_was_saved(library):
    assert library.read() == ({}, ())
    library.save(BLOCK)
    assert library.read() == ({"Dense pair": BLOCK}, ())


def test_a_block_of_the_same_title_is_replaced(library, tmp_path):
    library.save(BLOCK)
    other = block_of(NETWORK, ("a",), PLACES, "Dense pair")
    library.save(other)
    assert library.read()[0] == {"Dense pair": other}
    assert len(list((tmp_path / "blocks").iterdir())) == 1


def test_renaming_and_deleting(library):
    library.save(BLOCK)
    library.save(block_of(NETWORK, ("out",), PLACES, "Head"))
    with pytest.raises(BadInput, match="already"):
        library.rename("Head", "Dense pair")
    library.rename("Head", " New  head ")
    library.remove("Dense pair")
    assert list(library.read()[0]) == ["New head"]


def test_titles_that_differ_in_signs_only_have_files_of_their_own(library):
    for title in ("a/b", "a:b", "../../x", "CON", "名"):
        library.save(block_of(NETWORK, ("a",), PLACES, title))
    blocks, skipped = library.read()
    assert set(blocks) == {"a/b", "a:b", "../../x", "CON", "名"}
    assert not skipped


GOOD = json.loads(BLOCK.model_dump_json())


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[" * 100_000, "null", "\x00\xff", '{"format": "netsmith-project"}',
        json.dumps({**GOOD, "title": "two\nlines"}),
        json.dumps({**GOOD, "title": ""}),
        json.dumps({**GOOD, "version": 2}),
        json.dumps({**GOOD, "extra": 1}),
        json.dumps({**GOOD, "network": {"layers": []}}),
        json.dumps({**GOOD, "network": {"layers": [{"id": "../x", "kind": "Dense"}]}}),
        json.dumps({**GOOD, "canvas": {"a": [float("nan"), 0]}}),
        json.dumps({**GOOD, "canvas": {"a": [1e999, 0]}}),
    ],
)  # fmt: skip
def test_a_damaged_file_is_skipped_with_a_sentence_and_the_others_are_there(
    library, tmp_path, content
):
    library.save(BLOCK)
    (tmp_path / "blocks" / "bad.json").write_text(content)
    blocks, skipped = library.read()
    assert blocks == {"Dense pair": BLOCK}
    assert len(skipped) == 1
    assert skipped[0].startswith('"bad.json" was skipped')


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes on this system")
def test_what_is_no_usual_file_is_skipped(library, tmp_path):
    library.save(BLOCK)
    os.mkfifo(tmp_path / "blocks" / "pipe.json")
    (tmp_path / "blocks" / "folder.json").mkdir()
    (tmp_path / "blocks" / "huge.json").write_bytes(b" " * (5 * 1024 * 1024))
    assert len(library.read()[1]) == 3


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "blocks").write_text("a file")
    with pytest.raises(JobFailed):
        Library(tmp_path / "blocks").save(BLOCK)


def test_a_block_needs_layers_and_a_name():
    with pytest.raises(BadInput, match="layers"):
        block_of(NETWORK, (), PLACES, "Nothing")
    with pytest.raises(BadInput, match="name"):
        block_of(NETWORK, ("a",), PLACES, " ")


def pairs(spec):
    return {(w.source, w.target) for w in spec.network.wires}


def test_a_block_goes_behind_a_layer_as_a_collapsed_group_with_fresh_names():
    spec, layers = with_block(SPEC, BLOCK, "b", None, SIZE)
    assert layers == ("dense", "relu")
    assert pairs(spec) == {
        ("input", "a"), ("a", "b"), ("b", "dense"), ("dense", "relu"), ("relu", "out"),
    }  # fmt: skip
    assert [(g.title, g.layers, g.collapsed) for g in spec.groups] == [("Dense pair", layers, True)]
    shown = fold(spec.network, spec.groups).shown_places(spec.canvas)
    assert shown["dense_pair"] == (0.0, 324.0)
    assert shown["out"] == (0.0, 432.0)


def test_a_block_goes_into_a_wire():
    spec, _ = with_block(SPEC, BLOCK, WireSpec(source="input", target="a"), None, SIZE)
    assert {("input", "dense"), ("relu", "a")} <= pairs(spec)
    assert ("input", "a") not in pairs(spec)


def test_a_block_dropped_on_an_empty_place_stays_unconnected():
    spec, layers = with_block(SPEC, BLOCK, None, (500.0, 16.0), SIZE)
    assert pairs(spec) - pairs(SPEC) == {("dense", "relu")}
    assert fold(spec.network, spec.groups).shown_places(spec.canvas)["dense_pair"] == (500.0, 16.0)
    assert len(layers) == 2


def test_a_block_without_a_way_in_leaves_the_wires_alone():
    source = block_of(NETWORK, ("input", "a"), PLACES, "Source")
    spec, _ = with_block(SPEC, source, "b", None, SIZE)
    assert pairs(SPEC) <= pairs(spec)


def test_a_single_layer_needs_no_group():
    spec, layers = with_block(SPEC, block_of(NETWORK, ("a",), {}, "One"), "out", None, SIZE)
    assert spec.groups == ()
    assert ("out", layers[0]) in pairs(spec)
