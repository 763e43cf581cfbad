"""What probes observed is kept with the run, thinly and within limits."""

import sqlite3

import numpy as np
import pytest

from engine.errors import JobFailed
from engine.probes.activations import layer_output
from engine.probes.probe import Probe, ProbeKind, Unavailable
from engine.probes.table import PROBES
from engine.runs import sample_recorder
from engine.runs.database import FILE_NAME
from engine.runs.recorder import Recorder
from engine.runs.sample_recorder import MOST_SAMPLES
from engine.runs.store import RunStore
from engine.spec.project import ProjectSpec
from engine.training.live.events import EpochEnd, EpochsEnded, RunEnded, RunStarted, Sampled

SPEC = ProjectSpec(name="observed")
STARTED = RunStarted("a", 3, 4, 32, 100, "cpu", 50, ("accuracy",))


def ended(outcome="finished"):
    return RunEnded("a", outcome, 3, 12, 1.0, 300, {"loss": 0.1})


def sampled(step, layer="dense", owner="dock", size_px=(100, 100), kind="activations"):
    payload = layer_output(layer, [np.full(4, step, np.float32)], size_px, step=step)
    return Sampled("a", step, Probe(f"{owner}:{layer}", kind, layer, size_px=size_px), payload)


class Bench:
    """A recorder whose clock moves a second with each sample."""

    def __init__(self, folder):
        self.now = 0.0
        self.store = RunStore(folder)
        self.record = self.recorder()
        self.record(STARTED)

    def recorder(self, **fields):
        return Recorder(self.store, "a", SPEC, now=lambda: self.now, **fields)

    def observe(self, steps, *layers, first=1):
        for step in range(first, first + steps):
            self.now += 1.0
            for layer in layers or ("dense",):
                self.record(sampled(step, layer))

    def steps(self, layer="dense"):
        return [each.step for each in self.store.samples("a", "activations", layer)]


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def test_samples_are_written_beside_epochs_and_read_back(bench):
    bench.observe(3, "dense", "conv")
    bench.record(EpochsEnded("a", (EpochEnd(1, 4, {"loss": 1.0}, 0.1, True),)))
    bench.record(ended())
    assert bench.steps("dense") == [1, 2, 3]
    assert bench.steps("conv")[-1] == 3
    found = bench.store.samples("a", "activations", "conv")[-1]
    assert (found.step, found.payload.layer, found.payload.values.tolist()) == (
        3,
        "conv",
        [3.0] * 4,
    )
    assert len(bench.store.epochs("a")) == 1
    assert list(bench.store.observed("a")) == [("activations", "conv"), ("activations", "dense")]
    assert bench.store.samples("a", "weights", "dense") == ()
    assert bench.store.samples("b", "activations", "dense") == ()


def test_a_time_slider_is_a_query(bench):
    bench.observe(5)
    bench.record(ended())
    at = bench.store.sample_at
    assert at("a", "activations", "dense", 3).step == 3
    assert at("a", "activations", "dense", 99).payload.values[0] == 5.0
    assert at("a", "activations", "dense", 0) is None
    assert at("a", "activations", "gone", 3) is None


def test_samples_come_a_second_apart_and_the_last_one_always(bench):
    for step in range(1, 101):
        bench.now += 0.05
        bench.record(sampled(step))
    bench.record(ended())
    steps = bench.steps()
    assert 5 <= len(steps) <= 7
    assert steps[0] == 1
    assert steps[-1] == 100


def test_a_long_run_keeps_samples_spread_over_all_of_it(bench):
    bench.observe(20 * MOST_SAMPLES)
    bench.record(ended())
    steps = bench.steps()
    assert MOST_SAMPLES / 2 - 1 <= len(steps) <= MOST_SAMPLES
    gaps = np.diff(steps[:-1])
    assert gaps.max() <= 4 * gaps.min()
    assert steps[-1] == 20 * MOST_SAMPLES


def test_a_run_keeps_within_its_limit_of_bytes(bench, monkeypatch):
    monkeypatch.setattr(sample_recorder, "LARGEST_RUN_BYTES", 5_000)
    bench.observe(100, "dense", "conv")
    bench.record(ended())
    sizes = bench.store.observed("a").values()
    assert 0 < sum(size.size_bytes for size in sizes) <= 5_500
    assert min(size.count for size in sizes) > 1


def test_of_two_views_of_one_layer_the_finer_one_is_kept(bench):
    bench.now += 1
    bench.record(sampled(1, owner="thumbnails", size_px=(9, 9)))
    bench.record(sampled(2, owner="thumbnails", size_px=(9, 9)))
    bench.record(sampled(2, owner="dock", size_px=(100, 100)))
    bench.record(sampled(2, owner="thumbnails", size_px=(9, 9)))
    bench.record(ended())
    kept = bench.store.samples("a", "activations", "dense")
    assert [each.step for each in kept] == [1, 2]


def test_what_is_unavailable_or_not_to_be_recorded_is_not(bench, monkeypatch):
    silent = ProbeKind("silent", "Silent", None, float, is_recorded=False)
    monkeypatch.setitem(PROBES, "silent", silent)
    monkeypatch.setitem(PROBES, "odd", ProbeKind("odd", "Odd", None, object))
    probe = Probe("dock", "activations", "dense")
    bench.record(Sampled("a", 1, probe, Unavailable("gone")))
    bench.record(Sampled("a", 1, Probe("dock", "silent"), 1.0))
    bench.record(Sampled("a", 1, Probe("dock", "odd"), object()))
    bench.record(Sampled("a", 1, Probe("dock", "unknown"), 1.0))
    bench.record(ended())
    assert bench.store.observed("a") == {}


def test_a_row_from_outside_is_recorded(bench, monkeypatch):
    monkeypatch.setitem(PROBES, "norm", ProbeKind("norm", "Norm", None, float))
    bench.record(Sampled("a", 1, Probe("test", "norm", "dense"), 2.5))
    bench.record(ended())
    assert bench.store.samples("a", "norm", "dense")[0].payload == 2.5
    monkeypatch.delitem(PROBES, "norm")
    assert bench.store.samples("a", "norm", "dense") == ()


def test_a_run_that_goes_on_forgets_what_was_observed_after_its_state(bench):
    bench.observe(6)
    bench.record(ended("stopped"))
    before = bench.store.run("a")
    bench.record = bench.recorder(goes_on=before)
    bench.record(RunStarted("a", 3, 4, 32, 100, "cpu", 50, (), epochs_before=1, steps_before=4))
    bench.observe(2, first=10)
    assert bench.steps() == [1, 2, 3, 4, 10, 11]
    bench.record(ended("discarded"))
    assert bench.steps() == [1, 2, 3, 4]


def test_samples_that_the_disk_refused_are_written_later(bench, monkeypatch):
    with monkeypatch.context() as refusing:

        def refuse(*_):
            raise JobFailed("full")

        refusing.setattr(RunStore, "add_samples", refuse)
        bench.now += 1
        with pytest.raises(JobFailed):
            bench.record(sampled(1))
    bench.now += 60
    bench.record(sampled(2))
    bench.record(ended())
    assert bench.steps()[-1] == 2


def test_the_first_epoch_is_written_at_once_after_samples(bench):
    bench.observe(1)
    bench.record(EpochsEnded("a", (EpochEnd(1, 4, {"loss": 1.0}, 0.1, True),)))
    assert len(bench.store.epochs("a")) == 1


def test_a_store_of_version_0_1_is_read_and_gets_samples(tmp_path):
    store = RunStore(tmp_path)
    store.begin("a", SPEC)
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:  # as 0.1 left it
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 1
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert "samples" not in names
    assert store.observed("a") == {}
    assert store.samples("a", "activations", "dense") == ()
    assert store.notice == ""
    before = store.run("a")
    record = Recorder(store, "a", SPEC, goes_on=before)
    record(RunStarted("a", 3, 4, 32, 100, "cpu", 50, (), epochs_before=1, steps_before=4))
    record(sampled(5))
    record(ended())
    assert [each.step for each in store.samples("a", "activations", "dense")] == [5]
    assert RunStore(tmp_path).notice == ""


def test_damaged_samples_are_left_out(bench, tmp_path):
    bench.observe(3)
    bench.record(ended())
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE samples SET payload = X'00ff' WHERE step = 2")
        connection.execute("UPDATE samples SET payload = 'text' WHERE step = 3")
    connection.close()
    assert bench.steps() == [1]
