"""What the layers of the network on the canvas give while nothing is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from engine.errors import Cancelled
from engine.probes.probe import Probe
from engine.spec.project import ProjectSpec

Samples: TypeAlias = Mapping[str, object]  # by the probes' ids
Show: TypeAlias = Callable[[Samples], None]


class StillNetwork:
    """Answers probes of the kind ``activations``: with trained weights where they fit, new ones elsewhere."""

    def __init__(self, document: Document, app_model: AppModel, jobs: JobRunner) -> None:
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._flow = heavy.SampleFlow()

    @property
    def is_ready(self) -> bool:
        """A sample can flow: TensorFlow and the data are there, the network was looked through, nothing trains."""
        app_model = self._app_model
        has_data = app_model.data is not None and app_model.engine is not None
        return has_data and bool(app_model.facts) and not app_model.training

    def ask(self, owner: str, probes: Sequence[Probe], show: Show) -> None:
        """Hand a sample for each probe to ``show``; only the latest request of an owner is answered.

        Layers that give nothing are missing. The answer is dropped if the network is another one by then.
        """
        data, spec = self._app_model.data, self._document.spec
        if not self.is_ready or data is None:
            return
        asked = partial(
            self._flow.samples, spec, self._app_model.facts, data, tuple(probes), self._app_model.trained
        )  # fmt: skip
        job = Job(
            owner, "", lambda job: _unless_cancelled(asked, job),
            lambda found: self._pass_on(spec, found, show), self._app_model.said.emit,
        )  # fmt: skip
        # Not the lane that checks shapes: an edit is looked through while a sample still flows.
        self._jobs.submit("trial", job)

    def cancel(self, owner: str) -> None:
        """Drop the request of an owner."""
        self._jobs.cancel(owner)

    def _pass_on(self, spec: ProjectSpec, found: Samples | None, show: Show) -> None:
        if found is not None and spec.network == self._document.spec.network:
            show(found)


def _unless_cancelled(asked: Callable[..., Samples], job: Job) -> Samples | None:
    """Return the samples; None of a job that is no longer wanted."""
    try:
        return asked(lambda: job.cancelled)
    except Cancelled:
        return None
