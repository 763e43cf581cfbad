"""The range test in the window, with a scripted engine."""

import threading

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget

from app import heavy
from app.app_model import AppModel
from app.controllers.training.rate_finding import RateFindingController
from app.document import Document
from app.jobs import JobRunner
from engine.errors import BadInput, Cancelled
from engine.machine.facts import EngineFacts
from engine.spec.issues import Issue
from engine.spec.project import ProjectSpec
from engine.training.diagnose.rate_range import RangeResult
from tests.patience import PATIENCE_S
from tests.widgets.plots.plot_items import marked
from widgets.training.rate_finder import RateFinder

RATES = np.geomspace(1e-7, 1e-1, 20)
PART = RangeResult(RATES[:10], np.ones(10), np.ones(10))
FOUND = RangeResult(RATES, np.ones(20), np.ones(20), 0.003)


class Script:
    """Stands in for heavy.range_test: tells a part, then waits for the gate or the cancelling."""

    def __init__(self):
        self.gate = threading.Event()
        self.was_cancelled = threading.Event()

    def __call__(self, spec, data, progress, cancelled):
        progress(PART)
        while not self.gate.wait(0.01):
            if cancelled():
                self.was_cancelled.set()
                raise Cancelled("stopped")
        return FOUND


@pytest.fixture
def parts(qtbot, monkeypatch):
    script = Script()
    monkeypatch.setattr(heavy, "range_test", script)
    document, app_model, jobs = Document(ProjectSpec(), lambda _spec: None), AppModel(), JobRunner()
    finder = RateFinder()
    qtbot.addWidget(finder)
    controller = RateFindingController(document, app_model, jobs, finder)
    app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    app_model.set_data("samples")
    yield controller, document, app_model, finder, script
    script.gate.set()
    assert jobs.close()


def words(finder):
    return finder.findChild(QWidget, "rate_finder.text").text()


def test_the_course_is_drawn_live_and_the_suggestion_taken_over(parts, qtbot):
    controller, document, _, finder, script = parts
    controller.find()
    assert finder.isVisible()
    qtbot.waitUntil(lambda: len(finder.plot.drawn()[0]) == 10)
    assert marked(finder.plot) is None
    script.gate.set()
    qtbot.waitUntil(lambda: marked(finder.plot) is not None)
    assert document.undo_stack.count() == 0
    finder.findChild(QWidget, "rate_finder.use").click()
    assert document.spec.training.optimizer.parameters["learning_rate"] == 0.003
    assert document.undo_stack.undoText() == "Set learning rate to 0.003"
    document.undo_stack.undo()
    assert "learning_rate" not in document.spec.training.optimizer.parameters


@pytest.mark.parametrize("how", ["stop", "close", "edit", "train"])
def test_it_ends_when_stopped_closed_edited_or_overtaken(parts, qtbot, how):
    controller, document, app_model, finder, script = parts
    controller.find()
    qtbot.waitUntil(lambda: len(finder.plot.drawn()[0]) == 10)
    acts = {
        "stop": finder.findChild(QWidget, "rate_finder.again").click,
        "close": finder.close,
        "edit": lambda: document.edit(
            "Edit", document.spec.but(training=document.spec.training.but(batch_size=7))
        ),
        "train": lambda: app_model.set_training("running"),
    }
    acts[how]()
    assert script.was_cancelled.wait(PATIENCE_S)
    said = {"edit": "edited", "train": "Training began"}.get(how, "stopped")
    assert said in words(finder)
    assert not controller.trial.is_active


def test_what_cannot_be_trained_is_refused(parts):
    controller, _, app_model, finder, _ = parts
    app_model.set_checked({}, (Issue("the output has 3 units: set units to 10", layer="dense"),))
    with pytest.raises(BadInput, match="dense"):
        controller.find()
    assert not finder.isVisible()
    app_model.set_checked({}, ())
    app_model.set_training("running")
    finder.started.emit()
    assert words(finder) == "Stop the training first."
