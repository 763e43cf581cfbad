"""The window is closed in the middle of an epoch; opened again, the same run goes on."""

import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton

from app import heavy
from engine.data.choice import describe
from engine.runs.project_folder import ProjectFolder
from engine.runs.store import RunStore
from engine.spec.data import DataSpec
from engine.templates import new_project

pytestmark = pytest.mark.slow
STEPS_PER_EPOCH = 40


@pytest.fixture
def project(tmp_path):
    data = DataSpec(reader="digits")
    spec = new_project("mlp", data, describe(data), "going on")
    folder = ProjectFolder(tmp_path / "going_on")
    folder.create(spec.but(training=spec.training.but(epochs=2)))
    return folder.path


def test_a_run_goes_on_after_the_window_was_closed(open_program, project, monkeypatch):
    first = open_program(project)
    first.wait_ready()
    assert not first.program.actions["train.resume_run"].isEnabled()
    first.program.training.step()
    first.wait_until(lambda: first.steps == 1)
    first.program.training.step(STEPS_PER_EPOCH + 2)
    first.wait_until(lambda: first.steps == STEPS_PER_EPOCH + 3)
    close = QMessageBox.StandardButton.Close
    monkeypatch.setattr(QMessageBox, "question", lambda *_arguments: close)
    assert first.window.close()

    again = open_program(project)
    again.wait_ready()
    again.wait_until(lambda: again.program.actions["train.resume_run"].isEnabled())
    notice = again.panels.notice
    assert notice.sentence == "Run 1 was stopped in epoch 2 of 2."
    again.shoot("going_on_offered")
    again.click(notice.findChild(QPushButton, "notice.go_on"))
    again.wait_until(lambda: not again.panels.loss_plot.is_empty())
    assert notice.sentence == ""
    again.wait_trained()

    steps, _ = again.panels.loss_plot.points("batch")
    assert (steps[0], steps[-1]) == (STEPS_PER_EPOCH + 4, 2 * STEPS_PER_EPOCH)
    assert list(again.panels.loss_plot.points("val_loss")[0]) == [STEPS_PER_EPOCH, 80]
    (run,) = RunStore(project).runs()
    assert run.outcome == "finished"
    assert [each.epoch for each in heavy.epochs_of(project, run.id)] == [1, 2]
    again.wait_until(lambda: "2 of 2 epochs" in again.program.recovery.why_not)
    again.shoot("gone_on")
