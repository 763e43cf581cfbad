"""A disk that refuses: the training goes on, and what is said to be kept is what is on disk."""

import contextlib
import errno
import itertools
import json
import os
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import keras
import numpy as np
import pytest

from app import heavy
from app.cli.verbs import run_verb
from engine import storage
from engine.runs.database import Database
from engine.runs.project_folder import ProjectFolder
from engine.runs.store import RunStore
from engine.training.live.control import TrainingControl
from engine.training.live.events import EpochsEnded, RunEnded, WriteFailed, WriteRecovered
from engine.training.loop.executor import Chunk, Executor
from engine.training.state.checkpoint import Checkpoint
from engine.training.state.writes import unkept

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning"  # Keras's saving
)
EPOCHS = 2


class Disk:
    """Counts the writes of a training; some of them fail as on a full disk."""

    def __init__(self, monkeypatch):
        self.count = 0
        self.fails = lambda number: False
        for module, name in (
            (storage, "sync"),
            (storage, "_write_whole"),
            (np, "savez"),
            (keras.saving, "save_model"),
        ):
            monkeypatch.setattr(module, name, self._counted(getattr(module, name), no_space))
        monkeypatch.setattr(
            Database, "_connect", self._counted(Database._connect, database_is_full)
        )

    def _counted(self, write, refuse):
        def counted(*arguments, **options):
            self.count += 1
            if self.fails(self.count):
                refuse()
            return write(*arguments, **options)

        return counted


def no_space():
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def database_is_full():
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorname = "SQLITE_FULL"
    raise error


@pytest.fixture(scope="module", autouse=True)
def written_often():
    """Write weights and history at every epoch's end, and the state between two."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in (
            ("engine.training.state.checkpoint_scheduler.CHECKPOINT_PERIOD_S", 0.0),
            ("engine.training.state.checkpoint_scheduler.SHARE", float("inf")),
            ("engine.runs.recorder.PERIOD_S", 0.0),
            ("engine.runs.recorder.SHARE", float("inf")),
            ("engine.runs.sample_recorder.SHARE", float("inf")),
            ("engine.runs.recorder._PATIENCE_S", 0.0),
            ("engine.runs.recorder._PATIENCE_SHARE", float("inf")),
        ):
            patched.setattr(name, value)
        yield


@pytest.fixture(scope="module", autouse=True)
def scripted_steps():
    """Move the weights a little at each step: what is written does not depend on how they were learned."""

    def train(executor, samples, order, first, steps):
        taken = min(steps, order.batches - first)
        model = executor.program.model
        model.set_weights([weights + np.float32(0.01) for weights in model.get_weights()])
        return Chunk({"loss": np.full(taken, 0.5)}, {"accuracy": 0.5}, 0.01, seconds=0.0)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Executor, "prepare", lambda executor, *samples, **options: None)
        patched.setattr(Executor, "start_epoch", lambda executor: None)
        patched.setattr(Executor, "train", train)
        patched.setattr(Executor, "evaluate", lambda *_arguments: {"loss": 0.5, "accuracy": 0.5})
        yield


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("failing") / "moons"
    assert run_verb(["new", str(folder), "--template", "mlp", "--data", "moons"]) == 0
    return folder


class Trained:
    """One training in a copy of the project, and what was told of it."""

    def __init__(self, project, copy):
        self.project = shutil.copytree(project, copy)
        spec = ProjectFolder(self.project).read()
        self.spec = spec.but(training=spec.training.but(epochs=EPOCHS, batch_size=64))
        self.events = []
        self.files = None

    def train(self):
        data = heavy.load_data(self.spec.data)
        self.files = heavy.train(
            "run", self.spec, data, self.events.append, TrainingControl(), self.project
        )
        return self

    def told(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    def check(self, states):
        """See that the training ran to its end, and that what is said to be on disk is there."""
        assert self.told(RunEnded)[0].outcome == "finished"
        assert [end.epoch for event in self.told(EpochsEnded) for end in event.ends] == [1, 2]
        epoch, weights = self.on_disk()
        failed = self.files.writes.failed
        if not failed:
            assert epoch == EPOCHS
            assert len(self.told(WriteRecovered)) == len(self.told(WriteFailed))
            return
        said = unkept(failed, EPOCHS, EPOCHS)
        assert said.endswith("the disk is full: free some space")
        if "no weights of it are kept" in said:
            assert epoch is None
            return
        kept = re.search(r"the weights kept are those after epoch (\d+)", said)
        expected = (
            int(kept[1]) if kept else EPOCHS
        )  # "its weights are kept, the history of the run not"
        assert epoch in (expected, "unrecorded")
        for found, wanted in zip(weights, states[expected], strict=True):
            assert np.array_equal(found, wanted)

    def on_disk(self):
        """Return epoch and weights that the project has, (None, None) for none."""
        file = heavy.checkpoint_of(self.project, "run")
        if not file.is_file():
            return None, None
        run = heavy.last_run(self.project)
        if run is None:  # it is not in the history: any Keras opens the file
            return "unrecorded", keras.saving.load_model(file).get_weights()
        trained = heavy.restore(self.project, run)
        return trained.epochs, trained.weights


@pytest.fixture(scope="module")
def whole(project, tmp_path_factory):
    """Train where nothing fails; return the weights after each epoch and the number of writes."""
    states = {}
    write = Checkpoint.__call__

    def noting(self, model, moment):
        states[moment.epochs] = model.get_weights()
        write(self, model, moment)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Checkpoint, "__call__", noting)
        disk = Disk(patched)
        run = Trained(project, tmp_path_factory.mktemp("whole") / "p").train()
    assert run.told(WriteFailed) == []
    assert sorted(states) == [1, 2]
    return states, disk.count


@pytest.mark.slow
@pytest.mark.parametrize("stays_full", [True, False])
def test_wherever_a_write_fails_what_is_said_to_be_kept_is_on_disk(
    project, whole, tmp_path, monkeypatch, stays_full
):
    states, writes = whole
    failures = 0
    for number in itertools.count(1):
        run = Trained(project, tmp_path / str(number))
        with monkeypatch.context() as patched:
            disk = Disk(patched)
            disk.fails = number.__le__ if stays_full else number.__eq__
            run.train()
        run.check(states)
        failures += bool(run.told(WriteFailed))
        if disk.count < number:  # none is left that could have failed
            break
    assert failures > writes / 2
    assert writes > 12


def test_a_disk_that_is_full_after_the_first_epoch_is_said_and_ends_with_status_1(
    project, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("NETSMITH_HOME", str(tmp_path / "home"))
    folder = shutil.copytree(project, tmp_path / "p")
    write = storage.write_with

    def write_with(path, writer):
        if path.suffix == ".keras" and path.exists() and path.is_relative_to(folder):
            raise storage.refusal(path, OSError(errno.ENOSPC, "full"))
        write(path, writer)

    capsys.readouterr()
    with monkeypatch.context() as patched:
        patched.setattr("engine.export.writers.write_with", write_with)
        status = run_verb(["train", str(folder), "--epochs=3", "--json"])
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == 1
    assert [line["event"] for line in lines] == [
        "started",
        "epoch",
        "epoch",
        "write_failed",
        "epoch",
        "saved_elsewhere",
    ]
    assert (lines[3]["what"], lines[3]["kept_epochs"]) == ("weights", 1)
    first, rescued, last = err.splitlines()
    assert first == (
        'netsmith: "last.keras" was not written: the disk is full: free some space;'
        " the training goes on and this is tried again"
    )
    assert last == (
        "netsmith: the training reached epoch 3 of 3, but the weights kept are those after epoch 1:"
        ' "last.keras" was not written: the disk is full: free some space'
    )
    assert run_verb(["evaluate", str(folder), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    trained = heavy.restore(folder, heavy.last_run(folder))
    assert (summary["epochs"], trained.epochs, trained.figures) == (1, 1, {})
    elsewhere = Path(lines[-1]["path"])
    assert rescued == f'netsmith: what was learned is saved as the project "{elsewhere}"'
    assert elsewhere.is_relative_to(tmp_path / "home")
    saved = heavy.restore(elsewhere, heavy.last_run(elsewhere))
    assert (saved.epochs, saved.spec.training.epochs) == (3, 3)


def test_a_newer_run_that_left_no_weights_is_found(project, tmp_path):
    folder = shutil.copytree(project, tmp_path / "p")
    store, spec = RunStore(folder), ProjectFolder(folder).read()
    for run, outcome, samples in (
        ("a", "finished", 10), ("b", "finished", 10), ("c", "discarded", 10), ("d", "failed", 0),
    ):  # fmt: skip
        store.begin(run, spec)
        store.end(run, outcome, 1.0, samples, {})
    (folder / "runs" / "a").mkdir(parents=True)
    heavy.checkpoint_of(folder, "a").touch()
    found = heavy.last_run(folder)
    assert found.id == "a"
    assert heavy.lost_after(folder, found).id == "b"
    assert heavy.lost_after(folder, store.run("b")) is None


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MB; needs the rights of root."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)],
        capture_output=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("only root may mount a small file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="the system has no mount")
def test_a_real_disk_that_fills_after_the_first_epoch_keeps_the_first_state(
    project, small_disk, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("NETSMITH_HOME", str(tmp_path / "home"))
    folder = shutil.copytree(project, small_disk / "p")
    write = Checkpoint.__call__

    def write_and_fill(self, model, moment):
        write(self, model, moment)
        with contextlib.suppress(OSError), (small_disk / "filler").open("ab", 0) as filler:
            while True:
                filler.write(bytes(4096))

    capsys.readouterr()
    with monkeypatch.context() as patched:
        patched.setattr(Checkpoint, "__call__", write_and_fill)
        status = run_verb(["train", str(folder), "--epochs=3", "--json"])
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == 1
    assert [line["epoch"] for line in lines if line["event"] == "epoch"] == [1, 2, 3]
    failed = {line["what"]: line for line in lines if line["event"] == "write_failed"}
    assert failed["weights"]["kept_epochs"] == 1
    assert "the weights kept are those after epoch 1" in err.splitlines()[-1]
    assert run_verb(["evaluate", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["epochs"] == 1
    rescued = Path(lines[-1]["path"])
    assert heavy.restore(rescued, heavy.last_run(rescued)).epochs == 3
