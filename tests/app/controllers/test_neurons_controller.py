"""When the neurons ask for weights, and which they show; no TensorFlow."""

import numpy as np
import pytest

from app.app_model import AppModel
from app.controllers.live.neurons import NeuronsController
from app.document import Document
from app.jobs import JobRunner
from app.training_worker import TrainingWorker
from engine.data.choice import describe
from engine.data.loaded import LoadedData, Part
from engine.machine.facts import EngineFacts
from engine.probes.neurons import ChainWeights, synapses_of
from engine.runs.trained import Trained
from engine.spec.data import DataSpec
from engine.spec.issues import Issue, LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunEnded, Sampled
from widgets.neurons import NeuronsPanel

NETWORK = NetworkSpec(
    layers=(LayerSpec(id="input", kind="InputLayer"), LayerSpec(id="dense", kind="Dense")),
    wires=(WireSpec(source="input", target="dense"),),
)
SPEC = ProjectSpec(network=NETWORK)
FACTS = {"input": LayerFacts((4,)), "dense": LayerFacts((3,), parameters=15)}
KERNEL, BIAS = np.ones((4, 3), np.float32), np.zeros(3, np.float32)
CHAIN_WEIGHTS = ChainWeights((synapses_of(KERNEL, BIAS, 32),), 5)


class Observer:
    def __init__(self):
        self.asked = 0

    def samples(self, trained, probes, step):
        self.asked += 1
        return (Sampled(trained.run, step, probes[0], CHAIN_WEIGHTS),)


class Parts:
    """The controller among real parts, a training that only notes its requests, and what the panel was shown."""

    def __init__(self, qtbot, monkeypatch):
        self.app_model, self.jobs, self.worker = AppModel(), JobRunner(), TrainingWorker()
        self.document = Document(SPEC, lambda _spec: None)
        self.panel, self.observer = NeuronsPanel(), Observer()
        qtbot.addWidget(self.panel)
        self.shown = []
        monkeypatch.setattr(
            self.panel,
            "show_chain",
            lambda _chain, found, note="": self.shown.append((found, note)),
        )
        self.app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
        info = describe(DataSpec(reader="iris"))
        part = Part(np.zeros((1, 4), np.float32), np.zeros(1))
        self.app_model.set_info(info)
        self.app_model.set_data(LoadedData(info, part, part, part, None))
        self.app_model.set_checked(FACTS, ())
        self.controller = NeuronsController(
            self.document, self.app_model, self.jobs, self.worker, self.observer, self.panel
        )

    def train(self):
        self.worker.control = TrainingControl()
        self.worker._thread = object()
        self.app_model.running_spec, self.app_model.running_data = SPEC, self.app_model.data
        self.app_model.set_training("running")

    def end(self):
        self.worker.control = self.worker._thread = None

    def sample(self, payload=CHAIN_WEIGHTS):
        (probe,) = self.probes
        self.worker.events_ready.emit((Sampled(self.worker.run, 5, probe, payload),))

    @property
    def probes(self):
        return self.worker.control.requests.probes


@pytest.fixture
def parts(qtbot, monkeypatch):
    made = Parts(qtbot, monkeypatch)
    yield made
    made.end()
    made.panel.hide()
    assert made.jobs.close()


def test_nothing_is_asked_for_while_nobody_looks(parts):
    parts.train()
    assert parts.probes == ()
    parts.panel.show()
    (probe,) = parts.probes
    assert (probe.kind, probe.options["layers"]) == ("neurons", ("dense",))
    assert probe.period_s == 0.5
    parts.panel.hide()
    assert parts.probes == ()


def test_the_structure_comes_first_then_live_weights(parts):
    parts.panel.show()
    assert parts.shown[-1] == (None, "")
    parts.train()
    parts.sample()
    np.testing.assert_array_equal(parts.shown[-1][0][0].kernel, KERNEL)


def test_weights_of_another_network_are_not_drawn(parts):
    parts.panel.show()
    parts.train()
    parts.sample(ChainWeights((synapses_of(np.ones((4, 9)), None, 32),), 5))
    assert parts.shown[-1][0] is None


def test_a_network_that_is_edited_while_it_trains_is_asked_for_no_longer(parts):
    parts.panel.show()
    parts.train()
    other = NETWORK.with_changed(LayerSpec(id="dense", kind="Dense", parameters={"units": 5}))
    parts.document.edit("change", SPEC.but(network=other))
    parts.app_model.set_checked({**FACTS, "dense": LayerFacts((5,))}, ())
    assert parts.probes == ()


def test_the_trained_weights_stay_until_the_network_changes(parts, qtbot):
    parts.panel.show()
    parts.app_model.set_trained(Trained("run", SPEC, parts.app_model.info, None, (), {}))
    qtbot.waitUntil(lambda: parts.shown[-1][0] is not None)
    parts.controller.renew()
    assert parts.observer.asked == 1
    other = NETWORK.with_changed(LayerSpec(id="dense", kind="Dense", parameters={"units": 5}))
    parts.document.edit("change", SPEC.but(network=other))
    parts.app_model.set_checked({**FACTS, "dense": LayerFacts((5,))}, ())
    assert parts.shown[-1][0] is None


def test_live_weights_end_with_their_run(parts):
    parts.panel.show()
    parts.train()
    parts.sample()
    parts.worker.events_ready.emit((RunEnded("", "discarded", 0, 0, 0.0),))
    parts.end()
    parts.app_model.set_training("")
    assert parts.shown[-1][0] is None


def test_only_marked_problems_are_said_to_be_marked(parts):
    parts.app_model.set_checked({}, ())  # as at the start
    parts.panel.show()
    assert "is checked" in parts.panel._words.text()
    parts.app_model.set_checked({}, (Issue("wrong", layer="dense"),))
    assert "marked problems" in parts.panel._words.text()
