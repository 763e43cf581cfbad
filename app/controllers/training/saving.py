"""What the disk refused: said at once, tried again, or saved elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.shell.notices import Topic
from app.training_worker import TrainingWorker
from engine.errors import NetsmithError
from engine.runs.project_folder import ProjectFolder
from engine.runs.trained import Trained
from engine.spec.project import ProjectSpec
from engine.training.live.events import (
    RunEnded,
    RunId,
    TrainingEvent,
    WriteFailed,
    WriteRecovered,
    Written,
)
from engine.training.state.writes import NAMES

_JOB = "write again"
_AGAIN = ("again", "Try Again")
_ELSEWHERE = ("elsewhere", "Save Elsewhere…")
_Failures = Mapping[Written, WriteFailed]


class SavingController(QObject):
    """Says in a notice what is not on disk while that is so, and offers what can be done.

    Signals
    -------
    copied(folder)
        The project was copied to another `ProjectFolder`, in which it is to go on.
    """

    copied = Signal(object)

    def __init__(
        self, document: Document, app_model: AppModel, jobs: JobRunner, worker: TrainingWorker,
        folder: Callable[[], ProjectFolder], notice: Topic, window: QWidget, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._worker = worker
        self._folder = folder
        self._notice = notice
        self._window = window
        self._run: RunId = ""
        self._failed: dict[Written, WriteFailed] = {}  # of the running training
        self._ended: tuple[heavy.RunFiles, ...] = ()
        self._lost: tuple[str, ...] = ()  # what of them is not on disk; a job may be writing it
        self._dismissed = ""
        notice.chosen.connect(self._on_chosen)
        notice.dismissed.connect(self._on_dismissed)
        worker.events_ready.connect(self._on_events)
        document.saving_changed.connect(self._show)

    @property
    def at_risk(self) -> tuple[str, ...]:
        """What is lost if the project is left now, a sentence each, the worst first; () if all is on disk."""
        unsaved = self._document.unsaved
        edits = (f"Your edits are not on disk: {unsaved}.",) if unsaved else ()
        return (*self._lost, *edits)

    def take(self, files: heavy.RunFiles) -> None:
        """A training has ended whose files the disk did not take to the end."""
        self._failed.clear()
        self._set_ended((*self._ended, files))

    def forget(self) -> None:
        """Another project is shown."""
        self._failed.clear()
        self._dismissed = ""
        self._set_ended(())

    # ---- Trying again ----

    def try_again(self) -> None:
        """Write again what is not on disk; a running training does so between two steps."""
        self._document.save()
        if self._worker.control is not None:
            self._worker.control.write()
        ended = self._ended
        if ended:
            self._submit("Writing …", lambda: _write(ended), lambda _none: self._after_writing())

    def write_now(self) -> None:
        """Write again at once, on this thread: the program ends."""
        self._document.save()
        _write(self._ended)
        self._set_ended(_unwritten(self._ended))

    def _after_writing(self) -> None:
        self._dismissed = ""
        self._set_ended(_unwritten(self._ended))
        if not self.at_risk:
            self._app_model.said.emit("All of it is on disk now.")

    def _set_ended(self, ended: tuple[heavy.RunFiles, ...]) -> None:
        self._ended = ended
        self._lost = tuple(_of_ended(files.writes.failed) for files in ended)
        self._show()

    # ---- Saving elsewhere ----

    def ask_and_save_elsewhere(self) -> None:
        """Let the user choose where the project is to go on, and copy it there."""
        usual = str(self._folder().path.with_name(f"{self._folder().path.name} copy"))
        path, _filter = QFileDialog.getSaveFileName(
            self._window, "Save the Project Elsewhere", usual
        )
        if path:
            self.save_elsewhere(ProjectFolder(Path(path)))

    def save_elsewhere(self, target: ProjectFolder) -> None:
        """Copy the project and go on there; what the disk refused is written there."""
        self._document.flush()
        source, spec = self._folder(), self._document.spec
        is_written = self._app_model.training or self._ended  # by who trains or trained it
        trained = None if is_written else self._app_model.trained
        self._submit(
            "Copying the project …",
            lambda: _copy(source, target, spec, trained),
            lambda problem: self._go_on_in(target, problem),
        )

    def _go_on_in(self, target: ProjectFolder, problem: str) -> None:
        self.copied.emit(target)
        if self._worker.control is not None:
            self._worker.control.write(target.path)
        ended = self._ended
        if ended:
            self._submit(
                "Writing …", lambda: _write(ended, target), lambda _none: self._after_writing()
            )
        self._show()
        if problem:
            self._app_model.said.emit(problem)

    def _submit(self, words: str, work: Callable[[], object], done: Callable[..., None]) -> None:
        job = Job(_JOB, words, lambda _job: work(), done, self._app_model.said.emit)
        self._jobs.submit("data", job)

    # ---- Showing ----

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        for event in events:
            if event.run != self._run:
                self._run = event.run
                self._failed.clear()
            if isinstance(event, WriteFailed):
                self._failed[event.what] = event
            elif isinstance(event, WriteRecovered):
                self._failed.pop(event.what, None)
            elif isinstance(event, RunEnded):
                self._failed.clear()  # `take` is told what the disk did not take to the end
        self._show()

    def _show(self) -> None:
        running = (_of_running(self._failed),) if self._failed else ()
        sentence = next(iter((*running, *self.at_risk)), "")
        if not sentence:
            self._dismissed = ""
            self._notice.clear()
        elif sentence != self._dismissed:
            self._notice.show_notice(sentence, (_AGAIN, _ELSEWHERE), is_trouble=True)

    def _on_chosen(self, answer: str) -> None:
        {"again": self.try_again, "elsewhere": self.ask_and_save_elsewhere}[answer]()

    def _on_dismissed(self) -> None:
        self._dismissed = self._notice.sentence


def _of_running(failed: _Failures) -> str:
    """Return what of a running training is not on disk, and what is."""
    worst = _worst(failed)
    kept = f"epoch {worst.kept_epochs}" if worst.kept_epochs else "nothing yet"
    goes_on = "The training goes on; on disk is"
    return f"{_capital(worst.sentence)}. {goes_on} {kept}."


def _of_ended(failed: _Failures) -> str:
    """Return what of an ended training is lost if it is not written."""
    worst = _worst(failed)
    lost = {
        "weights": "What the training learned is not on disk",
        "state": "The training could not go on later",
        "history": "The figures of the training are not on disk",
        "earlier": "What the run had learned before was not put back",
    }[worst.what]
    return f"{lost}: {worst.sentence}."


def _worst(failed: _Failures) -> WriteFailed:
    return next(failed[what] for what in NAMES if what in failed)


def _capital(sentence: str) -> str:
    return f"{sentence[:1].upper()}{sentence[1:]}"


def _write(ended: tuple[heavy.RunFiles, ...], target: ProjectFolder | None = None) -> None:
    for files in ended:
        if target is not None:
            files.move_to(target.path)
        files.write_again()


def _unwritten(ended: tuple[heavy.RunFiles, ...]) -> tuple[heavy.RunFiles, ...]:
    return tuple(files for files in ended if files.writes.failed)


def _copy(
    source: ProjectFolder, target: ProjectFolder, spec: ProjectSpec, trained: Trained | None
) -> str:
    """Copy what can be read; return what could not be copied, as a sentence, "" if all was.

    Where the project is gone, what is in memory is saved: the description, and the weights of ``trained``.
    """
    try:
        source.copy_to(target)
    except NetsmithError as error:
        if target.path.exists() and (not target.path.is_dir() or any(target.path.iterdir())):
            raise
        target.create(spec)
        unkept = heavy.keep_opened(trained, target.path) if trained is not None else ""
        return f"Earlier runs were not copied: {error}.{unkept}"
    return ""
