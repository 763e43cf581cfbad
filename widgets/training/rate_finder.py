"""The window of the learning-rate range test."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.training.diagnose.rate_range import RangeResult
from widgets.base.labels import plain_label, set_tone
from widgets.base.theme import Tokens
from widgets.plots.range_plot import RangePlot

_RUNNING = "Trying higher and higher rates on a copy; your project is left alone …"
_NOTHING = "The loss fell at none of these rates: check the data, the loss and the last layer, or take a larger batch."
_WIDTH_PX, _HEIGHT_PX = 560, 380


class RateFinder(QDialog):
    """Shows a range test as it goes; the window behind stays usable.

    Signals
    -------
    started()
        The user wants a (further) test.
    stopped()
        The user wants no more of the running test.
    rate_chosen(rate)
        The suggested rate is to be used.
    """

    started = Signal()
    stopped = Signal()
    rate_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.rate_finder")
        self.setWindowTitle("Find a Learning Rate")
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self.plot = RangePlot()
        self._is_running = False
        self._suggestion: float | None = None
        self._text = plain_label(wrap=True, name="rate_finder.text")
        self._use = QPushButton("&Use This Rate")
        self._again = QPushButton("&Stop")
        self._close = QPushButton("&Close")
        for button, name in ((self._use, "use"), (self._again, "again"), (self._close, "close")):
            button.setObjectName(f"rate_finder.{name}")
            button.setAutoDefault(False)
        self._use.clicked.connect(self._on_use)
        self._again.clicked.connect(self._on_again)
        self._close.clicked.connect(self.close)
        self.finished.connect(self._on_finished)
        buttons = QHBoxLayout()
        buttons.addWidget(self._again)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        buttons.addWidget(self._use)
        column = QVBoxLayout(self)
        column.addWidget(self.plot, 1)
        column.addWidget(self._text)
        column.addLayout(buttons)
        self._show_state(_RUNNING, is_running=False)

    # ---- What is shown ----

    def show_empty(self) -> None:
        """Forget the test before."""
        self.plot.clear()

    def show_waiting(self, sentence: str) -> None:
        """Show what the test waits for."""
        self._show_state(sentence, is_running=True)

    def show_running(self) -> None:
        """Show that the test has begun."""
        self._show_state(_RUNNING, is_running=True)

    def show_progress(self, result: RangeResult) -> None:
        """Show what was found so far."""
        self.plot.show_result(result)

    def show_found(self, result: RangeResult) -> None:
        """Show the end of a test."""
        self.plot.show_result(result)
        found = result.suggestion
        if found is None:
            self._show_state(_NOTHING, is_running=False)
            return
        text = (
            f"The loss falls fastest at a learning rate of {found:.2g}: a good one to train with."
        )
        self._show_state(text, is_running=False, suggestion=float(f"{found:.2g}"))

    def show_ended(self, sentence: str, *, is_bad: bool = False) -> None:
        """Say why there is no result."""
        self._show_state(sentence, is_running=False, is_bad=is_bad)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self.plot.set_theme(tokens)

    def _show_state(
        self, text: str, *, is_running: bool, suggestion: float | None = None, is_bad: bool = False
    ) -> None:
        self._is_running, self._suggestion = is_running, suggestion
        self._text.setText(text)
        set_tone(self._text, "bad" if is_bad else "text")
        self._again.setText("&Stop" if is_running else "Try A&gain")
        self._use.setEnabled(suggestion is not None)
        self._use.setText("&Use This Rate" if suggestion is None else f"&Use {suggestion:g}")
        self._use.setToolTip("" if suggestion is not None else "not now: no rate is suggested yet")
        (self._close if suggestion is None else self._use).setDefault(True)

    # ---- What the user does ----

    def _on_use(self) -> None:
        if self._suggestion is not None:
            self.rate_chosen.emit(self._suggestion)
            self.close()

    def _on_again(self) -> None:
        (self.stopped if self._is_running else self.started).emit()

    def _on_finished(self) -> None:
        if self._is_running:
            self.stopped.emit()
