from dataclasses import replace

import pytest

from engine.errors import JobFailed
from engine.runs.recorder import PERIOD_S, Recorder
from engine.runs.store import RunStore
from engine.spec.project import ProjectSpec
from engine.training.events import EpochEnded, PhaseChanged, RunEnded, RunStarted

SPEC = ProjectSpec(name="recorded")
STARTED = RunStarted("a", 3, 4, 32, 100, "cpu", 50, ("accuracy",))
ENDED = RunEnded("a", "finished", 3, 12, 1.0, 300, {"loss": 0.1})


def epoch(number):
    return EpochEnded("a", number, number * 4, {"loss": 1 / number}, 0.1, best=True)


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path)


def test_a_run_is_recorded_from_its_events(store):
    record = Recorder(store, "a", SPEC)
    for event in (PhaseChanged("a", "preparing"), STARTED, epoch(1), epoch(2), epoch(3), ENDED):
        record(event)
    found = store.latest()
    assert (found.id, found.device, found.outcome, found.samples) == ("a", "cpu", "finished", 300)
    assert found.spec == SPEC
    assert [(each.epoch, each.step) for each in store.epochs("a")] == [(1, 4), (2, 8), (3, 12)]


def test_quick_epochs_are_gathered_and_slow_ones_written_at_once(store):
    clock = Clock()
    record = Recorder(store, "a", SPEC, clock)
    record(STARTED)
    record(epoch(1))
    record(epoch(2))
    assert len(store.epochs("a")) == 1
    clock.seconds += PERIOD_S
    record(epoch(3))
    assert len(store.epochs("a")) == 3


def test_a_run_that_failed_before_it_started_is_recorded(store):
    Recorder(store, "a", SPEC)(replace(ENDED, outcome="failed", error="no"))
    assert store.latest().outcome == "failed"


def test_events_of_another_run_are_ignored(store):
    Recorder(store, "b", SPEC)(STARTED)
    assert store.runs() == ()


def test_what_the_disk_refused_is_written_later(store, monkeypatch):
    clock = Clock()
    record = Recorder(store, "a", SPEC, clock)
    record(STARTED)

    def refuse(run, epochs):
        raise JobFailed("full")

    with monkeypatch.context() as broken:
        broken.setattr(store, "add_epochs", refuse)
        with pytest.raises(JobFailed):
            record(epoch(1))
    record(ENDED)
    assert [each.epoch for each in store.epochs("a")] == [1]
