"""Samples that a generator makes, live while it trains, from the trained model otherwise."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.training_worker import TrainingWorker
from engine.data.picture_sheet import as_bytes, sheet
from engine.probes.generated import GeneratedSamples
from engine.probes.probe import Probe, Unavailable
from engine.spec.project import ProjectSpec
from engine.training.live.events import RunEnded, Sampled, TrainingEvent
from engine.training.procedures import PROCEDURES
from widgets.plots.generated import GeneratedPanel

_JOB: Final = "generated"
_OWNER: Final = "dock.generated"  # of the probe
_POINTS: Final = 500
_PICTURES: Final = 64
_PERIOD_S: Final = 0.15
_NONE: Final = (
    "Networks that make samples show them here: choose a template such as GAN for points."
)
_NO_DATA: Final = "Samples appear here once the data is loaded."
_OTHER: Final = "Samples are shown where they are points of a plane or pictures."


class GeneratedController(QObject):
    """Shows real samples, and beside them those of the training or of the trained model.

    Signals
    -------
    wanted()
        The project has become one that makes samples, or its training begins: the view should be seen.
    """

    wanted = Signal()

    def __init__(
        self, document: Document, app_model: AppModel, jobs: JobRunner, worker: TrainingWorker,
        observer: heavy.Observer, panel: GeneratedPanel, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._worker = worker
        self._observer = observer
        self._panel = panel
        self._step = 0  # of the trained model
        self._generates = self._is_training = False
        worker.events_ready.connect(self._on_events)
        document.spec_changed.connect(self._on_spec_changed)
        app_model.data_changed.connect(self._show_all)
        app_model.trained_changed.connect(self._show_all)
        app_model.engine_changed.connect(self._show_all)
        app_model.training_changed.connect(self._on_training)
        self._show_all()

    def take_history(self, epochs: tuple[tuple[int, int, object], ...]) -> None:
        """Take the step of a trained model that was read back from its project."""
        self._step = epochs[-1][0] if epochs else 0

    def _on_spec_changed(self, old: ProjectSpec, new: ProjectSpec) -> None:
        if (old.training.stages, old.data) != (new.training.stages, new.data):
            self._show_all()

    def _on_training(self) -> None:
        is_training = bool(self._app_model.training)
        if is_training and not self._is_training and self._generates:
            self._show_all()
            self.wanted.emit()
        self._is_training = is_training
        self._watch()

    # ---- Real samples ----

    def _show_all(self) -> None:
        """Show what there is: a sentence, real samples, those of the trained model."""
        generates = _generates(self._document.spec)
        if generates and not self._generates:
            self.wanted.emit()
        self._generates = generates
        if not generates:
            self._panel.show_empty(_NONE)
        elif self._app_model.data is None:
            self._panel.show_empty(_NO_DATA)
        elif self._show_real() and not self._worker.is_running:
            self._ask_trained()

    def _show_real(self) -> bool:
        """Show real samples; returns whether there is a view for them."""
        data = self._app_model.data
        if data is None:
            return False
        info, x = data.info, np.asarray(data.training.x[: max(_POINTS, _PICTURES)])
        if info.image is not None:
            self._panel.show_real_pictures(sheet(as_bytes(x[:_PICTURES], info)))
        elif info.input_shape == (2,):
            self._panel.show_real_points(x[:_POINTS])
        else:
            self._panel.show_empty(_OTHER)
            return False
        return True

    # ---- Made samples ----

    def _probe(self) -> Probe:
        data = self._app_model.running_data or self._app_model.data
        pictures = data is not None and data.info.image is not None
        count = {"count": _PICTURES if pictures else _POINTS}
        return Probe(_OWNER, "generated", options=count, period_s=_PERIOD_S)

    def _watch(self) -> None:
        """Ask the training for samples while they can be seen."""
        control, running = self._worker.control, self._app_model.running_spec
        if control is None:
            return
        is_wanted = running is not None and _generates(running) and self._panel.isVisible()
        control.observe(_OWNER, (self._probe(),) if is_wanted else ())

    def _ask_trained(self) -> None:
        trained = self._app_model.trained
        if trained is None or trained.answers or self._app_model.engine is None:
            return
        probe, step = self._probe(), self._step
        job = Job(
            _JOB, "", lambda _job: self._observer.samples(trained, (probe,), step),
            self._show_trained, self._panel.show_empty,
        )  # fmt: skip
        self._jobs.submit("engine", job)

    def _show_trained(self, samples: tuple[Sampled, ...]) -> None:
        if not self._worker.is_running:
            for sample in samples:
                self._show(sample.payload)

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        self._watch()  # the panel may have been shown or hidden
        for event in events:
            if isinstance(event, Sampled) and event.probe.owner == _OWNER:
                self._show(event.payload)
            elif isinstance(event, RunEnded) and event.weights and event.outcome != "discarded":
                self._step = event.steps
                if not self._worker.is_running and _generates(self._document.spec):
                    self._ask_trained()  # the model may have come first, and been asked with an old step

    def _show(self, sample: object) -> None:
        data = self._app_model.running_data or self._app_model.data
        if isinstance(sample, Unavailable):
            self._panel.show_empty(sample.reason)
        elif isinstance(sample, GeneratedSamples) and data is not None:
            values = sample.values
            if values.shape[1:] != data.info.input_shape:
                return
            if data.info.image is not None:
                self._panel.show_pictures(sheet(as_bytes(values, data.info)), sample.step)
            elif data.info.input_shape == (2,):
                self._panel.show_points(values, sample.step)


def _generates(spec: ProjectSpec) -> bool:
    row = PROCEDURES.get(spec.training.stage.procedure)
    return row is not None and row.generator is not None
