"""The weights that answer now: those of the running training, else those that were learned last."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.app_model import AppModel
from app.classify.answering import Weights
from app.live.view_budget import LONGEST_FRAME_S
from app.training_worker import TrainingWorker
from engine.runs.trained import Trained
from engine.training.live.events import (
    EpochsEnded,
    RunEnded,
    RunStarted,
    SnapshotTaken,
    StepsEnded,
    TrainingEvent,
)

PACE_S: Final = 0.5  # twice a second is as often as an answer can be read


class NewestWeights(QObject):
    """Follows a running training by snapshots, no more often than the live views' budget allows.

    Signals
    -------
    renewed()
        `current` is another value.
    """

    renewed = Signal()

    def __init__(
        self, app_model: AppModel, worker: TrainingWorker, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._app_model = app_model
        self._worker = worker
        self._live: Weights | None = None
        trained = app_model.trained
        self._learned = None if trained is None else Weights(trained)
        self._asked = False  # for a snapshot; others ask for their own
        self._has_moved = False  # the training took steps since the last snapshot
        self._copying_s = 0.0  # what the last snapshot cost the training
        self._number = app_model.running_number
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_time)
        worker.events_ready.connect(self._on_events)
        app_model.trained_changed.connect(self._on_trained)
        self.ask()  # a training may be running

    @property
    def current(self) -> Weights | None:
        """The weights to ask now; None before there are some."""
        return self._live or self._learned

    def is_current(self, weights: Weights) -> bool:
        """Tell whether some weights are those there are now, or earlier ones of the running training."""
        now = self.current
        if now is None or weights is now:
            return now is not None
        is_live = weights.step is not None and now.step is not None
        return is_live and weights.trained.run == now.trained.run

    def ask(self) -> None:
        """Ask a running training for its weights; `renewed` follows."""
        self._timer.stop()
        if self._worker.control is not None:
            self._asked = True
            self._worker.control.request_snapshot()

    def ask_later(self, cost_s: float) -> None:
        """Ask again after a while: the longer, the more seconds the last answer cost."""
        control = self._worker.control
        if control is not None and not self._asked:
            pace_s = max(PACE_S, (cost_s + self._copying_s) / control.requests.view_share)
            self._timer.start(round(1000 * min(pace_s, LONGEST_FRAME_S)))

    def rest(self) -> None:
        """Nobody looks: ask no more."""
        self._timer.stop()

    # ---- Events ----

    def _on_time(self) -> None:
        if self._has_moved:
            self.ask()
        else:
            self.ask_later(0.0)

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        for event in events:
            if isinstance(event, RunStarted):
                self._number = event.number
                self.ask()
            elif isinstance(event, RunEnded):
                self._end()
            elif isinstance(event, SnapshotTaken):
                self._on_snapshot(event)
            elif isinstance(event, StepsEnded | EpochsEnded):
                self._has_moved = True

    def _on_snapshot(self, event: SnapshotTaken) -> None:
        spec, data = self._app_model.running_spec, self._app_model.running_data
        if not self._asked or spec is None or data is None or not self._worker.is_running:
            return
        self._asked = self._has_moved = False
        self._copying_s = event.seconds
        trained = Trained(
            event.run, spec, data.info, data.statistics, event.weights, {}, number=self._number
        )
        self._live = Weights(trained, event.step)
        self.renewed.emit()

    def _end(self) -> None:
        """Forget the run's snapshots: what it learned is there, or it was given up."""
        self._asked = False
        self._timer.stop()
        if self._live is not None:
            self._live = None
            self.renewed.emit()

    def _on_trained(self) -> None:
        trained = self._app_model.trained
        self._live = None
        self._learned = None if trained is None else Weights(trained)
        self.renewed.emit()
