import threading

import numpy as np
import pytest

from app.training_worker import TrainingWorker
from engine.training.live.events import PhaseChanged, RunEnded, StepsEnded
from tests.patience import PATIENCE_S


class ScriptedRun:
    """Stands in for a training: emits steps, waits for the gate or a stop, ends."""

    def __init__(self, run, steps=3, error=None):
        self.run, self.steps, self.error = run, steps, error
        self.gate = threading.Event()
        self.thread = None

    def __call__(self, emit, control):
        self.thread = threading.current_thread()
        for step in range(1, self.steps + 1):
            emit(StepsEnded(self.run, 1, step, {"loss": np.ones(1, np.float32)}, {}, 0.1, 0.01, 32))
        while not self.gate.is_set() and not control.requests.stop:
            control.wait_for_change(control.requests, 0.05)
        if self.error:
            raise self.error
        emit(
            RunEnded(
                self.run, "stopped" if control.requests.stop else "finished", 1, self.steps, 0.1
            )
        )
        emit(PhaseChanged(self.run, "training"))  # nothing may follow the end


@pytest.fixture
def worker(qapp):
    made = TrainingWorker()
    yield made
    if made.control is not None:
        made.control.stop()
    assert made.wait(PATIENCE_S)


@pytest.fixture
def events(worker):
    seen = []
    worker.events_ready.connect(seen.extend)
    return seen


def test_events_arrive_in_order_on_the_window_thread_and_the_end_is_last(worker, events, qtbot):
    run = ScriptedRun("r1")
    assert worker.start("r1", run)
    qtbot.waitUntil(lambda: sum(len(each.losses) for each in events) == 3)
    assert worker.is_running
    run.gate.set()
    qtbot.waitUntil(lambda: not worker.is_running)
    *steps, ended = events
    assert isinstance(ended, RunEnded)
    assert all(isinstance(each, StepsEnded) for each in steps)  # what came together is one
    assert [each.first_step for each in steps] == sorted({each.first_step for each in steps})
    assert run.thread is not threading.main_thread()
    assert worker.control is None


def test_a_second_start_is_refused(worker, qtbot):
    assert worker.start("r1", ScriptedRun("r1"))
    other = ScriptedRun("r2")
    assert not worker.start("r2", other)
    assert other.thread is None


def test_a_stop_ends_the_run(worker, events, qtbot):
    worker.start("r1", ScriptedRun("r1"))
    worker.control.stop()
    qtbot.waitUntil(lambda: not worker.is_running)
    assert events[-1].outcome == "stopped"


def test_an_exception_becomes_a_failed_end(worker, events, qtbot, caplog):
    run = ScriptedRun("r1", error=ZeroDivisionError("x"))
    run.gate.set()
    worker.start("r1", run)
    qtbot.waitUntil(lambda: not worker.is_running)
    assert events[-1].outcome == "failed"
    assert "ZeroDivisionError" in events[-1].error


def test_a_run_that_forgets_its_end_gets_one(worker, events, qtbot, caplog):
    worker.start("r1", lambda _emit, _control: None)
    qtbot.waitUntil(lambda: not worker.is_running)
    assert events[-1].outcome == "failed"


def test_late_events_of_another_run_are_dropped(worker, events, qtbot):
    run = ScriptedRun("old", steps=2)
    run.gate.set()
    first = ScriptedRun("new", steps=1)

    def mixed(emit, control):
        emit(StepsEnded("old", 1, 99, {"loss": np.ones(1, np.float32)}, {}, 0.1, 0.01, 32))
        first.gate.set()
        first(emit, control)

    worker.start("new", mixed)
    qtbot.waitUntil(lambda: not worker.is_running)
    assert {e.run for e in events} == {"new"}
