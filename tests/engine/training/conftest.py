"""A training that a test can follow event by event."""

import threading

import pytest

from engine.training.live.control import TrainingControl
from engine.training.live.events import RunEnded
from engine.training.loop import compiling
from engine.training.loop.compiling import Choice
from tests.engine.training.problems import Follower
from tests.patience import PATIENCE_S

BY_KIND = compiling.by_kind


@pytest.fixture
def without_xla(monkeypatch):
    """Spare tests of something else the compiling: it takes half of the time of a small run."""
    monkeypatch.setattr(compiling, "by_kind", lambda model, device: Choice("plain", "a test"))


@pytest.fixture
def with_xla(without_xla, monkeypatch):
    """Compile where the program does, in a module of tests that go without."""
    monkeypatch.setattr(compiling, "by_kind", BY_KIND)


@pytest.fixture
def control():
    return TrainingControl()


@pytest.fixture
def follow(control):
    """Run a training on this thread and return its `Follower`."""
    from engine.training.loop.session import train

    def run(spec, data, checkpoint=None, follower=None):
        follower = follower or Follower()
        train("run", spec, data, follower.emit, control, checkpoint)
        assert isinstance(follower.ended, RunEnded)
        assert len(follower.of(RunEnded)) == 1
        return follower

    return run


@pytest.fixture
def started(control):
    """Start a training on a thread of its own and return its `Follower`; it is discarded after the test."""
    from engine.training.loop.session import train

    threads = []

    def start(spec, data, follower=None):
        follower = follower or Follower()
        thread = threading.Thread(
            target=train, args=("run", spec, data, follower.emit, control), name="training-test"
        )
        threads.append(thread)
        thread.start()
        return follower

    yield start
    control.discard()
    for thread in threads:
        thread.join(PATIENCE_S)
