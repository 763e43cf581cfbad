"""A scripted canvas, network and training for tests of live views; no TensorFlow."""

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics
from engine.probes.activations import sampled
from engine.probes.probe import Unavailable
from engine.probes.tensor_view import LayerWeights
from engine.probes.weights import tensor_view
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import Sampled

NETWORK = NetworkSpec(
    layers=(
        LayerSpec(id="input", kind="InputLayer"),
        LayerSpec(id="conv", kind="Conv2D", parameters={"filters": 2}),
        LayerSpec(id="flat", kind="Flatten"),
    ),
    wires=(WireSpec(source="input", target="conv"), WireSpec(source="conv", target="flat")),
)
SPEC = ProjectSpec(network=NETWORK)
OTHER = NETWORK.with_changed(LayerSpec(id="conv", kind="Conv2D", parameters={"filters": 3}))
KERNEL = np.ones((3, 3, 1, 2), np.float32)
FACTS = {
    "input": LayerFacts((6, 6, 1)),
    "conv": LayerFacts((4, 4, 2), 20, 20, weights=(("kernel", KERNEL.shape),)),
    "flat": LayerFacts((32,)),
}
INFO = DataInfo.single(
    "set", "Set", "picture", "classification", (6, 6, 1), ("a", "b"), "uint8", (0.0, 255.0)
)
PART = Part(np.arange(3 * 36, dtype=np.uint8).reshape(3, 6, 6, 1), np.array([0, 1, 0], np.int32))
DATA = LoadedData(INFO, PART, PART, PART, Statistics(np.zeros(1), np.ones(1)))


def gives(probe, value=1.0):
    """Return what a layer gives: maps, all of one value."""
    return sampled(probe, [np.full((4, 4, 2), value, np.float32)])


def weights(layer="conv", kernel=KERNEL):
    return LayerWeights(layer, "Conv2D", (tensor_view("kernel", kernel, figures=False),))


class Worker(QObject):
    """A training that only notes what is asked of it."""

    events_ready = Signal(object)

    def __init__(self):
        super().__init__()
        self.control, self.run = None, "run"

    @property
    def is_running(self):
        return self.control is not None

    def begin(self, app_model, spec=SPEC, data=DATA):
        self.control = TrainingControl()
        app_model.running_spec, app_model.running_data = spec, data
        app_model.set_training("running")

    def end(self, app_model):
        self.control = None
        app_model.set_training("")

    @property
    def probes(self):
        return self.control.requests.probes

    def sample(self, payload, probe=None, step=5):
        for each in [probe] if probe else self.probes:
            found = payload(each) if callable(payload) else payload
            self.events_ready.emit((Sampled(self.run, step, each, found),))


class Still:
    """Gives each layer but those that are broken the number of times it was asked."""

    def __init__(self, app_model):
        self.asked, self.broken, self._app_model = [], set(), app_model

    @property
    def is_ready(self):
        return bool(self._app_model.facts) and not self._app_model.training

    def ask(self, owner, probes, show):
        if self.is_ready:
            self.asked.append((owner, tuple(probe.target for probe in probes)))
            show(
                {
                    probe.id: gives(probe, len(self.asked))
                    for probe in probes
                    if probe.target not in self.broken
                }
            )


class Observer:
    def __init__(self):
        self.asked = []

    def samples(self, trained, probes, step):
        self.asked.append(tuple(probe.target for probe in probes))
        found = {"conv": weights()}
        return tuple(
            Sampled(trained.run, step, probe, found.get(probe.target, Unavailable("gone")))
            for probe in probes
        )


class Canvas(QObject):
    view_changed = Signal()
    shown = Signal()

    def __init__(self):
        super().__init__()
        self.visible, self.outputs, self.thumbnails, self.is_old = ("input", "conv"), {}, {}, False

    def isVisible(self):
        return True

    def visible_ids(self):
        return self.visible

    def show_output(self, layer_id, output):
        self.outputs[layer_id] = output

    def show_thumbnail(self, layer_id, values):
        self.thumbnails[layer_id] = values

    def show_pictures_old(self, old):
        self.is_old = old


class AtOnce:
    """Runs jobs when they are submitted."""

    def submit(self, _lane, job):
        job.done(job.work(job))
