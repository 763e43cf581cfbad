"""The selected layer's weights: live while it trains, from the trained model otherwise."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app import heavy
from app.document import Document
from app.jobs import Job, JobRunner
from app.studio import Studio
from app.training_worker import TrainingWorker
from engine.training.events import RunEnded, StepsEnded, TrainingEvent, WeightsSampled
from widgets.canvas import NetworkCanvas
from widgets.plots import WeightsPanel

_JOB = "weights"


class WeightsController(QObject):
    """Asks the training (or the trained model) for the selected layer and shows what comes."""

    def __init__(
        self, document: Document, studio: Studio, jobs: JobRunner, worker: TrainingWorker,
        panel: WeightsPanel, canvas: NetworkCanvas, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._studio = studio
        self._jobs = jobs
        self._worker = worker
        self._panel = panel
        self._canvas = canvas
        self._step = 0
        worker.events_ready.connect(self._on_events)
        studio.selection_changed.connect(self._follow_selection)
        studio.trained_changed.connect(self._follow_selection)
        self._follow_selection()

    @property
    def _selected(self) -> str:
        return self._studio.selection[0] if len(self._studio.selection) == 1 else ""

    def _follow_selection(self) -> None:
        if self._worker.control is not None:
            self._worker.control.watch(self._selected)
            if not self._selected:
                self._panel.show_empty("Select a block to see its weights.")
            return
        trained = self._studio.trained
        if not self._selected:
            self._panel.show_empty("Select a block to see its weights.")
        elif trained is None:
            self._panel.show_empty(
                "Press Train: the weights of the selected layer appear here and change live."
            )
        elif self._studio.engine is not None:
            layer, step = self._selected, self._step
            job = Job(
                _JOB,
                "",
                lambda _job: heavy.sample_weights(trained, layer, step),
                self._show,
                self._panel.show_empty,
            )
            self._jobs.submit("engine", job)

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        # Of several samples in one batch only the last is worth drawing.
        samples = [event for event in events if isinstance(event, WeightsSampled)]
        for event in events:
            if isinstance(event, StepsEnded):
                self._step = event.first_step + len(event.losses) - 1
            elif isinstance(event, RunEnded):
                self._step = event.steps
        if samples:
            self._show(samples[-1])

    def _show(self, sample: WeightsSampled | None) -> None:
        if sample is None:
            self._panel.show_empty("This layer is new: train the network to see its weights.")
        elif sample.layer == self._selected:
            if sample.tensors:
                self._panel.show_weights(sample)
                self._canvas.show_thumbnail(sample.layer, sample.tensors[0].values)
            else:
                self._panel.show_empty(f"{sample.kind} has no weights.")
