"""The Export page: write the trained model, prove that the file answers the same."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.shell import file_dialogs
from app.shell.saving import may_replace
from engine.errors import quoted
from engine.export.report import ExportReport
from engine.export.table import ROWS
from engine.runs.origin import age_in_words
from engine.runs.trained import Trained
from widgets.export.panel import ExportPanel

_JOB = "export"


class ExportController(QObject):
    """Exports what was trained last."""

    def __init__(
        self,
        document: Document,
        app_model: AppModel,
        jobs: JobRunner,
        panel: ExportPanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._cancel = threading.Event()
        self._exported: Trained | None = None  # what the report is of
        self._app_model = app_model
        self._jobs = jobs
        self._panel = panel
        panel.show_formats(tuple((f.id, f.title, f.help, f.suffix) for f in ROWS.values()))
        panel.export_requested.connect(self.export)
        panel.browse_requested.connect(self._browse)
        panel.cancel_requested.connect(self._on_cancel)
        for signal in (app_model.trained_changed, app_model.info_changed, document.spec_changed):
            signal.connect(self._show_ready)
        self._show_ready()

    def export(self, format_id: str, path: str) -> None:
        """Write the trained model to ``path``; asks before replacing what is there."""
        trained, data = self._app_model.trained, self._app_model.data
        if trained is None:
            return
        target = Path(path).expanduser()
        # A bare name lands where the dialogs begin, not where the program was started.
        if not target.is_absolute():
            target = file_dialogs.start_folder() / target
        # What is refused for its name is not worth a question.
        overwrite = target.exists() and target.name.endswith(ROWS[format_id].suffix)
        if overwrite and not may_replace(self._panel, target):
            return
        self._panel.set_running(True)
        self._panel.show_message("")
        self._panel.show_report(None)
        cancel = self._cancel = threading.Event()

        def work(job: Job) -> ExportReport:
            return heavy.export_model(
                trained, format_id, target, data, overwrite,
                lambda: cancel.is_set() or job.cancelled,
            )  # fmt: skip

        words = "Exporting, then reloading in a fresh process …"
        done = partial(self._on_done, trained, self._document.spec.name)
        self._jobs.submit("export", Job(_JOB, words, work, done, self._on_failed))

    def forget(self) -> None:
        """Another project is shown: what was exported of the one before is not of it."""
        self._exported = None
        self._panel.show_report(None)
        self._panel.show_message("")
        self.suggest_place()

    def _on_done(self, trained: Trained, project: str, report: ExportReport) -> None:
        self._exported = trained
        self._panel.set_running(False)
        self._panel.show_report(report, f"{trained.origin.words} (project {quoted(project, 40)})")
        if report.remark:
            self._app_model.said.emit(report.remark)
        self._show_ready()

    def _on_failed(self, sentence: str) -> None:
        self._panel.set_running(False)
        self._panel.show_message(sentence)

    def _on_cancel(self) -> None:
        """Ask the export to end; it says whether it could."""
        self._cancel.set()
        self._panel.show_cancelling()

    def suggest_place(self) -> None:
        """Offer a file where the user keeps files; the place of an export that is under way stays."""
        if self._jobs.is_wanted(_JOB):
            return
        suffix = ROWS[self._panel.format()].suffix
        self._panel.show_path(str(file_dialogs.start_folder() / self._file_name(suffix)))

    def _browse(self, format_id: str) -> None:
        suffix = ROWS[format_id].suffix
        path = file_dialogs.save_file(self._panel, "Export the Model", self._file_name(suffix))
        if path is not None:
            self._panel.show_path(str(path) if path.name.endswith(suffix) else f"{path}{suffix}")

    def _file_name(self, suffix: str) -> str:
        """Return a name that says of which project a file is; it may hold no part of a path."""
        name = self._document.spec.name.replace("/", " ").replace("\\", " ").strip(" .")
        return f"{name or 'model'}{suffix}"

    def _show_ready(self) -> None:
        """Say which model there is to export, and whether the report is still of it."""
        trained = self._app_model.trained
        self._panel.set_ready(trained is not None, "" if trained else "Train the network first.")
        age = self._age(trained) if trained is not None else ""
        self._panel.show_model(
            f"Model: {trained.origin.words}" if trained is not None else "",
            f"This model is an old one: {age}. Train again to export what is shown." if age else "",
        )
        if self._exported is not None:
            moved_on = age if trained is self._exported else "there is another model by now"
            self._panel.set_report_age(f"An earlier export: {moved_on}." if moved_on else "")

    def _age(self, trained: Trained) -> str:
        return age_in_words(trained.origin, self._document.spec, self._app_model.info)
