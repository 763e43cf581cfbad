"""A network that is for other data is one state with one proposal; problems are listed with what mends them."""

import pytest

from app.app_model import AppModel
from app.controllers.editor.problems import ProblemsController
from app.document import Document
from app.shell.notices import Topic
from engine.build.shapes import ShapeCache
from engine.data.choice import describe
from engine.machine.facts import EngineFacts
from engine.runs.trained import Trained
from engine.spec.data import DataSpec
from engine.spec.issues import Issue
from engine.templates import new_project, propose
from engine.validation import validate
from widgets.forms.texts import problem_in_words

CACHE = ShapeCache()
DIGITS = describe(DataSpec(reader="digits"))
SENTENCE = "This network is for pictures of 8 × 8; Circles has points with 2 values."
PROPOSAL = ("use", "Use the Proposed Network")


def data_of(source):
    return DataSpec(reader=source)


class Parts:
    """The controller and a document; `check` does what the checking controller does."""

    def __init__(self):
        spec = new_project("cnn", data_of("digits"), DIGITS, "test")
        self.document = Document(spec, lambda _spec: None)
        self.app_model, self.topic = AppModel(), Topic()
        self.controller = ProblemsController(self.document, self.app_model, self.topic)
        self.wanted = []
        self.places = []
        self.controller.proposal_wanted.connect(lambda: self.wanted.append("proposal"))
        self.controller.cure_wanted.connect(self.wanted.append)
        self.controller.place_wanted.connect(self.places.append)
        self.app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
        self.show_data()

    def show_data(self):
        self.app_model.set_checked({}, ())  # nothing is known of the network with this data
        self.app_model.set_info(describe(self.document.spec.data))
        self.check()

    def check(self):
        spec, info = self.document.spec, self.app_model.info
        facts = CACHE.facts(spec.network, info)
        self.app_model.set_checked(facts, validate(spec, info, facts))

    def choose(self, source):
        self.document.edit("Choose", self.document.spec.but(data=data_of(source)))
        self.show_data()

    def use_proposal(self):
        spec, info = self.document.spec, self.app_model.info
        ready = new_project(propose(info).template, spec.data, info)
        self.document.edit("Use", spec.but(network=ready.network, training=ready.training))
        self.check()

    def undo(self):
        self.document.undo_stack.undo()
        self.show_data()

    @property
    def shown(self):
        return self.topic.sentence

    @property
    def answers(self):
        return self.topic.notice.answers if self.topic.notice else ()


@pytest.fixture
def parts(qapp):
    return Parts()


def test_other_data_is_one_sentence_with_one_proposal(parts):
    assert parts.shown == ""
    parts.choose("circles")
    assert parts.shown == SENTENCE
    assert parts.answers == (PROPOSAL, ("keep", "Keep Mine"))
    assert parts.app_model.misfit.sentence == SENTENCE
    parts.topic.chosen.emit("use")
    assert parts.wanted == ["proposal"]
    parts.use_proposal()
    assert (parts.shown, parts.app_model.misfit) == ("", None)


def test_undo_leads_through_the_same_state_back(parts):
    parts.choose("circles")
    parts.use_proposal()
    parts.undo()
    assert parts.shown == SENTENCE
    parts.undo()
    assert parts.shown == ""


def test_keeping_mine_lists_the_problems_with_cures_until_it_trains(parts):
    parts.choose("circles")
    parts.topic.chosen.emit("keep")
    assert parts.shown.startswith("Problem 1 of 2: ")
    labels = [text for _, text in parts.answers]
    assert labels == [PROPOSAL[1], "Remove it and 3 more like it", "Next"]
    assert parts.places == ["conv2d"]
    parts.topic.chosen.emit("next")
    assert parts.shown.startswith("Problem 2 of 2: ")
    assert parts.places[-1] == "dense"
    parts.topic.chosen.emit("next")
    for _ in range(2):
        parts.topic.chosen.emit("cure_0")
        parts.document.edit("Mend", parts.wanted[-1].applied_to(parts.document.spec))
        parts.check()
    assert parts.app_model.errors == ()
    assert parts.shown == ""


def test_edits_of_a_network_for_the_same_data_bring_no_banner(parts):
    network = parts.document.spec.network
    broken = network.with_parameters("dense", {"units": 7})
    parts.document.edit("Units", parts.document.spec.but(network=broken))
    parts.check()
    assert parts.app_model.errors
    assert (parts.shown, parts.app_model.misfit) == ("", None)


def test_train_says_what_keeps_the_network_from_training(parts):
    broken = parts.document.spec.network.with_parameters("dense", {"units": 7})
    parts.document.edit("Units", parts.document.spec.but(network=broken))
    parts.check()
    parts.controller.ask()
    assert "7 units" in parts.shown
    assert parts.answers == (("cure_0", "Set units to 10"),)
    assert parts.places == ["dense"]
    parts.undo()
    assert parts.shown == ""


def test_a_dismissed_proposal_comes_back_when_train_is_pressed(parts):
    parts.choose("circles")
    parts.topic.dismissed.emit()
    parts.topic.clear()
    parts.check()
    assert parts.shown == ""
    parts.controller.ask()
    assert parts.shown == SENTENCE


def test_train_is_answered_where_the_proposal_is_shown_already(parts):
    parts.choose("circles")
    assert not parts.topic.notice.is_trouble
    parts.controller.ask()
    assert parts.shown == SENTENCE
    assert parts.topic.notice.is_trouble


def test_data_that_cannot_be_had_is_said_beside_the_button(parts):
    parts.controller.say_missing("no data file is chosen yet: choose one.")
    assert parts.shown == "No data file is chosen yet: choose one."
    assert parts.answers == (("data", "Show the Data Page"),)
    parts.choose("circles")
    assert parts.shown == SENTENCE


def test_a_reopened_project_knows_from_its_run_what_its_network_is_for(parts):
    parts.controller.forget()
    parts.app_model.set_trained(Trained("r", parts.document.spec, DIGITS, None, (), {}))
    parts.choose("circles")
    assert parts.shown == SENTENCE


def test_an_unfinished_network_is_no_network_for_other_data(parts):
    parts.controller.forget()
    empty = new_project("empty", data_of("digits"), DIGITS)
    parts.document.edit("Empty", parts.document.spec.but(network=empty.network))
    parts.check()
    grown = parts.document.spec.network
    assert (parts.shown, parts.app_model.misfit) == ("", None)
    from engine.spec.network import LayerSpec, WireSpec

    grown = grown.with_layer(
        LayerSpec(id="conv2d", kind="Conv2D", parameters={"filters": 4, "kernel_size": (3, 3)})
    )
    grown = grown.with_wire(WireSpec(source=grown.inputs[0].id, target="conv2d"))
    parts.document.edit("Add", parts.document.spec.but(network=grown))
    parts.check()
    assert parts.app_model.errors
    assert parts.shown == ""


def test_while_a_training_runs_nothing_is_proposed(parts):
    parts.choose("circles")
    parts.app_model.set_training("running")
    assert parts.shown == ""
    parts.app_model.set_training("")
    assert parts.shown == SENTENCE


def test_a_setting_is_called_in_the_window_as_its_field_is():
    found = Issue("The part is empty.", field="data.validation")
    assert problem_in_words(found) == "Validation: The part is empty."
    assert (
        problem_in_words(Issue("The loss is not one.", field="training.loss"))
        == "The loss is not one."
    )
    assert (
        problem_in_words(Issue("Too small.", layer="conv", field="filters")) == "conv: Too small."
    )
