"""What holds while a run is trained: a lock, and no long pause for garbage; the training itself is scripted."""

import gc
import types

import pytest

from app import heavy
from engine.data.choice import describe
from engine.runs.locking import RunLock, is_held
from engine.runs.resuming import BeingTrained, Resumable, folder_of
from engine.runs.store import RunRecord
from engine.spec import codec
from engine.spec.data import DataSpec
from engine.templates import new_project
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunEnded
from engine.training.state.resume_point import Progress

INFO = describe(DataSpec(reader="iris"))
SPEC = new_project("mlp", DataSpec(reader="iris"), INFO, "test")
DATA = types.SimpleNamespace(info=INFO, statistics=None, parts=types.SimpleNamespace(key=""))


@pytest.fixture
def session(monkeypatch):
    """Replace the session by one that does what a test puts here."""
    scripted = []

    def train(run, _spec, _data, emit, *_rest, **_options):
        for act in scripted:
            act()
        emit(RunEnded(run, "stopped", 1, 1, 1.0))

    monkeypatch.setattr("engine.training.loop.session.train", train)
    return scripted


def test_a_run_is_locked_until_its_end_is_told(session, tmp_path):
    folder, seen = folder_of(tmp_path, "a"), []
    session.append(lambda: seen.append(is_held(folder)))
    heavy.train(
        "a", SPEC, DATA, lambda _event: seen.append(is_held(folder)), TrainingControl(), tmp_path
    )
    assert seen == [True, False]


def test_no_thread_stands_still_for_garbage_while_a_run_is_trained(session, tmp_path):
    usual, collected, during = gc.get_threshold(), [], []
    session.append(lambda: during.append(gc.get_threshold()))

    def note(phase, info):
        if phase == "start" and info["generation"] == 2:
            collected.append(len(during))

    gc.callbacks.append(note)
    try:
        heavy.train("a", SPEC, DATA, lambda _event: None, TrainingControl(), tmp_path)
    finally:
        gc.callbacks.remove(note)
    assert 0 in collected  # before it
    assert during[0][:2] == usual[:2]
    assert during[0][2] > 10**6
    assert gc.get_threshold() == usual


def test_a_training_that_breaks_leaves_no_lock(session, tmp_path):
    usual = gc.get_threshold()

    def fail():
        raise OSError("broken")

    session.append(fail)
    with pytest.raises(OSError, match="broken"):
        heavy.train("a", SPEC, DATA, print, TrainingControl(), tmp_path)
    assert not is_held(folder_of(tmp_path, "a"))
    assert gc.get_threshold() == usual


def test_a_run_that_is_trained_elsewhere_does_not_go_on(session, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.runs.locking._ATTEMPTS", 1)
    elsewhere = RunLock(folder_of(tmp_path, "a"))
    assert elsewhere.acquire()
    record = RunRecord("a", 3, 0.0, None, "interrupted", codec.encode(SPEC), "cpu")
    with pytest.raises(BeingTrained, match="run 3 is being trained by another Netsmith"):
        heavy.go_on(
            Resumable(record, "key", Progress()), SPEC, DATA, print, TrainingControl(), tmp_path
        )
    elsewhere.release()
