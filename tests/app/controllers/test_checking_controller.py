"""What is known of shapes between an edit and Keras's answer."""

from types import SimpleNamespace

import pytest

from app.app_model import AppModel
from app.controllers.editor import checking
from app.controllers.editor.inspector import InspectorController
from app.document import Document
from engine.data.info import DataInfo
from engine.machine.facts import EngineFacts
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from widgets.forms import LayerForm

INFO = DataInfo.single(
    "set", "Set", "number", "classification", (4,), ("a", "b"), "float32", (0.0, 1.0)
)
DENSE = LayerSpec(id="dense", kind="Dense", parameters={"units": 3})
INPUT, OUT = LayerSpec(id="input", kind="InputLayer"), DENSE.but(id="out")
CHAIN = NetworkSpec(
    layers=(INPUT, DENSE, OUT),
    wires=(WireSpec(source="input", target="dense"), WireSpec(source="dense", target="out")),
)
FACTS = {name: LayerFacts((3,), 15) for name in CHAIN.ids}


class Waiting:
    """Runs a job when it is told to."""

    def submit(self, _lane, job):
        self.job = job

    def answer(self):
        self.job.done(self.job.work(self.job))


@pytest.fixture
def parts(qtbot, monkeypatch):
    shapes = SimpleNamespace(facts=lambda spec, _info: {n: FACTS[n] for n in spec.network.ids})
    monkeypatch.setattr(checking, "Shapes", lambda: shapes)
    document, app_model = Document(ProjectSpec(network=CHAIN), lambda _spec: None), AppModel()
    jobs = Waiting()
    controller = checking.CheckingController(document, app_model, jobs)
    app_model.set_info(INFO)
    app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    jobs.answer()
    return SimpleNamespace(document=document, app_model=app_model, jobs=jobs, controller=controller)


def edit(parts, network):
    parts.document.edit("Edit", parts.document.spec.but(network=network))


def test_facts_stay_where_a_layer_and_what_it_takes_did_not_change(parts):
    assert parts.app_model.facts == FACTS
    wider = DENSE.but(parameters={"units": 5})
    edit(parts, CHAIN.but(layers=(INPUT, wider, OUT)))
    assert parts.app_model.facts.keys() == {"input", "out"}
    parts.jobs.answer()
    assert parts.app_model.facts.keys() == set(CHAIN.ids)
    edit(parts, CHAIN.but(layers=(INPUT, wider, OUT), wires=CHAIN.wires[:1]))
    assert parts.app_model.facts.keys() == {"input", "dense"}


def test_a_layer_of_another_network_with_the_same_name_is_unknown(parts):
    edit(parts, CHAIN.but(layers=(INPUT, DENSE.but(kind="Flatten", parameters={}), OUT)))
    assert "dense" not in parts.app_model.facts


def test_other_data_leaves_nothing_known(parts):
    parts.app_model.set_info(None)
    assert parts.app_model.facts == {}


@pytest.fixture
def shown(parts, qtbot, monkeypatch):
    """Every layer that the inspector shows, with its facts; "dense" is selected."""
    form, seen = LayerForm(), []
    qtbot.addWidget(form)
    monkeypatch.setattr(
        form, "show_layer", lambda layer, _kind, fact, _issues: seen.append((layer, fact))
    )
    InspectorController(parts.document, parts.app_model, form, parts.controller)
    parts.app_model.set_selection(("dense",))
    assert seen == [(DENSE, FACTS["dense"])]
    seen.clear()
    return seen


def test_an_edit_shows_the_inspector_once_and_again_only_for_other_facts(parts, shown):
    wider = DENSE.but(parameters={"units": 5})
    edit(parts, CHAIN.but(layers=(INPUT, wider, OUT)))
    assert shown == [(wider, None)]
    parts.jobs.answer()
    assert shown[1:] == [(wider, FACTS["dense"])]
    parts.controller.check()
    parts.jobs.answer()
    assert len(shown) == 2


def test_an_edit_elsewhere_does_not_show_the_inspector(parts, shown):
    edit(parts, CHAIN.but(layers=(INPUT, DENSE, OUT.but(trainable=False))))
    parts.jobs.answer()
    assert shown == []


def test_issues_are_told_when_they_are_others(parts, qtbot):
    app_model = parts.app_model
    with (
        qtbot.assertNotEmitted(app_model.issues_changed),
        qtbot.waitSignal(app_model.facts_changed),
    ):
        app_model.set_checked({}, app_model.issues)
    with qtbot.waitSignal(parts.app_model.issues_changed):
        edit(parts, CHAIN.but(wires=CHAIN.wires[:1]))
    assert parts.app_model.errors
