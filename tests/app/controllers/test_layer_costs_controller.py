"""Costs of the layers: rows, bars in the blocks, totals."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Signal

from app import heavy
from app.app_model import AppModel
from app.controllers.editor.layer_costs import LayerCostsController
from app.document import Document
from app.settings import SettingsFile
from engine.data.choice import describe
from engine.spec.data import DataSpec
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec

INFO = replace(describe(DataSpec(reader="digits")), counts=(1000, 0, 0))
SPEC = ProjectSpec(
    network=NetworkSpec(
        layers=(
            LayerSpec(id="input", kind="InputLayer"),
            LayerSpec(id="flat", kind="Flatten"),
            LayerSpec(id="wide", kind="Dense", parameters={"units": 10}),
            LayerSpec(id="end", kind="Dense", parameters={"units": 5}),
        ),
        wires=(
            WireSpec(source="input", target="flat"),
            WireSpec(source="flat", target="wide"),
            WireSpec(source="wide", target="end"),
        ),
    )
)
FACTS = {
    "input": LayerFacts((8, 8, 1)),
    "flat": LayerFacts((64,)),
    "wide": LayerFacts((10,), 650, 650),
    "end": LayerFacts((5,), 55, 55),
}


class FakePanel(QObject):
    measure_chosen = Signal(str)

    def __init__(self):
        super().__init__()
        self.rows, self.totals, self.measure, self.selected = (), "", "", ""

    def show_rows(self, rows, totals):
        self.rows, self.totals = rows, totals

    def show_measure(self, name):
        self.measure = name

    def show_selected(self, layer_id):
        self.selected = layer_id


@pytest.fixture
def house(qapp, tmp_path):
    made = SimpleNamespace(
        document=Document(SPEC, lambda _spec: None), app_model=AppModel(), panel=FakePanel(), shares={},
        file=SettingsFile(tmp_path / "settings.json"),
    )  # fmt: skip
    canvas = SimpleNamespace(show_shares=lambda shares: setattr(made, "shares", dict(shares)))
    made.controller = LayerCostsController(
        made.document, made.app_model, made.file, made.panel, canvas
    )
    made.app_model.set_checked(FACTS, ())
    made.costs = heavy.network_costs(SPEC, INFO, FACTS)
    made.controller.show(made.costs, 100)
    return made


def test_each_layer_has_a_row(house):
    rows = {row.layer_id: row for row in house.panel.rows}
    assert tuple(rows) == SPEC.network.ids
    assert rows["wide"].shape == "10"
    assert (rows["wide"].parameters, rows["wide"].multiply_adds) == (650, 640)
    # a weight, its gradient, Adam's two averages; ten activations of each sample
    assert rows["wide"].memory == 4 * (4 * 650 + 100 * 10)


def test_the_layers_memory_adds_up_to_no_more_than_the_whole(house):
    parts = sum(row.memory for row in house.panel.rows)
    assert 0 < parts <= house.costs.training_bytes_at(100)


def test_totals_are_one_short_text(house):
    assert house.controller.totals == "705 parameters, 690 multiply-adds a sample"
    assert house.panel.totals.startswith(house.controller.totals)


def test_bars_are_shares_of_the_largest_and_the_choice_is_remembered(house):
    assert house.panel.measure == "parameters"
    assert house.shares == {"input": 0, "flat": 0, "wide": 1, "end": 55 / 650}
    house.panel.measure_chosen.emit("multiply_adds")
    assert house.shares["end"] == 50 / 640
    house.panel.measure_chosen.emit("off")
    assert house.shares == {}
    assert house.file.read().block_bars == "off"


def test_what_is_not_known_has_no_bar_and_no_number(house):
    facts = {name: FACTS[name] for name in ("input", "flat", "wide")}
    house.app_model.set_checked(facts, ())
    house.controller.show(heavy.network_costs(SPEC, INFO, facts), 100)
    assert "end" not in house.shares
    assert house.panel.rows[-1].parameters is None
    assert house.controller.totals.startswith("at least 650")
    house.controller.show(heavy.network_costs(SPEC, INFO, {"input": FACTS["input"]}), 100)
    assert house.controller.totals == "parameters not known yet"
    house.controller.show(None, 100)
    assert house.controller.totals == ""
    assert house.shares == {}


def test_the_selected_block_is_the_selected_row(house):
    house.app_model.set_selection(("wide",))
    assert house.panel.selected == "wide"
    house.app_model.set_selection(("wide", "end"))
    assert house.panel.selected == ""
