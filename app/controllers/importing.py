"""Models made elsewhere: a file becomes the project's network, with its weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app import heavy
from app.document import Document
from app.jobs import Job, JobRunner
from app.project_folder import ProjectFolder
from app.studio import Studio
from engine.errors import quoted
from engine.layout import arrange
from engine.runs.resuming import misfit
from engine.spec.project import ProjectSpec
from widgets.canvas import BLOCK_SIZE, NetworkCanvas

if TYPE_CHECKING:
    from engine.runs.resuming import Resumable

MODEL_SUFFIXES = (".keras", ".h5", ".hdf5")
_JOB = "import"
_FILTER = f"Models ({' '.join(f'*{suffix}' for suffix in MODEL_SUFFIXES)});;All files (*)"
_CHANGED = "the project was changed while the model was opened: open it again"
_TRAINING = "a training is running: stop it, then open the model"


class ImportController(QObject):
    """Opens model files; each becomes one undo step.

    Signals
    -------
    go_on_wanted(past)
        The opened model, an `engine.runs.resuming.Resumable`, is to be trained further.
    changed()
        `why_not` may have changed.
    """

    go_on_wanted = Signal(object)
    changed = Signal()

    def __init__(
        self, document: Document, studio: Studio, jobs: JobRunner, folder: Callable[[], ProjectFolder],
        canvas: NetworkCanvas, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._studio = studio
        self._jobs = jobs
        self._folder = folder
        self._canvas = canvas
        self._past: Resumable | None = None
        studio.training_changed.connect(self._on_training)

    @property
    def why_not(self) -> str:
        """Why no opened model can be trained further now, "" if one can."""
        if self._past is None:
            return "open a model for the chosen data first"
        return misfit(self._past, self._document.spec)

    def train_on(self) -> None:
        """Train the opened model from the weights of its file."""
        if self._past is not None and not self.why_not:
            self.go_on_wanted.emit(self._past)

    def forget(self) -> None:
        """Another project is shown."""
        self._past = None
        self.changed.emit()

    def ask_and_open(self) -> None:
        """Let the user choose a model file."""
        path, _filter = QFileDialog.getOpenFileName(self._canvas, "Open a Model", "", _FILTER)
        if path:
            self.open(Path(path))

    def open(self, file: Path) -> None:
        """Replace the network by that of a model file; a refusal changes nothing and is said."""
        if self._studio.training:
            self._studio.said.emit(_TRAINING)
            return
        spec, info, data = self._document.spec, self._studio.info, self._studio.data
        project = self._folder().path
        job = Job(
            _JOB, f"Opening {quoted(file.name, 40)} …",
            lambda _job: heavy.import_model(file, spec, info, data, project),
            lambda imported: self._take(imported, spec, file), self._studio.said.emit,
        )  # fmt: skip
        self._jobs.submit("engine", job)

    def _take(self, imported: heavy.ImportedModel, before: ProjectSpec, file: Path) -> None:
        if self._document.spec != before or self._studio.training:
            self._studio.said.emit(_CHANGED)
            return
        places = arrange(imported.spec.network, size=BLOCK_SIZE)
        after = imported.spec.but(canvas=places)
        self._document.edit(f"Open the model {quoted(file.name, 40)}", after)
        self._canvas.show_start()
        self._past = imported.past
        self.changed.emit()
        if imported.trained is not None:
            self._studio.set_trained(imported.trained)
        self._studio.said.emit(imported.sentence)

    def _on_training(self) -> None:
        """A training begins: its run is the last one from now on."""
        if self._studio.training == "running":
            self.forget()
