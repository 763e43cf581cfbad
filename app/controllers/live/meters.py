"""The meters of the status line."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app import heavy
from app.app_model import AppModel
from app.training_worker import TrainingWorker
from engine.machine.meters import GpuMemory, MeterReader
from engine.training.live.events import RunStarted, StepsEnded, TrainingEvent
from widgets.shell.meter_line import MeterLine

INTERVAL_MS = 1000  # what changes so slowly is read no more often


class MetersController(QObject):
    """Reads the meters once a second and sums what the training did in between."""

    def __init__(
        self,
        app_model: AppModel,
        worker: TrainingWorker,
        line: MeterLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_model = app_model
        self._line = line
        self._reader = MeterReader(self._gpus)
        self._forget()
        worker.events_ready.connect(self._on_events)
        app_model.training_changed.connect(self._on_training)
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.renew)
        self._timer.start()

    def renew(self) -> None:
        """Show the meters as they stand, and the speed since the last call."""
        self._line.show_meters(self._reader.read())
        # A run that has ended leaves steps nobody has looked at.
        if self._app_model.training and self._steps and self._seconds > 0:
            passed_s = self._seconds + self._waited_s
            self._line.show_speed(self._seconds / self._steps, self._samples / passed_s)
        self._forget()

    def _forget(self) -> None:
        self._steps, self._samples = 0, 0
        self._seconds, self._waited_s = 0.0, 0.0  # computing, and held back by slow motion

    def _gpus(self) -> tuple[GpuMemory, ...]:
        engine = self._app_model.engine
        return heavy.gpu_memory(engine.devices) if engine and len(engine.devices) > 1 else ()

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        for event in events:
            if isinstance(event, StepsEnded):
                self._steps += len(event.losses)
                self._samples += event.samples
                self._seconds += event.seconds
                self._waited_s += event.waited_s
            elif isinstance(event, RunStarted):
                self._line.show_device(event.device, event.choice)

    def _on_training(self) -> None:
        if not self._app_model.training:
            self._line.show_speed(0.0, 0.0)
            self._line.show_device("", "")
