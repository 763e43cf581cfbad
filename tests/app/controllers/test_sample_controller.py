"""Which sample is pinned and what a unit sees of it."""

from types import SimpleNamespace

import numpy as np
import pytest

from app.app_model import AppModel
from app.controllers.live.sample import SampleController, as_matrix, field_text
from app.document import Document
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics
from engine.spec import codec
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.spec.sample import SampleSpec
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


def part(count):
    x = np.arange(count * 36, dtype=np.uint8).reshape(count, 6, 6, 1)
    return Part(x, np.arange(count, dtype=np.int32) % 2)


def data(validation=3):
    return LoadedData(INFO, part(5), part(validation), part(2), Statistics(np.zeros(1), np.ones(1)))


@pytest.fixture
def house(qtbot):
    made = SimpleNamespace(
        document=Document(SPEC, lambda _spec: None), app_model=AppModel(), panel=SamplePanel()
    )
    qtbot.addWidget(made.panel)
    made.controller = SampleController(made.document, made.app_model, made.panel)
    made.app_model.set_data(data())
    made.app_model.set_checked(FACTS, ())
    made.panel.show()
    return made


def caption(house):
    return house.panel._caption.text()


def words(house):
    return house.panel._words.text()


def pinned(house):
    return house.document.spec.pinned[0]


def test_the_first_validation_sample_is_pinned_until_another_is_chosen(house):
    assert pinned(house) == SampleSpec(part="validation", number=0)
    assert caption(house) == "Validation sample 1 of 3: a"


def test_without_validation_part_the_training_part_is_shown(house):
    house.app_model.set_data(data(validation=0))
    assert caption(house) == "Training sample 1 of 5: a"


def test_other_samples_are_pinned_in_a_circle_and_undone_in_one_step(house):
    house.controller.go(-1)
    assert pinned(house).number == 2
    house.controller.go(1)
    house.controller.go(1)
    assert caption(house) == "Validation sample 2 of 3: b"
    house.document.undo_stack.undo()
    assert pinned(house) == SampleSpec()
    assert caption(house) == "Validation sample 1 of 3: a"


def test_part_and_number_are_chosen_on_the_panel(house):
    house.panel.part_requested.emit("test")
    assert caption(house) == "Test sample 1 of 2: a"
    house.panel._number.setValue(2)
    assert pinned(house) == SampleSpec(part="test", number=1)
    assert caption(house) == "Test sample 2 of 2: b"


def test_the_choice_is_kept_in_the_project_file(house):
    house.controller.go(1)
    assert codec.decode(codec.encode(house.document.spec)).pinned == house.document.spec.pinned


def test_the_numbers_go_on_where_a_part_has_fewer_samples(house):
    house.controller.go(2)
    house.app_model.set_data(data(validation=2))
    assert caption(house) == "Validation sample 1 of 2: a"


def test_without_data_nothing_is_shown(house):
    house.app_model.set_data(None)
    assert caption(house) == "The data is not loaded yet."
    assert house.panel.view.place().isEmpty()


# ---- What a unit sees ----


def test_the_sample_and_what_the_middle_unit_sees(house):
    house.app_model.set_selection(("conv",))
    assert words(house) == "Unit 3, 3 of conv sees 3 × 3 of 6 × 6 places."
    assert np.argwhere(house.panel.view._mask).min(axis=0).tolist() == [2, 2]


def test_nothing_is_worked_out_while_nobody_looks(house):
    house.panel.hide()
    house.app_model.set_selection(("conv",))
    assert words(house).startswith("Select a convolution")


def test_the_mouse_and_the_keys_choose_another_unit(house):
    house.app_model.set_selection(("conv",))
    house.panel.view.place_chosen.emit(0.0, 1.0)
    assert words(house).startswith("Unit 1, 4 ")
    house.panel.view.step_requested.emit(1, 1)
    assert words(house).startswith("Unit 2, 4 ")


def test_layers_without_places_see_everything(house):
    house.app_model.set_selection(("flat",))
    assert words(house) == "flat has no places: each of its units sees the whole sample."
    assert house.panel.view._mask is None
    house.app_model.set_selection(())
    assert words(house).startswith("Select a convolution")


def test_gaps_and_padding_are_named():
    dilated = np.zeros((5, 5), bool)
    dilated[::2, ::2] = True
    assert (
        field_text("a", (0, 0), dilated) == "Unit 1, 1 of a sees 5 × 5 of 5 × 5 places, with gaps."
    )
    assert "nothing but padding" in field_text("a", (0, 0), np.zeros((2, 2), bool))


def test_a_series_runs_from_left_to_right_and_a_row_is_a_row():
    assert as_matrix(np.zeros((20, 3))).shape == (3, 20)
    assert as_matrix(np.zeros(4)).shape == (1, 4)
