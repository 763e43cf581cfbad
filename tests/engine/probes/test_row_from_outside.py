"""A probe that is added from outside: asked for in a training, answered, kept with the run. Nothing but the engine."""

from dataclasses import dataclass

import numpy as np

from engine.probes.probe import Probe, ProbeError, ProbeKind
from engine.probes.table import PROBES
from engine.runs.recorder import Recorder
from engine.runs.store import RunStore
from engine.training.live.control import TrainingControl
from engine.training.live.events import Sampled
from engine.training.loop.session import train
from tests.engine.training.problems import project, xor_data


@dataclass(frozen=True)
class Norms:
    """Norm of each column of a kernel, and the largest output for the pinned sample."""

    columns: np.ndarray
    largest: float


def norms(subject, probe):
    layer = subject.layer(probe.target)
    if not hasattr(layer, "kernel"):
        raise ProbeError(f"{probe.target} has no kernel.")

    def take():
        (given,) = subject.outputs(probe.target, "training", probe.options["number"])
        return Norms(np.linalg.norm(subject.read(layer.kernel), axis=0), float(np.max(given)))

    return take


def test_it_is_asked_for_answered_and_kept(monkeypatch, tmp_path):
    monkeypatch.setitem(PROBES, "norms", ProbeKind("norms", "Norms of a kernel", norms, Norms))
    store, control, samples = RunStore(tmp_path), TrainingControl(), []
    spec, data = project(epochs=5), xor_data()
    record = Recorder(store, "run", spec)

    def emit(event):
        record(event)
        if isinstance(event, Sampled):
            samples.append(event)

    control.observe("me", (Probe("me", "norms", "output", {"number": 2}),))
    train("run", spec, data, emit, control)
    assert (samples[0].step, samples[-1].step) == (0, 5)
    last = samples[-1].payload
    assert last.columns.shape == (2,)
    assert 0 < last.largest <= 1
    kept = store.samples("run", "norms", "output")
    assert kept[-1].step == 5
    np.testing.assert_array_equal(kept[-1].payload.columns, last.columns)
    assert store.sample_at("run", "norms", "output", 4).step < 5
