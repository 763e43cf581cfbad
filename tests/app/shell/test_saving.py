"""Asking where to write."""

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from app.shell.saving import ask_where


@pytest.mark.parametrize(
    ("typed", "there", "answer", "expected"),
    [
        ("", (), None, None),
        ("a.csv", ("a.csv",), None, "a.csv"),  # the dialog asked already
        ("a", (), None, "a.csv"),
        ("a", ("a.csv",), "Yes", "a.csv"),
        ("a", ("a.csv",), "No", None),
    ],
)
def test_no_file_is_replaced_without_a_question(
    typed, there, answer, expected, tmp_path, monkeypatch
):
    asked = []

    def question(*_arguments):
        asked.append(1)
        return getattr(QMessageBox.StandardButton, answer)

    for name in there:
        (tmp_path / name).touch()
    chosen = str(tmp_path / typed) if typed else ""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_arguments: (chosen, ""))
    monkeypatch.setattr(QMessageBox, "question", question)
    found = ask_where(None, "Save", "a.csv", "Tables (*.csv)", ".csv")
    assert found == (tmp_path / expected if expected else None)
    assert asked == ([1] if answer else [])
