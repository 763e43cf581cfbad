"""Which project is open: new, open, save as, recent, and what its last training left."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.settings import Settings, SettingsFile
from app.shell import file_dialogs
from engine.data.choice import describe
from engine.errors import BadInput, NetsmithError
from engine.runs.locking import FileLock
from engine.runs.project_folder import ProjectFolder, new_untitled
from engine.runs.store import EpochRecord, RunRecord
from engine.runs.trained import Trained
from engine.spec.data import DataSpec
from engine.spec.project import ProjectSpec
from engine.templates import new_project

_JOB = "restore"
_FIND_JOB = "last run"
_LOG = logging.getLogger(__name__)


class ProjectController(QObject):
    """Owns the open project's folder and its lock.

    Signals
    -------
    opened(path)
        Another project is shown.
    moved()
        The project goes on in another folder.
    epochs_restored(epochs)
        (step, epoch, figures) of the project's last run.
    run_found(run)
        The project's last run left weights; its model is read once TensorFlow is there.

    Attributes
    ----------
    may_leave
        Asked before another project is shown; False: this one stays.
    """

    opened = Signal(object)
    moved = Signal()
    run_found = Signal(object)
    epochs_restored = Signal(object)

    def __init__(
        self, document: Document, app_model: AppModel, jobs: JobRunner, settings_file: SettingsFile, window: QWidget,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._settings_file = settings_file
        self._window = window
        self._lock: FileLock | None = None
        self._untouched: ProjectSpec | None = None  # of a new project: as it was made
        self.folder: ProjectFolder | None = None
        self.may_leave: Callable[[], bool] = lambda: True
        app_model.engine_changed.connect(self._restore_last_run)

    # ---- Commands ----

    def start_with(self, path: Path | None) -> None:
        """Open the named project, else the last one, else a new ready one.

        Raises
        ------
        BadInput
            If the named project cannot be opened.
        """
        if path is not None:
            self.open(path)
            return
        for recent in itertools.islice(self._existing(), 1):
            try:
                self.open(recent.path)
            except NetsmithError as error:
                self._app_model.said.emit(str(error))
            else:
                return
        self.new()

    def new(self) -> None:
        """Start a new project: a small network on handwritten digits, ready to train."""
        self._refuse_in_training()
        if not self.may_leave():
            return
        folder = new_untitled()
        data = DataSpec(reader="digits")
        info = describe(data)
        if info is None:
            raise NetsmithError("the ready project's data is not described")
        spec = new_project("cnn", data, info, folder.path.name)
        folder.create(spec)
        self._show(folder, spec, folder.lock())
        self._untouched = spec

    def open(self, path: Path) -> None:
        """Open a project folder (or its project.json); BadInput changes nothing."""
        folder = ProjectFolder(path.parent if path.name == "project.json" else path)
        if self.folder is not None and folder.path == self.folder.path:
            return
        self._refuse_in_training()
        spec = folder.read()
        if not self.may_leave():
            return
        lock = folder.lock()
        folder.sweep()
        self._show(folder, spec, lock)

    def ask_and_open(self) -> None:
        """Let the user choose a project folder."""
        path = file_dialogs.open_folder(self._window, "Open a Project Folder", self._projects())
        if path is not None:
            self._try_open(path)

    def open_recent(self, path: str) -> None:
        """Open a project of the recent list."""
        self._try_open(Path(path))

    def ask_and_save_as(self) -> None:
        """Let the user choose where this project is to live."""
        path = file_dialogs.save_file(self._window, "Save the Project As", "My project")
        if path is not None:
            try:
                self.save_as(path)
            except NetsmithError as error:
                self._app_model.said.emit(str(error))

    def save_as(self, path: Path) -> None:
        """Go on in a copy at ``path``, named after it; what was done before can still be undone."""
        if self.folder is None:
            return
        self._refuse_in_training()
        target = ProjectFolder(path)
        self._document.flush()
        self.folder.copy_to(target)
        self.go_on_in(target)

    def go_on_in(self, target: ProjectFolder) -> None:
        """Go on in a copy of the project, named after its folder; edits, weights and a training stay as they are."""
        lock = target.lock()
        self.close()
        self._take(target, lock)
        self._document.move(target.path.name, target.write)
        self.moved.emit()

    def close(self) -> None:
        """Give the project free for other windows; a new one that nobody touched leaves nothing behind."""
        self._document.flush()
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        if self.folder is not None and self._untouched == self._document.spec:
            self.folder.remove_untouched()
        self._untouched = None

    def require_folder(self) -> ProjectFolder:
        """Return the open project's folder."""
        if self.folder is None:
            raise NetsmithError("no project is open")
        return self.folder

    @property
    def recent(self) -> tuple[tuple[str, str], ...]:
        """Path of each recent project that still exists, without the open one, and what a menu calls it."""
        here = str(self.folder.path) if self.folder else ""
        return tuple((str(f.path), f.in_words()) for f in self._existing() if str(f.path) != here)

    # ---- Work ----

    def _existing(self) -> Iterator[ProjectFolder]:
        """Yield the recent projects that are still there, the last one first."""
        folders = (ProjectFolder(Path(path)) for path in self._settings_file.read().recent)
        return (folder for folder in folders if folder.has_description)

    def _refuse_in_training(self) -> None:
        """A training belongs to the project that is open: what it learns would be shown as another's."""
        if self._app_model.training:
            raise BadInput("stop the training first: it belongs to the open project")

    def _try_open(self, path: Path) -> None:
        try:
            self.open(path)
        except NetsmithError as error:
            self._app_model.said.emit(str(error))

    def _show(self, folder: ProjectFolder, spec: ProjectSpec, lock: FileLock) -> None:
        self.close()
        self._take(folder, lock)
        self._app_model.set_trained(None)
        self._document.load(spec, folder.write)
        self.opened.emit(folder.path)
        self._find_last_run(folder)
        self._restore_last_run()

    def _take(self, folder: ProjectFolder, lock: FileLock) -> None:
        """Make a folder the open project's."""
        self.folder, self._lock = folder, lock
        settings: Settings = self._settings_file.read()
        self._settings_file.write(settings.with_recent(folder.path))

    def _find_last_run(self, folder: ProjectFolder) -> None:
        """Look which run was the last one: that needs no TensorFlow."""

        def found(run: RunRecord | None) -> None:
            if run is not None and folder is self.folder:
                self.run_found.emit(run)

        job = Job(_FIND_JOB, "", lambda _job: _readable_run(folder), found, _note)
        self._jobs.submit("data", job)

    def _restore_last_run(self) -> None:
        """Read back what the project's last training left, once TensorFlow is there."""
        folder = self.folder
        if (
            folder is None
            or self._app_model.engine is None
            or self._app_model.trained is not None
            or self._app_model.training
        ):
            return
        self._jobs.submit(
            "engine",
            Job(
                _JOB,
                "Reading the trained network …",
                lambda _job: _last_run(folder),
                self._on_restored,
                self._app_model.said.emit,
            ),
        )

    def _on_restored(self, answer: tuple[Trained, tuple[EpochRecord, ...]] | None) -> None:
        if answer is not None and not self._app_model.training:
            trained, epochs = answer
            self.epochs_restored.emit(
                tuple((each.step, each.epoch, each.figures) for each in epochs)
            )
            self._app_model.set_trained(trained)
            if trained.epochs is not None and epochs and trained.epochs < epochs[-1].epoch:
                self._app_model.said.emit(
                    f"The run came to epoch {epochs[-1].epoch:,}, but the weights on disk are those"
                    f" after epoch {trained.epochs:,}: go on with the run, or train again."
                )

    def _projects(self) -> Path:
        return self.folder.path.parent if self.folder else new_untitled().path.parent


def _readable_run(folder: ProjectFolder) -> RunRecord | None:
    """Return the newest run that left weights, None if there is none; BadInput if its description cannot be read."""
    run = heavy.last_run(folder.path)
    if run is not None:
        run.spec  # noqa: B018 - it is read to see whether it can be
    return run


def _note(sentence: str) -> None:
    """Leave it to reading the model, which fails for the same reason, to say so."""
    _LOG.info("the last run is not known: %s", sentence)


def _last_run(folder: ProjectFolder) -> tuple[Trained, tuple[EpochRecord, ...]] | None:
    """Return what the newest run left, with its epochs; None if there is none."""
    run = heavy.last_run(folder.path)
    return (
        None
        if run is None
        else (heavy.restore(folder.path, run), heavy.epochs_of(folder.path, run.id))
    )
