"""What is next after a training: three links once, then one button."""

import pytest
from PySide6.QtWidgets import QPushButton

from app.app_model import AppModel
from app.controllers.runs.next_steps import NextStepsController, try_in_words
from app.document import Document
from app.shell.notices import Topic
from app.training_worker import TrainingWorker
from engine.data.choice import describe
from engine.runs.trained import Trained
from engine.spec.data import DataSpec
from engine.templates import new_project
from engine.training.live.events import RunEnded, RunStarted
from widgets.training.run_bar import RunBar

DIGITS = describe(DataSpec(reader="digits"))
SPEC = new_project("cnn", DataSpec(reader="digits"), DIGITS)
SENTENCE = "What is next?"  # the result stands beside it already


class Parts:
    def __init__(self, qtbot):
        self.document = Document(SPEC, lambda _spec: None)
        self.app_model, self.worker = AppModel(), TrainingWorker()
        self.bar, self.topic = RunBar(), Topic()
        qtbot.addWidget(self.bar)
        self.bar.show()
        self.app_model.set_info(DIGITS)
        self.controller = NextStepsController(
            self.document, self.app_model, self.worker, self.bar, self.topic
        )

    def train(self, number=1, outcome="finished", epochs=2, spec=SPEC):
        self.app_model.set_training("running")
        self.worker.events_ready.emit((RunStarted("r", 2, 4, 32, 9, "cpu", 9, (), number=number),))
        self.app_model.set_training("")
        if outcome == "finished":
            self.app_model.set_trained(Trained("r", spec, DIGITS, None, (), {}, number=number))
        self.worker.events_ready.emit(
            (RunEnded("r", outcome, epochs, 9, 1.0, 9, {"test_accuracy": 0.9889}),)
        )

    @property
    def button(self):
        found = self.bar.findChild(QPushButton, "run.offer")
        return found.text() if found.isVisible() else ""


@pytest.fixture
def parts(qtbot):
    return Parts(qtbot)


def test_the_first_training_is_followed_by_three_links(parts):
    assert parts.topic.sentence == ""
    parts.train()
    assert parts.topic.sentence == SENTENCE
    texts = [text for _, text in parts.topic.notice.answers]
    assert texts == ["Draw a Digit", "Change a Layer", "Bring Your Data"]


@pytest.mark.parametrize(
    ("answer", "signal"),
    [("try", "try_wanted"), ("change", "change_wanted"), ("own", "own_data_wanted")],
)
def test_each_link_leads_somewhere_and_the_line_is_gone_then(parts, qtbot, answer, signal):
    parts.train()
    with qtbot.waitSignal(getattr(parts.controller, signal)):
        parts.topic.chosen.emit(answer)
    assert parts.topic.sentence == ""
    assert parts.button == "Draw a Digit"


def test_later_trainings_have_a_button_instead(parts, qtbot):
    parts.train(number=2)
    assert (parts.topic.sentence, parts.button) == ("", "Draw a Digit")
    with qtbot.waitSignal(parts.controller.try_wanted):
        parts.bar.findChild(QPushButton, "run.offer").click()


def test_a_dismissed_line_does_not_come_back(parts):
    parts.train()
    parts.topic.dismissed.emit()
    parts.app_model.set_trained(parts.app_model.trained)
    assert (parts.topic.sentence, parts.button) == ("", "Draw a Digit")


def test_nothing_is_next_after_a_failure_or_once_the_network_is_another(parts):
    parts.train(outcome="failed", epochs=0)
    assert (parts.topic.sentence, parts.button) == ("", "")
    parts.train(number=2)
    network = SPEC.network.with_parameters("dense", {"units": 7})
    parts.document.edit("Units", SPEC.but(network=network))
    assert (parts.topic.sentence, parts.button) == ("", "")
    parts.document.undo_stack.undo()
    assert parts.button == "Draw a Digit"


def test_the_way_to_try_it_has_the_words_of_the_data():
    words = {
        s: try_in_words(describe(DataSpec(reader=s))) for s in ("mnist", "cifar10", "imdb", "iris")
    }
    assert words == {
        "mnist": "Draw a Digit", "cifar10": "Try a Picture", "imdb": "Try a Text", "iris": "Try Values",
    }  # fmt: skip


def test_networks_that_make_samples_are_not_to_be_asked(qtbot):
    parts = Parts(qtbot)
    spec = new_project("gan_digits", DataSpec(reader="digits"), DIGITS)
    parts.document.edit("Use a template", spec)
    parts.train(spec=spec)
    texts = [text for _, text in parts.topic.notice.answers]
    assert texts == ["Change a Layer", "Bring Your Data"]
    parts.train(number=2, spec=spec)
    assert (parts.topic.sentence, parts.button) == ("", "")
