"""Models made elsewhere: a file becomes the project's network, with its weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.shell import file_dialogs
from engine.editing.layout import arrange
from engine.errors import quoted
from engine.export.table import SAVED_MODEL
from engine.models import signing
from engine.runs.project_folder import ProjectFolder
from engine.runs.trained import Trained
from engine.spec.network import NetworkSpec
from engine.spec.project import ProjectSpec
from widgets.canvas import BLOCK_SIZE, NetworkCanvas

MODEL_SUFFIXES = (".keras", ".h5", ".hdf5", ".onnx")
_KERAS_MODELS = Path.home() / ".keras" / "models"  # where Keras puts what it downloads
_JOB = "import"
_IN_FOLDER = (SAVED_MODEL, signing.NAME)  # a SavedModel is chosen by a file in it
_PATTERNS = (*(f"*{suffix}" for suffix in MODEL_SUFFIXES), *_IN_FOLDER)
_FILTER = f"Models ({' '.join(_PATTERNS)});;All files (*)"
_CHANGED = "the project was changed while the model was opened: open it again"
_TRAINING = "a training is running: stop it, then open the file"
_NO_DATA = "choose the data first: the network is cut to it"


def is_model(path: Path) -> bool:
    """Tell whether a path looks like a model: by its name, or a SavedModel folder."""
    named = path.suffix.lower() in MODEL_SUFFIXES or path.name in _IN_FOLDER
    return named or (path / SAVED_MODEL).is_file()


@dataclass(frozen=True, eq=False)
class _Opened:
    """A model that was opened, and what it took the place of."""

    network_before: NetworkSpec
    trained_before: Trained | None
    network: NetworkSpec
    trained: Trained


class ImportController(QObject):
    """Opens model files; each becomes one undo step.

    Signals
    -------
    train_on_wanted()
        The opened model is to be trained further.
    """

    train_on_wanted = Signal()

    def __init__(
        self, document: Document, app_model: AppModel, jobs: JobRunner, folder: Callable[[], ProjectFolder],
        canvas: NetworkCanvas, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._folder = folder
        self._canvas = canvas
        self._last: _Opened | None = None
        document.spec_changed.connect(self._on_spec_changed)

    @property
    def why_not(self) -> str:
        """Why no opened model can be trained further now, "" if one can."""
        trained = self._app_model.trained
        if trained is None or not trained.opened:
            return "open a model for the chosen data first"
        opened = trained.spec.network
        shown = set(self._document.spec.network.ids)
        inputs = {layer.id for layer in opened.inputs}
        return "" if shown & set(opened.ids) - inputs else "another network is shown: open it again"

    def train_on(self) -> None:
        """Train the opened model from the weights of its file."""
        if not self.why_not:
            self.train_on_wanted.emit()

    def ask_and_open(self) -> None:
        """Let the user choose a model file."""
        path = file_dialogs.open_file(self._canvas, "Open a Model", _FILTER)
        if path is not None:
            self.open(path)

    def ask_and_load_weights(self) -> None:
        """Let the user choose a file of weights for the network shown."""
        place = _KERAS_MODELS if _KERAS_MODELS.is_dir() else None
        path = file_dialogs.open_file(self._canvas, "Load Weights", _FILTER, place)
        if path is not None:
            self.load_weights(path)

    def load_weights(self, file: Path) -> None:
        """Take a file's weights for the layers that have their names; the network is as it was."""
        spec, info, data = self._document.spec, self._app_model.info, self._app_model.data
        if info is None or self._app_model.training:
            self._app_model.said.emit(_TRAINING if self._app_model.training else _NO_DATA)
            return
        project = self._folder().path
        job = Job(
            _JOB, f"Reading {quoted(file.name, 40)} …",
            lambda _job: heavy.load_weights(file, spec, info, data, project),
            self._take_weights, self._app_model.said.emit,
        )  # fmt: skip
        self._jobs.submit("engine", job)

    def _take_weights(self, loaded: heavy.LoadedWeights) -> None:
        if self._app_model.training:
            self._app_model.said.emit(_TRAINING)
            return
        before = self._app_model.trained
        self._app_model.set_trained(loaded.trained)
        self._app_model.said.emit(loaded.sentence)
        if before is not None:
            words = f"The weights of {before.origin.words} were replaced by the file's."
            self._app_model.replaced.emit(words, partial(self._app_model.set_trained, before))

    def open(self, file: Path) -> None:
        """Replace the network by that of a model file or SavedModel folder; a refusal changes nothing and is said."""
        if self._app_model.training:
            self._app_model.said.emit(_TRAINING)
            return
        file = file.parent if file.name in _IN_FOLDER else file
        spec, info, data = self._document.spec, self._app_model.info, self._app_model.data
        project = self._folder().path
        job = Job(
            _JOB, f"Opening {quoted(file.name, 40)} …",
            lambda _job: heavy.import_model(file, spec, info, data, project),
            lambda imported: self._take(imported, spec, file), self._app_model.said.emit,
        )  # fmt: skip
        self._jobs.submit("engine", job)

    def _take(self, imported: heavy.ImportedModel, before: ProjectSpec, file: Path) -> None:
        if self._document.spec != before or self._app_model.training:
            self._app_model.said.emit(_CHANGED)
            return
        places = arrange(imported.spec.network, size=BLOCK_SIZE)
        after = imported.spec.but(canvas=places)
        self._document.edit(f"Open the model {quoted(file.name, 40)}", after)
        self._canvas.show_start()
        if imported.trained is not None:
            learned = self._app_model.trained
            self._last = _Opened(before.network, learned, after.network, imported.trained)
            self._app_model.set_trained(imported.trained)
        self._app_model.said.emit(imported.sentence)
        self._app_model.tell_replaced(f"the model {quoted(file.name, 40)}", after.network)

    def _on_spec_changed(self, _old: ProjectSpec, new: ProjectSpec) -> None:
        """Let the weights go with their network when the opening is undone or done again."""
        if not self._document.undo_stack.count():  # another project is shown
            self._last = None
        last, now = self._last, self._app_model.trained
        if last is None or self._app_model.training:
            return
        if now is last.trained and new.network == last.network_before:
            self._app_model.set_trained(last.trained_before)
        elif now is last.trained_before and new.network == last.network:
            self._app_model.set_trained(last.trained)
