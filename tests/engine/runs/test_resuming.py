import numpy as np
import pytest

from engine.errors import BadInput
from engine.runs import resuming
from engine.runs.locking import RunLock
from engine.runs.resuming import changed_values, completed, misfit
from engine.runs.store import RunStore
from engine.spec.base import ObjectSpec
from engine.spec.data import DataSpec
from engine.spec.network import LayerSpec, NetworkSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import EarlyStoppingSpec, ScheduleSpec, TrainingSpec
from engine.training.state import resume_point

SPEC = ProjectSpec(training=TrainingSpec(epochs=20))
POINT = resume_point.ResumePoint(
    "key",
    resume_point.Progress(epochs=2, epoch=3, position=4, steps=24),
    resume_point.Variables({"model": (np.ones(3),)}),
)


def training(**changes):
    return SPEC.but(training=SPEC.training.but(**changes))


def left_by(project, run, outcome="stopped"):
    """Make a run that left model and state."""
    store = RunStore(project)
    store.begin(run, SPEC)
    if outcome != "interrupted":
        store.end(run, outcome, 1.0, 100, {})
    folder = resuming.folder_of(project, run)
    folder.mkdir(parents=True, exist_ok=True)
    resume_point.write(folder / resume_point.FILE_NAME, POINT)
    (folder / resuming.MODEL).write_text(f"weights of {run}")
    return folder


def test_the_last_run_that_was_not_discarded_is_found(tmp_path):
    left_by(tmp_path, "a")
    left_by(tmp_path, "b", "discarded")
    found = resuming.find(tmp_path)
    assert (found.run.id, found.number, found.key) == ("a", 1, "key")
    assert (found.progress.steps, found.progress.position) == (24, 4)


def test_a_run_that_is_being_trained_is_not_offered_and_keeps_its_state(tmp_path):
    left_by(tmp_path, "a")
    folder = left_by(tmp_path, "b", "interrupted")
    lock = RunLock(folder)
    assert lock.acquire()
    with pytest.raises(resuming.BeingTrained, match="run 2 is being trained by another Netsmith"):
        resuming.find(tmp_path)
    resuming.settle(tmp_path, "a", is_discarded=False)
    assert (folder / resume_point.FILE_NAME).exists()
    lock.release()
    assert resuming.find(tmp_path).run.id == "b"


def test_a_damaged_state_says_which_run_cannot_go_on(tmp_path):
    file = left_by(tmp_path, "a") / resume_point.FILE_NAME
    file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(BadInput, match=r'run 1 cannot go on because its "resume\.npz" is damaged'):
        resuming.find(tmp_path)


def test_a_strangers_run_names_no_folder_outside_the_project(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    left_by(project, "../../outside")
    assert (tmp_path / "outside").is_dir()
    with pytest.raises(BadInput, match="no run to go on with"):
        resuming.find(project)


def test_a_project_without_a_state_has_no_run_to_go_on_with(tmp_path):
    RunStore(tmp_path).begin("a", SPEC)
    with pytest.raises(BadInput, match="no run to go on with"):
        resuming.find(tmp_path)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (SPEC.but(network=NetworkSpec(layers=(LayerSpec(id="a", kind="Dense"),))), "network"),
        (SPEC.but(data=DataSpec(reader="iris")), "choice of data"),
        (training(optimizer=ObjectSpec(kind="SGD")), "optimizer"),
        (training(optimizer=ObjectSpec(kind="Adam", parameters={"amsgrad": True})), "optimizer"),
        (training(loss=ObjectSpec(kind="Huber")), "loss"),
        (training(seed=1), "seed"),
        (training(schedule=ScheduleSpec(kind="cosine")), "schedule"),
        (training(class_weights="balanced"), "class weights"),
    ],
)
def test_what_must_be_the_same_is_named(tmp_path, changed, words):
    left_by(tmp_path, "a")
    found = resuming.find(tmp_path)
    assert f"another {words}:" in misfit(found, changed)
    assert misfit(found, SPEC) == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": 40},
        {"batch_size": 7},
        {"device": "cpu"},
        {"early_stopping": EarlyStoppingSpec(enabled=True)},
        {"optimizer": ObjectSpec(kind="Adam", parameters={"learning_rate": 0.1})},
    ],
)
def test_what_a_running_training_can_change_may_differ(tmp_path, changes):
    left_by(tmp_path, "a")
    assert resuming.problem(resuming.find(tmp_path), training(**changes)) == ""


def test_a_run_without_epochs_left_is_complete(tmp_path):
    left_by(tmp_path, "a", "finished")
    assert "2 of 2 epochs" in completed(resuming.find(tmp_path), training(epochs=2))
    assert completed(resuming.find(tmp_path), training(epochs=3)) == ""


def test_a_run_that_took_no_step_is_nothing_to_go_on_with(tmp_path):
    folder = left_by(tmp_path, "a", "failed")
    start = resume_point.ResumePoint("key", resume_point.Progress(), POINT.variables)
    resume_point.write(folder / resume_point.FILE_NAME, start)
    assert "learned nothing" in completed(resuming.find(tmp_path), SPEC)


def test_a_run_that_stopped_early_needs_more_patience(tmp_path):
    left_by(tmp_path, "a", "stopped_early")
    found = resuming.find(tmp_path)
    assert "patience" in completed(found, SPEC)
    assert completed(found, training(early_stopping=EarlyStoppingSpec(patience=99))) == ""


def test_only_what_differs_is_changed_and_a_default_counts_as_its_value():
    before = TrainingSpec()
    usual = ObjectSpec(kind="Adam", parameters={"learning_rate": 0.001})
    assert changed_values(before, before.but(optimizer=usual, epochs=99)) == {}
    slow = ObjectSpec(kind="Adam", parameters={"learning_rate": 0.01, "weight_decay": 0.1})
    now = before.but(optimizer=slow, batch_size=64)
    assert changed_values(before, now) == {
        "learning_rate": 0.01,
        "weight_decay": 0.1,
        "batch_size": 64.0,
    }


def test_a_discard_gives_model_and_state_back(tmp_path):
    folder = left_by(tmp_path, "a")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    resuming.keep_earlier(folder)
    for path in list(folder.iterdir()):
        if not path.name.endswith(".earlier"):
            other = path.with_suffix(".new")
            other.write_text("later")
            other.replace(path)  # as every file of a project is written
    resuming.settle(tmp_path, "a", is_discarded=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_run_that_ends_keeps_its_state_alone(tmp_path):
    older, folder = left_by(tmp_path, "a"), left_by(tmp_path, "b")
    resuming.keep_earlier(folder)
    resuming.settle(tmp_path, "b", is_discarded=False)
    assert [path.name for path in older.iterdir()] == [resuming.MODEL]
    assert sorted(path.name for path in folder.iterdir()) == [
        resuming.MODEL,
        resume_point.FILE_NAME,
    ]
