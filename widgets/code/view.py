"""The window that shows the project as a Python script."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from widgets.base.labels import plain_label, set_tone
from widgets.base.theme import Tokens
from widgets.code.editor import CodeField

_WIDTH_PX, _HEIGHT_PX = 780, 640
_NO_SCRIPT = "not now: there is no script"


class ScriptView(QDialog):
    """Shows a script that may change at any time; the window behind stays usable.

    Signals
    -------
    opened()
        It is about to be seen.
    copy_requested()
        The script is to go to the clipboard.
    save_requested()
        The user wants to write the script to a file.
    """

    opened = Signal()
    copy_requested = Signal()
    save_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.script")
        self.setWindowTitle("The Project as Python Code")
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self._code = CodeField("script.code")
        self._code.setReadOnly(True)
        self._note = plain_label(wrap=True, name="script.note")
        self._copy = QPushButton("&Copy")
        self._save = QPushButton("&Save As…")
        close = QPushButton("C&lose")
        for button, name in ((self._copy, "copy"), (self._save, "save"), (close, "close")):
            button.setObjectName(f"script.{name}")
            button.setAutoDefault(False)
        self._copy.clicked.connect(self.copy_requested)
        self._save.clicked.connect(self.save_requested)
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addWidget(self._copy)
        buttons.addWidget(self._save)
        buttons.addStretch(1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.addWidget(self._code, 1)
        column.addWidget(self._note)
        column.addLayout(buttons)
        self._set_possible(False)

    def show_script(self, text: str, note: str) -> None:
        """Show a script and a sentence about it."""
        self._code.show_code(text)
        self.say(note)
        self._set_possible(True)

    def show_problem(self, sentence: str) -> None:
        """Say why there is no script; the last one stays in sight, greyed."""
        self.say(sentence, is_bad=True)
        self._set_possible(False)

    def say(self, sentence: str, *, is_bad: bool = False) -> None:
        """Show a sentence below the script."""
        self._note.setText(sentence)
        set_tone(self._note, "bad" if is_bad else "muted")

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._code.set_theme(tokens)

    def _set_possible(self, possible: bool) -> None:
        self._code.setEnabled(possible)
        for button in (self._copy, self._save):
            button.setEnabled(possible)
            button.setToolTip("" if possible else _NO_SCRIPT)

    # ---- Qt overrides ----

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the script before it is seen."""
        self.opened.emit()
        super().showEvent(event)
