"""The picture of neurons and synapses: the structure at first, weights while and after training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.training_worker import TrainingWorker
from engine.data.info import DataInfo
from engine.probes.neurons import NO_DENSE, NOT_BUILT, dense_chain, has_dense, synapses
from engine.spec.network import NetworkSpec
from engine.spec.project import ProjectSpec
from engine.training.live.events import RunEnded, SnapshotTaken, TrainingEvent
from widgets.neurons import NeuronsPanel

if TYPE_CHECKING:
    from engine.data.loaded import Statistics

INTERVAL_MS: Final = 500  # a look at all weights twice a second; each copies them
MOST_LIVE_WEIGHTS: Final = 1_000_000
_JOB: Final = "neurons"
Places: TypeAlias = Mapping[str, tuple[int, ...]]
_Key: TypeAlias = tuple[NetworkSpec, str]
_PART: Final = "Only the dense part of the network is drawn."
_LARGE: Final = (
    "This network is too large to be drawn live: its weights appear when the training ends."
)


@dataclass(frozen=True)
class _Source:
    """A network with its weights, None before there are some; ``info`` and ``statistics``: of its data."""

    spec: ProjectSpec
    info: DataInfo
    statistics: Statistics | None
    weights: tuple[Any, ...] | None

    @property
    def key(self) -> _Key:
        """What decides where weights lie."""
        return self.spec.network, self.spec.data.scaling


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
        panel: NeuronsPanel, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._worker = worker
        self._panel = panel
        self._live: tuple[Any, ...] | None = None  # weights of the running training
        self._places: tuple[_Key, Places] | None = None
        self._placing: _Key | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._ask)
        panel.visibility_changed.connect(self._on_visibility)
        panel.layer_requested.connect(self.layer_requested)
        worker.events_ready.connect(self._on_events)
        app_model.training_changed.connect(self._on_visibility)
        for signal in (
            app_model.checked,
            app_model.trained_changed,
            app_model.engine_changed,
            app_model.info_changed,
        ):
            signal.connect(self.renew)
        app_model.selection_changed.connect(self._on_selection)

    def renew(self) -> None:
        """Show the network as it is now, if it is seen."""
        if not self._panel.isVisible():
            return
        network, facts = self._document.spec.network, self._app_model.facts
        if facts and not self._app_model.errors and not facts.keys() >= set(network.ids):
            return  # Keras is being asked of what was edited: the picture before stands until it answers
        chain = dense_chain(network, facts, self._app_model.info)
        if chain is None:
            self._panel.show_empty(NOT_BUILT if has_dense(network) else NO_DENSE)
            return
        source = self._source()
        found = None
        if source is not None:
            places = self._known_places(
                source
            )  # before there are weights: the first are shown at once
            if places is not None and source.weights is not None:
                found = synapses(chain, places, source.weights)
        note = "" if chain.is_whole else _PART
        self._panel.show_chain(chain, found, _LARGE if self._is_too_large else note)

    def _source(self) -> _Source | None:
        """Return whose weights are to be drawn; None if those that there are belong to another network."""
        app_model, spec = self._app_model, self._document.spec
        trained, data = app_model.trained, app_model.data
        if self._worker.is_running:
            running, learning = app_model.running_spec, app_model.running_data
            if running is None or running.network != spec.network or learning is None:
                return None
            return _Source(running, learning.info, learning.statistics, self._live)
        if trained is not None and trained.spec.network == spec.network:
            return _Source(trained.spec, trained.info, trained.statistics, trained.weights)
        return _Source(spec, data.info, data.statistics, None) if data is not None else None

    # ---- Weights ----

    @property
    def _is_too_large(self) -> bool:
        total = sum(fact.parameters for fact in self._app_model.facts.values())
        return self._worker.is_running and total > MOST_LIVE_WEIGHTS

    def _known_places(self, source: _Source) -> Places | None:
        """Return where the layers' weights lie; None, and find it out, if it is not known yet."""
        key = source.key
        if self._places is not None and self._places[0] == key:
            return self._places[1]
        if self._app_model.engine is None or self._placing == key:
            return None
        self._placing = key
        job = Job(
            _JOB, "", lambda _job: heavy.weight_places(source.spec, source.info, source.statistics),
            lambda places: self._take_places(key, places), lambda _why: self._give_up(),
        )  # fmt: skip
        self._jobs.submit("engine", job)
        return None

    def _take_places(self, key: _Key, places: Places) -> None:
        self._placing, self._places = None, (key, places)
        self.renew()

    def _give_up(self) -> None:
        """Draw the structure alone; whoever checks the network says what is wrong."""
        self._placing = None

    def _ask(self) -> None:
        control = self._worker.control
        if control is not None and self._app_model.training == "running" and not self._is_too_large:
            control.request_snapshot()

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        snapshots = [event for event in events if isinstance(event, SnapshotTaken)]
        if any(isinstance(event, RunEnded) for event in events):
            self._live = None
        elif snapshots:
            self._live = snapshots[-1].weights
            self.renew()

    # ---- What is seen ----

    def _on_visibility(self) -> None:
        if not self._worker.is_running:
            self._live = None
        if self._panel.isVisible():
            self._on_selection()
            self.renew()
        if self._panel.isVisible() and self._app_model.training == "running":
            self._ask()
            self._timer.start()
        else:
            self._timer.stop()

    def _on_selection(self) -> None:
        self._panel.show_selected(self._app_model.selection)
