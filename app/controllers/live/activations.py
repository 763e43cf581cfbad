"""What the selected layer gives for the pinned sample: live while it trains, by the current weights otherwise."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer

from app.app_model import AppModel
from app.document import Document
from app.live.captions import NOISE, model_words, shown_sample, takes_noise_alone
from app.live.still_network import Samples, StillNetwork
from app.training_worker import TrainingWorker
from engine.probes.activations import LayerOutput
from engine.probes.probe import Probe, Unavailable
from engine.runs.origin import Origin, age_in_words
from engine.spec.network import NetworkSpec
from engine.training.live.events import RunEnded, RunStarted, Sampled, TrainingEvent
from widgets.activations import ActivationsPanel

_OWNER: Final = "dock.activations"  # of the probe
_SOON_MS: Final = 120  # an edit is followed by others
_SELECT: Final = "Select a block to see what it gives."
_NEW: Final = "This layer is not in the network that is being trained."
_LOADING: Final = "What the block gives appears here once data and TensorFlow are loaded."
_NOTHING: Final = "This layer gives nothing yet: first mend the marked problems before it."
_COMING: Final = "What the block gives appears here with the first steps."


class ActivationsController(QObject):
    """Asks the training, or the network on the canvas, for the selected layer and shows what comes."""

    def __init__(
        self, document: Document, app_model: AppModel, worker: TrainingWorker, still: StillNetwork,
        panel: ActivationsPanel, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._worker = worker
        self._still = still
        self._panel = panel
        self._number = 0  # of the run
        self._layer = ""  # whose output the panel shows or waits for
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self._follow)
        worker.events_ready.connect(self._on_events)
        panel.request_changed.connect(self._soon.start)
        app_model.selection_changed.connect(self._follow)
        for signal in (
            document.spec_changed,
            app_model.facts_changed,
            app_model.trained_changed,
            app_model.training_changed,
            app_model.engine_changed,
            app_model.data_changed,
        ):
            signal.connect(self._renew)

    @property
    def _selected(self) -> str:
        chosen = self._app_model.selection
        return chosen[0] if len(chosen) == 1 else ""

    def _renew(self, *_: object) -> None:
        """What is shown may no longer be true."""
        self._show_age()
        self._soon.start()

    # ---- Asking ----

    def _probe(self) -> Probe:
        pinned = self._document.spec.pinned[0]
        options = {"part": pinned.part, "number": pinned.number, "output": self._panel.output}
        return Probe(_OWNER, "activations", self._selected, options, self._panel.size_px)

    def _follow(self) -> None:
        """Ask for the selected layer, if it is seen."""
        layer = self._selected
        if layer != self._layer:
            self._layer = layer
            self._panel.forget_choice()
            self._panel.show_empty(_SELECT if not layer else "")
        if self._worker.control is not None:
            self._follow_training(layer)
        elif layer and self._panel.isVisible():
            self._follow_network(layer)
        self._show_age()

    def _follow_training(self, layer: str) -> None:
        control, running = self._worker.control, self._app_model.running_spec
        if control is None or running is None:
            return
        is_wanted = self._panel.is_live and layer in running.network.ids
        control.observe(_OWNER, (self._probe(),) if is_wanted else ())
        if layer and self._panel.is_empty():
            self._panel.show_empty(_COMING if layer in running.network.ids else _NEW)

    def _follow_network(self, layer: str) -> None:
        if self._app_model.training:
            self._panel.show_empty(_COMING)
        elif not self._still.is_ready:
            self._panel.show_empty(_LOADING)
        else:
            self._still.ask(_OWNER, (self._probe(),), lambda found: self._on_still(layer, found))

    # ---- Showing ----

    def _on_still(self, layer: str, found: Samples) -> None:
        if layer != self._selected or self._worker.is_running:
            return
        app_model = self._app_model
        words = model_words(app_model.trained, self._document.spec)
        self._show(found.get(_OWNER, Unavailable(_NOTHING)), words)

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        for event in events:
            if isinstance(event, RunStarted):
                self._number = event.number
            elif isinstance(event, RunEnded):
                self._soon.start()
            elif isinstance(event, Sampled) and self._is_wanted(event.probe):
                origin = self._running()
                words = f"{origin.words}, step {event.step:,}" if origin is not None else ""
                self._show(event.payload, words)

    def _is_wanted(self, probe: Probe) -> bool:
        return probe.id == _OWNER and probe.target == self._selected

    def _show(self, payload: object, model: str) -> None:
        if isinstance(payload, LayerOutput):
            running = self._app_model.running_data if self._worker.is_running else None
            data = running or self._app_model.data
            sample = shown_sample(data, self._document.spec.pinned[0]) if data is not None else ""
            if takes_noise_alone(self._network(), payload.layer):
                sample = NOISE
            self._panel.show_output(payload, " · ".join(part for part in (model, sample) if part))
        elif isinstance(payload, Unavailable):
            self._panel.show_empty(payload.reason)

    def _network(self) -> NetworkSpec:
        """Return the network whose layers are shown."""
        running = self._app_model.running_spec if self._worker.is_running else None
        return (running or self._document.spec).network

    def _running(self) -> Origin | None:
        """Return what the running training is of."""
        spec, data = self._app_model.running_spec, self._app_model.running_data
        if spec is None or data is None:
            return None
        return Origin(self._worker.run, self._number, spec, data.info)

    def _show_age(self) -> None:
        """Show the picture in grey while it is of another network or other data than the window shows."""
        origin = self._running() if self._worker.is_running else None
        age = ""
        if origin is not None:
            age = age_in_words(origin, self._document.spec, self._app_model.info)
        self._panel.show_old(f"{origin.words}; {age}" if origin is not None and age else "")
