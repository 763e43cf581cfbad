"""The Data page: which set, how it is cut, its samples in memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.shell import file_dialogs
from engine.data.choice import describe, is_at_hand, recognised
from engine.data.loaded import LoadedData
from engine.data.preview import Preview
from engine.data.readers import READERS
from engine.data.readers.arrays import FILE
from engine.errors import BadInput
from engine.runs.project_folder import ProjectFolder
from engine.spec.data import DataSpec
from engine.spec.project import ProjectSpec

if TYPE_CHECKING:
    from widgets.data import DataPanel

_JOB = "data"


class DataController(QObject):
    """Keeps `AppModel.info` and `AppModel.data` in step with the description.

    Signals
    -------
    not_coming(sentence)
        The chosen data cannot be had now, and why.
    taken()
        A file or folder that the user brought was read.
    message_changed(sentence), progressed(text, done, total), described(), preview_changed(preview)
        What the Data page shows.
    """

    not_coming = Signal(str)
    taken = Signal()
    message_changed = Signal(str)
    progressed = Signal(str, int, int)
    described = Signal()
    preview_changed = Signal(object)

    def __init__(
        self,
        document: Document,
        app_model: AppModel,
        jobs: JobRunner,
        folder: Callable[[], ProjectFolder],
        window: QWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._folder = folder
        self._window = window
        self._is_reading = False
        self._is_new = False  # the data is what the user brought last, and was not read yet
        self._message = ""
        self._preview: Preview | None = None
        document.spec_changed.connect(self._on_spec_changed)

    def attach(self, panel: DataPanel) -> None:
        """Fill the Data page from now on, which is made when it is first shown."""
        panel.show_sets(READERS)
        panel.source_chosen.connect(self.choose)
        panel.changed.connect(self._on_changed)
        panel.file_requested.connect(self.choose_file)
        panel.download_requested.connect(self._download)
        panel.cancel_requested.connect(self._cancel)
        self.message_changed.connect(panel.show_message)
        self.progressed.connect(panel.show_progress)
        self.preview_changed.connect(panel.show_preview)
        for changed, show in (
            (self.described, self._show_data),
            (self._app_model.training_changed, self._show_lock),
            (self._app_model.misfit_changed, self._show_misfit),
        ):
            changed.connect(partial(show, panel))
            show(panel)
        panel.show_preview(self._preview)
        panel.show_message(self._message)

    def choose(self, source: str) -> None:
        """Take another data set."""
        data_set = READERS[source]
        old = self._document.spec.data
        if source == old.reader:
            return
        data = DataSpec(reader=source, split=old.split)
        self._document.edit(f"Choose {data_set.title}", self._document.spec.but(data=data))

    def choose_file(self) -> None:
        """Ask for a local file or folder and take it."""
        if READERS[self._document.spec.data.reader].is_folder:
            start = file_dialogs.start_folder()
            path = file_dialogs.open_folder(self._window, "Choose a Folder of Data", start)
        else:
            kinds = "Data (*.gz *.npz *ubyte);;All files (*)"
            path = file_dialogs.open_file(self._window, "Choose a Data File", kinds)
        if path is not None:
            self.take_file(str(path))

    def take_file(self, path: str) -> None:
        """Use a local file or folder: in place of the chosen download where it may be that, else as what it is."""
        data = self._document.spec.data
        source = _taking(data.reader, Path(path))
        if READERS[source].kind == "picture":
            path = _whole_set(Path(path))
        # What was chosen for other samples, such as what their answers are, is not of these.
        is_kept = source == data.reader and (READERS[source].origin != "file" or path == data.path)
        options = data.options if is_kept else {}
        chosen = data.but(reader=source, path=path, options=options)
        self._is_new = chosen != data
        self._document.edit("Choose a data file", self._document.spec.but(data=chosen))

    def load(self) -> None:
        """Describe the chosen data at once, and read it where no download is needed."""
        spec = self._document.spec.data
        self._app_model.set_info(describe(spec))
        self._app_model.set_data(None)
        self.described.emit()
        self._set_preview(None)
        if is_at_hand(spec):
            self._set_message("")
            self._read(f"Reading {READERS[spec.reader].title} …")
        else:
            self._jobs.cancel(_JOB)
            self._is_reading = False
            self.progressed.emit("", 0, 0)
            self._set_message(_missing(spec))

    def want(self) -> None:
        """Somebody waits for the data: read them, or say that they will not come."""
        spec = self._document.spec.data
        if self._is_reading:
            return
        if is_at_hand(spec):
            self._read(f"Reading {READERS[spec.reader].title} …")
        else:
            self.not_coming.emit(_missing(spec))

    def _download(self) -> None:
        self._set_message("")
        self._read(f"Downloading {READERS[self._document.spec.data.reader].title} …")

    def _cancel(self) -> None:
        self._jobs.cancel(_JOB)
        self._is_reading = False
        self.progressed.emit("", 0, 0)
        self._set_message("The download was cancelled.")
        self.not_coming.emit("the download was cancelled")

    def _read(self, words: str) -> None:
        spec = self._document.spec.data
        project = self._folder().path  # a file that moved is looked for beside it
        self._is_reading = True

        def work(job: Job) -> tuple[LoadedData, Preview]:
            def report(text: str, done: int, total: int) -> None:
                self._jobs.report(job, text, done, total)

            data = heavy.load_data(spec, report, lambda: job.cancelled, project=project)
            return data, heavy.preview_of(data)

        job = Job(_JOB, words, work, self._on_read, self._on_failed, progress=self.progressed.emit)
        self._jobs.submit("data", job)

    def _on_read(self, answer: tuple[LoadedData, Preview]) -> None:
        data, preview = answer
        self._is_reading = False
        self.progressed.emit("", 0, 0)
        self._app_model.set_info(data.info)
        self._app_model.set_data(data)
        self.described.emit()
        self._set_preview(preview)
        if self._is_new:
            self._is_new = False
            self.taken.emit()

    # ---- Showing ----

    def _set_message(self, sentence: str) -> None:
        self._message = sentence
        self.message_changed.emit(sentence)

    def _set_preview(self, preview: Preview | None) -> None:
        self._preview = preview
        self.preview_changed.emit(preview)

    def _show_data(self, panel: DataPanel) -> None:
        here = (name for name in READERS if is_at_hand(DataSpec(reader=name)))
        panel.show_downloaded(frozenset(here))
        panel.show_data(self._document.spec.data, self._app_model.info)

    def _show_lock(self, panel: DataPanel) -> None:
        panel.set_locked(bool(self._app_model.training), "stop the training to change the data")

    def _show_misfit(self, panel: DataPanel) -> None:
        """Say here too that the network is for other data."""
        misfit = self._app_model.misfit
        panel.show_misfit(misfit.sentence if misfit is not None else "")

    # ---- What comes ----

    def _on_failed(self, sentence: str) -> None:
        self._is_reading = False
        self.progressed.emit("", 0, 0)
        self._set_message(sentence)
        self._app_model.said.emit(sentence)
        self.not_coming.emit(sentence)

    def _on_changed(self, text: str, data: DataSpec, merge_key: str) -> None:
        self._document.edit(text, self._document.spec.but(data=data), merge_key or None)

    def _on_spec_changed(self, old: ProjectSpec, new: ProjectSpec) -> None:
        if old.data != new.data:
            self.load()


def _missing(spec: DataSpec) -> str:
    chosen = READERS[spec.reader]
    if chosen.origin == "file":
        return f"No {'folder' if chosen.is_folder else 'data file'} is chosen yet: choose one."
    return f"{chosen.title} is not on this computer yet: download it ({chosen.megabytes:g} MB) or choose a local file."


def _taking(source: str, path: Path) -> str:
    """Return the id of the reader that takes a file: the chosen one where the file may stand for its download."""
    try:
        found = recognised(path).id
    except BadInput:  # reading says what is wrong with it
        found = FILE
    return source if READERS[source].origin == "download" and found == FILE else found


def _whole_set(path: Path) -> str:
    """Return the folder of an IDX file that lies beside its set's test part, else the path itself."""
    has_test = path.is_file() and any(path.parent.glob("t10k-images*"))
    return str(path.parent if has_test and "ubyte" in path.name else path)
