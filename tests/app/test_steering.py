import pytest

from app.app_model import AppModel
from app.controllers.training.steering import (
    SteeringController,
    layer_values,
    mark_text,
    run_values,
)
from app.training_worker import TrainingWorker
from engine.spec.base import ObjectSpec
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import TrainingSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import ValueApplied
from widgets.plots import LossPlot
from widgets.training.live_controls import LiveControls

SPEC = ProjectSpec(
    network=NetworkSpec(
        layers=(
            LayerSpec(id="dense", kind="Dense", parameters={"units": 3}),
            LayerSpec(id="drop", kind="Dropout", parameters={"rate": 0.4}),
        )
    )
)


@pytest.fixture
def parts(qtbot):
    app_model, worker, controls, plot = AppModel(), TrainingWorker(), LiveControls(), LossPlot()
    for widget in (controls, plot):
        qtbot.addWidget(widget)
    steering = SteeringController(app_model, worker, controls, plot)
    worker.run, worker.control = "one", TrainingControl()
    app_model.running_spec = SPEC
    app_model.facts = {"dense": LayerFacts((3,), 9), "drop": LayerFacts((3,), 0)}
    app_model.set_training("running")
    yield app_model, worker, controls, plot
    steering.deleteLater()


def test_requests_reach_the_run(parts):
    _, worker, controls, _ = parts
    controls.value_requested.emit("learning_rate", 0.5)
    controls.speed_requested.emit(3.0)
    assert worker.control.requests.values == (("learning_rate", 0.5),)
    assert worker.control.requests.speed == 3.0


def test_an_applied_value_is_marked_and_a_refused_one_is_said(parts, qtbot):
    app_model, worker, _, plot = parts
    worker.events_ready.emit((ValueApplied("one", 120, "learning_rate", 0.0005, 0.0005),))
    assert plot.loss_chart.marks() == {"learning rate 0.0005": 120}
    with qtbot.waitSignal(app_model.said) as said:
        worker.events_ready.emit((ValueApplied("one", 130, "momentum", 2.0, None, "Too much."),))
    assert said.args == ["Too much."]
    assert len(plot.loss_chart.marks()) == 1


def test_the_selected_layer_is_offered_with_what_it_has(parts):
    app_model, _, controls, _ = parts

    def offered():
        return {
            name
            for name in ("dropout", "trainable")
            if controls.findChild(object, f"field.control.{name}").isVisibleTo(controls)
        }

    assert offered() == set()
    app_model.set_selection(("dense",))
    assert offered() == {"trainable"}
    app_model.set_selection(("drop",))
    assert offered() == {"dropout"}
    app_model.set_selection(("not in the run",))
    assert offered() == set()


def test_the_end_of_a_run_disables_the_controls(parts):
    app_model, worker, controls, _ = parts
    button = controls.findChild(object, "control.epoch")
    assert button.isEnabled()
    worker.control = None
    app_model.set_training("")
    assert not button.isEnabled()
    controls.value_requested.emit("learning_rate", 0.5)  # nobody is there to take it


@pytest.mark.parametrize(
    ("optimizer", "values"),
    [
        (
            ObjectSpec(kind="Adam"),
            {"learning_rate": 0.001, "beta_1": 0.9, "weight_decay": 0.0, "batch_size": 32.0},
        ),
        (
            ObjectSpec(kind="SGD", parameters={"learning_rate": 0.5, "momentum": 0.7}),
            {"learning_rate": 0.5, "momentum": 0.7, "weight_decay": 0.0, "batch_size": 32.0},
        ),
        (ObjectSpec(kind="no such thing"), {"batch_size": 32.0}),
    ],
)
def test_a_run_begins_with_its_description_s_values(optimizer, values):
    assert run_values(TrainingSpec(optimizer=optimizer)) == values


def test_a_frozen_layer_and_a_default_rate_are_known():
    assert layer_values(LayerSpec(id="d", kind="Dense", trainable=False), True) == {"trainable": 0}
    assert layer_values(LayerSpec(id="d", kind="Flatten"), False) == {}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("learning_rate", 0.0005, "learning rate 0.0005"),
        ("batch_size", 64.0, "batch size 64"),
        ("dropout:drop", 0.25, "drop dropout 0.25"),
        ("trainable:dense", 0.0, "dense frozen"),
        ("trainable:dense", 1.0, "dense learns"),
    ],
)
def test_marks_say_what_changed(name, value, text):
    assert mark_text(name, value) == text
