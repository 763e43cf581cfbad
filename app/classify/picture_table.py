"""The table of several pictures on the Classify page."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from app.classify.answer_view import screen_image
from app.classify.answering import Answer, Sample
from app.shell.saving import ask_where
from engine.errors import NetsmithError
from engine.storage import write_text
from widgets.classify import THUMBNAIL_PX, AnswersTable, PictureRow, percent_text
from widgets.plots.wording import number_text

_CANCELLED = "cancelled: drop it again for an answer"
_MOST_NUMBERS = 3  # of a regression, in one cell


class PictureTable(QObject):
    """Fills the table with answers and writes them to a file.

    Signals
    -------
    chosen(sample)
        The user wants to see this one large.
    cancelled(), closed()
        No more answers are wanted; the table is not wanted any more.
    """

    chosen = Signal(object)
    cancelled = Signal()
    closed = Signal()

    def __init__(self, view: AnswersTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._samples: tuple[Sample, ...] = ()
        self._rows: tuple[PictureRow, ...] = ()
        self._answers: Mapping[Sample, Answer] = {}
        self._thumbnails: dict[Sample, QImage] = {}
        self._given_up: frozenset[Sample] = frozenset()
        view.row_chosen.connect(self._on_row)
        view.cancel_requested.connect(self.cancelled)
        view.closed.connect(self.closed)
        view.save_requested.connect(self.ask_and_save)

    @property
    def is_shown(self) -> bool:
        """Whether the samples are shown as a table."""
        return bool(self._samples)

    def wanted(self, samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
        """Return those that are to be answered."""
        return tuple(sample for sample in samples if sample not in self._given_up)

    def show(self, samples: tuple[Sample, ...], title: str) -> None:
        """Show other samples under a title; without one there is no table."""
        self._samples = samples if title else ()
        self._answers, self._thumbnails, self._given_up = {}, {}, frozenset()
        self._rows = tuple(map(self._row, self._samples))
        self._view.show_rows(self._rows, title)
        self._view.show_progress(0, len(self._samples))
        if self._samples:
            self._view.show_chosen(0)
        self._refresh()

    def show_answers(
        self, answers: Mapping[Sample, Answer], is_old: Callable[[Answer], bool]
    ) -> None:
        """Show the answers that there are."""
        if not self._samples:
            return
        self._answers = answers
        self._rows = tuple(self._row(sample, is_old) for sample in self._samples)
        self._view.update_rows(self._rows)
        done = len(answers) + len(self._given_up)
        if done < len(self._samples):
            self._view.show_progress(done, len(self._samples))
        self._refresh()

    def show_done(self) -> None:
        """Nothing is under way any more."""
        self._view.show_progress(0, 0)
        self._refresh()

    def give_up(self, answered: Mapping[Sample, Answer]) -> None:
        """Leave what has no answer yet without one."""
        self._given_up = frozenset(s for s in self._samples if s not in answered)
        self.show_done()

    # ---- A file ----

    def ask_and_save(self) -> None:
        """Let the user choose where the answers are written."""
        path = ask_where(self._view, "Save the Answers", "answers.csv", "Tables (*.csv)", ".csv")
        if path is not None:
            self.save(path)

    def save(self, path: Path) -> None:
        """Write a line a picture: file, answer, its probability or number, why there is none, model."""
        try:
            write_text(path, self.text())
        except NetsmithError as error:
            self._view.show_problem(str(error))
        else:
            self._view.show_problem("")

    def text(self) -> str:
        """Return the table as CSV."""
        lines = io.StringIO()
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(("file", "answer", "value", "refused", "model", "iteration"))
        for sample, row in zip(self._samples, self._rows, strict=True):
            answer = self._answers.get(sample)
            weights = answer.weights if answer is not None else None
            writer.writerow((
                row.path, row.answer, "" if row.value is None else f"{row.value:.6g}", row.error,
                weights.trained.origin.words if weights else "",
                "" if weights is None or weights.step is None else weights.step,
            ))  # fmt: skip
        return lines.getvalue()

    # ---- Inside ----

    def _refresh(self) -> None:
        is_done = all(row.answer or row.error for row in self._rows)
        is_old = any(row.is_old for row in self._rows)
        self._view.set_savable(is_done and not is_old and bool(self._rows))

    def _on_row(self, row: int) -> None:
        self.chosen.emit(self._samples[row])

    def _row(self, sample: Sample, is_old: Callable[[Answer], bool] = lambda _answer: False) -> PictureRow:  # fmt: skip
        path = str(sample.source) if isinstance(sample.source, Path) else ""
        answer = self._answers.get(sample)
        if answer is None:
            why_not = _CANCELLED if sample in self._given_up else ""
            return PictureRow(sample.name, path, error=why_not)
        words, value, value_text = _in_words(answer)
        return PictureRow(
            sample.name, path, self._thumbnail(answer), words, value, value_text, answer.error, is_old(answer)
        )  # fmt: skip

    def _thumbnail(self, answer: Answer) -> QImage | None:
        picture = answer.reading.picture
        if picture is None:
            return None
        if answer.sample not in self._thumbnails:
            self._thumbnails[answer.sample] = screen_image(picture.screen).scaled(
                THUMBNAIL_PX, THUMBNAIL_PX,
                Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation,
            )  # fmt: skip
        return self._thumbnails[answer.sample]


def _in_words(answer: Answer) -> tuple[str, float | None, str]:
    """Return what stands in the cells: the answer, its number, and that in words."""
    info = answer.weights.trained.info
    if not answer.results:
        return "", None, ""
    if info.answer_shape is not None:
        return "a picture", None, ""
    name, value = answer.results[0]
    if info.task == "classification":
        return name, value, percent_text(value)
    if len(answer.results) == 1:
        return name, value, number_text(value)
    several = answer.results[:_MOST_NUMBERS]
    return "; ".join(f"{name} {number_text(value)}" for name, value in several), None, ""
