"""When the neurons ask for weights, and which they show; no TensorFlow."""

import numpy as np
import pytest

from app import heavy
from app.app_model import AppModel, EngineFacts, Trained
from app.controllers.live import neurons
from app.controllers.live.neurons import MOST_LIVE_WEIGHTS, NeuronsController
from app.document import Document
from app.jobs import JobRunner
from app.training_worker import TrainingWorker
from engine.data.loaded import LoadedData, Part
from engine.data.sets import describe
from engine.spec.data import DataSpec
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunEnded, SnapshotTaken
from widgets.neurons import NeuronsPanel

NETWORK = NetworkSpec(
    layers=(LayerSpec(id="input", kind="InputLayer"), LayerSpec(id="dense", kind="Dense")),
    wires=(WireSpec(source="input", target="dense"),),
)
SPEC = ProjectSpec(network=NETWORK)
FACTS = {"input": LayerFacts((4,)), "dense": LayerFacts((3,), parameters=15)}
WEIGHTS = (np.ones((4, 3), np.float32), np.zeros(3, np.float32))


class Parts:
    """The controller among real parts, a training that only notes its requests, and what the panel was shown."""

    def __init__(self, qtbot, monkeypatch):
        self.app_model, self.jobs, self.worker = AppModel(), JobRunner(), TrainingWorker()
        self.document = Document(SPEC, lambda _spec: None)
        self.panel = NeuronsPanel()
        qtbot.addWidget(self.panel)
        self.shown = []
        monkeypatch.setattr(
            self.panel,
            "show_chain",
            lambda _chain, found, note="": self.shown.append((found, note)),
        )
        monkeypatch.setattr(heavy, "weight_places", lambda *_arguments: {"dense": (0, 1)})
        self.app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
        info = describe(DataSpec(source="iris"))
        part = Part(np.zeros((1, 4), np.float32), np.zeros(1))
        self.app_model.set_info(info)
        self.app_model.set_data(LoadedData(info, part, part, part, None))
        self.app_model.set_checked(FACTS, ())
        self.controller = NeuronsController(
            self.document, self.app_model, self.jobs, self.worker, self.panel
        )

    def train(self):
        self.worker.control = TrainingControl()
        self.worker._thread = object()
        self.app_model.running_spec, self.app_model.running_data = SPEC, self.app_model.data
        self.app_model.set_training("running")

    def end(self):
        self.worker.control = self.worker._thread = None

    @property
    def wants(self):
        return self.worker.control.requests.snapshot


@pytest.fixture
def parts(qtbot, monkeypatch):
    monkeypatch.setattr(neurons, "INTERVAL_MS", 5)
    made = Parts(qtbot, monkeypatch)
    yield made
    made.end()
    made.panel.hide()
    assert made.jobs.close()


def test_nothing_is_asked_for_while_nobody_looks(parts):
    parts.train()
    assert not parts.wants
    assert not parts.controller._timer.isActive()
    parts.panel.show()
    assert parts.wants
    assert parts.controller._timer.isActive()
    parts.panel.hide()
    assert not parts.controller._timer.isActive()


def test_the_structure_comes_first_then_live_weights(parts, qtbot):
    parts.panel.show()
    assert parts.shown[-1] == (None, "")
    parts.train()
    parts.worker.events_ready.emit((SnapshotTaken(parts.worker.run, 5, WEIGHTS),))
    qtbot.waitUntil(lambda: parts.shown[-1][0] is not None)
    np.testing.assert_array_equal(parts.shown[-1][0][0].kernel, WEIGHTS[0])
    parts.worker.control.snapshot_taken()
    qtbot.waitUntil(lambda: parts.wants)


def test_the_trained_weights_stay_until_the_network_changes(parts, qtbot):
    parts.panel.show()
    parts.app_model.set_trained(Trained("run", SPEC, parts.app_model.info, None, WEIGHTS, {}))
    qtbot.waitUntil(lambda: parts.shown[-1][0] is not None)
    other = NETWORK.with_changed(LayerSpec(id="dense", kind="Dense", parameters={"units": 5}))
    parts.document.edit("change", SPEC.but(network=other))
    parts.app_model.set_checked({**FACTS, "dense": LayerFacts((5,))}, ())
    assert parts.shown[-1][0] is None


def test_live_weights_end_with_their_run(parts):
    parts.panel.show()
    parts.train()
    parts.worker.events_ready.emit((SnapshotTaken("", 5, WEIGHTS),))
    parts.worker.events_ready.emit((RunEnded("", "discarded", 0, 0, 0.0),))
    parts.end()
    parts.app_model.set_training("")
    assert parts.shown[-1][0] is None


def test_a_large_network_is_not_copied_again_and_again(parts):
    parts.app_model.set_checked(
        {**FACTS, "dense": LayerFacts((3,), parameters=MOST_LIVE_WEIGHTS + 1)}, ()
    )
    parts.panel.show()
    parts.train()
    assert not parts.wants
    assert "too large" in parts.shown[-1][1]
