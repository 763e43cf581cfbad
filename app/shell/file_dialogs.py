"""The dialogs that ask for files: they begin where the user was last, at first among the user's documents."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from app.settings import SettingsFile


def start_folder() -> Path:
    """Return the folder of the file chosen last; the user's documents if there is none or it is gone."""
    last = SettingsFile().read().last_folder
    if last and Path(last).is_dir():
        return Path(last)
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents) if documents and Path(documents).is_dir() else Path.home()


def open_file(parent: QWidget, title: str, kinds: str, start: Path | None = None) -> Path | None:
    """Let the user choose a file; None if the dialog was left.

    Parameters
    ----------
    kinds
        As `QFileDialog` takes them: ``"Pictures (*.png *.jpg);;All files (*)"``.
    start
        Another folder to begin in.
    """
    path, _kind = QFileDialog.getOpenFileName(parent, title, str(start or start_folder()), kinds)
    return _noted(path)


def open_files(parent: QWidget, title: str, kinds: str) -> list[str]:
    """Let the user choose files; none if the dialog was left."""
    paths, _kind = QFileDialog.getOpenFileNames(parent, title, str(start_folder()), kinds)
    for path in paths[:1]:
        _noted(path)
    return paths


def save_file(parent: QWidget, title: str, name: str, kinds: str = "") -> Path | None:
    """Let the user choose where a file is to be written; None if the dialog was left."""
    path, _kind = QFileDialog.getSaveFileName(parent, title, str(start_folder() / name), kinds)
    return _noted(path)


def open_folder(parent: QWidget, title: str, start: Path) -> Path | None:
    """Let the user choose a folder; None if the dialog was left."""
    path = QFileDialog.getExistingDirectory(parent, title, str(start))
    return Path(path) if path else None


def _noted(path: str) -> Path | None:
    """Remember the folder of a file for the next dialog."""
    if not path:
        return None
    settings_file = SettingsFile()
    settings_file.write(settings_file.read().but(last_folder=str(Path(path).parent)))
    return Path(path)
