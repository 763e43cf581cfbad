"""Live views: which are attached, what they cost, and the limit on it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from PySide6.QtCore import QObject

from app.live.view_budget import ViewBudget
from app.settings import SettingsFile
from app.training_worker import TrainingWorker
from engine.training.live.events import RunStarted, Sampled, TrainingEvent
from widgets.activations import ActivationsPanel
from widgets.plots import LossPlot, WeightsPanel
from widgets.training.view_settings import ViewSettings


class ViewsController(QObject):
    """Attaches and detaches views, and slows them down where they would cost more than they may.

    Parameters
    ----------
    thumbnails_s
        Seconds of this thread that the pictures in the blocks took so far.
    now
        Clock in seconds.
    """

    def __init__(
        self, worker: TrainingWorker, settings_file: SettingsFile, settings: ViewSettings,
        plot: LossPlot, weights: WeightsPanel, activations: ActivationsPanel,
        thumbnails_s: Callable[[], float], parent: QObject | None = None,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._worker = worker
        self._settings_file = settings_file
        self._settings = settings
        self._plot = plot
        self._weights = weights
        self._activations = activations
        self._thumbnails_s = thumbnails_s
        self._now = now
        self._sampling_s = 0.0  # for how long trainings waited for samples so far
        self._budget = ViewBudget(settings_file.read().view_limit)
        self._attach = {
            "loss": plot.set_attached,
            "weights": weights.set_attached,
            "histogram": weights.set_histogram_shown,
            "activations": activations.set_attached,
        }
        settings.show_limit(self._budget.limit)
        settings.attached.connect(self._on_attached)
        settings.limit_requested.connect(self._on_limit)
        worker.events_ready.connect(self._on_events)

    def _all_spent_s(self) -> float:
        """Seconds of the training: it waits for samples, and leaves one of the processors to drawing."""
        panels = (self._plot, self._weights, self._activations)
        drawing_s = sum(panel.spent_s for panel in panels) + self._thumbnails_s()
        return self._sampling_s + drawing_s / (os.cpu_count() or 1)

    def _on_attached(self, name: str, on: bool) -> None:
        self._attach[name](on)

    def _on_limit(self, limit: float) -> None:
        self._budget.limit = limit
        self._settings_file.write(self._settings_file.read().but(view_limit=limit))
        self._apply()

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        now = self._now()
        for event in events:
            if isinstance(event, Sampled):
                self._sampling_s += event.cost_s
            elif isinstance(event, RunStarted):
                self._budget.begin(now, self._all_spent_s())
                self._apply()
        if self._budget.note(now, self._all_spent_s):
            self._settings.show_cost(self._budget.share, 1 / self._budget.frame_s)
            self._apply()

    def _apply(self) -> None:
        self._plot.set_frame_s(self._budget.frame_s)
        if self._worker.control is not None:
            self._worker.control.limit_views(self._budget.limit, self._budget.frame_s)
