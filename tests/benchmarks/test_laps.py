"""Laps of scripted runs: what is counted, and that only one of them trains at a time."""

import threading
from itertools import pairwise

import numpy as np
import pytest

from benchmarks import laps
from benchmarks.laps import Lap, Pacer, race
from engine.errors import JobFailed
from engine.training.live.events import EpochEnd, EpochsEnded, PhaseChanged, RunEnded, StepsEnded
from tests.patience import PATIENCE_S

LOSSES = np.ones(4, np.float32)
EPOCH = EpochsEnded("r", (EpochEnd(1, 4, {}, 0.1, best=True),))
TRAINING = PhaseChanged("r", "training")


def steps(samples):
    return StepsEnded("r", 1, 1, {"loss": LOSSES}, {}, 0.1, 0.1, samples)


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only when it is told to."""
    now = [100.0]
    monkeypatch.setattr(laps.time, "perf_counter", lambda: now[0])
    return now


class Script:
    """A run of given (seconds, event) pairs on a thread of its own."""

    def __init__(self, clock, events, trained=None):
        self.clock, self.events, self.trained = clock, events, trained

    def start(self):
        self.pacer = Pacer()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self.pacer.waits.wait(PATIENCE_S)

    def lap(self, seconds):
        over = threading.Event()
        self.pacer.begin(seconds, over.set)
        assert over.wait(PATIENCE_S)
        return self.pacer.lap()

    def stop(self):
        self.pacer.let_go()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()

    def _run(self):
        for seconds, event in self.events:
            self.clock[0] += seconds
            if self.trained is not None:
                self.trained.append(self)
            self.pacer(event)


WARM = [(0.0, TRAINING), (0.1, steps(1000)), (0.0, EPOCH), (1.0, steps(1000)), (0.0, EPOCH)]


def test_a_lap_begins_after_the_run_up_and_takes_what_lies_between(clock):
    run_up = [(5.0, steps(1000)), (0.1, steps(1000)), (0.2, steps(1000))]
    counted = [(0.5, steps(30)), (0.2, EPOCH), (0.3, steps(70))]
    run = Script(clock, [*WARM, *run_up, *counted])
    run.start()
    clock[0] += 60.0  # while another trains
    assert run.lap(0.9) == Lap(100, pytest.approx(1.0))
    run.stop()


def test_the_first_epoch_does_not_end_the_warm_up_before_its_time(clock):
    run = Script(
        clock,
        [*WARM[:3], (0.5, steps(9)), (0.0, EPOCH), (9.0, RunEnded("r", "stopped", 1, 4, 9.0))],
    )
    run.start()
    with pytest.raises(JobFailed, match="before it could be measured"):
        run.pacer.lap()


def test_a_run_that_failed_says_why(clock):
    failed = RunEnded("r", "failed", 0, 0, 0.0, error="The disk is full: make room.")
    run = Script(clock, [*WARM, (1.0, steps(10)), (0.1, steps(10)), (0.1, failed)])
    run.start()
    with pytest.raises(JobFailed, match="The disk is full"):
        run.lap(1.0)


def test_a_run_that_is_let_go_waits_no_more(clock):
    given = []
    run = Script(clock, [*WARM, *[(1.0, steps(10))] * 20], given)
    run.start()
    assert len(given) < 25
    run.stop()
    assert len(given) == 25


def test_runs_train_in_turn_and_their_order_turns_with_each_lap(clock):
    trained = []
    quick = Script(clock, [*WARM, *[(0.1, steps(40))] * 100], trained)
    slow = Script(clock, [*WARM, *[(0.1, steps(30))] * 100], trained)
    for run in (quick, slow):
        run.start()
    trained.clear()
    speeds = race({"quick": quick, "slow": slow}, 4, 0.35)
    assert speeds == {"quick": pytest.approx(400.0), "slow": pytest.approx(300.0)}
    turns = [trained[0], *(after for before, after in pairwise(trained) if after is not before)]
    # The one that was last goes first next time.
    assert turns == [quick, slow, quick, slow, quick]
    for run in (quick, slow):
        run.stop()
