"""Steering a running training: other values, the pace, and the marks they leave on the plots."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject

from app.app_model import AppModel
from app.training_worker import TrainingWorker
from engine.catalog import catalog
from engine.spec.network import LayerSpec
from engine.spec.training import TrainingSpec
from engine.training.live.events import TrainingEvent, ValueApplied
from widgets.plots import LossPlot
from widgets.training.live_controls import LAYER_FIELDS, RUN_FIELDS, LiveControls

_MARK_WORDS = {
    ("trainable", 0.0): "{layer} frozen",
    ("trainable", 1.0): "{layer} learns",
}


class SteeringController(QObject):
    """Passes the live controls' requests on and shows what became of them."""

    def __init__(
        self,
        app_model: AppModel,
        worker: TrainingWorker,
        controls: LiveControls,
        plot: LossPlot,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_model = app_model
        self._worker = worker
        self._controls = controls
        self._plot = plot
        self._run = ""
        controls.value_requested.connect(self._on_value)
        controls.speed_requested.connect(self._on_speed)
        worker.events_ready.connect(self._on_events)
        app_model.training_changed.connect(self._on_training)
        app_model.selection_changed.connect(self._show_layer)

    def _on_training(self) -> None:
        spec, is_running = self._app_model.running_spec, self._worker.control is not None
        if is_running and spec is not None and self._worker.run != self._run:
            self._run = self._worker.run
            self._controls.show_run(run_values(spec.training))
            self._show_layer()
        self._controls.set_running(is_running)

    def _show_layer(self) -> None:
        spec, selection = self._app_model.running_spec, self._app_model.selection
        layers = spec.network.layers if spec is not None and len(selection) == 1 else ()
        layer = next((each for each in layers if each.id == selection[0]), None)
        if layer is None:
            self._controls.show_layer("", {})
            return
        facts = self._app_model.facts.get(layer.id)
        has_weights = facts is not None and facts.parameters > 0
        self._controls.show_layer(layer.id, layer_values(layer, has_weights))

    def _on_value(self, name: str, value: float) -> None:
        if self._worker.control is not None:
            self._worker.control.set_value(name, value)

    def _on_speed(self, steps_per_s: float) -> None:
        if self._worker.control is not None:
            self._worker.control.limit_speed(steps_per_s)

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        for event in events:
            if isinstance(event, ValueApplied):
                self._controls.show_applied(event)
                if event.applied is not None:
                    # The axis begins at 1, the first step.
                    self._plot.mark(max(1, event.step), mark_text(event.name, event.applied))
                if event.message:
                    self._app_model.said.emit(event.message)


def run_values(training: TrainingSpec) -> Mapping[str, float]:
    """Return what the live controls offer of a run as it begins, by the names of `ValueApplied`."""
    optimizer = catalog().family("optimizer").get(training.optimizer.kind)
    defaults = {field.name: field.default for field in optimizer.fields} if optimizer else {}
    known = {**defaults, **training.optimizer.parameters, "batch_size": training.batch_size}
    if "weight_decay" in known:
        known["weight_decay"] = known["weight_decay"] or 0.0
    return {
        field.name: float(known[field.name])
        for field in RUN_FIELDS
        if isinstance(known.get(field.name), (int, float))
    }


def layer_values(layer: LayerSpec, has_weights: bool) -> Mapping[str, float]:
    """Return what the live controls offer of a layer as the run begins, by the names of `LAYER_FIELDS`."""
    kind = catalog().family("layer").get(layer.kind)
    fields = {field.name: field for field in kind.fields} if kind else {}
    dropout = layer.parameters.get("rate", fields["rate"].default) if "rate" in fields else None
    known = {
        "dropout": dropout,
        "trainable": float(layer.trainable) if has_weights else None,
    }
    return {
        field.name: float(value)
        for field in LAYER_FIELDS
        if isinstance(value := known[field.name], (int, float))
    }


def mark_text(name: str, value: float) -> str:
    """Return what a mark on a plot says: ``"learning rate 0.0005"``, ``"dense frozen"``."""
    what, _, layer = name.partition(":")
    words = _MARK_WORDS.get((what, value))
    if words is not None:
        return words.format(layer=layer)
    return f"{layer} {what.replace('_', ' ')} {value:.4g}".strip()
