"""The result that is shown names what it is of, and is old once network or data moved on."""

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

from app.app_model import AppModel
from app.controllers.judge.results import ResultsController
from app.document import Document
from app.training_worker import TrainingWorker
from engine.data.choice import describe
from engine.data.loaded import LoadedData, Part, Statistics
from engine.runs.store import RunRecord
from engine.runs.trained import Trained
from engine.spec import codec
from engine.spec.data import DataSpec
from engine.templates import new_project
from engine.training.live.events import RunEnded, RunStarted
from widgets.training.run_bar import RunBar

DIGITS = describe(DataSpec(reader="digits"))
CIRCLES = describe(DataSpec(reader="circles"))
SPEC = new_project("cnn", DataSpec(reader="digits"), DIGITS, "test")
PART = Part(np.zeros((4, 8, 8, 1), np.float32), np.zeros(4, np.int32))
LEARNED = LoadedData(DIGITS, PART, PART, PART, Statistics(np.zeros(1), np.ones(1)))
FIGURES = {"test_accuracy": 0.9889}
FINISHED = RunEnded("r", "finished", 2, 9, 16.0, 10, FIGURES, (np.ones(3),))


class Parts:
    def __init__(self, qtbot):
        self.document = Document(SPEC, lambda _spec: None)
        self.app_model, self.worker, self.bar = AppModel(), TrainingWorker(), RunBar()
        qtbot.addWidget(self.bar)
        self.controller = ResultsController(self.document, self.app_model, self.worker, self.bar)
        self.app_model.set_info(DIGITS)
        self.ages = []
        self.controller.aged.connect(self.ages.append)

    def train(self, ended=FINISHED, number=3):
        self.app_model.set_training("running")
        self.app_model.running_spec, self.app_model.running_data = self.document.spec, LEARNED
        self.worker.events_ready.emit((RunStarted("r", 2, 4, 32, 9, "cpu", 9, (), number=number),))
        self.app_model.set_training("")
        self.worker.events_ready.emit((ended,))

    @property
    def shown(self):
        return tuple(
            self.bar.findChild(QLabel, name).text() for name in ("run.phase", "run.detail")
        )


@pytest.fixture
def parts(qtbot):
    return Parts(qtbot)


def choose_circles(parts):
    data = DataSpec(reader="circles")
    parts.document.edit("Choose Circles", parts.document.spec.but(data=data))
    parts.app_model.set_info(CIRCLES)


def test_a_finished_run_names_its_data_and_its_number(parts):
    parts.train()
    assert parts.shown == (
        "Finished: test accuracy 98.89%",
        "Handwritten digits, run 3 · took 0:16",
    )


def test_after_another_choice_of_data_it_is_an_old_result_until_that_is_undone(parts):
    parts.train()
    choose_circles(parts)
    assert parts.shown == (
        "Old result: test accuracy 98.89%",
        "Handwritten digits, run 3 · the data changed since",
    )
    assert parts.ages[-1] == "Handwritten digits, run 3; the data changed since"
    parts.document.undo_stack.undo()
    parts.app_model.set_info(DIGITS)
    assert parts.shown[0] == "Finished: test accuracy 98.89%"
    assert parts.ages[-1] == ""


def test_other_epochs_for_the_next_run_leave_it_as_it_is(parts):
    parts.train()
    parts.document.edit("Epochs", SPEC.but(training=SPEC.training.but(epochs=7)))
    assert parts.shown[0] == "Finished: test accuracy 98.89%"


def test_a_reopened_project_says_what_was_trained(parts):
    parts.app_model.set_trained(Trained("r", SPEC, DIGITS, None, (), FIGURES, number=3))
    assert parts.shown == ("Trained: test accuracy 98.89%", "Handwritten digits, run 3")


def test_another_project_has_no_result(parts):
    parts.train()
    parts.app_model.set_trained(None)
    assert parts.shown == ("Ready", "")


def test_the_result_of_the_model_before_does_not_hide_that_a_run_failed(parts):
    parts.train()
    parts.app_model.set_trained(Trained("r", SPEC, DIGITS, None, (), FIGURES, number=3))
    parts.train(RunEnded("s", "failed", 0, 0, 1.0, error="it went wrong"), number=4)
    parts.app_model.set_trained(parts.app_model.trained)
    assert parts.shown == ("Failed", "")


def test_nothing_is_said_of_the_last_result_while_a_training_runs(parts):
    parts.train()
    parts.app_model.set_training("running")
    parts.bar.show_phase("preparing")
    choose_circles(parts)
    assert parts.shown == ("Building the network …", "")


def test_the_figure_is_there_before_the_model_is_read(parts):
    text = codec.encode(SPEC)
    run = RunRecord("r", 3, 0.0, 1.0, "finished", text, "cpu", 1.0, 9, {"test_accuracy": 0.9889})
    parts.controller.show_earlier(run)
    assert parts.shown == ("Trained: test accuracy 98.89%", "Handwritten digits, run 3")
    parts.app_model.set_trained(Trained("r", SPEC, DIGITS, None, (), FIGURES, number=3))
    assert parts.shown == ("Trained: test accuracy 98.89%", "Handwritten digits, run 3")
    choose_circles(parts)
    assert parts.shown[0] == "Old result: test accuracy 98.89%"


def test_the_figure_of_a_runs_end_is_not_shown_for_weights_written_before(parts):
    text = codec.encode(SPEC)
    run = RunRecord("r", 3, 0.0, 1.0, "finished", text, "cpu", 1.0, 9, {"test_accuracy": 0.9889})
    parts.controller.show_earlier(run)
    parts.app_model.set_trained(Trained("r", SPEC, DIGITS, None, (), {}, number=3, epochs=30))
    assert parts.shown == ("Trained to epoch 30", "Handwritten digits, run 3")


def test_the_plots_of_the_last_run_are_old_while_the_next_is_prepared(parts):
    parts.train()
    parts.app_model.set_training("waiting")
    parts.app_model.set_training("running")
    assert parts.ages[-1] == "Handwritten digits, run 3; a new training begins"
    parts.worker.events_ready.emit((RunStarted("s", 2, 4, 32, 9, "cpu", 9, (), number=4),))
    assert parts.ages[-1] == ""
    parts.app_model.set_training("paused")
    parts.app_model.set_training("running")
    assert parts.ages[-1] == ""
