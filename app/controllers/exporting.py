"""The Export page: write the trained model, prove that the file answers the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMessageBox

from app import heavy
from app.jobs import Job, JobRunner
from app.project_folder import ProjectFolder
from app.studio import Studio
from engine.export.report import ExportReport
from engine.export.table import ROWS
from widgets.export_panel import ExportPanel

_JOB = "export"


class ExportController(QObject):
    """Exports what was trained last."""

    def __init__(
        self,
        studio: Studio,
        jobs: JobRunner,
        folder: Callable[[], ProjectFolder],
        panel: ExportPanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self._studio = studio
        self._jobs = jobs
        self._panel = panel
        panel.show_formats(tuple((f.id, f.title, f.help, f.suffix) for f in ROWS.values()))
        panel.export_requested.connect(self.export)
        panel.browse_requested.connect(self._browse)
        studio.trained_changed.connect(self._show_ready)
        self._show_ready()

    def export(self, format_id: str, path: str) -> None:
        """Write the trained model to ``path``; asks before replacing what is there."""
        trained, data = self._studio.trained, self._studio.data
        if trained is None:
            return
        target = Path(path).expanduser()
        # A bare name lands beside the project, not where the program was started.
        if not target.is_absolute():
            target = self._folder().path / target
        # What is refused for its name is not worth a question.
        overwrite = target.exists() and target.name.endswith(ROWS[format_id].suffix)
        if overwrite and not self._may_replace(target):
            return
        self._panel.set_running(True)
        self._panel.show_message("")
        self._panel.show_report(None)
        job = Job(
            _JOB,
            "Exporting, then reloading in a fresh process …",
            lambda _job: heavy.export_model(trained, format_id, target, data, overwrite),
            self._on_done,
            self._on_failed,
        )
        self._jobs.submit("engine", job)

    def _on_done(self, report: ExportReport) -> None:
        self._panel.set_running(False)
        self._panel.show_report(report)

    def _on_failed(self, sentence: str) -> None:
        self._panel.set_running(False)
        self._panel.show_message(sentence)

    def suggest_place(self) -> None:
        """Offer a file in the project's folder."""
        suffix = ROWS[self._panel.format()].suffix
        self._panel.show_path(str(self._folder().path / f"model{suffix}"))

    def _may_replace(self, path: Path) -> bool:
        answer = QMessageBox.question(
            self._panel,
            "Replace the File?",
            f'"{path.name}" exists already. Replace it by the new export?',
        )
        return answer == QMessageBox.StandardButton.Yes

    def _browse(self, format_id: str) -> None:
        suffix = ROWS[format_id].suffix
        path, _filter = QFileDialog.getSaveFileName(
            self._panel, "Export the Model", f"model{suffix}"
        )
        if path:
            self._panel.show_path(path if path.endswith(suffix) else f"{path}{suffix}")

    def _show_ready(self) -> None:
        ready = self._studio.trained is not None
        self._panel.set_ready(ready, "" if ready else "train the network first")
