"""The choice between new and kept weights: remembered, said in words, marked on the blocks."""

import pytest

from app import heavy
from app.app_model import AppModel
from app.controllers.training.warm_start import KeepingController
from app.document import Document
from app.jobs import JobRunner
from app.settings import SettingsFile
from engine.data.choice import describe
from engine.runs.trained import Trained
from engine.spec.data import DataSpec
from engine.spec.issues import LayerFacts
from engine.spec.project import ProjectSpec
from tests.engine.training.problems import chain
from widgets.canvas import NetworkCanvas
from widgets.training.start_choice import StartChoice

NETWORK = chain(("a", "Dense", {"units": 8}), ("b", "Dense", {"units": 2}))
SPEC = ProjectSpec(network=NETWORK, data=DataSpec(reader="iris"))
INFO = describe(SPEC.data)


def facts_of(a=8):
    def dense(taken, units):
        weights = (("kernel", (taken, units)), ("bias", (units,)))
        return LayerFacts((units,), parameters=taken * units + units, weights=weights)

    return {"a": dense(4, a), "b": dense(a, 2)}


class Parts:
    def __init__(self):
        self.document = Document(SPEC, lambda _spec: None)
        self.app_model, self.jobs = AppModel(), JobRunner()
        self.choice, self.canvas = StartChoice(), NetworkCanvas()
        self.canvas.show_network(SPEC.network, {})
        self.controller = KeepingController(
            self.document, self.app_model, self.jobs, SettingsFile(), self.choice, self.canvas
        )

    def marks(self):
        return {name: self.canvas.block(name).facts.kept for name in ("a", "b")}

    def learn(self, qtbot):
        """Let the network shown be trained, its weights be chosen and looked at."""
        self.choice.keeps_weights_chosen.emit(True)
        self.app_model.set_checked(facts_of(), ())
        self.app_model.set_trained(Trained("run", self.document.spec, INFO, None, (), {}))
        qtbot.waitUntil(lambda: self.marks() == {"a": True, "b": True})


@pytest.fixture
def parts(qtbot, monkeypatch):
    monkeypatch.setattr(heavy.Shapes, "facts", lambda _self, _spec, _info: facts_of())
    made = Parts()
    for widget in (made.choice, made.canvas):
        qtbot.addWidget(widget)
    yield made
    assert made.jobs.close()


def test_at_first_a_training_begins_anew_and_nothing_is_marked(parts):
    parts.app_model.set_trained(Trained("run", SPEC, INFO, None, (), {}))
    assert not parts.app_model.keeps_weights
    assert (parts.choice.sentence, parts.marks()) == ("", {"a": None, "b": None})


def test_the_choice_is_remembered(parts, qtbot):
    parts.choice.keeps_weights_chosen.emit(True)
    assert parts.app_model.keeps_weights
    assert "Nothing is learned" in parts.choice.sentence
    again = Parts()
    for widget in (again.choice, again.canvas):
        qtbot.addWidget(widget)
    assert again.app_model.keeps_weights
    assert again.jobs.close()


def test_an_edit_shows_what_starts_anew_and_undo_what_is_kept_again(parts, qtbot):
    parts.learn(qtbot)
    assert parts.choice.sentence == "Every layer keeps its weights."
    assert "keeps its weights" in parts.canvas.block("a").facts.sentence
    wider = SPEC.but(network=NETWORK.with_parameters("a", {"units": 9}))
    parts.document.edit("Set units", wider)
    parts.app_model.set_checked(facts_of(9), ())
    assert parts.marks() == {"a": False, "b": False}
    assert "all start anew" in parts.choice.sentence
    assert "starts anew" in parts.canvas.block("a").facts.sentence
    parts.document.undo_stack.undo()
    parts.app_model.set_checked(facts_of(), ())
    assert parts.marks() == {"a": True, "b": True}


def test_a_running_training_is_left_in_peace(parts, qtbot):
    parts.learn(qtbot)
    parts.app_model.set_training("running")
    parts.app_model.set_checked(facts_of(9), ())
    assert parts.marks() == {"a": True, "b": True}
    parts.app_model.set_training("")
    assert parts.marks() == {"a": False, "b": False}
