"""The Classify page: pictures or a row of numbers through the trained network, also while it trains."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QObject, QTimer
from PySide6.QtGui import QGuiApplication, QImage

from app.app_model import AppModel
from app.classify.answer_view import model_in_words, show_answer, value_names
from app.classify.answering import (
    MOST_PICTURES,
    Answer,
    Answerer,
    Found,
    Sample,
    Source,
    Weights,
    find_pictures,
    fits,
)
from app.classify.newest_weights import NewestWeights
from app.classify.picture_table import PictureTable
from app.document import Document
from app.jobs import Job, JobRunner
from app.shell import file_dialogs
from app.training_worker import TrainingWorker
from engine.data.info import DataInfo
from engine.data.picture_formats import SUFFIXES
from engine.runs.origin import age_in_words
from widgets.base.local_files import local_files
from widgets.classify import ClassifyPanel

_JOB = "classify"
_TYPING_PAUSE_MS = 150  # after a value was changed, so that 12.5 is not answered as 1 and 12 first
_PICTURES = f"Pictures ({' '.join(f'*{suffix}' for suffix in sorted(SUFFIXES))});;All files (*)"
_UNTRAINED = "No trained network yet: press Train."
_PREPARING = "The network is being prepared: it can be tried as soon as it trains."
_NO_MODEL = "there is no trained network yet: press Train first"


class ClassifyController(QObject):
    """Sends what the user gives through the newest weights there are.

    What is shown is an answer of the shown input and of those weights, or it is grey.
    """

    def __init__(
        self, document: Document, app_model: AppModel, jobs: JobRunner, worker: TrainingWorker, panel: ClassifyPanel,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._worker = worker
        self._panel = panel
        self.answerer = Answerer()
        self._newest = NewestWeights(app_model, worker, self)
        self._table = PictureTable(panel.table, self)
        self._samples: tuple[Sample, ...] = ()
        self._answers: dict[Sample, Answer] = {}
        self._chosen: Sample | None = None  # the one that is shown large
        self._shown: Answer | None = None
        self._is_changing = False  # what is on the screen differs from the samples already
        self._known_run = ""  # that answered last
        self._values: tuple[float, ...] = ()  # of the fields when they were answered last
        self._filled: object = None  # whose sample the number fields hold
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._on_typed)
        self._connect()
        self._show_model()

    def _connect(self) -> None:
        panel, app_model, table = self._panel, self._app_model, self._table
        panel.open_requested.connect(self.open_file)
        panel.paste_requested.connect(self.paste)
        panel.files_dropped.connect(self.classify_files)
        panel.drawing_changed.connect(self._on_changing)
        panel.drawn.connect(self._classify_image)
        panel.cleared.connect(self._clear)
        panel.features_requested.connect(self.classify)
        panel.features_changed.connect(self._on_features_changed)
        panel.visibility_changed.connect(self._on_visibility)
        table.chosen.connect(self._on_chosen)
        table.cancelled.connect(self._on_cancelled)
        table.closed.connect(self._clear)
        self._newest.renewed.connect(self._on_renewed)
        self._document.spec_changed.connect(self._show_age)
        app_model.info_changed.connect(self._show_model)
        app_model.data_changed.connect(self._show_model)
        app_model.training_changed.connect(self._show_age)

    # ---- What the user gives ----

    def open_file(self) -> None:
        """Ask for picture files and classify them."""
        self.classify_files(file_dialogs.open_files(self._panel, "Open Pictures", _PICTURES))

    def paste(self) -> None:
        """Classify the clipboard's picture, or the files whose paths it holds."""
        content = QGuiApplication.clipboard().mimeData()
        files = local_files(content)
        if files:
            self.classify_files(files)
        elif content.hasImage():
            self._panel.pad.wipe()
            self._classify_image(QGuiApplication.clipboard().image())
        else:
            self._panel.show_message("the clipboard holds no picture: copy one and paste again")

    def classify(self, source: Source) -> None:
        """Send a file, a picture's bytes or a row of numbers, which the fields then show, through the network."""
        if isinstance(source, tuple):
            if self._panel.features.values() != source:
                self._panel.show_values(source)
            self._values = self._panel.features.values()
        self._take((Sample(source),))

    def classify_files(self, paths: Iterable[str]) -> None:
        """Send one picture through the network, or several, or a folder's, which are shown as a table."""
        given = tuple(Path(path) for path in paths)
        if not given:
            return
        self._on_changing()
        self._panel.show_message("")
        job = Job(
            _JOB, "", lambda _job: find_pictures(given), self._on_found, self._on_not_found
        )  # fmt: skip
        self._jobs.submit("answers", job)

    def forget(self) -> None:
        """Another project is shown: what was given to the one before is gone."""
        self._filled = None
        self._clear()
        self._show_model()

    def _on_found(self, found: Found) -> None:
        self._panel.pad.wipe()
        samples = tuple(Sample(path) for path in found.paths)
        is_table = found.from_folder or len(samples) > 1
        title = f"{len(samples):,} picture{'s' if len(samples) != 1 else ''}"
        if found.total > len(samples):
            title = f"The first {MOST_PICTURES:,} of {found.total:,} pictures"
        self._take(samples, title if is_table else "")

    def _classify_image(self, image: QImage) -> None:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload] # its stub says bytes, it takes str
        self.classify(bytes(buffer.data().data()))
        self._panel.show_source(image)

    def _on_changing(self) -> None:
        """What was answered is not what is on the screen any more."""
        self._is_changing = True
        self._show_age()

    def _on_features_changed(self) -> None:
        if self._samples and isinstance(self._samples[0].source, tuple):
            self._on_changing()
            self._typing.start()

    def _on_typed(self) -> None:
        problem = self._panel.features.problem()
        if problem:
            self._panel.show_message(problem)
        else:
            self.classify(self._panel.features.values())

    def _take(self, samples: tuple[Sample, ...], title: str = "") -> None:
        """Make these the samples; with a title they are shown as a table."""
        self._typing.stop()
        self._samples, self._answers, self._is_changing = samples, {}, False
        self._chosen = samples[0] if samples else None
        self._table.show(samples, title)
        self._panel.show_table(bool(title))
        self._panel.show_message("")
        if samples and self._newest.current is None:
            self._jobs.cancel(_JOB)
            self._panel.show_message(_NO_MODEL)
        self._show()
        if samples:
            self._newest.ask()  # the answer is renewed when it comes
            self._ask()

    def _clear(self) -> None:
        """Show no input and no answer."""
        self._jobs.cancel(_JOB)
        self._newest.rest()
        self._panel.pad.wipe()
        self._shown = None
        self._take(())
        self._panel.show_source(None)

    # ---- Answers ----

    def _ask(self) -> None:
        """Ask the newest weights; an answer that is still under way is no longer wanted."""
        weights, samples = self._newest.current, self._table.wanted(self._samples)
        if weights is None or not samples:
            return
        is_first = not all(sample in self._answers for sample in samples)

        def work(job: Job) -> tuple[tuple[Answer, ...], float]:
            begun, found = time.perf_counter(), list[Answer]()
            for piece in self.answerer.answers(weights, samples, lambda: job.cancelled):
                found.extend(piece)
                if is_first and len(found) < len(samples):
                    self._jobs.tell(job, partial(self._on_answers, piece))
            return tuple(found), time.perf_counter() - begun

        words = f"Classifying {len(samples):,} pictures …" if is_first and len(samples) > 1 else ""
        self._jobs.submit("answers", Job(_JOB, words, work, self._on_all, self._on_failed))

    def _on_answers(self, answers: Sequence[Answer]) -> None:
        self._answers.update((answer.sample, answer) for answer in answers)
        self._show()

    def _on_all(self, found: tuple[tuple[Answer, ...], float]) -> None:
        answers, seconds = found
        self._on_answers(answers)
        self._table.show_done()
        self._show_age()
        # The first of a run does not count: its model is built.
        run = answers[0].weights.trained.run
        self._follow(seconds if run == self._known_run else 0.0)
        self._known_run = run

    def _on_failed(self, sentence: str) -> None:
        self._is_changing = False
        self._answers, self._shown = {}, None
        show_answer(self._panel, None)
        self._panel.show_source(None)
        self._show()
        self._panel.show_message(sentence)
        self._table.show_done()
        self._follow()

    def _on_not_found(self, sentence: str) -> None:
        self._clear()
        self._panel.show_message(sentence)

    def _on_chosen(self, sample: Sample) -> None:
        self._chosen = sample
        self._show()

    def _on_cancelled(self) -> None:
        """Leave the rest of the pictures without an answer."""
        self._jobs.cancel(_JOB)
        self._table.give_up(self._answers)
        self._show()
        self._ask()

    # ---- The model ----

    def _on_renewed(self) -> None:
        """Renew the answer; what another kind of network was asked is forgotten."""
        self._show_model()
        now = self._newest.current
        if not self._samples:
            return
        if now is None:
            self._jobs.cancel(_JOB)
            self._answers, self._shown = {}, None
            self._show()
        elif not all(fits(sample.source, now.trained.info) for sample in self._samples):
            self._clear()
        else:
            self._show_age()
            if not self._is_changing:
                self._ask()

    def _on_visibility(self) -> None:
        if not self._jobs.is_wanted(_JOB):
            self._follow()

    def _follow(self, cost_s: float = 0.0) -> None:
        """Follow a running training only while its answers are seen; the last one cost so much."""
        if self._panel.isVisible() and self._samples:
            self._newest.ask_later(cost_s)
        else:
            self._newest.rest()

    def _show_model(self) -> None:
        now = self._newest.current
        info = now.trained.info if now is not None else self._app_model.info
        if now is not None and not now.trained.answers:
            self._panel.show_no_answers()
        elif info is not None:
            self._panel.show_inputs(info.kind, value_names(info))
            self._fill_in_sample(info)
            self._drop_other_values()
            is_dark = info.image is not None and info.image.background == "dark"
            self._panel.set_drawing_background("dark" if is_dark else "light")
            self._panel.set_drawing_hint(_drawing_hint(info))
        self._show_age()

    def _fill_in_sample(self, info: DataInfo) -> None:
        """Put a real sample into the number fields, once a data set: zeros would mean nothing."""
        data, whose = self._app_model.data, (info.title, info.input_shape)
        if info.kind == "picture" or data is None or whose == self._filled:
            return
        if (data.info.title, data.info.input_shape) == whose:
            self._filled = whose
            sample = (data.test if len(data.test) else data.training).x[0]
            # By way of its text: 4.8 in 32 bits is not to be read as 4.80000019.
            self._panel.show_values(tuple(float(str(value)) for value in sample.flat))

    def _drop_other_values(self) -> None:
        """Forget numbers that were answered if the fields are filled with others by now."""
        are_numbers = bool(self._samples) and isinstance(self._samples[0].source, tuple)
        if are_numbers and not self._is_changing and self._panel.features.values() != self._values:
            self._clear()

    # ---- Showing ----

    def _show(self) -> None:
        """Show the answer to the chosen sample; while there is none, the one before stays in grey."""
        answer = self._answers.get(self._chosen) if self._chosen is not None else None
        if answer is not None or self._table.is_shown or not self._samples:
            self._shown = answer
            show_answer(self._panel, answer)
        elif not self._jobs.is_wanted(_JOB) and self._newest.current is None:
            self._shown = None
            show_answer(self._panel, None)
        self._show_age()

    def _show_age(self) -> None:
        """Say which weights the answer is of, and make it grey where it is not of what is shown."""
        answer = self._shown
        weights = answer.weights if answer is not None else self._newest.current
        words = "" if weights is None else self._age(weights)
        is_old = self._oldness()
        is_other = answer is not None and answer.sample is not self._chosen
        self._panel.set_old(is_other or (answer is not None and is_old(answer)), words)
        self._table.show_answers(self._answers, is_old)
        if weights is None:
            is_coming = self._app_model.training in ("running", "paused")
            self._panel.set_model(_PREPARING if is_coming else _UNTRAINED, False)
        else:
            self._panel.set_model(model_in_words(weights, answer is not None), True)

    def _oldness(self) -> Callable[[Answer], bool]:
        """Return what tells whether an answer is of other weights or of another input than is shown."""
        known: dict[Weights, bool] = {}  # the same few for all rows of a table

        def is_old(answer: Answer) -> bool:
            weights = answer.weights
            if weights not in known:
                known[weights] = not self._newest.is_current(weights) or bool(self._age(weights))
            return self._is_changing or known[weights]

        return is_old

    def _age(self, weights: Weights) -> str:
        """Return why these weights are not those of what the window shows, "" if they are."""
        origin = weights.trained.origin
        age = age_in_words(origin, self._document.spec, self._app_model.info)
        return f"Answers of {origin.words}: {age}. Train again for new ones." if age else ""


def _drawing_hint(info: DataInfo) -> str:
    """Return what an empty pad says."""
    is_digits = bool(info.labels) and all(label.isdigit() for label in info.labels)
    return "Draw a digit here" if is_digits else "Draw here"
