"""A trial on a throw-away copy of the network: begins when TensorFlow and the data are there, gives way to training."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, Signal

from app.app_model import AppModel
from app.jobs import Job, JobRunner

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData

Work: TypeAlias = "Callable[[LoadedData, Job], object]"
_OVERTAKEN = "Training began, so this was stopped."


class TrialRun(QObject):
    """One kind of trial, one at a time.

    Attributes
    ----------
    is_active
        It runs or waits to.

    Signals
    -------
    waiting(sentence)
        It begins as soon as something is there.
    data_wanted()
        That something is the data.
    began()
        It runs now.
    found(result)
        What the work returned.
    ended(sentence, is_bad)
        There is no result, and why; not after `stop`.
    """

    waiting = Signal(str)
    data_wanted = Signal()
    began = Signal()
    found = Signal(object)
    ended = Signal(str, bool)

    def __init__(
        self,
        key: str,
        words: str,
        app_model: AppModel,
        jobs: JobRunner,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._key, self._words = key, words
        self._app_model = app_model
        self._jobs = jobs
        self._waiting_work: Work | None = None
        self.is_active = False
        app_model.engine_changed.connect(self._begin_if_ready)
        app_model.data_changed.connect(self._begin_if_ready)
        app_model.training_changed.connect(self._on_training)

    def start(self, work: Work) -> None:
        """Run ``work`` in the trial lane, now or when all is there; replaces a trial that is active."""
        self.stop()
        self.is_active, self._waiting_work = True, work
        if not self._is_ready:
            what = "TensorFlow" if self._app_model.engine is None else "the data"
            self.waiting.emit(f"Waiting for {what} …")
            if self._app_model.data is None:
                self.data_wanted.emit()
        self._begin_if_ready()

    def stop(self) -> None:
        """Give the trial up without a word."""
        self.is_active, self._waiting_work = False, None
        self._jobs.cancel(self._key)

    def give_up_waiting(self, sentence: str) -> None:
        """What the trial waits for will not come: say why."""
        if self._waiting_work is not None:
            self.stop()
            self.ended.emit(sentence, True)

    # ---- Inside ----

    @property
    def _is_ready(self) -> bool:
        return self._app_model.engine is not None and self._app_model.data is not None

    def _begin_if_ready(self) -> None:
        work, data = self._waiting_work, self._app_model.data
        if work is None or data is None or not self._is_ready:
            return
        self._waiting_work = None
        self.began.emit()
        self._jobs.submit(
            "trial",
            Job(
                self._key,
                self._words,
                lambda job: work(data, job),
                self._on_done,
                self._on_failed,
            ),
        )

    def _on_done(self, result: object) -> None:
        self.is_active = False
        self.found.emit(result)

    def _on_failed(self, sentence: str) -> None:
        self.is_active = False
        self.ended.emit(sentence, True)

    def _on_training(self) -> None:
        if self._app_model.training and self.is_active:
            self.stop()
            self.ended.emit(_OVERTAKEN, False)
