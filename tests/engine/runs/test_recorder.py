from dataclasses import replace

import pytest

from engine.errors import JobFailed
from engine.runs.recorder import EVERY_EPOCH_UP_TO, PERIOD_S, Recorder, is_written
from engine.runs.store import RunStore
from engine.spec.project import ProjectSpec
from engine.training.live.events import EpochEnd, EpochsEnded, PhaseChanged, RunEnded, RunStarted

SPEC = ProjectSpec(name="recorded")
STARTED = RunStarted("a", 3, 4, 32, 100, "cpu", 50, ("accuracy",))
ENDED = RunEnded("a", "finished", 3, 12, 1.0, 300, {"loss": 0.1})


def epoch(number, best=True):
    end = EpochEnd(number, number * 4, {"loss": 1 / number}, 0.1, best)
    return EpochsEnded("a", (end,))


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
    found = store.runs()[-1]
    assert (found.id, found.device, found.outcome, found.samples) == ("a", "cpu", "finished", 300)
    assert found.spec == SPEC
    assert [(each.epoch, each.step) for each in store.epochs("a")] == [(1, 4), (2, 8), (3, 12)]


def test_quick_epochs_are_gathered_and_slow_ones_written_at_once(store):
    clock = Clock()
    record = Recorder(store, "a", SPEC, now=clock)
    record(STARTED)
    record(epoch(1))
    record(epoch(2))
    assert len(store.epochs("a")) == 1
    clock.seconds += PERIOD_S
    record(epoch(3))
    assert len(store.epochs("a")) == 3


def test_epochs_that_ended_together_are_all_recorded(store):
    record = Recorder(store, "a", SPEC)
    ends = tuple(end for number in (1, 2, 3) for end in epoch(number).ends)
    for event in (STARTED, EpochsEnded("a", ends), ENDED):
        record(event)
    assert [each.epoch for each in store.epochs("a")] == [1, 2, 3]


def test_a_run_that_failed_before_it_started_is_recorded(store):
    Recorder(store, "a", SPEC)(replace(ENDED, outcome="failed", error="no"))
    assert store.runs()[-1].outcome == "failed"


def test_events_of_another_run_are_ignored(store):
    Recorder(store, "b", SPEC)(STARTED)
    assert store.runs() == ()


def test_what_the_disk_refused_is_written_later(store, monkeypatch):
    clock = Clock()
    record = Recorder(store, "a", SPEC, now=clock)
    record(STARTED)

    def refuse(run, epochs):
        raise JobFailed("full")

    with monkeypatch.context() as broken:
        broken.setattr(store, "add_epochs", refuse)
        with pytest.raises(JobFailed):
            record(epoch(1))
    record(ENDED)
    assert [each.epoch for each in store.epochs("a")] == [1]


def test_a_long_run_keeps_few_rows_and_its_best_and_last_epoch(store):
    epochs = 20 * EVERY_EPOCH_UP_TO
    clock = Clock()
    record = Recorder(store, "a", SPEC, now=clock)
    record(STARTED)
    best = 3 * EVERY_EPOCH_UP_TO + 1
    assert not is_written(best)
    for number in range(1, epochs):
        record(epoch(number, number == best))
    record(replace(ENDED, epochs=epochs))
    rows = [each.epoch for each in store.epochs("a")]
    assert len(rows) < 4 * EVERY_EPOCH_UP_TO
    assert rows[: EVERY_EPOCH_UP_TO + 1] == [
        *range(1, EVERY_EPOCH_UP_TO + 1),
        EVERY_EPOCH_UP_TO + 2,
    ]
    assert best in rows
    assert rows[-1] == epochs - 1


def interrupted(store):
    """Record a run of three epochs that was killed; return its record."""
    clock = Clock()
    record = Recorder(store, "a", SPEC, now=clock)
    record(STARTED)
    for number in (1, 2, 3):
        clock.seconds += PERIOD_S
        record(epoch(number))
    return store.runs()[-1]


def test_a_run_that_goes_on_keeps_its_row_and_replaces_the_epochs_after_the_state(store):
    before = interrupted(store)
    record = Recorder(store, "a", SPEC.but(name="more"), before)
    for event in (replace(STARTED, epochs_before=2, steps_before=9), epoch(3), epoch(4), ENDED):
        record(event)
    (found,) = store.runs()
    assert (found.number, found.started, found.outcome) == (1, before.started, "finished")
    assert found.spec.name == "more"
    assert [each.epoch for each in store.epochs("a")] == [1, 2, 3, 4]


def test_a_discard_leaves_the_earlier_part_as_it_was(store):
    Recorder(store, "a", SPEC)(replace(ENDED, outcome="finished"))
    before = store.runs()[-1]
    record = Recorder(store, "a", SPEC.but(name="more"), before)
    discarded = replace(ENDED, outcome="discarded", figures={})
    for event in (replace(STARTED, epochs_before=3), epoch(4), discarded):
        record(event)
    assert store.runs()[-1] == before
    assert store.epochs("a") == ()


def test_a_run_that_could_not_go_on_stays_as_it_was(store):
    before = interrupted(store)
    Recorder(store, "a", SPEC, before)(replace(ENDED, outcome="failed"))
    assert store.runs()[-1] == before


def test_a_recorded_run_has_its_number_within_the_project(store):
    store.begin("earlier", SPEC)
    record = Recorder(store, "a", SPEC)
    assert record.number == 0
    record(STARTED)
    assert record.number == 2
