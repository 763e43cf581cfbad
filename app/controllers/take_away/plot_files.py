"""Writing a plot to a file, wherever in the window it is."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.app_model import AppModel
from app.jobs import Job, JobRunner
from app.shell.saving import ask_where
from engine.errors import quoted
from engine.storage import write_with
from widgets.plots.exportable_plot import ExportablePlot
from widgets.plots.plot_files import PLOT_FORMATS, Pieces, file_name, write_pieces


class PlotFilesController(QObject):
    """Asks for a file's place, and writes what the plot showed when its menu was used."""

    def __init__(self, app_model: AppModel, jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_model = app_model
        self._jobs = jobs

    def save(self, plot: ExportablePlot, format_id: str) -> None:
        """Write a plot in a format of `PLOT_FORMATS`."""
        row = PLOT_FORMATS[format_id]
        pieces = row.take(plot)  # the plot may be gone once the dialog is answered
        name = f"{file_name(plot)}{row.suffix}"
        path = ask_where(plot.window(), "Save the Plot", name, row.kinds, row.suffix)
        if path is not None:
            self._write(path, pieces)

    def _write(self, path: Path, pieces: Pieces) -> None:
        """Write in a thread of its own: the table of a long run takes seconds."""
        name, say = quoted(path.name, 60), self._app_model.said.emit

        def work(_job: Job) -> None:
            write_with(path, partial(write_pieces, pieces=pieces))

        def done(_nothing: None) -> None:
            say(f'Saved the plot as "{name}".')

        self._jobs.submit("export", Job(f"plot {path}", f"Writing {name} …", work, done, say))
