"""Every public layer of the installed Keras is tried, and docs/layers.md tells how it went."""

import pytest

from docs.make_layer_table import STEPS, TABLE, WORDS, by_sample, tried, tried_kinds
from engine.build.inspection import public_objects
from engine.catalog import catalog
from engine.catalog.kind_rows import CELL_GROUP, FORMULA
from engine.spec.network import OUTPUT_KIND

GROUPS = by_sample(tried_kinds())


def rows():
    """First cell -> the other cells of each row of both tables."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {name.strip(): others for name, *others in cells if name != "layer"}


def test_no_layer_of_keras_is_missing_in_the_table():
    assert set(rows()) == set(public_objects("layer")) | {FORMULA}
    assert catalog().keras_version in TABLE.read_text(encoding="utf-8")


def test_what_the_table_refuses_is_what_the_catalogue_refuses_and_says_why():
    refused = {name: cells[0] for name, cells in rows().items() if len(cells) == 1}
    layers = catalog().family("layer").values()
    assert refused == {
        kind.name: kind.unsupported
        for kind in layers
        if not kind.can_stand and kind.group != CELL_GROUP and kind.name != OUTPUT_KIND
    }


def test_the_table_says_that_every_other_layer_went_all_the_way():
    for name, cells in rows().items():
        if len(cells) > 1:
            done = len(STEPS) - (name in WORDS)
            assert cells[1 : 1 + len(STEPS)] == ["yes"] * done + ["no"] * (len(STEPS) - done), name


@pytest.mark.parametrize("kinds", GROUPS, ids=lambda kinds: f"{kinds[0].name}-{len(kinds)}")
def test_every_layer_goes_from_the_canvas_to_a_file_and_back(kinds, tmp_path):
    trial = tried(kinds, tmp_path)
    # Netsmith feeds no words as such: text arrives as numbers of words.
    wanted = STEPS[:-1] if kinds[0].name in WORDS else STEPS
    assert tuple(trial.done) == wanted, trial.problem
