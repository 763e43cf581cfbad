"""The Classify page: any picture (or row of numbers) through the trained network, also while it trains."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QObject
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from app import heavy
from app.jobs import Job, JobRunner
from app.studio import Studio, Trained
from app.training_worker import TrainingWorker
from engine.data.info import DataInfo
from engine.errors import BadInput
from engine.training.events import RunStarted, SnapshotTaken, TrainingEvent
from widgets.classify import ClassifyPanel

if TYPE_CHECKING:
    import numpy.typing as npt

_JOB = "classify"
_MOST_STEPS = 200  # of a series typed in by hand
_PICTURES = "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff);;All files (*)"

Source: TypeAlias = Path | bytes | tuple[float, ...]
Results: TypeAlias = tuple[tuple[str, float], ...]


class ClassifyController(QObject):
    """Sends what the user gives through the newest weights there are."""

    def __init__(
        self, studio: Studio, jobs: JobRunner, worker: TrainingWorker, panel: ClassifyPanel,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._studio = studio
        self._jobs = jobs
        self._worker = worker
        self._panel = panel
        self._classifier = heavy.Classifier()
        self._source: Source | None = None
        self._filled: object = None  # whose sample the number fields hold
        self._asked = False  # for a snapshot; others ask for their own
        self._live: Trained | None = None  # weights of the running training, without figures yet
        panel.open_requested.connect(self.open_file)
        panel.paste_requested.connect(self.paste)
        panel.files_dropped.connect(self._on_dropped)
        panel.drawn.connect(self._on_drawn)
        panel.cleared.connect(self._on_cleared)
        panel.features_requested.connect(self.classify)
        worker.events_ready.connect(self._on_events)
        studio.trained_changed.connect(self._on_trained)
        studio.info_changed.connect(self._show_model)
        studio.data_changed.connect(self._show_model)
        self._show_model()

    def open_file(self) -> None:
        """Ask for a picture file and classify it."""
        path, _filter = QFileDialog.getOpenFileName(self._panel, "Open a Picture", "", _PICTURES)
        if path:
            self.classify(Path(path))

    def paste(self) -> None:
        """Classify the clipboard's picture, or the file whose path it holds."""
        content = QGuiApplication.clipboard().mimeData()
        if content.hasImage():
            self._classify_image(QGuiApplication.clipboard().image())
        elif content.hasUrls() and content.urls()[0].isLocalFile():
            self.classify(Path(content.urls()[0].toLocalFile()))
        else:
            self._panel.show_message("the clipboard holds no picture: copy one and paste again")

    def classify(self, source: Source) -> None:
        """Send a file, a picture's bytes or a row of numbers through the network."""
        trained = self._live or self._studio.trained
        self._source = source
        self._panel.show_message("")
        if trained is None:
            self._panel.show_message("there is no trained network yet: press Train first")
            return
        self._request_snapshot()  # the answer is renewed when it comes
        self._ask(trained, source)

    # ---- Answers ----

    def _ask(self, trained: Trained, source: Source) -> None:
        def work(_job: Job) -> tuple[DataInfo, Any, Any, Results]:
            prepared, screen = _prepare(source, trained)
            results = self._classifier.answers(trained, prepared[np.newaxis])
            return trained.info, prepared, screen, results

        self._jobs.submit("engine", Job(_JOB, "", work, self._on_answer, self._on_failed))

    def _on_answer(self, answer: tuple[DataInfo, Any, Any, Results]) -> None:
        info, prepared, screen, results = answer
        if screen is not None and isinstance(self._source, Path):
            self._panel.show_source(_image(screen))
        if info.image is not None:
            self._panel.show_prepared(prepared, info.image.value_range)
        note = "from the network as it is in training" if self._live is not None else ""
        if info.answer_shape is not None:
            numbers = np.array([number for _name, number in results])
            self._panel.show_drawn(numbers.reshape(info.answer_shape), note)
        elif info.task == "regression":
            self._panel.show_numbers(results, note)
        else:
            self._panel.show_result(results, note)

    def _on_failed(self, sentence: str) -> None:
        if isinstance(self._source, Path):
            self._panel.show_source(None)
        self._panel.show_prepared(None, (0.0, 1.0))
        self._panel.show_result((), "")
        self._panel.show_message(sentence)

    # ---- Events ----

    def _on_dropped(self, paths: tuple[str, ...]) -> None:
        if paths:
            self.classify(Path(paths[0]))

    def _on_drawn(self, image: QImage) -> None:
        self._classify_image(image)

    def _on_cleared(self) -> None:
        self._source = None
        self._jobs.cancel(_JOB)
        self._panel.show_source(None)
        self._panel.show_prepared(None, (0.0, 1.0))
        self._panel.show_result((), "")

    def _classify_image(self, image: QImage) -> None:
        self._panel.show_source(image)
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload] # its stub says bytes, it takes str
        self.classify(bytes(buffer.data().data()))

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        for event in events:
            if isinstance(event, RunStarted):
                self._request_snapshot()
            elif isinstance(event, SnapshotTaken) and self._asked:
                self._asked = False
                self._take_snapshot(event)

    def _request_snapshot(self) -> None:
        if self._worker.control is not None:
            self._asked = True
            self._worker.control.request_snapshot()

    def _take_snapshot(self, event: SnapshotTaken) -> None:
        spec, data = self._studio.running_spec, self._studio.data
        if spec is None or data is None or not self._worker.is_running:
            return
        self._live = Trained(event.run, spec, data.info, data.statistics, event.weights, {})
        self._show_model()
        self._ask_again(self._live)

    def _on_trained(self) -> None:
        self._live = None
        self._show_model()
        self._ask_again(self._studio.trained)

    def _ask_again(self, trained: Trained | None) -> None:
        """Renew the answer; what another kind of network was asked is forgotten."""
        if self._source is None:
            return
        if trained is None or not _fits(self._source, trained.info):
            self._on_cleared()
            self._panel.show_message("")
        else:
            self._ask(trained, self._source)

    def _show_model(self) -> None:
        trained = self._live or self._studio.trained
        info = trained.info if trained else self._studio.info
        if info is not None:
            self._panel.show_inputs(info.kind, _value_names(info))
            self._fill_in_sample(info)
            is_dark = info.image is not None and info.image.background == "dark"
            self._panel.set_drawing_background("dark" if is_dark else "light")
            self._panel.set_drawing_hint(
                "Draw here" if info.image is None else f"Draw for {info.title}"
            )
        if trained is None:
            self._panel.set_model("No trained network yet: press Train.", False)
        elif self._live is not None:
            self._panel.set_model(f"{trained.info.title}: the network in training", True)
        else:
            accuracy = trained.figures.get("test_accuracy")
            figure = f", test accuracy {accuracy:.2%}" if accuracy is not None else ""
            self._panel.set_model(f"{trained.info.title}: trained network{figure}", True)

    def _fill_in_sample(self, info: DataInfo) -> None:
        """Put a real sample into the number fields, once a data set: zeros would mean nothing."""
        data, whose = self._studio.data, (info.title, info.input_shape)
        if info.kind == "image" or data is None or whose == self._filled:
            return
        if (data.info.title, data.info.input_shape) == whose:
            self._filled = whose
            sample = (data.test if len(data.test) else data.training).x[0]
            # By way of its text: 4.8 in 32 bits is not to be read as 4.80000019.
            self._panel.show_values(tuple(float(str(value)) for value in sample.flat))


def _value_names(info: DataInfo) -> tuple[str, ...]:
    """Return what the number fields are called; () where a sample is too long to be typed in."""
    if info.kind != "series":
        return info.feature_names
    steps = math.prod(info.input_shape)
    return tuple(f"step {step + 1}" for step in range(steps)) if steps <= _MOST_STEPS else ()


def _fits(source: Source, info: DataInfo) -> bool:
    """Tell whether a network for this data can read what was given."""
    if isinstance(source, tuple):
        return info.image is None and len(source) == math.prod(info.input_shape)
    return info.image is not None


def _prepare(
    source: Source, trained: Trained
) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8] | None]:
    """Return one sample as the network takes it, unscaled, and what the screen shows of it."""
    if isinstance(source, tuple) and _fits(source, trained.info):
        return np.asarray(source, np.float32).reshape(trained.info.input_shape), None
    if trained.info.image is None or isinstance(source, tuple):
        raise BadInput("this network reads other data: train again for the chosen data")
    return heavy.read_picture(source, trained.info.image)


def _image(pixels: npt.NDArray[np.uint8]) -> QImage:
    """Return (h, w, 3) pixels as a picture that owns its memory."""
    height, width, _channels = pixels.shape
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
