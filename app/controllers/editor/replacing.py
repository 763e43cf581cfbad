"""The way back, offered at once where the network or its weights were replaced as a whole."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.app_model import AppModel
from app.document import Document
from app.shell.notices import Topic

_UNDO = "undo"


class ReplacingController(QObject):
    """Says what was replaced, with a button that undoes it, until something else is changed.

    Signals
    -------
    undo_wanted()
        The last edit of the document is to be taken back.
    """

    undo_wanted = Signal()

    def __init__(
        self, document: Document, app_model: AppModel, notice: Topic, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._app_model = app_model
        self._notice = notice
        self._undo: Callable[[], None] | None = None
        app_model.replaced.connect(self._offer)
        app_model.training_changed.connect(self._on_training)
        document.spec_changed.connect(self._forget)
        notice.chosen.connect(self._on_chosen)

    def _offer(self, sentence: str, undo: Callable[[], None] | None) -> None:
        self._undo = undo
        self._notice.show_notice(sentence, ((_UNDO, "Undo"),))

    def _on_chosen(self, _answer: str) -> None:
        undo = self._undo
        self._forget()
        if undo is None:
            self.undo_wanted.emit()
        else:
            undo()

    def _on_training(self) -> None:
        if self._app_model.training:
            self._forget()

    def _forget(self) -> None:
        self._undo = None
        self._notice.clear()
