"""The learning-rate range test in the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.trial_run import TrialRun
from engine.errors import BadInput
from engine.spec.project import ProjectSpec
from engine.training.diagnose.rate_range import RangeResult
from widgets.forms.texts import problem_in_words
from widgets.training.rate_finder import RateFinder

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData

_STOPPED = "The test was stopped."
_EDITED = "The project was edited meanwhile: try again."


class RateFindingController(QObject):
    """Runs range tests and takes their suggestion over.

    Attributes
    ----------
    trial
        The test.
    """

    def __init__(
        self,
        document: Document,
        app_model: AppModel,
        jobs: JobRunner,
        finder: RateFinder,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._finder = finder
        self.trial = TrialRun("range_test", "Trying learning rates …", app_model, jobs, self)
        self.trial.waiting.connect(finder.show_waiting)
        self.trial.began.connect(finder.show_running)
        self.trial.found.connect(finder.show_found)
        self.trial.ended.connect(self._on_ended)
        finder.started.connect(self._test)
        finder.stopped.connect(self._on_stopped)
        finder.rate_chosen.connect(self._on_rate)
        document.spec_changed.connect(self._on_spec_changed)

    def find(self) -> None:
        """Show the finder and begin a test.

        Raises
        ------
        BadInput
            If the network cannot be trained yet.
        """
        if self._app_model.errors:
            raise BadInput(problem_in_words(self._app_model.errors[0]))
        self._finder.show()
        self._finder.raise_()
        if not self.trial.is_active:
            self._test()

    def _test(self) -> None:
        if self._app_model.training:
            self._finder.show_ended("Stop the training first.", is_bad=True)
            return
        if self._app_model.errors:
            self._finder.show_ended(problem_in_words(self._app_model.errors[0]), is_bad=True)
            return
        spec = self._document.spec

        def work(data: LoadedData, job: Job) -> RangeResult:
            def show(result: RangeResult) -> None:
                self._jobs.tell(job, partial(self._finder.show_progress, result))

            return heavy.range_test(spec, data, show, lambda: job.cancelled)

        self._finder.show_empty()
        self.trial.start(work)

    def _on_stopped(self) -> None:
        self.trial.stop()
        self._finder.show_ended(_STOPPED)

    def _on_ended(self, sentence: str, is_bad: bool) -> None:
        self._finder.show_ended(sentence, is_bad=is_bad)

    def _on_rate(self, rate: float) -> None:
        spec = self._document.spec
        optimizer = spec.training.optimizer
        changed = optimizer.but(parameters={**optimizer.parameters, "learning_rate": rate})
        training = spec.training.but(optimizer=changed)
        self._document.edit(f"Set learning rate to {rate:g}", spec.but(training=training))

    def _on_spec_changed(self, old: ProjectSpec, new: ProjectSpec) -> None:
        if self.trial.is_active and (old.network, old.data, old.training) != (
            new.network,
            new.data,
            new.training,
        ):
            self.trial.stop()
            self._finder.show_ended(_EDITED)
