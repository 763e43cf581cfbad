"""The selected layer's weights: live while it trains, from the trained model otherwise."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TypeAlias

from PySide6.QtCore import QObject

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.training_worker import TrainingWorker
from engine.probes.probe import READING_PERIOD_S, Probe, Unavailable
from engine.probes.tensor_view import LayerWeights
from engine.training.live.events import RunEnded, Sampled, TrainingEvent
from widgets.base.throttle import READING_S
from widgets.plots import WeightsPanel

_JOB = "weights"
_OWNER = "dock.weights"  # of the probes
_NEW = "This layer is new: train the network to see its weights."

Shapes: TypeAlias = frozenset[tuple[int, ...]]
Epochs: TypeAlias = tuple[tuple[int, int, Mapping[str, float]], ...]

_IDLE = "Press Train: the weights of the selected layer appear here and change live."
_COMING = "The weights appear here with the first steps."


class WeightsController(QObject):
    """Asks the training (or the trained model) for the selected layer and shows what comes."""

    def __init__(
        self, document: Document, app_model: AppModel, jobs: JobRunner, worker: TrainingWorker,
        observer: heavy.Observer, panel: WeightsPanel, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._worker = worker
        self._panel = panel
        self._observer = observer
        self._step = 0  # of the trained model
        self._calm_due_s = 0.0
        self._is_training = False
        self._selected_shapes: Shapes | None = None  # as Keras makes the selected layer now
        worker.events_ready.connect(self._on_events)
        panel.request_changed.connect(self._watch)
        app_model.selection_changed.connect(self._follow_selection)
        app_model.trained_changed.connect(self._follow_selection)
        app_model.training_changed.connect(self._on_training)
        app_model.facts_changed.connect(self._on_facts_changed)
        self._follow_selection()

    def take_history(self, epochs: Epochs) -> None:
        """Take the step of a trained model that was read back from its project."""
        self._step = epochs[-1][0] if epochs else 0

    @property
    def _selected(self) -> str:
        return self._app_model.selection[0] if len(self._app_model.selection) == 1 else ""

    def _follow_selection(self) -> None:
        if self._worker.control is not None:
            self._watch()
            running = self._app_model.running_spec
            if not self._selected:
                self._panel.show_empty("Select a block to see its weights.")
            elif running is not None and self._selected not in running.network.ids:
                self._panel.show_empty(self._why_none())
            return
        trained = self._app_model.trained
        if not self._selected:
            self._panel.show_empty("Select a block to see its weights.")
        elif trained is None:
            self._panel.show_empty(_COMING if self._app_model.training else _IDLE)
        elif self._app_model.engine is not None:
            probe, step = Probe(_OWNER, "histograms", self._selected), self._step
            job = Job(
                _JOB,
                "",
                lambda _job: self._observer.samples(trained, (probe,), step),
                self._show_trained,
                self._panel.show_empty,
            )
            self._jobs.submit("engine", job)

    def _on_training(self) -> None:
        self._watch()
        is_training = bool(self._app_model.training)
        if (
            is_training
            and not self._is_training
            and self._selected
            and self._app_model.trained is None
        ):
            self._panel.show_empty(_COMING)
        self._is_training = is_training

    def _show_trained(self, samples: tuple[Sampled, ...]) -> None:
        """Show weights of the trained network, unless another training has begun since they were asked for."""
        if self._worker.is_running:
            self._panel.show_empty(_COMING)
        else:
            for sample in samples:
                self._show(sample.payload)

    def _shapes_now(self, layer_id: str) -> Shapes | None:
        """Return the shapes of a layer's weights as edited, None while they are not known."""
        facts = self._app_model.facts.get(layer_id)
        if facts is None or facts.output_shape is None:
            return None
        return frozenset(shape for _name, shape in facts.weights)

    def _are_its_own(self, layer_id: str, shapes: Shapes) -> bool:
        """Tell whether weights can be this layer's; those of a layer edited since, or of another network, are not."""
        now = self._shapes_now(layer_id)
        return now is None or shapes <= now

    def _on_facts_changed(self) -> None:
        if self._worker.is_running:
            return
        now = self._shapes_now(self._selected)
        if now is not None and now != self._selected_shapes:
            self._selected_shapes = now
            self._follow_selection()

    def _why_none(self) -> str:
        """Return why the selected layer, which the trained network lacks, shows no weights."""
        if self._shapes_now(self._selected) != frozenset():
            return _NEW
        return f"{self._document.spec.network.layer(self._selected).kind} has no weights."

    def _watch(self) -> None:
        """Ask the training for what is on screen, no more."""
        control = self._worker.control
        if control is None:
            return
        control.observe(_OWNER, self._probes() if self._selected else ())

    def _probes(self) -> tuple[Probe, ...]:
        layer, sides = self._selected, self._panel.sides
        if not self._panel.is_live:
            return ()
        counts = {"counts": self._panel.has_histogram}
        return (
            Probe(_OWNER, "weights", layer, size_px=sides),
            Probe(f"{_OWNER}:figures", "histograms", layer, counts, sides, READING_PERIOD_S),
        )

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        now = time.perf_counter()
        if now >= self._calm_due_s:
            self._calm_due_s = now + READING_S
            self._watch()  # the panel may have been zoomed or resized
        for event in events:
            if isinstance(event, Sampled) and event.probe.owner == _OWNER:
                self._show(event.payload)
            elif isinstance(event, RunEnded):
                if event.weights and event.outcome != "discarded":
                    self._step = event.steps
                self._follow_selection()

    def _show(self, sample: object) -> None:
        """Show a sample, unless it is of another layer by now."""
        if isinstance(sample, Unavailable):
            self._panel.show_empty(self._why_none())
        elif isinstance(sample, LayerWeights) and sample.layer == self._selected:
            is_running = self._worker.is_running
            if not is_running and not self._are_its_own(sample.layer, _shapes(sample)):
                self._panel.show_empty(_NEW)
                return
            if not sample.tensors:
                self._panel.show_empty(f"{sample.kind} has no weights.")
                return
            if self._panel.is_live or not is_running:
                self._panel.show_weights(sample)


def _shapes(sample: LayerWeights) -> Shapes:
    return frozenset(tensor.shape for tensor in sample.tensors)
