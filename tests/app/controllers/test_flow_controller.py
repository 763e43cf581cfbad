"""A sample in the blocks: when it is asked for, when it gives way, what a unit sees; the engine is scripted."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel

from app import heavy
from app.app_model import AppModel
from app.controllers.live.flow import FlowController, field_text
from app.document import Document
from app.jobs import JobRunner
from app.settings import SettingsFile
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics
from engine.errors import BadInput
from engine.machine.facts import EngineFacts
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from widgets.sample import SamplePanel

CONV = {"filters": 2, "kernel_size": [3, 3]}
SPEC = ProjectSpec(
    network=NetworkSpec(
        layers=(
            LayerSpec(id="input", kind="InputLayer"),
            LayerSpec(id="conv", kind="Conv2D", parameters=CONV),
            LayerSpec(id="flat", kind="Flatten"),
        ),
        wires=(WireSpec(source="input", target="conv"), WireSpec(source="conv", target="flat")),
    )
)
FACTS = {
    "input": LayerFacts((6, 6, 1)), "conv": LayerFacts((4, 4, 2), 20, 20), "flat": LayerFacts((32,)),
}  # fmt: skip
INFO = DataInfo.single(
    "set", "Set", "picture", "classification", (6, 6, 1), ("a", "b"), "uint8", (0.0, 255.0)
)
PART = Part(np.arange(3 * 36, dtype=np.uint8).reshape(3, 6, 6, 1), np.array([0, 1, 0], np.int32))
DATA = LoadedData(INFO, PART, PART, PART, Statistics(np.zeros(1), np.ones(1)))


class FakeCanvas(QObject):
    view_changed = Signal()

    def __init__(self):
        super().__init__()
        self.visible, self.outputs = ("input", "conv"), {}

    def isVisible(self):
        return True

    def visible_ids(self):
        return self.visible

    def show_output(self, layer_id, matrix):
        self.outputs[layer_id] = matrix


class FakeFlow:
    """Gives each wanted layer the number of the sample."""

    asked: list

    def __init__(self):
        self.asked = []

    def pictures(self, spec, facts, data, number, wanted, trained, cancelled):
        self.asked.append((number, tuple(wanted)))
        if facts["conv"].parameters > 1000:
            raise BadInput("too large")
        return dict.fromkeys(wanted, number)


@pytest.fixture
def house(qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(heavy, "SampleFlow", FakeFlow)
    made = SimpleNamespace(
        document=Document(SPEC, lambda _spec: None), app_model=AppModel(), jobs=JobRunner(),
        file=SettingsFile(tmp_path / "settings.json"), canvas=FakeCanvas(), panel=SamplePanel(),
    )  # fmt: skip
    qtbot.addWidget(made.panel)
    made.controller = FlowController(
        made.document, made.app_model, made.jobs, made.file, made.canvas, made.panel
    )
    made.flow = made.controller._flow
    made.app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    made.app_model.set_data(DATA)
    made.app_model.set_checked(FACTS, ())
    yield made
    assert made.jobs.close()


@pytest.fixture
def flowing(house, qtbot):
    house.controller.toggle()
    qtbot.waitUntil(lambda: house.canvas.outputs.get("conv") == 0)
    return house


def test_it_is_off_until_asked_for_and_then_remembered(house, qtbot):
    assert not house.controller._soon.isActive()
    assert not house.flow.asked
    house.controller.toggle()
    qtbot.waitUntil(lambda: house.canvas.outputs.get("conv") == 0)
    assert house.file.read().shows_flow
    house.controller.toggle()
    assert house.canvas.outputs == dict.fromkeys(SPEC.network.ids)


def test_only_blocks_in_sight_are_asked_for_and_once(flowing, qtbot):
    assert flowing.flow.asked == [(0, ("input", "conv"))]
    flowing.canvas.view_changed.emit()
    flowing.controller._soon.timeout.emit()
    assert len(flowing.flow.asked) == 1  # the view moved, but nothing new came into sight
    flowing.canvas.visible = ("conv", "flat")
    flowing.canvas.view_changed.emit()
    qtbot.waitUntil(lambda: flowing.canvas.outputs.get("flat") == 0)
    assert flowing.flow.asked[-1] == (0, ("conv", "flat"))


def test_other_samples_flow_in_a_circle(flowing, qtbot):
    flowing.controller.go(-1)
    qtbot.waitUntil(lambda: flowing.canvas.outputs["conv"] == 2)
    flowing.controller.go(1)
    qtbot.waitUntil(lambda: flowing.canvas.outputs["conv"] == 0)


def test_an_edit_asks_again(flowing, qtbot):
    flowing.app_model.set_checked(dict(FACTS), ())
    qtbot.waitUntil(lambda: len(flowing.flow.asked) == 2)


def test_a_training_has_the_processors_for_itself(flowing, qtbot):
    flowing.app_model.set_training("running")
    assert set(flowing.canvas.outputs.values()) == {None}
    flowing.app_model.set_checked(FACTS, ())
    flowing.canvas.view_changed.emit()
    assert not flowing.controller._soon.isActive()
    flowing.app_model.set_training("")
    qtbot.waitUntil(lambda: flowing.canvas.outputs["conv"] == 0)


def test_a_network_that_is_too_large_is_said(flowing, qtbot):
    with qtbot.waitSignal(flowing.app_model.said) as said:
        flowing.app_model.set_checked({**FACTS, "conv": LayerFacts((4, 4, 2), 2000)}, ())
    assert "too large" in said.args[0]


# ---- What a unit sees ----


def words(house):
    return house.panel.findChild(QLabel, "sample.words").text()


def test_the_sample_and_what_the_middle_unit_sees(house):
    house.app_model.set_selection(("conv",))
    assert words(house) == ""  # nobody looks
    house.panel.show()
    caption = house.panel.findChild(QLabel, "sample.caption")
    assert "sample 1 of 3: a" in caption.toolTip() + caption.text()
    assert words(house) == "Unit 3, 3 of conv sees 3 × 3 of 6 × 6 places."
    assert np.argwhere(house.panel.view._mask).min(axis=0).tolist() == [2, 2]


def test_the_mouse_and_the_keys_choose_another_unit(house):
    house.panel.show()
    house.app_model.set_selection(("conv",))
    house.panel.view.place_chosen.emit(0.0, 1.0)
    assert words(house).startswith("Unit 1, 4 ")
    house.panel.view.step_requested.emit(1, 1)
    assert words(house).startswith("Unit 2, 4 ")


def test_layers_without_places_see_everything(house):
    house.panel.show()
    house.app_model.set_selection(("flat",))
    assert words(house) == "flat has no places: each of its units sees the whole sample."
    assert house.panel.view._mask is None
    house.app_model.set_selection(())
    assert words(house).startswith("Select a convolution")


def test_other_data_begins_with_its_first_sample(house):
    house.panel.show()
    house.controller.go(2)
    house.app_model.set_data(DATA)
    assert house.controller._number == 0
    house.app_model.set_data(None)
    assert house.panel.view.place().isEmpty()


def test_gaps_and_padding_are_named():
    dilated = np.zeros((5, 5), bool)
    dilated[::2, ::2] = True
    assert (
        field_text("a", (0, 0), dilated) == "Unit 1, 1 of a sees 5 × 5 of 5 × 5 places, with gaps."
    )
    assert "nothing but padding" in field_text("a", (0, 0), np.zeros((2, 2), bool))
