"""The one place where the program says what should be seen at once, shared by all who have something to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

from widgets.base.notice import NoticeBar

# The most pressing first; what went wrong comes before all that did not.
TOPICS: Final = ("writing", "replaced", "run", "fit", "said", "next")
Answers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Notice:
    sentence: str
    answers: Answers
    is_trouble: bool


class Topic(QObject):
    """What one controller has to say: at most one sentence at a time, with its answers.

    Signals
    -------
    chosen(answer)
        Id of the answer that was pressed.
    dismissed()
        The user does not want to see it.
    """

    chosen = Signal(str)
    dismissed = Signal()
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.notice: _Notice | None = None

    @property
    def sentence(self) -> str:
        """What there is to say, "" for nothing; another topic may be in front of it."""
        return self.notice.sentence if self.notice is not None else ""

    def show_notice(
        self, sentence: str, answers: Answers = (), *, is_trouble: bool = False
    ) -> None:
        """Say a sentence; arguments as `NoticeBar.show_notice`."""
        self._set(_Notice(sentence, answers, is_trouble))

    def clear(self) -> None:
        """There is nothing to say any more."""
        self._set(None)

    def _set(self, notice: _Notice | None) -> None:
        if notice != self.notice:
            self.notice = notice
            self.changed.emit()


class Notices(QObject):
    """Shows the most pressing of all topics in the bar; the others wait behind it."""

    def __init__(self, bar: NoticeBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bar = bar
        self._topics = {name: Topic(self) for name in TOPICS}
        for topic in self._topics.values():
            topic.changed.connect(self._show)
        bar.chosen.connect(self._on_chosen)
        bar.dismissed.connect(self._on_dismissed)

    def topic(self, name: str) -> Topic:
        """Return one of `TOPICS`, for the controller whose it is."""
        return self._topics[name]

    @property
    def _front(self) -> Topic | None:
        waiting = [each for each in self._topics.values() if each.notice is not None]
        # The sort is stable: among equals the order of the topics decides.
        waiting.sort(key=lambda each: each.notice is None or not each.notice.is_trouble)
        return waiting[0] if waiting else None

    def _show(self) -> None:
        front = self._front
        if front is None or front.notice is None:
            self._bar.clear()
        else:
            notice = front.notice
            self._bar.show_notice(notice.sentence, notice.answers, is_trouble=notice.is_trouble)

    def _on_chosen(self, answer: str) -> None:
        if (front := self._front) is not None:
            front.chosen.emit(answer)

    def _on_dismissed(self) -> None:
        """Take it away; who posted it may remember not to say it again."""
        if (front := self._front) is not None:
            sentence = front.sentence
            front.dismissed.emit()
            front.clear()
            for other in self._topics.values():
                if other.sentence == sentence:  # who fails says it, and who shows failures
                    other.clear()
