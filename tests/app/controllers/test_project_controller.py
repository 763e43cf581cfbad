"""Projects in their folders: saved elsewhere, left untouched, found again."""

import pytest
from PySide6.QtWidgets import QWidget

from app.app_model import AppModel
from app.controllers.runs.project import ProjectController
from app.document import Document
from app.jobs import JobRunner
from app.settings import SettingsFile
from engine.data.choice import describe
from engine.machine.user_folder import home
from engine.runs.project_folder import ProjectFolder
from engine.runs.store import RunStore
from engine.runs.trained import Trained
from engine.spec.data import DataSpec
from engine.spec.project import ProjectSpec
from tests.patience import PATIENCE_S


class Parts:
    def __init__(self, qtbot):
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.document = Document(ProjectSpec(), lambda _spec: None)
        self.app_model, self.jobs = AppModel(), JobRunner()
        self.controller = ProjectController(
            self.document, self.app_model, self.jobs, SettingsFile(), self.window
        )

    def end(self):
        self.controller.close()
        assert self.jobs.close(PATIENCE_S)

    def edit(self, epochs=7):
        spec = self.document.spec
        self.document.edit("Epochs", spec.but(training=spec.training.but(epochs=epochs)))


@pytest.fixture
def parts(qtbot):
    made = Parts(qtbot)
    yield made
    made.end()


def untitled():
    return sorted(path.name for path in (home() / "projects").iterdir())


def test_save_as_keeps_undo_the_model_and_the_new_name(parts, tmp_path):
    parts.controller.new()
    before = parts.document.spec
    parts.edit()
    info = describe(DataSpec(reader="digits"))
    trained = Trained("r", before, info, None, (), {})
    parts.app_model.set_trained(trained)
    parts.controller.save_as(tmp_path / "Mine")
    assert parts.app_model.trained is trained
    assert parts.document.undo_stack.undoText() == "Epochs"
    assert ProjectFolder(tmp_path / "Mine").read().training.epochs == 7
    parts.document.undo_stack.undo()
    assert parts.document.spec == before.but(name="Mine")
    assert ProjectFolder(tmp_path / "Mine").read() == before.but(name="Mine")
    assert (
        ProjectFolder(home() / "projects" / "Untitled").read().training.epochs == 7
    )  # as it was left


def test_a_new_project_that_nobody_touched_leaves_nothing_behind(parts, tmp_path):
    parts.controller.new()
    assert untitled() == ["Untitled"]
    parts.controller.close()
    assert untitled() == []
    parts.controller.new()
    parts.edit()
    parts.controller.close()
    assert untitled() == ["Untitled"]


def test_an_untouched_project_with_something_in_its_folder_stays(parts):
    parts.controller.new()
    (parts.controller.folder.runs / "a").mkdir()
    parts.controller.close()
    assert untitled() == ["Untitled"]


def test_a_second_window_on_the_same_project_leaves_nothing_behind(parts, qtbot):
    parts.controller.new()
    parts.edit()
    second = Parts(qtbot)
    second.controller.start_with(None)
    assert untitled() == ["Untitled", "Untitled 2"]
    second.end()
    assert untitled() == ["Untitled"]


def test_recent_projects_have_a_name_their_data_a_folder_and_a_time(parts, tmp_path):
    parts.controller.new()
    parts.edit()
    parts.controller.save_as(tmp_path / "One")
    parts.controller.save_as(tmp_path / "Two")
    (tmp_path / "Gone").mkdir()
    parts.controller.save_as(tmp_path / "Gone")
    parts.controller.save_as(tmp_path / "Last")
    (tmp_path / "Gone" / "project.json").unlink()
    found = parts.controller.recent
    paths = [path for path, _ in found]
    assert paths[:2] == [str(tmp_path / "Two"), str(tmp_path / "One")]
    assert str(tmp_path / "Gone") not in paths
    name, data, where, _time = found[0][1].split("  ·  ")
    assert (name, data, where) == ("Two", "Handwritten digits", f"in {tmp_path}")
    assert found[-1][1].split("  ·  ")[2] == "in Netsmith's projects"


def test_a_start_passes_over_projects_that_are_gone(parts, qtbot, tmp_path):
    parts.controller.new()
    parts.edit()
    parts.controller.save_as(tmp_path / "Last")
    parts.controller.close()
    (tmp_path / "Last" / "project.json").unlink()
    again = Parts(qtbot)
    with qtbot.assertNotEmitted(again.app_model.said):
        again.controller.start_with(None)
    assert again.controller.folder.path.name == "Untitled"
    again.end()


def test_the_last_run_is_found_without_tensorflow(parts, qtbot, tmp_path):
    parts.controller.new()
    parts.edit()
    parts.controller.save_as(tmp_path / "Trained")
    store = RunStore(tmp_path / "Trained")
    store.begin("a", parts.document.spec)
    store.end("a", "finished", 1.0, 9, {"test_accuracy": 0.5})
    (tmp_path / "Trained" / "runs" / "a").mkdir()
    (tmp_path / "Trained" / "runs" / "a" / "last.keras").write_bytes(b"weights")
    parts.controller.new()
    with qtbot.waitSignal(parts.controller.run_found) as found:
        parts.controller.open(tmp_path / "Trained")
    assert (found.args[0].number, found.args[0].figures) == (1, {"test_accuracy": 0.5})
