import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from engine.training.live.events import ValueApplied
from widgets.training.live_controls import LiveControls

RUN = {"learning_rate": 0.001, "beta_1": 0.9, "batch_size": 32.0}


@pytest.fixture
def panel(qtbot):
    panel = LiveControls()
    qtbot.addWidget(panel)
    panel.resize(265, 600)
    panel.show_run(RUN)
    panel.set_running(True)
    return panel


@pytest.fixture
def asked(panel):
    made = []
    panel.value_requested.connect(lambda *args: made.append(args))
    return made


def part(panel, name):
    return panel.findChild(QWidget, name)


def answer(name, requested, applied, message="", step=120):
    return ValueApplied("run", step, name, requested, applied, message)


def test_a_run_offers_the_values_it_has_and_asks_nothing(panel, asked):
    shown = {
        name
        for name in ("learning_rate", "momentum", "beta_1", "weight_decay", "batch_size", "dropout")
        if part(panel, f"field.control.{name}").isVisibleTo(panel)
    }
    assert shown == set(RUN)
    assert part(panel, "field.control.batch_size").value() == 32
    assert part(panel, "applied.learning_rate").text() == "0.001"
    assert asked == []


def test_a_request_waits_beside_the_applied_value_until_it_is_answered(panel, asked):
    part(panel, "field.control.learning_rate").setValue(0.01)
    assert asked == [("learning_rate", 0.01)]
    applied = part(panel, "applied.learning_rate")
    assert applied.text() == "0.001 …"
    panel.show_applied(answer("learning_rate", 0.01, 0.01))
    assert applied.text() == "0.01"
    assert "step 120" in applied.toolTip()
    assert asked == [("learning_rate", 0.01)]


def test_an_earlier_answer_leaves_the_newest_request_waiting(panel):
    box = part(panel, "field.control.learning_rate")
    box.setValue(0.01)
    box.setValue(0.02)
    panel.show_applied(answer("learning_rate", 0.01, 0.01))
    assert (box.value(), part(panel, "applied.learning_rate").text()) == (0.02, "0.01 …")


def test_a_refused_request_keeps_the_applied_value_and_says_why(panel):
    part(panel, "field.control.beta_1").setValue(0.5)
    panel.show_applied(answer("beta_1", 0.5, None, "The run began without momentum."))
    note = part(panel, "note.control.beta_1")
    assert note.isVisibleTo(panel)
    assert note.text() == "The run began without momentum."
    assert part(panel, "applied.beta_1").text() == "0.9"
    part(panel, "field.control.beta_1").setValue(0.9)
    assert not note.isVisibleTo(panel)


def test_what_the_schedule_reduces_by_itself_is_shown_as_both(panel, asked):
    panel.show_applied(answer("learning_rate", 0.0005, 0.0005))
    assert part(panel, "field.control.learning_rate").value() == 0.0005
    assert part(panel, "applied.learning_rate").text() == "0.0005"
    assert asked == []


def test_a_layer_s_requests_carry_its_id_and_are_remembered(panel, asked):
    panel.show_layer("drop", {"dropout": 0.5})
    assert part(panel, "control.layer").text() == "Layer drop"
    part(panel, "field.control.dropout").setValue(0.2)
    panel.show_layer("dense", {"trainable": 1.0})
    assert not part(panel, "field.control.dropout").isVisibleTo(panel)
    part(panel, "field.control.trainable").click()
    assert asked == [("dropout:drop", 0.2), ("trainable:dense", 0.0)]
    panel.show_applied(answer("dropout:drop", 0.2, 0.2))
    assert part(panel, "applied.trainable").text() == "yes …"
    panel.show_layer("drop", {"dropout": 0.5})
    assert part(panel, "applied.dropout").text() == "0.2"
    panel.show_layer("dense", {"trainable": 1.0})
    assert part(panel, "applied.trainable").text() == "yes …"


def test_a_new_run_forgets_the_one_before(panel):
    panel.show_layer("drop", {"dropout": 0.5})
    panel.show_applied(answer("dropout:drop", 0.2, 0.2))
    part(panel, "field.control.speed").setValue(5)
    panel.show_run({"learning_rate": 0.1})
    assert part(panel, "field.control.speed").value() == 0
    assert not part(panel, "control.layer").isVisibleTo(panel)
    panel.show_layer("drop", {"dropout": 0.5})
    assert part(panel, "applied.dropout").text() == "0.5"


def test_the_pace_is_asked_for(panel, qtbot):
    with qtbot.waitSignal(panel.speed_requested) as speed:
        part(panel, "field.control.speed").setValue(2)
    assert speed.args == [2.0]
    part(panel, "field.control.steps").setValue(250)
    button = part(panel, "control.steps")
    assert button.text() == "Run 250 steps, then pause"
    with qtbot.waitSignal(panel.steps_requested) as steps:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert steps.args == [250]
    with qtbot.waitSignal(panel.epoch_requested):
        qtbot.mouseClick(part(panel, "control.epoch"), Qt.MouseButton.LeftButton)


def test_nothing_can_be_asked_while_nothing_runs_and_the_tip_says_so(panel):
    panel.set_running(False)
    for name in ("field.control.learning_rate", "control.steps", "control.epoch"):
        assert not part(panel, name).isEnabled()
    assert "nothing is training" in part(panel, "control.steps").toolTip()
    assert part(panel, "control.hint").isVisibleTo(panel)
    panel.set_running(True)
    assert part(panel, "control.steps").isEnabled()
    assert part(panel, "control.steps").toolTip() == ""


def test_no_part_of_a_number_reaches_the_run_while_it_is_typed(panel, asked, qtbot, type_keys):
    with qtbot.waitActive(panel):
        panel.show()
        panel.activateWindow()
    box = part(panel, "field.control.learning_rate")
    assert "Enter applies it" in box.toolTip()
    type_keys(box, "1e-4")
    panel.show_applied(answer("learning_rate", 0.0005, 0.0005))  # of a schedule, meanwhile
    assert not [
        timer for timer in box.findChildren(QTimer) if timer.isActive()
    ]  # no pause takes it
    assert (asked, box.text()) == ([], "1e-4")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert asked == [("learning_rate", 1e-4)]
