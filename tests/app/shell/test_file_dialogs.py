"""Dialogs begin where the user was last, never in the program's folder."""

from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from app.settings import SettingsFile
from app.shell import file_dialogs


@pytest.fixture
def documents(tmp_path, monkeypatch):
    folder = tmp_path / "Documents"
    folder.mkdir()
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _place: str(folder))
    return folder


@pytest.fixture
def parent(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def asked(monkeypatch):
    """Where the dialogs began; they answer ``answers``."""
    asked, answers = [], []

    def answer(_parent, _title, start, _kinds=""):
        asked.append(Path(start))
        return answers.pop(0), ""

    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, answer)
    return asked, answers


def test_the_first_dialog_begins_among_the_documents_and_the_next_where_the_user_was(
    parent, documents, asked, tmp_path
):
    starts, answers = asked
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    answers += [str(elsewhere / "a.npz"), "", str(elsewhere / "b.keras")]
    assert file_dialogs.open_file(parent, "Open", "") == elsewhere / "a.npz"
    assert file_dialogs.open_file(parent, "Open", "") is None
    assert file_dialogs.save_file(parent, "Save", "b.keras") == elsewhere / "b.keras"
    assert starts == [documents, elsewhere, elsewhere / "b.keras"]


def test_a_folder_that_is_gone_is_forgotten(documents, tmp_path):
    settings = SettingsFile()
    settings.write(settings.read().but(last_folder=str(tmp_path / "gone")))
    assert file_dialogs.start_folder() == documents


def test_without_a_documents_folder_the_users_own_is_taken(monkeypatch, tmp_path):
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _place: str(tmp_path / "none"))
    assert file_dialogs.start_folder() == Path.home()
