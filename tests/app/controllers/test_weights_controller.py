"""Which weights the panel shows after an edit, and what a training is asked for."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from app.app_model import AppModel
from app.controllers.live import weights
from app.document import Document
from engine.data.info import DataInfo
from engine.machine.facts import EngineFacts
from engine.probes.probe import Probe, Unavailable
from engine.probes.tensor_view import LayerWeights
from engine.probes.weights import tensor_view
from engine.runs.trained import Trained
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec
from engine.spec.project import ProjectSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import Sampled
from widgets.plots import WeightsPanel

INFO = DataInfo.single(
    "set", "Set", "number", "classification", (4,), ("a", "b"), "float32", (0.0, 1.0)
)
NETWORK = NetworkSpec(
    layers=(LayerSpec(id="dense", kind="Dense"), LayerSpec(id="flat", kind="Flatten"))
)
SPEC = ProjectSpec(network=NETWORK)
KERNEL = tensor_view("kernel", np.eye(4, 3))
FACTS = {"dense": LayerFacts((3,), 12, weights=(("kernel", (4, 3)),)), "flat": LayerFacts((4,))}
WIDER = {**FACTS, "dense": LayerFacts((5,), 20, weights=(("kernel", (4, 5)),))}


class IdleWorker(QObject):
    events_ready = Signal(object)
    control, is_running = None, False


class AtOnce:
    def submit(self, _lane, job):
        job.done(job.work(job))


def sampled(layer="dense"):
    found = LayerWeights(layer, "Dense", (KERNEL,), 8) if layer == "dense" else Unavailable("gone")
    return (Sampled("r", 8, Probe("dock.weights", "histograms", layer), found),)


class Observer:
    def samples(self, _trained, probes, _step):
        return sampled(probes[0].target)


@pytest.fixture
def parts(qtbot, monkeypatch):
    document, app_model = Document(SPEC, lambda _spec: None), AppModel()
    panel, shown = WeightsPanel(), []
    qtbot.addWidget(panel)
    monkeypatch.setattr(panel, "show_weights", shown.append)
    controller = weights.WeightsController(
        document, app_model, AtOnce(), IdleWorker(), Observer(), panel
    )
    app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    app_model.set_checked(FACTS, ())
    app_model.set_trained(Trained("r", SPEC, INFO, None, (), {}))
    app_model.set_selection(("dense",))
    said = []
    monkeypatch.setattr(panel, "show_empty", said.append)
    return SimpleNamespace(
        controller=controller, app_model=app_model, panel=panel, shown=shown, said=said
    )


def test_weights_of_another_size_are_not_shown_as_the_layers_own(parts):
    assert len(parts.shown) == 1
    parts.app_model.set_checked(WIDER, ())
    assert parts.said == ["This layer is new: train the network to see its weights."]
    parts.app_model.set_checked(FACTS, ())
    assert len(parts.shown) == 2


def test_nothing_is_taken_away_while_keras_is_asked(parts):
    parts.app_model.set_checked({"flat": FACTS["flat"]}, ())
    assert parts.said == []


def test_a_new_layer_that_never_has_weights_says_so(parts):
    parts.app_model.set_selection(("flat",))
    assert parts.said == ["Flatten has no weights."]


def test_weights_of_the_last_run_that_come_while_the_next_begins_are_not_shown(parts, monkeypatch):
    monkeypatch.setattr(IdleWorker, "is_running", True)
    parts.controller._show_trained(sampled())
    assert len(parts.shown) == 1
    assert parts.said == ["The weights appear here with the first steps."]


def test_the_training_is_asked_for_weights_often_and_for_figures_a_few_times_a_second(
    parts, monkeypatch
):
    control = TrainingControl()
    monkeypatch.setattr(IdleWorker, "control", control)
    parts.panel.show()
    parts.panel.request_changed.emit()
    asked = [(p.kind, p.target, p.period_s, dict(p.options)) for p in control.requests.probes]
    assert asked == [("weights", "dense", 0.05, {}), ("histograms", "dense", 0.5, {"counts": True})]
    parts.panel.set_histogram_shown(False)
    assert control.requests.probes[1].options == {"counts": False}
    parts.panel.hide()
    assert control.requests.probes == ()


def test_nobody_is_told_to_press_train_while_a_training_is_prepared(parts):
    parts.app_model.set_trained(None)
    assert parts.said.pop().startswith("Press Train")
    parts.app_model.set_training("running")
    assert parts.said.pop() == "The weights appear here with the first steps."
    parts.app_model.set_selection(("flat",))
    assert parts.said.pop() == "The weights appear here with the first steps."
