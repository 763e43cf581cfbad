"""The result that is shown: what it is of, and whether network and data are still the same."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.app_model import AppModel
from app.document import Document
from app.training_worker import TrainingWorker
from engine.data.choice import describe
from engine.runs.origin import Origin, age_in_words
from engine.runs.store import RunRecord
from engine.runs.trained import Trained
from engine.training.live.events import RunEnded, RunStarted, TrainingEvent
from widgets.training.run_bar import RunBar, duration, figure_in_words, outcome_in_words


@dataclass(frozen=True)
class _Result:
    """What came out of a run.

    Attributes
    ----------
    words
        How it ended, with its figure.
    figure
        The figure alone, "" if there is none.
    origin
        What it is of; None of a run that left nothing.
    is_recorded
        It is what the history says; the model on disk may be an earlier one of that run.
    """

    words: str
    figure: str = ""
    origin: Origin | None = None
    seconds: float = 0.0
    is_recorded: bool = False


class ResultsController(QObject):
    """Shows the last run's result while nothing is trained; grey once network or data moved on.

    Signals
    -------
    aged(words)
        What the plots show is of this run and why it is old, "" if it is not.
    """

    aged = Signal(str)

    def __init__(
        self, document: Document, app_model: AppModel, worker: TrainingWorker, bar: RunBar,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._bar = bar
        self._number = 0
        self._is_busy = False
        self._is_preparing = False  # a training has begun, and nothing is seen of it yet
        self._result: _Result | None = None
        worker.events_ready.connect(self._on_events)
        app_model.trained_changed.connect(self._on_trained)
        app_model.training_changed.connect(self._on_training)
        for changed in (document.spec_changed, app_model.info_changed):
            changed.connect(self._show)

    def show_earlier(self, run: RunRecord) -> None:
        """Show what is recorded of a run, before its model is read."""
        info = describe(run.spec.data)
        if self._result is None and info is not None and run.samples:
            figure = figure_in_words(run.figures)
            origin = Origin(run.id, run.number, run.spec, info)
            words = _trained_in_words(figure)
            self._result = _Result(words, figure, origin, is_recorded=True)
            self._show()

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        for event in events:
            if isinstance(event, RunStarted):
                self._number, self._is_preparing = event.number, False
                self._show()
            elif isinstance(event, RunEnded):
                self._result = self._result_of(event)
                self._show()

    def _on_training(self) -> None:
        is_busy = bool(self._app_model.training)
        if is_busy != self._is_busy:
            self._is_busy = self._is_preparing = is_busy
        self._show()

    def _result_of(self, event: RunEnded) -> _Result:
        spec, data = self._app_model.running_spec, self._app_model.running_data
        is_kept = event.outcome not in ("failed", "discarded")
        if not is_kept or spec is None or data is None:
            return _Result(outcome_in_words(event))
        origin = Origin(event.run, self._number, spec, data.info)
        figure = figure_in_words(event.figures)
        return _Result(outcome_in_words(event), figure, origin, event.seconds)

    def _on_trained(self) -> None:
        """Show what an earlier session left, or a file brought."""
        trained, shown = self._app_model.trained, self._result
        if trained is None:
            self._result = None
        elif (
            shown is None
            or shown.origin is None
            or shown.origin.run != trained.run
            or shown.is_recorded
        ):
            if shown is not None and shown.origin is None and self._app_model.training == "":
                return  # a discarded or failed run says so; the model is the one before it
            self._result = _restored(trained)
        self._show()

    def _show(self) -> None:
        result = self._result
        if self._app_model.training:
            old = result.origin if result is not None and self._is_preparing else None
            self.aged.emit(f"{old.words}; a new training begins" if old is not None else "")
            return
        if result is None:
            self._bar.clear()
            self.aged.emit("")
        elif result.origin is None:
            self._bar.show_result(result.words)
        else:
            self._show_with_origin(result, result.origin)

    def _show_with_origin(self, result: _Result, origin: Origin) -> None:
        age = age_in_words(origin, self._document.spec, self._app_model.info)
        took = f"took {duration(result.seconds)}" if result.seconds and not age else ""
        of = " · ".join(part for part in (origin.words, age or took) if part)
        words = f"Old result: {result.figure or result.words.lower()}" if age else result.words
        self._bar.show_result(words, of, is_current=not age)
        self.aged.emit(f"{origin.words}; {age}" if age else "")


def _trained_in_words(figure: str, epochs: int | None = None) -> str:
    if figure:
        return f"Trained: {figure}"
    return f"Trained to epoch {epochs:,}" if epochs else "Trained"


def _restored(trained: Trained) -> _Result:
    figure = figure_in_words(trained.figures)
    words = "Opened model" if trained.opened else _trained_in_words(figure, trained.epochs)
    return _Result(words, figure, trained.origin)
