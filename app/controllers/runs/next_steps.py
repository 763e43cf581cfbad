"""What is next: one line after the first training, one button after the others."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.app_model import AppModel
from app.document import Document
from app.shell.notices import Topic
from app.training_worker import TrainingWorker
from engine.data.info import DataInfo
from engine.runs.origin import is_current
from engine.training.live.events import RunEnded, RunStarted, TrainingEvent
from widgets.training.run_bar import RunBar

_TRY, _CHANGE, _OWN = "try", "change", "own"
_QUESTION = "What is next?"
_TRY_TIP = "Let the trained network answer to something it has never seen"
_DIGITS = frozenset("0123456789")
_TRY_WORDS = {"picture": "Try a Picture", "text": "Try a Text"}  # of all other kinds: values


class NextStepsController(QObject):
    """Shows a newcomer three ways on after the project's first run, once; later the way to try the network.

    Signals
    -------
    try_wanted()
        The user wants to ask the trained network.
    change_wanted()
        The user wants to change a layer.
    own_data_wanted()
        The user wants to bring data.
    """

    try_wanted = Signal()
    change_wanted = Signal()
    own_data_wanted = Signal()

    def __init__(
        self, document: Document, app_model: AppModel, worker: TrainingWorker, bar: RunBar, topic: Topic,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._bar = bar
        self._topic = topic
        self._number = 0
        self._is_first = False  # the line is to be seen
        self._ways = {
            _TRY: self.try_wanted,
            _CHANGE: self.change_wanted,
            _OWN: self.own_data_wanted,
        }
        topic.chosen.connect(self._on_chosen)
        topic.dismissed.connect(self._on_used)
        bar.chosen.connect(self._on_offer)
        worker.events_ready.connect(self._on_events)
        for changed in (
            document.spec_changed, app_model.info_changed, app_model.trained_changed, app_model.training_changed,
        ):  # fmt: skip
            changed.connect(self._show)

    def forget(self) -> None:
        """Another project is shown."""
        self._is_first = False
        self._show()

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        for event in events:
            if isinstance(event, RunStarted):
                self._number = event.number
            elif isinstance(event, RunEnded):
                has_learned = event.outcome not in ("failed", "discarded") and event.epochs > 0
                self._is_first = self._number == 1 and has_learned
                self._show()

    def _show(self) -> None:
        app_model, trained = self._app_model, self._app_model.trained
        is_there = (
            trained is not None
            and not app_model.training
            and is_current(trained.origin, self._document.spec, app_model.info)
        )
        if trained is None or not is_there:
            self._topic.clear()
            self._bar.withdraw(_TRY)
        elif self._is_first:
            self._bar.withdraw(_TRY)
            first = ((_TRY, try_in_words(trained.info)),) if trained.answers else ()
            answers = (*first, (_CHANGE, "Change a Layer"), (_OWN, "Bring Your Data"))
            self._topic.show_notice(_QUESTION, answers)
        elif not trained.answers:
            self._topic.clear()
            self._bar.withdraw(_TRY)
        else:
            self._topic.clear()
            self._bar.offer(_TRY, try_in_words(trained.info), _TRY_TIP)

    def _on_chosen(self, answer: str) -> None:
        self._on_used()
        self._ways[answer].emit()

    def _on_offer(self, offer: str) -> None:
        if offer == _TRY:
            self.try_wanted.emit()

    def _on_used(self) -> None:
        self._is_first = False
        self._show()


def try_in_words(info: DataInfo) -> str:
    """Return what a button says that leads to where the network is asked, for the kind of data."""
    if info.kind == "picture" and _DIGITS.issuperset(info.labels) and info.labels:
        return "Draw a Digit"
    return _TRY_WORDS.get(info.kind, "Try Values")
