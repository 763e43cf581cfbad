"""What the window says of writes that fail, and what it offers; no TensorFlow, scripted runs."""

import errno
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QWidget

from app import heavy
from app.app_model import AppModel
from app.controllers.training.saving import SavingController
from app.document import Document
from app.jobs import JobRunner
from app.shell.notices import Notices
from app.training_worker import TrainingWorker
from engine.errors import JobFailed
from engine.runs.project_folder import ProjectFolder
from engine.spec.project import ProjectSpec
from engine.training.live.events import PhaseChanged, RunEnded, WriteFailed, WriteRecovered
from engine.training.state.writes import Writes
from tests.patience import PATIENCE_S
from widgets.base.notice import NoticeBar

FULL = '"last.keras" was not written: the disk is full: free some space'
FAILED = WriteFailed("a", "weights", FULL, 30)


class Files:
    """Stand in for `heavy.RunFiles`: weights that the disk takes once it has room, wherever they go."""

    def __init__(self):
        self.has_room = False
        self.places = []
        self.writes = Writes("a", lambda _event: None)
        self.writes.attempt("weights", 100, self._write)

    def _write(self):
        if not self.has_room:
            raise OSError(errno.ENOSPC, "full")

    def write_again(self):
        self.writes.retry()

    def move_to(self, project):
        self.places.append(project)
        self.has_room = True


@pytest.fixture
def parts(qtbot, tmp_path):
    window = QWidget()
    bar = NoticeBar(window)
    qtbot.addWidget(window)
    app_model, jobs, worker = AppModel(), JobRunner(), TrainingWorker()
    folder = ProjectFolder(tmp_path / "p")
    folder.create(ProjectSpec(name="p"))
    document = Document(ProjectSpec(name="p"), folder.write)
    notices = Notices(bar)
    topic = notices.topic("writing")
    saving = SavingController(document, app_model, jobs, worker, lambda: folder, topic, window)
    found = SimpleNamespace(
        saving=saving, document=document, worker=worker, topic=topic, bar=bar, folder=folder,
        app_model=app_model, jobs=jobs, window=window, notices=notices,
    )  # fmt: skip
    yield found
    jobs.close()


def edit(document, seed):
    document.edit("Seed", document.spec.but(training=document.spec.training.but(seed=seed)))


def test_a_failed_write_is_said_until_it_works(parts):
    parts.worker.events_ready.emit((PhaseChanged("a", "training"), FAILED))
    assert parts.topic.sentence == f"{FULL}. The training goes on; on disk is epoch 30."
    assert parts.topic.notice.is_trouble
    parts.worker.events_ready.emit((WriteRecovered("a", "weights", 60),))
    assert parts.topic.sentence == ""


def test_a_hidden_notice_comes_back_when_there_is_something_else_to_say(parts):
    parts.worker.events_ready.emit((FAILED,))
    parts.bar.dismissed.emit()
    parts.worker.events_ready.emit((PhaseChanged("a", "validating"),))
    assert parts.topic.sentence == ""
    edit(parts.document, 3)
    parts.saving.take(Files())
    assert parts.topic.sentence.startswith("What the training learned is not on disk")


def test_what_an_ended_training_learned_is_at_risk_until_it_is_written(parts, qtbot):
    files = Files()
    parts.worker.events_ready.emit((FAILED, RunEnded("a", "finished", 100, 1000, 1.0)))
    parts.saving.take(files)
    assert parts.topic.sentence == parts.saving.at_risk[0]
    assert "the disk is full: free some space" in parts.topic.sentence
    parts.topic.chosen.emit("again")
    qtbot.waitUntil(lambda: not parts.saving._jobs._latest)
    assert parts.saving.at_risk  # it is full still
    files.has_room = True
    with qtbot.waitSignal(parts.app_model.said, check_params_cb=lambda said: "on disk now" in said):
        parts.topic.chosen.emit("again")
    assert parts.saving.at_risk == ()
    assert parts.topic.sentence == ""


def test_a_discarded_training_is_not_missed(parts):
    parts.worker.events_ready.emit((FAILED, RunEnded("a", "discarded", 3, 30, 1.0)))
    assert parts.saving.at_risk == ()
    assert parts.topic.sentence == ""


def test_an_edit_that_is_not_on_disk_is_said_and_written_again(parts):
    is_full = True
    write = parts.folder.write

    def refuse_or_write(spec):
        if is_full:
            raise JobFailed('"project.json" was not written: the disk is full: free some space')
        write(spec)

    parts.document.move("p", refuse_or_write)
    edit(parts.document, 7)
    assert parts.topic.sentence == (
        'Your edits are not on disk: "project.json" was not written: the disk is full: free some space.'
    )
    is_full = False
    parts.topic.chosen.emit("again")
    assert parts.topic.sentence == ""
    assert parts.folder.read().training.seed == 7


def test_try_again_asks_a_running_training_to_write(parts, qtbot):
    requests = []

    def work(emit, control):
        emit(FAILED)
        while not control.requests.write:
            control.wait_for_change(control.requests, 1.0)
        requests.append(control.requests)
        emit(RunEnded("a", "discarded", 0, 0, 0.0))

    parts.worker.start("a", work)
    qtbot.waitUntil(lambda: bool(parts.topic.sentence))
    parts.topic.chosen.emit("again")
    assert parts.worker.wait(PATIENCE_S)
    assert (requests[0].write, requests[0].project) == (True, None)


@pytest.mark.parametrize("source_is_gone", [False, True])
def test_the_project_goes_on_elsewhere_with_what_was_not_written(
    parts, qtbot, tmp_path, source_is_gone
):
    files, target = Files(), ProjectFolder(tmp_path / "elsewhere")
    edit(parts.document, 5)
    parts.saving.take(files)
    if source_is_gone:
        parts.folder.path.rename(tmp_path / "unplugged")
    with qtbot.waitSignal(parts.saving.copied) as copied:
        parts.saving.save_elsewhere(target)
    assert copied.args == [target]
    qtbot.waitUntil(lambda: parts.saving.at_risk == ())
    assert files.places == [target.path]
    assert files.writes.kept == {"weights": 100}
    assert target.read().training.seed == 5


def test_weights_in_memory_are_written_where_the_project_is_gone(
    parts, qtbot, tmp_path, monkeypatch
):
    trained, kept = object(), []
    monkeypatch.setattr(heavy, "keep_opened", lambda *given: kept.append(given) or "")
    parts.app_model.trained = trained
    parts.folder.path.rename(tmp_path / "unplugged")
    edit(parts.document, 4)
    assert "is gone from its place: save it elsewhere" in parts.topic.sentence
    target = ProjectFolder(tmp_path / "elsewhere")
    with qtbot.waitSignal(parts.saving.copied):
        parts.saving.save_elsewhere(target)
    assert kept == [(trained, target.path)]
    assert not parts.folder.path.exists()


def test_a_folder_that_is_taken_is_refused_and_nothing_moves(parts, qtbot, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "x").touch()
    with qtbot.waitSignal(parts.app_model.said) as said:
        parts.saving.save_elsewhere(ProjectFolder(tmp_path / "taken"))
    assert "is not empty: choose another folder" in said.args[0]
    assert [entry.name for entry in (tmp_path / "taken").iterdir()] == ["x"]
