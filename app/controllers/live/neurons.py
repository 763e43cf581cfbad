"""The picture of neurons and synapses: the structure at first, weights while and after training."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Signal

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.training_worker import TrainingWorker
from engine.probes.neurons import (
    NO_DENSE,
    NOT_BUILT,
    ChainWeights,
    DenseChain,
    dense_chain,
    has_dense,
)
from engine.probes.probe import READING_PERIOD_S, Probe
from engine.runs.trained import Trained
from engine.training.live.events import RunEnded, Sampled, TrainingEvent
from widgets.neurons import NeuronsPanel

_OWNER: Final = "dock.neurons"  # of the probe
_NOT_ASKED: Final = "The neurons appear once the network is checked."
_PART: Final = "Only the dense part of the network is drawn."


class NeuronsController(QObject):
    """Shows the dense layers; asks the training for weights only while they are seen.

    Signals
    -------
    layer_requested(id)
        The user wants to see this layer's block.
    """

    layer_requested = Signal(str)

    def __init__(
        self, document: Document, app_model: AppModel, jobs: JobRunner, worker: TrainingWorker,
        observer: heavy.Observer, panel: NeuronsPanel, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._worker = worker
        self._panel = panel
        self._observer = observer
        self._live: ChainWeights | None = None  # of the running training
        self._learned: ChainWeights | None = None  # of the trained model
        self._answered: tuple[Trained, Probe] | None = None  # what `_learned` answers
        panel.visibility_changed.connect(self._on_visibility)
        panel.layer_requested.connect(self.layer_requested)
        panel.room_changed.connect(self.renew)
        worker.events_ready.connect(self._on_events)
        app_model.training_changed.connect(self._on_training)
        for signal in (
            app_model.facts_changed,
            app_model.trained_changed,
            app_model.engine_changed,
            app_model.info_changed,
        ):
            signal.connect(self.renew)
        app_model.selection_changed.connect(self._on_selection)

    def renew(self) -> None:
        """Show the network as it is now, if it is seen."""
        if not self._panel.isVisible():
            self._observe(None)
            return
        network, facts = self._document.spec.network, self._app_model.facts
        if facts and not self._app_model.errors and not facts.keys() >= set(network.ids):
            return  # Keras is being asked of what was edited: the picture before stands until it answers
        chain = dense_chain(network, facts, self._app_model.info)
        self._observe(chain)
        if chain is None:
            is_asked = not facts and not self._app_model.errors
            missing = _NOT_ASKED if is_asked else NOT_BUILT
            self._panel.show_empty(missing if has_dense(network) else NO_DENSE)
            return
        weights = self._weights(chain)
        found = weights.synapses if weights is not None and weights.fits(chain) else None
        self._panel.show_chain(chain, found, "" if chain.is_whole else _PART)

    # ---- Weights ----

    def _probe(self, chain: DenseChain) -> Probe:
        options = {"layers": chain.layers, "room": self._panel.room}
        return Probe(_OWNER, "neurons", options=options, period_s=READING_PERIOD_S)

    def _observe(self, chain: DenseChain | None) -> None:
        """Ask a running training for the weights of a chain, for none if it trains another network."""
        control, running = self._worker.control, self._app_model.running_spec
        if control is None:
            return
        is_same = running is not None and running.network == self._document.spec.network
        control.observe(_OWNER, (self._probe(chain),) if chain is not None and is_same else ())

    def _weights(self, chain: DenseChain) -> ChainWeights | None:
        """Return the weights to be drawn; None if those that there are belong to another network."""
        if self._worker.is_running:
            return self._live
        trained = self._app_model.trained
        if trained is None or trained.spec.network != self._document.spec.network:
            return None
        self._ask(trained, self._probe(chain))
        return self._learned

    def _ask(self, trained: Trained, probe: Probe) -> None:
        """Look into a trained model, once for what is shown of it."""
        if self._answered == (trained, probe) or self._app_model.engine is None:
            return
        if self._answered is None or self._answered[0] is not trained:
            self._learned = None
        self._answered = (trained, probe)
        job = Job(
            _OWNER, "", lambda _job: self._observer.samples(trained, (probe,), 0),
            self._take, lambda _why: None,
        )  # fmt: skip
        self._jobs.submit("engine", job)

    def _take(self, samples: tuple[Sampled, ...]) -> None:
        self._learned = next(
            (each.payload for each in samples if isinstance(each.payload, ChainWeights)), None
        )
        self.renew()

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        for event in events:
            if isinstance(event, RunEnded):
                self._live = None
            elif isinstance(event, Sampled) and isinstance(event.payload, ChainWeights):
                self._live = event.payload
                self.renew()

    # ---- What is seen ----

    def _on_training(self) -> None:
        if not self._worker.is_running:
            self._live = None
        self.renew()

    def _on_visibility(self) -> None:
        if self._panel.isVisible():
            self._on_selection()
        self.renew()

    def _on_selection(self) -> None:
        self._panel.show_selected(self._app_model.selection)
