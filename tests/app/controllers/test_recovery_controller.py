"""Going on with the last run, and the cures after a failure: no TensorFlow, no time."""

import numpy as np
import pytest
from PySide6.QtCore import QTimer

from app import heavy
from app.app_model import AppModel
from app.controllers.training.recovery import RecoveryController
from app.document import Document
from app.jobs import JobRunner
from app.shell.notices import Topic
from app.training_worker import TrainingWorker
from engine.data.choice import describe
from engine.data.loaded import LoadedData, Part, Statistics
from engine.errors import BadInput
from engine.runs.project_folder import ProjectFolder
from engine.runs.resuming import BeingTrained, NothingToGoOnWith, Resumable
from engine.runs.store import RunRecord
from engine.spec import codec
from engine.spec.data import DataSpec
from engine.templates import new_project
from engine.training.live.events import Fault, RunEnded
from engine.training.state.resume_point import Progress

INFO = describe(DataSpec(reader="digits"))
SPEC = new_project("cnn", DataSpec(reader="digits"), INFO, "test")
EPOCHS = SPEC.training.epochs


def past(outcome="stopped", epochs=2, **progress):
    record = RunRecord("a", 3, 0.0, 1.0, outcome, codec.encode(SPEC), "cpu")
    at = {"epoch": epochs + 1, "position": 5, "steps": 9, **progress}
    return Resumable(record, "key", Progress(epochs=epochs, **at))


class Parts:
    def __init__(self, qtbot, tmp_path):
        self.document = Document(SPEC, lambda _spec: None)
        self.app_model, self.worker, self.jobs = AppModel(), TrainingWorker(), JobRunner()
        self.notice = Topic()
        folder = ProjectFolder(tmp_path)
        self.controller = RecoveryController(
            self.document, self.app_model, self.jobs, self.worker, lambda: folder, self.notice
        )
        self.wanted, self.places = [], []
        self.controller.go_on_wanted.connect(self.wanted.append)
        self.controller.place_found.connect(self.places.append)

    def press(self, name):
        assert name in dict(self.notice.notice.answers)
        self.notice.chosen.emit(name)

    def answers(self):
        return [text for _, text in self.notice.notice.answers]

    def fail(self, **ended):
        self.worker.events_ready.emit(
            (RunEnded("a", "failed", 2, 9, 1.0, error="it went wrong", **ended),)
        )

    def change(self, **training):
        spec = self.document.spec
        self.document.edit("Change", spec.but(training=spec.training.but(**training)))


@pytest.fixture
def parts(qtbot, tmp_path):
    made = Parts(qtbot, tmp_path)
    yield made
    assert made.jobs.close()


@pytest.fixture
def offered(parts, qtbot, monkeypatch):
    """Return a function that opens a project with a run and waits for what is found."""

    def open_with(found):
        def resumable(_folder, _data):
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr(heavy, "resumable", resumable)
        part = Part(np.zeros((4, 8, 8, 1), np.float32), np.zeros(4, np.int32))
        with qtbot.waitSignal(parts.controller.changed):
            parts.app_model.set_data(
                LoadedData(INFO, part, part, part, Statistics(np.zeros(1), np.ones(1)))
            )

    return open_with


def test_a_run_that_was_stopped_is_offered_and_gone_on_with(parts, offered):
    found = past()
    offered(found)
    assert parts.notice.sentence == f"Run 3 was stopped in epoch 3 of {EPOCHS}."
    assert parts.controller.why_not == ""
    parts.press("go_on")
    assert parts.wanted == [found]


@pytest.mark.parametrize(
    ("outcome", "words"), [("interrupted", "was interrupted"), ("failed", "failed")]
)
def test_the_offer_says_how_the_run_ended(parts, offered, outcome, words):
    offered(past(outcome, position=0))
    assert parts.notice.sentence == f"Run 3 {words} after epoch 2 of {EPOCHS}."


def test_without_a_run_nothing_is_offered(parts, offered):
    offered(NothingToGoOnWith("there is no run"))
    assert parts.notice.sentence == ""
    assert "no run" in parts.controller.why_not
    parts.controller.go_on()
    assert parts.wanted == []


def test_a_damaged_state_is_said_with_nothing_to_press(parts, offered):
    offered(BadInput("run 3 cannot go on because it is damaged: start a new training"))
    sentence = "Run 3 cannot go on because it is damaged: start a new training."
    assert (parts.notice.sentence, parts.answers()) == (sentence, [])
    assert "damaged" in parts.controller.why_not
    parts.notice.dismissed.emit()
    parts.change(batch_size=99)
    assert parts.notice.sentence == ""


def test_a_run_that_another_process_trains_is_offered_once_that_has_ended(
    parts, offered, qtbot, monkeypatch
):
    offered(BeingTrained("run 3 is being trained by another Netsmith: wait"))
    assert parts.notice.sentence == "Run 3 is being trained by another Netsmith: wait."
    assert parts.answers() == []
    monkeypatch.setattr(heavy, "resumable", lambda _folder, _data: past())
    again = parts.controller.findChild(QTimer)
    assert again.isActive()
    with qtbot.waitSignal(parts.controller.changed):
        again.start(0)
    assert parts.answers() == ["Go On"]
    assert not again.isActive()


def test_the_offer_follows_the_edits(parts, offered):
    offered(past())
    parts.change(batch_size=99)  # what a running training can change, too
    assert parts.notice.sentence
    parts.change(seed=5)
    assert parts.notice.sentence == ""
    assert "another seed" in parts.controller.why_not
    parts.document.undo_stack.undo()
    assert parts.notice.sentence


def test_a_finished_run_goes_on_when_more_epochs_are_wanted(parts, offered):
    offered(past("finished", epochs=EPOCHS, position=0))
    assert parts.notice.sentence == ""
    assert "set more epochs" in parts.controller.why_not
    parts.change(epochs=EPOCHS + 10)
    assert parts.notice.sentence == f"Run 3 finished after epoch {EPOCHS} of {EPOCHS + 10}."


def test_a_hidden_offer_stays_hidden_but_the_command_works(parts, offered):
    offered(past())
    parts.notice.dismissed.emit()
    parts.change(batch_size=99)
    assert parts.notice.sentence == ""
    parts.controller.go_on()
    assert len(parts.wanted) == 1


def test_nothing_is_offered_while_a_training_runs(parts, offered):
    offered(past())
    parts.app_model.set_training("running")
    assert parts.notice.sentence == ""


def test_a_fault_shows_its_place_and_is_mended_with_one_click_that_undo_takes_back(parts, offered):
    layer = SPEC.network.layers[1].id
    parts.fail(fault=Fault(7, layer, "output", 0.5))
    assert parts.places == [layer]
    assert parts.notice.sentence == "it went wrong"
    assert parts.answers() == ["Set learning rate to 0.05"]
    parts.press("cure_0")
    assert parts.document.spec.training.optimizer.parameters["learning_rate"] == 0.05
    assert parts.notice.sentence == ""
    offered(past("failed"))
    assert parts.answers() == ["Go On"]
    parts.document.undo_stack.undo()
    assert parts.document.spec == SPEC


def test_too_little_memory_is_mended_by_a_batch_that_fits(parts):
    parts.fail(fitting_batch=8)
    assert parts.answers() == ["Set batch size to 8"]
    parts.press("cure_0")
    assert parts.document.spec.training.batch_size == 8
    assert parts.places == []


def test_a_failure_without_a_cure_is_said_and_can_be_hidden(parts):
    parts.fail()
    assert (parts.notice.sentence, parts.answers()) == ("it went wrong", [])
    parts.notice.dismissed.emit()
    assert parts.notice.sentence == ""
