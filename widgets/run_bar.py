"""The line that says how the training is going: counters, progress, speed and what is left."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QWidget

from engine.training.events import EpochEnd, Outcome, Phase, RunEnded, RunStarted, StepsEnded
from widgets.calm import Calm
from widgets.steady_label import SteadyLabel

_PHASES: dict[Phase, str] = {
    "preparing": "Preparing the network …",
    "training": "Training",
    "validating": "Validating",
    "paused": "Paused",
    "testing": "Testing",
}
_OUTCOMES: dict[Outcome, str] = {
    "finished": "Finished",
    "stopped_early": "Stopped early",
    "stopped": "Stopped and kept",
    "discarded": "Discarded",
    "failed": "Failed",
}
_MARGIN_PX = 6
_SPACING_PX = 14
_LEAST_PROGRESS_PX = 60
_SMOOTHED_S = 1.0  # what the shown speed is averaged over


def duration(seconds: float) -> str:
    """Return a time span as a clock shows it, ``0:41``, ``1:02:03``."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class RunBar(QWidget):
    """Shows a run's events as counters; asks for nothing.

    Where it is too narrow for all of them, the least important give way.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._started: RunStarted | None = None
        self._steps_per_s = self._averaged_s = 0.0
        self._waiting: StepsEnded | None = None  # counted, not yet shown
        self._counters = Calm(self._show_counters, self)
        self._phase = self._label("run.phase", "Ready")
        # Wide enough for every phase, so that the bar beside it does not jump between them.
        widest = max(self.fontMetrics().horizontalAdvance(words) for words in _PHASES.values())
        self._phase.setMinimumWidth(widest + _MARGIN_PX)
        self._epoch = self._label("run.epoch", "")
        self._step = self._label("run.iteration", "")
        self._speed = self._label("run.speed", "")
        self._left = self._label("run.eta", "")
        self._device = self._label("run.device", "")
        self.progress = QProgressBar()
        self.progress.setObjectName("run.progress")
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1)
        self.progress.setFixedHeight(8)
        self.progress.setMinimumWidth(_LEAST_PROGRESS_PX)
        self.progress.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(_SPACING_PX)
        row.addWidget(self._phase)
        row.addWidget(self.progress, 1)
        for label in (self._epoch, self._step, self._speed, self._left, self._device):
            row.addWidget(label)
        self._fit()

    def clear(self) -> None:
        """Forget the last run."""
        self._started = self._waiting = None
        self.progress.setRange(0, 1)
        self.progress.setValue(0)
        for label in self._by_importance:
            label.clear()
            label.setMinimumWidth(0)
        self._phase.setText("Ready")
        self._fit()

    def start(self, event: RunStarted) -> None:
        """A run begins."""
        self._started, self._waiting = event, None
        self._counters.forget()
        self._steps_per_s = self._averaged_s = 0.0
        total = event.epochs * event.steps_per_epoch
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(event.steps_before)
        self._device.setText("GPU" if event.device.startswith("gpu") else event.device.upper())
        self._epoch.setText(f"epoch {event.epochs_before}/{event.epochs}")
        self._step.setText(f"iteration {event.steps_before:,}/{total:,}")
        for label in (self._speed, self._left):
            label.clear()
        for label in self._by_importance:
            label.setMinimumWidth(0)
        self._fit()

    def show_waiting(self, text: str) -> None:
        """Nothing runs yet; ``text`` says what is waited for."""
        self._phase.setText(text)
        self._fit()

    def show_phase(self, phase: Phase) -> None:
        """The run entered another phase."""
        if self._phase.text() != _PHASES[phase]:
            self._phase.setText(_PHASES[phase])
            self._fit()

    def show_steps(self, event: StepsEnded) -> None:
        """Some steps are over; of many in a short time the counters show the last."""
        if self._started is None or not len(event.losses):
            return
        seconds = event.seconds + event.waited_s
        if seconds > 0:
            # All of the run until there is enough: the first steps are the slowest, and few.
            self._averaged_s = min(_SMOOTHED_S, self._averaged_s + seconds)
            share = min(1.0, seconds / self._averaged_s)
            self._steps_per_s += share * (len(event.losses) / seconds - self._steps_per_s)
        self._waiting = event
        self._counters.ask()

    def _show_counters(self) -> None:
        event, started = self._waiting, self._started
        if event is None or started is None:
            return
        self._waiting = None
        total = started.epochs * started.steps_per_epoch
        done = event.first_step + len(event.losses) - 1
        self.progress.setValue(done)
        self._epoch.setText(f"epoch {event.epoch}/{started.epochs}")
        self._step.setText(f"iteration {done:,}/{total:,}")
        if self._steps_per_s > 0:
            rate, step_ms = started.batch_size * self._steps_per_s, 1000 / self._steps_per_s
            self._speed.setText(f"{rate:,.0f} samples/s · {step_ms:.2f} ms/step")
            self._left.setText(f"ETA {duration((total - done) / self._steps_per_s)}")
        self._fit()

    def show_epoch(self, end: EpochEnd) -> None:
        """An epoch is over."""
        if self._started is not None and self._waiting is None:
            self._epoch.setText(f"epoch {end.epoch}/{self._started.epochs}")
            self._fit()

    def show_ended(self, event: RunEnded) -> None:
        """The run is over; its test figure stays on screen."""
        self._counters.now()
        words = _OUTCOMES[event.outcome]
        shown = {"test_accuracy": "test accuracy {:.2%}", "test_loss": "test loss {:.4g}"}
        figure = next(
            (
                text.format(event.figures[key])
                for key, text in shown.items()
                if key in event.figures
            ),
            "",
        )
        self._phase.setText(": ".join(part for part in (words, figure) if part))
        if event.outcome in ("finished", "stopped_early"):
            self.progress.setValue(self.progress.maximum())
        self._left.setText(f"took {duration(event.seconds)}" if event.seconds else "")
        self._step.clear()
        self._fit()

    @property
    def _by_importance(self) -> tuple[SteadyLabel, ...]:
        return (self._left, self._epoch, self._step, self._speed, self._device)

    def _fit(self) -> None:
        """Show the counters there is room for; none gets narrower during a run, so that nothing trembles."""
        room_px = self.width() - 4 * _MARGIN_PX - _LEAST_PROGRESS_PX - _SPACING_PX
        room_px -= max(self._phase.sizeHint().width(), self._phase.minimumWidth())
        for label in self._by_importance:
            label.setMinimumWidth(max(label.minimumWidth(), label.sizeHint().width()))
            needed_px = label.minimumWidth() + _SPACING_PX
            shown = bool(label.text()) and needed_px <= room_px
            label.setVisible(shown)
            room_px -= needed_px if shown else 0

    def _label(self, name: str, text: str) -> SteadyLabel:
        label = SteadyLabel(text)
        label.setObjectName(name)
        return label

    # ---- Qt overrides ----

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many counters as fit."""
        super().resizeEvent(event)
        self._fit()
