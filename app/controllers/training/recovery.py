"""What can be done about a run that did not come to its end: go on with it, or mend what made it fail."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app import failures, heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.shell.notices import Topic
from app.training_worker import TrainingWorker
from engine.errors import NetsmithError
from engine.runs.project_folder import ProjectFolder
from engine.runs.resuming import (
    BeingTrained,
    NothingToGoOnWith,
    Resumable,
    problem,
    resumption_text,
)
from engine.spec.issues import Cure
from engine.training.diagnose.remedies import cures
from engine.training.live.events import RunEnded, TrainingEvent

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData

_JOB = "resumable"
_GO_ON = "go_on"
_CURE = "cure_"
_LOOK_AGAIN_MS = 3000  # while another process trains the run
_LOG = logging.getLogger(__name__)


class RecoveryController(QObject):
    """Offers to go on with the last run while it fits the project, or says why not, and cures after a failure.

    Signals
    -------
    go_on_wanted(past)
        The user wants to go on with this `engine.runs.resuming.Resumable`.
    place_found(layer)
        Id of the layer at which a run went wrong.
    changed()
        `why_not` may have changed.
    """

    go_on_wanted = Signal(object)
    place_found = Signal(str)
    changed = Signal()

    def __init__(
        self, document: Document, app_model: AppModel, jobs: JobRunner, worker: TrainingWorker,
        folder: Callable[[], ProjectFolder], notice: Topic, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._folder = folder
        self._notice = notice
        self._past: Resumable | None = None
        self._obstacle: NetsmithError | None = None  # why the last run cannot be gone on with
        self._look_again = QTimer(self)
        self._look_again.setSingleShot(True)
        self._look_again.setInterval(_LOOK_AGAIN_MS)
        self._look_again.timeout.connect(self._look)
        self._failure: RunEnded | None = None
        self._dismissed = ""
        notice.chosen.connect(self._on_chosen)
        notice.dismissed.connect(self._on_dismissed)
        worker.events_ready.connect(self._on_events)
        app_model.data_changed.connect(self._look)
        app_model.training_changed.connect(self._on_training)
        document.spec_changed.connect(self._show)

    @property
    def why_not(self) -> str:
        """Why the last run cannot go on now, "" if it can."""
        if self._past is None:
            return str(self._obstacle or "there is no run to go on with")
        return problem(self._past, self._document.spec)

    def go_on(self) -> None:
        """Go on with the last run."""
        if self._past is not None and not self.why_not:
            self.go_on_wanted.emit(self._past)

    def forget(self) -> None:
        """Another project is shown."""
        self._failure, self._dismissed = None, ""
        self._set_found(None)

    # ---- Looking ----

    def _look(self) -> None:
        """See whether the last run left a state that fits the data."""
        data = self._app_model.data
        if data is None or self._app_model.training:
            self._jobs.cancel(_JOB)
            self._set_found(None)
            return
        folder = self._folder()
        job = Job(
            _JOB, "", lambda _job: _found(folder, data), self._set_found, self._app_model.said.emit
        )
        self._jobs.submit("data", job)

    def _set_found(self, found: Resumable | NetsmithError | None) -> None:
        self._past = found if isinstance(found, Resumable) else None
        self._obstacle = found if isinstance(found, NetsmithError) else None
        if isinstance(found, BeingTrained):
            self._look_again.start()
        else:
            self._look_again.stop()
        self.changed.emit()
        self._show()

    def _on_training(self) -> None:
        if self._app_model.training:
            self._failure, self._dismissed = None, ""
        self._look()

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        for event in events:
            if isinstance(event, RunEnded) and event.outcome == "failed":
                self._failure = event
                self._show()
                if event.fault is not None and event.fault.layer in self._document.spec.network.ids:
                    self.place_found.emit(event.fault.layer)

    # ---- Showing ----

    def _show(self) -> None:
        sentence, answers = self._offer()
        if not sentence or self._app_model.training or sentence == self._dismissed:
            self._notice.clear()
        else:
            self._notice.show_notice(sentence, answers, is_trouble=self._failure is not None)

    def _offer(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return what there is to say, "" for nothing, and the answers to it."""
        can_go_on = self._past is not None and not self.why_not
        answers = ((_GO_ON, "Go On"),) if can_go_on else ()
        if self._failure is not None:
            mend = tuple((f"{_CURE}{n}", cure.label) for n, cure in enumerate(self._cures()))
            return self._failure.error, mend or answers
        if self._obstacle is not None and not isinstance(self._obstacle, NothingToGoOnWith):
            words = failures.sentence(self._obstacle)
            return f"{words[:1].upper()}{words[1:]}.", ()
        if self._past is None or not can_go_on:
            return "", ()
        return resumption_text(self._past, self._document.spec), answers

    def _cures(self) -> tuple[Cure, ...]:
        training = self._document.spec.training
        return cures(self._failure, training) if self._failure is not None else ()

    def _on_chosen(self, answer: str) -> None:
        if answer == _GO_ON:
            self.go_on()
            return
        cure = self._cures()[int(answer.removeprefix(_CURE))]
        self._failure = None  # mended: what is left is to train anew or to go on
        self._document.edit(cure.label, cure.applied_to(self._document.spec))

    def _on_dismissed(self) -> None:
        self._dismissed = self._notice.sentence
        self._failure = None
        self._notice.clear()


def _found(folder: ProjectFolder, data: LoadedData) -> Resumable | NetsmithError:
    """Return the run to go on with, or why there is none."""
    try:
        return heavy.resumable(folder.path, data)
    except NetsmithError as error:
        _LOG.info("no run to go on with: %s", error)
        return error
