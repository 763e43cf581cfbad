"""How the training is going: what is being prepared, counters and speed, or what came out of it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.training.live.events import EpochEnd, Outcome, Phase, RunEnded, RunStarted, StepsEnded
from widgets.base.busy_bar import BusyBar
from widgets.base.labels import plain_tip, set_tone
from widgets.base.steady_label import SteadyLabel
from widgets.base.throttle import Throttle

PHASES: dict[Phase, str] = {
    "preparing": "Building the network …",
    "loading": "Loading the data …",
    "measuring": "Measuring what is faster …",
    "compiling": "Compiling …",
    "training": "Training",
    "validating": "Validating",
    "paused": "Paused",
    "testing": "Testing",
}
_TRAINING = (PHASES["training"], "Training, slowed")
_BEFORE_STEPS: frozenset[Phase] = frozenset({"preparing", "loading", "measuring", "compiling"})
_OUTCOMES: dict[Outcome, str] = {
    "finished": "Finished",
    "stopped_early": "Stopped early",
    "stopped": "Stopped",
    "discarded": "Discarded",
    "failed": "Failed",
}
_FIGURES = {"test_accuracy": "test accuracy {:.2%}", "test_loss": "test loss {:.4g}"}
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


def outcome_in_words(event: RunEnded) -> str:
    """Return how a run ended, ``"Finished: test accuracy 98.89%"``."""
    return ": ".join(
        part for part in (_OUTCOMES[event.outcome], figure_in_words(event.figures)) if part
    )


def figure_in_words(figures: Mapping[str, float]) -> str:
    """Return the figure that says most about a trained model, "" if there is none."""
    return next((text.format(figures[key]) for key, text in _FIGURES.items() if key in figures), "")


class RunBar(QWidget):
    """One bar with three pictures: what is prepared, how a run goes, what came out of the last one.

    Where it is too narrow for all counters, the least important give way.

    Signals
    -------
    chosen(offer)
        The button was pressed; the id is that of `offer`.
    room_changed()
        `least_width_px` or `is_live` changed.
    """

    chosen = Signal(str)
    room_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._started: RunStarted | None = None
        self._steps_per_s = self._averaged_s = 0.0
        self._waiting: StepsEnded | None = None  # counted, not yet shown
        self._counters = Throttle(self._show_counters, self)
        self.is_live = False
        self._phase = self._label("run.phase", "Ready")
        self._detail = self._label("run.detail", "")
        set_tone(self._detail, "muted")
        # Wide enough for every phase, so that the bar beside it does not jump between them.
        self._widest = max(self.fontMetrics().horizontalAdvance(words) for words in PHASES.values())
        self._phase.setMinimumWidth(self._widest + _MARGIN_PX)
        self._epoch = self._label("run.epoch", "")
        self._step = self._label("run.iteration", "")
        self._left = self._label("run.eta", "")
        self._is_slowed = False
        self._offered = ""
        self._button = QPushButton()
        self._button.setObjectName("run.offer")
        self._button.clicked.connect(self._on_clicked)
        self._button.hide()
        self.progress = self._make_progress()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._lay_out()
        self._fit()

    # ---- The three pictures ----

    def clear(self) -> None:
        """Forget the last run."""
        self.show_result("Ready")

    def show_preparing(self, words: str) -> None:
        """Nothing runs yet: say what is being done or waited for, under a bar that moves."""
        self._started = self._waiting = None
        self._clear_counters()
        self._show_words(words)
        self.progress.setRange(0, 0)
        self._set_live(live=True)
        self._fit()

    def start(self, event: RunStarted) -> None:
        """A run begins."""
        self._started, self._waiting = event, None
        self._counters.forget()
        self._steps_per_s = self._averaged_s = 0.0
        total = event.epochs * event.steps_per_epoch
        self._clear_counters()
        self._show_words(self._phase.text())
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(event.steps_before)
        self._epoch.setText(f"epoch {event.epochs_before}/{event.epochs}")
        self._step.setText(f"iteration {event.steps_before:,}/{total:,}")
        self._set_live(live=True)
        self._fit()

    def show_result(self, words: str, of: str = "", *, is_current: bool = True) -> None:
        """Show what came out of a run.

        Parameters
        ----------
        of
            Which run and data it is of, and why it is an old one if it is.
        is_current
            Whether it is of the network and the data there are now; an old result is grey.
        """
        self._counters.forget()
        self._started = self._waiting = None
        self._clear_counters()
        self._show_words(words, of, is_current=is_current)
        self._set_live(live=False)
        self._fit()

    # ---- While it runs ----

    def show_phase(self, phase: Phase) -> None:
        """The run entered another phase."""
        if phase in _BEFORE_STEPS:
            self.show_preparing(PHASES[phase])
            return
        takes_turns = phase == "training" or (phase == "validating" and self._is_slowed)
        words = _TRAINING[self._is_slowed] if takes_turns else PHASES[phase]
        if self._phase.text() != words:
            self._phase.setText(words)
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
            self._left.setText(f"ETA {duration((total - done) / self._steps_per_s)}")
        self._fit()

    def show_epoch(self, end: EpochEnd) -> None:
        """An epoch is over."""
        if self._started is not None and self._waiting is None:
            self._epoch.setText(f"epoch {end.epoch}/{self._started.epochs}")
            self._fit()

    def set_slowed(self, *, slowed: bool) -> None:
        """Say that the training is slowed, or not."""
        if slowed != self._is_slowed:
            self._is_slowed = slowed
            if self._phase.text() in _TRAINING:
                self._phase.setText(_TRAINING[slowed])

    def offer(self, name: str, text: str, tip: str = "") -> None:
        """Offer one thing to do, as a button; "" for nothing."""
        self._offered = name
        self._button.setText(text)
        self._button.setToolTip(plain_tip(tip))
        if self._button.isHidden() == bool(name):
            self._button.setVisible(bool(name))
            self.room_changed.emit()
            self._fit()

    def withdraw(self, name: str) -> None:
        """Offer this no longer; what else is offered stays."""
        if self._offered == name:
            self.offer("", "")

    # ---- Room ----

    @property
    def least_width_px(self) -> int:
        """What it takes without its counters."""
        words = max(each.sizeHint().width() for each in (self._phase, self._detail))
        needed = max(words, self._phase.minimumWidth()) + 4 * _MARGIN_PX
        if not self._button.isHidden():
            needed += self._button.sizeHint().width() + _SPACING_PX
        return needed + (_LEAST_PROGRESS_PX + _SPACING_PX if self.is_live else 0)

    @property
    def _by_importance(self) -> tuple[SteadyLabel, ...]:
        return (self._left, self._epoch, self._step)

    def _fit(self) -> None:
        """Show the counters there is room for; none gets narrower during a run, so that nothing trembles."""
        room_px = self.width() - self.least_width_px
        for label in self._by_importance:
            label.setMinimumWidth(max(label.minimumWidth(), label.sizeHint().width()))
            needed_px = label.minimumWidth() + _SPACING_PX
            shown = bool(label.text()) and needed_px <= room_px
            label.setVisible(shown)
            room_px -= needed_px if shown else 0

    # ---- Parts ----

    def _show_words(self, words: str, detail: str = "", *, is_current: bool = True) -> None:
        self._phase.setText(words)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        set_tone(self._phase, "text" if is_current else "muted")

    def _set_live(self, *, live: bool) -> None:
        self.is_live = live
        self.progress.setVisible(live)
        self.room_changed.emit()

    def _clear_counters(self) -> None:
        for label in self._by_importance:
            label.clear()
            label.setMinimumWidth(0)

    def _make_progress(self) -> QProgressBar:
        progress = BusyBar()
        progress.setObjectName("run.progress")
        progress.setTextVisible(False)
        progress.setRange(0, 1)
        progress.setFixedHeight(8)
        progress.setMinimumWidth(_LEAST_PROGRESS_PX)
        progress.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        progress.hide()
        return progress

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._phase)
        words.addWidget(self._detail)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(_SPACING_PX)
        row.addLayout(words)
        row.addWidget(self.progress, 1)
        for label in (self._epoch, self._step, self._left):
            row.addWidget(label)
        row.addWidget(self._button)
        row.addStretch()

    def _label(self, name: str, text: str) -> SteadyLabel:
        label = SteadyLabel(text)
        label.setObjectName(name)
        return label

    def _on_clicked(self) -> None:
        self.chosen.emit(self._offered)

    # ---- Qt overrides ----

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many counters as fit."""
        super().resizeEvent(event)
        self._fit()
