"""The training controller with scripted runs: no TensorFlow, no time."""

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

from app import heavy
from app.app_model import AppModel
from app.controllers.training.training import TrainingController
from app.document import Document
from app.training_worker import TrainingWorker
from engine.data.choice import describe
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics
from engine.machine.facts import EngineFacts
from engine.runs.project_folder import ProjectFolder
from engine.runs.resuming import Resumable
from engine.runs.store import EpochRecord, RunRecord
from engine.runs.trained import Trained
from engine.spec import codec
from engine.spec.data import DataSpec
from engine.spec.issues import Issue, LayerFacts
from engine.templates import new_project
from engine.training.live.events import (
    EpochEnd,
    EpochsEnded,
    Fault,
    RunEnded,
    RunStarted,
    StepsEnded,
)
from engine.training.state.resume_point import Progress
from tests.patience import PATIENCE_S
from widgets.forms import TrainingForm
from widgets.plots import LossPlot
from widgets.plots.loss import EXPECTED, HINT
from widgets.training.run_bar import RunBar

INFO: DataInfo = describe(DataSpec(reader="digits"))


def loaded():
    part = Part(np.zeros((4, 8, 8, 1), np.float32), np.zeros(4, np.int32))
    return LoadedData(INFO, part, part, part, Statistics(np.zeros(1), np.ones(1)))


class Script:
    """Stands in for heavy.train: two steps, an epoch, then waits for a stop."""

    def __init__(self):
        self.calls = 0
        self.initial = None

    def __call__(self, run, spec, data, emit, control, project, initial):
        self.calls += 1
        self.initial = initial
        emit(RunStarted(run, 2, 2, 32, 4, "cpu", 10, ("accuracy",)))
        emit(
            StepsEnded(
                run,
                1,
                1,
                {"loss": np.array([2.0, 1.0], np.float32)},
                {"accuracy": 0.5},
                0.001,
                0.01,
                4,
            )
        )
        emit(EpochsEnded(run, (EpochEnd(1, 2, {"loss": 1.5, "val_loss": 1.2}, 0.01, True),)))
        while not control.requests.stop:
            control.wait_for_change(control.requests, 0.05)
        outcome = "discarded" if control.requests.stop == "discard" else "stopped"
        emit(RunEnded(run, outcome, 1, 2, 0.1, 4, {"test_accuracy": 0.9}, (np.ones(3),)))


@pytest.fixture
def parts(qtbot, tmp_path, monkeypatch):
    script = Script()
    monkeypatch.setattr(heavy, "train", script)
    document = Document(
        new_project("cnn", DataSpec(reader="digits"), INFO, "test"), lambda _spec: None
    )
    app_model, worker = AppModel(), TrainingWorker()
    form, plot, bar = TrainingForm(), LossPlot(), RunBar()
    for widget in (form, plot, bar):
        qtbot.addWidget(widget)
    folder = ProjectFolder(tmp_path)
    controller = TrainingController(document, app_model, worker, lambda: folder, form, plot, bar)
    app_model.set_info(INFO)
    yield controller, document, app_model, worker, plot, script
    if worker.control is not None:
        worker.control.discard()
    assert worker.wait(PATIENCE_S)


def make_ready(app_model):
    app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    app_model.set_data(loaded())


def test_train_waits_visibly_for_what_is_not_ready(parts, qtbot):
    controller, _document, app_model, worker, plot, script = parts
    controller.start()
    assert app_model.training == "waiting"
    assert plot.findChild(QLabel, "plot.loss.hint").text() == EXPECTED
    assert not worker.is_running
    app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    assert app_model.training == "waiting"
    app_model.set_data(loaded())
    qtbot.waitUntil(lambda: script.calls == 1)
    assert app_model.training == "running"


def test_a_waiting_start_can_be_taken_back(parts):
    controller, _document, app_model, worker, plot, script = parts
    controller.start()
    controller.stop()
    make_ready(app_model)
    assert app_model.training == ""
    assert plot.findChild(QLabel, "plot.loss.hint").text() == HINT
    assert script.calls == 0
    assert not worker.is_running


def test_a_problem_is_said_instead_of_starting(parts, qtbot):
    controller, _document, app_model, _worker, _plot, script = parts
    make_ready(app_model)
    app_model.set_checked({}, (Issue("the output has 3 units: set units to 10", layer="dense"),))
    with qtbot.waitSignal(controller.refused):
        controller.start()
    assert script.calls == 0
    assert app_model.training == ""


def test_the_first_block_with_weights_is_selected_where_none_is(parts, qtbot):
    controller, document, app_model, _worker, _plot, _script = parts
    make_ready(app_model)
    learning = {"conv2d": 320, "dense": 2570}
    facts = {
        name: LayerFacts((8,), learning.get(name, 0), learning.get(name, 0))
        for name in document.spec.network.ids
    }
    app_model.set_checked(facts, ())
    controller.start()
    assert app_model.selection == ("conv2d",)
    controller.discard()
    qtbot.waitUntil(lambda: app_model.training == "")
    app_model.set_selection(("dense",))
    controller.start()
    assert app_model.selection == ("dense",)


def test_it_is_selected_before_keras_has_told_which_layers_have_weights(parts):
    controller, _document, app_model, _worker, _plot, _script = parts
    make_ready(app_model)
    controller.start()
    assert app_model.selection == ("conv2d",)


def test_what_was_learned_is_kept_with_the_description_it_used(parts, qtbot):
    controller, document, app_model, worker, plot, _script = parts
    make_ready(app_model)
    used = document.spec
    controller.start()
    qtbot.waitUntil(lambda: not plot.is_empty())
    assert list(plot.points("batch")[1]) == [2.0, 1.0]
    document.edit("Rename", used.but(name="later"))
    controller.stop()
    qtbot.waitUntil(lambda: not worker.is_running)
    assert app_model.training == ""
    assert app_model.trained.spec == used
    assert app_model.trained.figures == {"test_accuracy": 0.9}


def test_discarding_keeps_the_model_before(parts, qtbot):
    controller, _document, app_model, worker, plot, _script = parts
    make_ready(app_model)
    controller.start()
    qtbot.waitUntil(lambda: not plot.is_empty())
    controller.discard()
    qtbot.waitUntil(lambda: not worker.is_running)
    assert app_model.trained is None


def test_pausing_and_going_on(parts, qtbot):
    controller, _document, app_model, worker, plot, script = parts
    make_ready(app_model)
    controller.step()
    qtbot.waitUntil(lambda: not plot.is_empty())
    assert app_model.training == "paused"
    assert worker.control.requests.steps == 1
    controller.start()
    assert app_model.training == "running"
    assert not worker.control.requests.paused
    controller.toggle_pause()
    assert worker.control.requests.paused
    assert script.calls == 1


def test_waiting_for_data_that_will_not_come_ends_with_the_reason(parts, qtbot):
    controller, _document, app_model, _worker, _plot, script = parts
    app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    controller.data_wanted.connect(lambda: controller.give_up_waiting("download it first"))
    with qtbot.waitSignal(controller.not_coming) as said:
        controller.start()
    assert said.args == ["download it first"]
    assert app_model.training == ""
    assert script.calls == 0


def test_going_on_shows_the_epochs_before_the_break_and_keeps_the_run(parts, qtbot, monkeypatch):
    controller, document, app_model, worker, plot, _script = parts
    record = RunRecord("earlier", 1, 0.0, 1.0, "stopped", codec.encode(document.spec), "cpu")
    history = tuple(EpochRecord(n, 2 * n, {"loss": 9.0 - n}, 0.1) for n in (1, 2))
    past = Resumable(record, "key", Progress(epochs=2, epoch=3, steps=5), history)

    def go_on(past, spec, data, emit, control, project):
        run = past.run.id
        emit(RunStarted(run, 4, 2, 32, 4, "cpu", 10, (), epochs_before=2, steps_before=5))
        emit(StepsEnded(run, 3, 6, {"loss": np.array([1.0], np.float32)}, {}, 0.001, 0.01, 4))
        emit(RunEnded(run, "stopped", 2, 6, 0.1, 4))

    monkeypatch.setattr(heavy, "go_on", go_on)
    make_ready(app_model)
    controller.go_on(past)
    assert worker.run == "earlier"
    qtbot.waitUntil(lambda: not worker.is_running)
    assert list(plot.points("loss")[0]) == [2, 4]
    assert list(plot.points("batch")[0]) == [6]
    assert plot.loss_chart.marks() == {"went on": 5}
    controller.go_on(past)  # shown already: nothing is drawn anew
    qtbot.waitUntil(lambda: not worker.is_running)
    assert list(plot.points("batch")[0]) == [6]


def test_a_fault_is_marked_on_the_plot(parts, qtbot, monkeypatch):
    controller, _document, app_model, worker, plot, _script = parts

    def train(run, spec, data, emit, control, project, initial):
        emit(RunStarted(run, 4, 2, 32, 4, "cpu", 10, ()))
        emit(
            StepsEnded(run, 1, 1, {"loss": np.array([1.0, np.nan], np.float32)}, {}, 0.001, 0.01, 4)
        )
        fault = Fault(2, "dense", "output", 0.1)
        emit(RunEnded(run, "failed", 0, 2, 0.1, 4, error="no", fault=fault))

    monkeypatch.setattr(heavy, "train", train)
    make_ready(app_model)
    controller.start()
    qtbot.waitUntil(lambda: not worker.is_running)
    assert plot.loss_chart.marks() == {"not a number: dense": 2}


def test_discarding_shows_the_model_before_again(parts, qtbot):
    controller, _document, app_model, worker, plot, _script = parts
    make_ready(app_model)
    controller.start()
    qtbot.waitUntil(lambda: not plot.is_empty())
    with qtbot.waitSignal(app_model.trained_changed):
        controller.discard()
    assert app_model.trained is None
    qtbot.waitUntil(lambda: not worker.is_running)


def test_weights_are_kept_when_that_is_chosen_or_asked_for(parts, qtbot):
    controller, document, app_model, worker, _plot, script = parts
    make_ready(app_model)
    trained = Trained("earlier", document.spec, INFO, None, (), {})
    begun = []
    for keeps, begin in (
        (False, controller.start),
        (True, controller.start),
        (False, controller.train_on),
    ):
        app_model.set_trained(trained)
        app_model.keeps_weights = keeps
        begin()
        qtbot.waitUntil(lambda: script.calls > len(begun))
        begun.append(script.initial)
        controller.discard()
        qtbot.waitUntil(lambda: not worker.is_running and not app_model.training)
    assert begun == [None, trained, trained]


def test_a_run_that_learned_nothing_is_remarked(parts, qtbot, monkeypatch):
    controller, _document, app_model, _worker, _plot, _script = parts

    def learn_nothing(run, spec, data, emit, control, project, initial):
        emit(RunStarted(run, 1, 2, 32, 4, "cpu", 10, ("accuracy",)))
        return emit(RunEnded(run, "finished", 1, 2, 0.1, 4, {"test_accuracy": 0.1}, (np.ones(3),)))

    monkeypatch.setattr(heavy, "train", learn_nothing)
    said = []
    app_model.said.connect(said.append)
    make_ready(app_model)
    controller.start()
    qtbot.waitUntil(lambda: app_model.trained is not None)
    (remark,) = said
    assert remark.startswith("Nothing was learned: a test accuracy of 10.0% is no better than")


def test_a_step_of_one_network_is_asked_for_with_its_role(parts, qtbot):
    controller, _, app_model, worker, _, _ = parts
    make_ready(app_model)
    controller.start()
    qtbot.waitUntil(lambda: worker.control is not None)
    control = worker.control
    control.step = lambda count, only: asked.append((count, only))
    asked = []
    controller.step(only="generator")
    controller.step(2)
    assert asked == [(1, "generator"), (2, "")]
    assert app_model.training == "paused"


def test_two_losses_of_a_training_are_two_curves(parts, qtbot, monkeypatch):
    controller, _, app_model, _, plot, _ = parts

    def train(run, spec, data, emit, control, project, initial):
        names = ("generator_loss", "discriminator_loss")
        emit(RunStarted(run, 1, 2, 32, 4, "cpu", 10, (), series=names))
        series = dict.fromkeys(names, np.array([2.0, 1.0], np.float32))
        emit(StepsEnded(run, 1, 1, series, dict.fromkeys(names, 1.5), 0.001, 0.01, 4))
        emit(RunEnded(run, "finished", 1, 2, 0.1, 4))

    monkeypatch.setattr(heavy, "train", train)
    make_ready(app_model)
    controller.start()
    qtbot.waitUntil(lambda: not app_model.training)
    for name in ("generator", "discriminator"):
        assert list(plot.points(f"batch {name}_loss")[1]) == [2.0, 1.0]
