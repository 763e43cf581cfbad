"""The costs of a project as it is edited; the measurement is scripted."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget

from app import heavy
from app.app_model import AppModel
from app.controllers.editor.costs import CostsController, what_takes_time
from app.document import Document
from app.jobs import JobRunner
from engine.data.choice import describe
from engine.machine.facts import EngineFacts
from engine.spec.data import DataSpec
from engine.spec.issues import Issue, LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.training.diagnose.epoch_time import EpochTime
from widgets.costs.training_costs import CostPanel

INFO = replace(describe(DataSpec(reader="digits")), counts=(100_000, 0, 0))
SPEC = ProjectSpec(
    network=NetworkSpec(
        layers=(
            LayerSpec(id="input", kind="InputLayer"),
            LayerSpec(id="flat", kind="Flatten"),
            LayerSpec(id="dense", kind="Dense", parameters={"units": 10}),
        ),
        wires=(WireSpec(source="input", target="flat"), WireSpec(source="flat", target="dense")),
    )
)
FACTS = {
    "input": LayerFacts((8, 8, 1)),
    "flat": LayerFacts((64,)),
    "dense": LayerFacts((10,), 650, 650),
}


@pytest.fixture
def parts(qtbot, monkeypatch):
    monkeypatch.setattr(heavy, "measure_epoch", lambda *_: EpochTime(0.003, 1000, 0.2))
    spec = SPEC.but(training=SPEC.training.but(batch_size=100))
    document, app_model, jobs = Document(spec, lambda _spec: None), AppModel(), JobRunner()
    panel = CostPanel()
    qtbot.addWidget(panel)
    controller = CostsController(document, app_model, jobs, panel)
    app_model.set_info(INFO)
    app_model.set_checked(FACTS, ())
    yield controller, document, app_model, panel
    assert jobs.close()


def text(panel, name):
    return panel.findChild(QWidget, f"costs.{name}").text()


def edit(document, **training):
    spec = document.spec
    document.edit("Edit", spec.but(training=spec.training.but(**training)))


def measured(parts, qtbot):
    controller, _, app_model, panel = parts
    app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    app_model.set_data("samples")
    with qtbot.waitSignal(controller.trial.found):
        panel.measure_requested.emit()


def test_the_figures_follow_the_settings(parts):
    _, document, app_model, panel = parts
    assert text(panel, "parameters") == "650"
    assert text(panel, "iterations") == "1,000 per epoch"
    before = text(panel, "memory")
    edit(document, batch_size=10_000)
    app_model.set_checked(FACTS, ())
    assert text(panel, "iterations") == "10 per epoch"
    assert text(panel, "memory") != before


def test_while_keras_is_asked_the_figures_before_stand(parts):
    _, _, app_model, panel = parts
    app_model.set_checked({name: FACTS[name] for name in ("input", "flat")}, ())
    assert text(panel, "parameters") == "650"
    app_model.set_checked({"input": FACTS["input"]}, (Issue("wrong", layer="flat"),))
    assert text(panel, "parameters") == "not known yet"


def test_a_batch_that_does_not_fit_cannot_be_measured(parts, monkeypatch):
    _, document, app_model, panel = parts
    monkeypatch.setattr("app.controllers.editor.costs.free_for_training", lambda *_: 100_000)
    edit(document, batch_size=50_000)
    app_model.set_checked(FACTS, ())
    button = panel.findChild(QWidget, "costs.measure")
    assert not button.isEnabled()
    assert "batch smaller" in button.toolTip()


def test_the_largest_batch_is_set_as_one_step_that_can_be_undone(parts):
    _, document, _, panel = parts
    panel.batch_requested.emit(4000)
    assert document.spec.training.batch_size == 4000
    assert document.undo_stack.undoText() == "Set batch size to 4000"
    document.undo_stack.undo()
    assert document.spec.training.batch_size == 100


def test_a_measured_time_stands_until_something_changes_it(parts, qtbot):
    _, document, app_model, panel = parts
    measured(parts, qtbot)
    assert text(panel, "time") == "about 3.2 s, measured"
    edit(document, epochs=77)
    app_model.set_checked(FACTS, ())
    assert text(panel, "time") == "about 3.2 s, measured"
    edit(document, batch_size=7)
    app_model.set_checked(FACTS, ())
    assert text(panel, "time") == "not measured"
    document.undo_stack.undo()
    app_model.set_checked(FACTS, ())
    assert text(panel, "time") == "about 3.2 s, measured"


def test_nothing_is_measured_while_a_training_runs(parts):
    _, _, app_model, panel = parts
    app_model.set_training("running")
    assert not panel.findChild(QWidget, "costs.measure").isEnabled()
    app_model.set_training("")
    assert panel.findChild(QWidget, "costs.measure").isEnabled()


def test_waiting_for_the_data_can_be_stopped(parts, qtbot):
    controller, _, _, panel = parts
    with qtbot.waitSignal(controller.trial.data_wanted):
        panel.measure_requested.emit()
    assert "Waiting" in text(panel, "time")
    panel.measure_stopped.emit()
    assert text(panel, "time") == "not measured"


def test_the_learning_rate_takes_no_time():
    faster = SPEC.training.optimizer.but(parameters={"learning_rate": 0.5})
    assert what_takes_time(SPEC) == what_takes_time(
        SPEC.but(training=SPEC.training.but(optimizer=faster))
    )
    assert what_takes_time(SPEC) != what_takes_time(
        SPEC.but(training=SPEC.training.but(class_weights="balanced"))
    )
