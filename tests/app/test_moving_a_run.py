"""A project is saved elsewhere while a run is trained in it: the run goes on there, whole."""

import numpy as np
import pytest

from app import heavy
from app.cli.verbs import run_verb
from engine.runs.locking import is_held
from engine.runs.project_folder import ProjectFolder
from engine.runs.resuming import folder_of
from engine.runs.store import RunStore
from engine.training.live.control import TrainingControl
from engine.training.live.events import EpochsEnded, WriteFailed
from engine.training.loop import compiling
from engine.training.loop.compiling import Choice
from engine.training.state import resume_point

EPOCHS = 4


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(compiling, "by_kind", lambda model, device: Choice("plain", "a test"))
    assert run_verb(["new", str(tmp_path / "p"), "--template", "mlp", "--data", "moons"]) == 0
    return ProjectFolder(tmp_path / "p")


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's saving
@pytest.mark.parametrize("source_is_gone", [False, True])
def test_a_run_goes_on_in_the_folder_that_its_project_was_saved_in(
    project, tmp_path, source_is_gone
):
    spec = project.read()
    spec = spec.but(training=spec.training.but(epochs=EPOCHS))
    target = ProjectFolder(tmp_path / "elsewhere")
    control, seen, held = TrainingControl(), [], []

    def emit(event):
        seen.append(event)
        if not isinstance(event, EpochsEnded):
            return
        if event.ends[0].epoch == 2:
            if source_is_gone:
                project.path.rename(tmp_path / "unplugged")
                target.create(spec)
            else:
                project.copy_to(target)
            control.write(target.path)
        held.append([is_held(folder_of(each.path, "run")) for each in (project, target)])

    data = heavy.load_data(spec.data)
    files = heavy.train("run", spec, data, emit, control, project.path)
    assert [event for event in seen if isinstance(event, WriteFailed)] == []
    assert (files.project, files.writes.failed) == (target.path, {})
    assert held == [[True, False], [not source_is_gone, False], [False, True], [False, True]]
    assert not is_held(folder_of(target.path, "run"))
    run = RunStore(target.path).runs()[-1]
    assert (run.id, run.number, run.outcome) == ("run", 1, "finished")
    assert [each.epoch for each in RunStore(target.path).epochs("run")] == [1, 2, 3, 4]
    _, progress = resume_point.read_progress(folder_of(target.path, "run") / resume_point.FILE_NAME)
    assert progress.epochs == EPOCHS
    trained = heavy.restore(target.path, run)
    assert trained.epochs == EPOCHS
    for kept, wanted in zip(trained.weights, seen[-1].weights, strict=True):
        assert np.array_equal(kept, wanted)
    assert project.path.exists() != source_is_gone


def test_a_copy_of_a_project_has_its_history_and_no_lock(project, tmp_path):
    store = RunStore(project.path)
    store.begin("a", project.read())
    store.end("a", "stopped", 1.0, 10, {"loss": 0.5})
    (project.runs / "a").mkdir()
    (project.runs / "a" / "training.lock").touch()
    target = ProjectFolder(tmp_path / "copy")
    project.copy_to(target)
    assert RunStore(target.path).runs()[-1].figures == {"loss": 0.5}
    assert sorted(entry.name for entry in target.path.rglob("*")) == [
        "a", "project.json", "runs", "runs.sqlite",
    ]  # fmt: skip
