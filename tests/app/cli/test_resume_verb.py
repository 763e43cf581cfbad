"""Going on with a run from the shell: after kill -9 the end is bit for bit that of the unbroken run."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app import heavy
from app.cli.verbs import run_verb
from engine.runs import resuming
from engine.runs.store import RunStore
from engine.training.loop import compiling
from engine.training.state import resume_point
from tests.app.cli.test_verbs import verb

ROOT = Path(__file__).resolve().parents[3]

# Kills itself, as kill -9 does, right after the first state from within the second epoch is on disk.
KILLED = """
import os, signal, sys
from engine.training.loop import compiling, state_keeper
from engine.training.state import checkpoint_scheduler, resume_point

compiling.worth_measuring = lambda model, device: False
checkpoint_scheduler.STATE_PERIOD_S = state_keeper.ANCHOR_PERIOD_S = 0.0
checkpoint_scheduler.SHARE = state_keeper.SHARE = 1e9
write = resume_point.write


def write_and_die(path, point):
    write(path, point)
    if point.progress.epochs == 1 and point.progress.position:
        os.kill(os.getpid(), signal.SIGKILL)


resume_point.write = write_and_die
from app.cli.verbs import run_verb

sys.exit(run_verb(sys.argv[1:]))
"""


@pytest.fixture(autouse=True)
def unmeasured(monkeypatch):
    """Let the layers alone decide about XLA: two processes that measure at a time may find another."""
    monkeypatch.setattr(compiling, "worth_measuring", lambda model, device: False)


SETTINGS = ("--set", "training.batch_size=8", "--epochs", "3")


def new(folder, data="digits"):
    assert run_verb(["new", str(folder), "--template", "mlp", "--data", data]) == 0
    return folder


def refused(capsys, *arguments):
    status, _, errors = verb(capsys, "train", *arguments, "--resume")
    assert status == 2
    assert len(errors) == 1
    return errors[0]


@pytest.mark.skipif(os.name == "nt", reason="there is no signal 9")
def test_a_killed_training_goes_on_and_ends_as_the_unbroken_one(capsys, tmp_path):
    whole, broken = new(tmp_path / "whole"), new(tmp_path / "broken")
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, "train", str(broken), *SETTINGS], cwd=ROOT
    ) as process:
        assert verb(capsys, "train", whole, *SETTINGS)[0] == 0  # meanwhile, here
    assert process.returncode == -9
    past = resuming.find(broken)
    assert past.run.outcome == "interrupted"
    assert past.progress.position > 0

    status, lines, _ = verb(capsys, "train", broken, "--resume")  # as it was set, epochs included
    assert status == 0
    assert [line["epoch"] for line in lines if line["event"] == "epoch"] == [2, 3]
    assert lines[0]["steps_before"] == past.progress.steps
    assert lines[-1]["run"] == past.run.id

    one, another = (heavy.restore(each, heavy.last_run(each)) for each in (whole, broken))
    assert one.figures == another.figures
    for left, right in zip(one.weights, another.weights, strict=True):
        np.testing.assert_array_equal(left, right)
    stored = [
        [(row.epoch, row.step, row.figures) for row in heavy.epochs_of(each, run.run)]
        for each, run in ((whole, one), (broken, another))
    ]
    assert stored[0] == stored[1]
    assert len(RunStore(broken).runs()) == 1

    assert "3 of 3 epochs" in refused(capsys, broken)
    assert verb(capsys, "train", broken, "--resume", "--epochs", 4)[0] == 0
    assert "another network" in refused(
        capsys, broken, "--set", "network.layers.dense.parameters.units=7"
    )
    assert "another optimizer" in refused(capsys, broken, "--set", "training.optimizer.kind=SGD")
    assert "another seed" in refused(capsys, broken, "--set", "training.seed=5")
    assert "another choice of data" in refused(capsys, broken, "--set", "data.split.test=0.3")
    file = resuming.folder_of(broken, past.run.id) / resume_point.FILE_NAME
    file.write_bytes(file.read_bytes()[:-100])
    assert "damaged" in refused(capsys, broken, "--epochs", 9)


def test_weights_are_kept_in_the_layers_that_still_fit(capsys, tmp_path):
    project = new(tmp_path / "p", "iris")
    status, _, errors = verb(capsys, "train", project, "--keep-weights")
    assert (status, len(errors)) == (2, 1)
    assert "no trained weights" in errors[0]
    assert verb(capsys, "train", project, "--epochs", 1)[0] == 0
    once = verb(capsys, "train", project, "--epochs", 1, "--keep-weights")
    assert once[1][0]["event"] == "weights"
    assert once[1][0]["anew"] == []
    wider = ("--set", "network.layers.dense.parameters.units=7")
    lines = verb(capsys, "train", project, "--epochs", 1, "--keep-weights", *wider)[1]
    assert "dense" in lines[0]["anew"]
    assert "leave out" in refused(capsys, project, "--keep-weights")


def test_a_project_without_a_run_has_nothing_to_go_on_with(capsys, tmp_path):
    assert "no run to go on with" in refused(capsys, new(tmp_path / "p"))
