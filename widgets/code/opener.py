"""The window that takes a Python script and shows what was understood of it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from widgets.base.labels import plain_label, set_tone
from widgets.base.theme import Tokens
from widgets.code.editor import CodeField

_WIDTH_PX, _HEIGHT_PX = 780, 640
_PAUSE_MS: Final = 250  # of typing, before the script is read
_EXPLANATION: Final = (
    "The script is read, never run: it may define layers with keras.Sequential or keras.Model."
)
_HINT: Final = (
    "import keras\n\nmodel = keras.Sequential([\n"
    '    keras.layers.Dense(64, activation="relu"),\n    ...\n])'
)


class ScriptOpener(QDialog):
    """Takes a script by typing, pasting or from a file.

    Signals
    -------
    script_changed(text)
        There is another script; not at every letter.
    file_requested()
        The user wants to choose a file.
    use_requested(text)
        The network of this script shall replace the project's.
    """

    script_changed = Signal(str)
    file_requested = Signal()
    use_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.script_opener")
        self.setWindowTitle("Open a Python Script")
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self._code = CodeField("script_opener.code")
        self._code.setPlaceholderText(_HINT)
        self._code.setAccessibleName("Python script")
        self._said = plain_label(wrap=True, name="script_opener.said")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._on_pause)
        self._code.textChanged.connect(self._on_typed)
        self._use = QPushButton("&Replace the Network")
        choose, close = QPushButton("&Open File…"), QPushButton("C&lose")
        for button, name in ((self._use, "use"), (choose, "file"), (close, "close")):
            button.setObjectName(f"script_opener.{name}")
            button.setAutoDefault(False)
        self._use.clicked.connect(self._on_use)
        choose.clicked.connect(self.file_requested)
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addWidget(choose)
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self._use)
        column = QVBoxLayout(self)
        column.addWidget(plain_label(_EXPLANATION, wrap=True, tone="muted"))
        column.addWidget(self._code, 1)
        column.addWidget(self._said)
        column.addLayout(buttons)
        self.show_nothing()

    # ---- What is shown ----

    def show_script(self, text: str) -> None:
        """Show the content of a file; it counts as another script at once."""
        self._code.show_code(text)
        self._timer.stop()
        self.script_changed.emit(text)

    def show_nothing(self) -> None:
        """There is no script yet."""
        self._show("Paste a script or open a file.", tone_is_bad=False, usable=False, line=0)

    def show_understood(self, sentence: str) -> None:
        """Show what was understood: it can be used."""
        self._show(sentence, tone_is_bad=False, usable=True, line=0)

    def show_refused(self, sentence: str, line: int = 0) -> None:
        """Show why the script cannot be used, and mark the line, from 1; 0: no line."""
        self._show(sentence, tone_is_bad=True, usable=False, line=line)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._code.set_theme(tokens)

    def _show(self, sentence: str, *, tone_is_bad: bool, usable: bool, line: int) -> None:
        self._said.setText(sentence)
        set_tone(self._said, "bad" if tone_is_bad else "text")
        self._use.setEnabled(usable)
        self._use.setToolTip("" if usable else "not now: no network was understood")
        self._code.mark_line(line)

    # ---- What the user does ----

    def _on_typed(self) -> None:
        self._use.setEnabled(False)  # until what stands there now was read
        self._timer.start()

    def _on_pause(self) -> None:
        self.script_changed.emit(self._code.toPlainText())

    def _on_use(self) -> None:
        self.use_requested.emit(self._code.toPlainText())
