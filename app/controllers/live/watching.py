"""Slows tiny trainings down, so that one sees them learn; a switch and one click end it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.app_model import AppModel
from app.settings import SettingsFile
from app.training_worker import TrainingWorker
from engine.training.live.events import StepsEnded, TrainingEvent
from engine.training.live.watchable import WATCHED_S, OwnSpeed, watchable_speed
from widgets.training.live_controls import LiveControls
from widgets.training.run_bar import RunBar

_FULL_SPEED = "full_speed"
_TIP = (
    f"Slowed to about {WATCHED_S:g} s so that you can watch; the results are the same. "
    "Live Control has the switch."
)


class WatchingController(QObject):
    """Asks for slow motion at the start of a training that would be over in a moment, and says so.

    What a training learns does not depend on its speed. Headless trainings know nothing of this.
    """

    def __init__(
        self, app_model: AppModel, worker: TrainingWorker, settings_file: SettingsFile, controls: LiveControls,
        bar: RunBar, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._app_model = app_model
        self._worker = worker
        self._settings_file = settings_file
        self._controls = controls
        self._bar = bar
        self._run = ""
        self._speed: OwnSpeed | None = None  # of the run that is slowed
        controls.show_watchable(settings_file.read().watchable)
        controls.watchable_chosen.connect(self._on_switch)
        controls.speed_requested.connect(self._on_own_request)
        bar.chosen.connect(self._on_offer)
        worker.events_ready.connect(self._on_events)
        app_model.training_changed.connect(self._on_training)

    def _on_training(self) -> None:
        if self._app_model.training == "running" and self._worker.run != self._run:
            self._run = self._worker.run
            if self._settings_file.read().watchable:
                self._slow_down()
        elif not self._app_model.training:
            self._forget()

    def _slow_down(self) -> None:
        spec, data = self._app_model.running_spec, self._app_model.running_data
        if spec is None or data is None:
            return
        epochs, size, samples = spec.training.epochs, spec.training.batch_size, len(data.training)
        self._speed = OwnSpeed(epochs * -(-samples // size))
        self._limit(watchable_speed(epochs, samples, size))

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        for event in events:
            if self._speed is None or not isinstance(event, StepsEnded) or not len(event.losses):
                continue
            self._speed.note(len(event.losses), event.seconds)
            if not self._speed.is_over_in_a_moment:
                self._hurry()
            elif self._speed.is_known:
                self._bar.set_slowed(slowed=True)
                self._bar.offer(_FULL_SPEED, "Full Speed", _TIP)

    def _hurry(self) -> None:
        """Let the training run as fast as it can."""
        self._limit(0.0)
        self._forget()

    def _limit(self, steps_per_s: float) -> None:
        if self._worker.control is not None:
            self._worker.control.limit_speed(steps_per_s)
            self._controls.show_speed(round(steps_per_s, 1))

    def _forget(self) -> None:
        self._speed = None
        self._bar.set_slowed(slowed=False)
        self._bar.withdraw(_FULL_SPEED)

    def _on_offer(self, offer: str) -> None:
        if offer == _FULL_SPEED:
            self._hurry()

    def _on_own_request(self, _steps_per_s: float) -> None:
        """The user chose a speed: it stays."""
        self._forget()

    def _on_switch(self, on: bool) -> None:
        self._settings_file.write(self._settings_file.read().but(watchable=on))
        if not on and self._speed is not None:
            self._hurry()
