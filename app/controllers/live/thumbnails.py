"""The small pictures in the blocks: weights or what the layers give, live while it trains."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.live.still_network import Samples, StillNetwork
from app.settings import SettingsFile
from app.training_worker import TrainingWorker
from engine.data.loaded import LoadedData
from engine.data.preview import as_picture
from engine.probes.activations import LayerOutput
from engine.probes.pinned import pinned_sample
from engine.probes.probe import READING_PERIOD_S, Probe
from engine.probes.tensor_view import LayerWeights
from engine.runs.origin import Origin, is_current
from engine.training.live.events import Sampled, TrainingEvent
from widgets.canvas import NetworkCanvas

OFF, WEIGHTS, ACTIVATIONS = THUMBNAILS = ("off", "weights", "activations")
_OWNER: Final = "thumbnails"  # of the probes
_SOON_MS: Final = 120  # an edit is followed by others, a pan by more panning
_SIZES_PX: Final = {WEIGHTS: (96, 96), ACTIVATIONS: (72, 72)}  # at zoom 2
_PERIODS_S: Final = {WEIGHTS: 1.0, ACTIVATIONS: READING_PERIOD_S}  # weights change little


class ThumbnailsController(QObject):
    """Asks for what the blocks in sight show, of the training or of the network on the canvas.

    Signals
    -------
    chosen()
        `choice` is another one.

    Attributes
    ----------
    choice
        One of `THUMBNAILS`.
    spent_s
        Seconds of this thread that drawing took so far.
    """

    chosen = Signal()

    def __init__(
        self, document: Document, app_model: AppModel, jobs: JobRunner, worker: TrainingWorker,
        settings_file: SettingsFile, observer: heavy.Observer, still: StillNetwork, canvas: NetworkCanvas,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._worker = worker
        self._settings_file = settings_file
        self._observer = observer
        self._still = still
        self._canvas = canvas
        self.choice = settings_file.read().thumbnails
        self.spent_s = 0.0
        self._shown: frozenset[str] = frozenset()  # blocks whose picture is true
        self._asked: tuple[str, ...] = ()  # blocks that a picture was asked for
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self._ask)
        for signal in (
            document.spec_changed,
            app_model.facts_changed,
            app_model.trained_changed,
            app_model.training_changed,
            app_model.engine_changed,
        ):
            signal.connect(self._renew)
        app_model.data_changed.connect(self._on_data)
        canvas.view_changed.connect(self._soon.start)
        canvas.shown.connect(self._soon.start)  # what changed while it was hidden was not asked for
        worker.events_ready.connect(self._on_events)

    # ---- What the user does ----

    def choose(self, choice: str) -> None:
        """Show weights, what the layers give, or nothing."""
        self.choice = choice
        self._settings_file.write(self._settings_file.read().but(thumbnails=choice))
        self._clear(self._document.spec.network.ids)
        self._renew()
        self.chosen.emit()

    def toggle_activations(self) -> None:
        """Show what the layers give, or their weights again."""
        self.choose(WEIGHTS if self.choice == ACTIVATIONS else ACTIVATIONS)

    # ---- Asking ----

    def _renew(self, *_: object) -> None:
        """What the blocks show may no longer be true."""
        self._shown = frozenset()
        self._soon.start()

    def _on_data(self) -> None:
        """Take away what is of other data: it may be long until there is something else to show."""
        if not self._worker.is_running and self.choice == ACTIVATIONS:
            self._clear(self._document.spec.network.ids)
        self._renew()

    def _ask(self) -> None:
        """Ask for what the blocks in sight are to show, of whatever gives it now."""
        self._show_age()
        if self._worker.control is not None:
            running = self._app_model.running_spec
            ids = running.network.ids if running is not None else ()
            self._worker.control.observe(_OWNER, self._probes(ids))
            return
        if self._app_model.training or self._shown.issuperset(self._visible()):
            return
        probes = self._probes(self._document.spec.network.ids)
        if self.choice == ACTIVATIONS:
            self._ask_for_outputs(probes)
        elif self.choice == WEIGHTS:
            self._ask_for_weights(probes)

    def _visible(self) -> tuple[str, ...]:
        return self._canvas.visible_ids() if self._canvas.isVisible() else ()

    def _probes(self, known: Iterable[str]) -> tuple[Probe, ...]:
        """Return a probe for each block in sight that has something to show."""
        if self.choice == OFF:
            return ()
        pinned = self._document.spec.pinned[0]
        is_of_sample = self.choice == ACTIVATIONS
        options: dict[str, Any] = (
            {"part": pinned.part, "number": pinned.number} if is_of_sample else {}
        )
        ids = [name for name in self._visible() if name in set(known)]
        if not is_of_sample:
            ids = [name for name in ids if self._has_weights(name)]
        return tuple(
            Probe(f"{_OWNER}:{name}", self.choice, name, options, _SIZES_PX[self.choice], _PERIODS_S[self.choice])
            for name in ids
        )  # fmt: skip

    def _has_weights(self, layer_id: str) -> bool:
        facts = self._app_model.facts.get(layer_id)
        return facts is None or bool(facts.weights)

    def _ask_for_outputs(self, probes: tuple[Probe, ...]) -> None:
        wanted = self._visible()
        if not self._still.is_ready:
            self._clear(wanted)
        elif probes:
            self._still.ask(_OWNER, probes, lambda found: self._on_outputs(wanted, found))

    def _ask_for_weights(self, probes: tuple[Probe, ...]) -> None:
        trained, wanted = self._app_model.trained, self._visible()
        if trained is None or self._app_model.engine is None:
            self._clear(wanted)
            return
        known = tuple(probe for probe in probes if probe.target in trained.spec.network.ids)
        self._clear(name for name in wanted if name not in {probe.target for probe in known})
        job = Job(
            _OWNER, "", lambda _job: self._observer.samples(trained, known, 0),
            lambda samples: self._on_weights(wanted, samples), self._app_model.said.emit,
        )  # fmt: skip
        self._jobs.submit("engine", job)

    # ---- Showing ----

    def _on_outputs(self, wanted: tuple[str, ...], found: Samples) -> None:
        if self.choice == ACTIVATIONS and not self._worker.is_running:
            self._shown |= frozenset(wanted)
            for name in wanted:
                self._show(name, found.get(f"{_OWNER}:{name}"), self._app_model.data)

    def _on_weights(self, wanted: tuple[str, ...], samples: tuple[Sampled, ...]) -> None:
        if self.choice == WEIGHTS and not self._worker.is_running:
            self._shown |= frozenset(wanted)
            for sample in samples:
                is_own = self._are_its_own(sample.payload)
                self._show(sample.probe.target, sample.payload if is_own else None, None)

    def _are_its_own(self, payload: object) -> bool:
        """Tell whether weights can be their layer's as it is on the canvas."""
        if not isinstance(payload, LayerWeights):
            return False
        facts = self._app_model.facts.get(payload.layer)
        if facts is None or facts.output_shape is None:
            return True
        return {tensor.shape for tensor in payload.tensors} <= {shape for _, shape in facts.weights}

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        started_s = time.thread_time()
        for event in events:
            if isinstance(event, Sampled) and self._is_wanted(event.probe):
                self._show(event.probe.target, event.payload, self._app_model.running_data)
        self.spent_s += time.thread_time() - started_s

    def _is_wanted(self, probe: Probe) -> bool:
        return probe.owner == _OWNER and probe.kind == self.choice

    def _show(self, layer_id: str, payload: object, data: LoadedData | None) -> None:
        if isinstance(payload, LayerOutput):
            picture = self._entering(payload, data) if data is not None else None
            self._canvas.show_output(layer_id, payload if picture is None else picture)
        elif isinstance(payload, LayerWeights) and payload.tensors:
            self._canvas.show_thumbnail(layer_id, payload.tensors[0].values)
        else:
            self._clear((layer_id,))

    def _entering(self, output: LayerOutput, data: LoadedData) -> Any:
        """Return the picture that enters the network in its own colours; None if it is none."""
        inputs = {layer.id for layer in self._document.spec.network.inputs}
        if data.info.kind != "picture" or output.layer not in inputs:
            return None
        sample = pinned_sample(data, output.part, output.number)
        return as_picture(sample.x, data.info) if sample is not None else None

    def _clear(self, layer_ids: Iterable[str]) -> None:
        for layer_id in layer_ids:
            self._canvas.show_output(layer_id, None)
            self._canvas.show_thumbnail(layer_id, None)

    def _show_age(self) -> None:
        """Show the pictures in grey while they are of another network or other data than the window shows."""
        spec, data = self._app_model.running_spec, self._app_model.running_data
        is_old = False
        if self._worker.is_running and spec is not None and data is not None:
            origin = Origin(self._worker.run, 0, spec, data.info)
            is_old = not is_current(origin, self._document.spec, self._app_model.info)
        self._canvas.show_pictures_old(is_old)
