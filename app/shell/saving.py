"""Asking where to write a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMessageBox, QWidget

from app.shell import file_dialogs


def ask_where(parent: QWidget, title: str, name: str, kinds: str, suffix: str) -> Path | None:
    """Let the user choose a file to write, with this suffix; None if nothing is to be written.

    The dialog asks before a file is replaced, but only under the name that was typed; this asks under the name
    with the suffix too.
    """
    path = file_dialogs.save_file(parent, title, name, kinds)
    if path is None or path.name.endswith(suffix):
        return path
    target = Path(f"{path}{suffix}")
    if target.exists() and not may_replace(parent, target):
        return None
    return target


def may_replace(parent: QWidget, path: Path) -> bool:
    """Ask whether a file that is there may be replaced."""
    answer = QMessageBox.question(
        parent, "Replace the File?", f'"{path.name}" exists already. Replace it?'
    )
    return answer == QMessageBox.StandardButton.Yes
