"""A run that only holds the weights of an opened file, told from one that is being trained."""

import pytest

from app import heavy
from engine.runs.store import RunStore
from engine.spec.project import ProjectSpec


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path)


def _begun(store, project, run):
    store.begin(run, ProjectSpec())
    file = heavy.checkpoint_of(project, run)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"weights")


def test_the_next_training_begins_with_the_weights_of_an_opened_file(store, tmp_path):
    _begun(store, tmp_path, "a")
    store.end("a", "stopped", 0.0, 0, {})
    assert heavy.begins_with_opened(tmp_path)


def test_a_run_that_has_not_ended_is_no_opened_file(store, tmp_path):
    """Its samples are counted at the end: another process may train it, or its process died."""
    _begun(store, tmp_path, "a")
    assert not heavy.begins_with_opened(tmp_path)


def test_a_run_that_learned_is_no_opened_file(store, tmp_path):
    _begun(store, tmp_path, "a")
    store.end("a", "finished", 1.0, 320, {})
    assert not heavy.begins_with_opened(tmp_path)
