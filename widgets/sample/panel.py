"""The sample that flows through the blocks: which one it is, and what a selected layer sees of it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from widgets.base.labels import eliding_label, plain_label
from widgets.base.theme import Tokens
from widgets.sample.field_view import FieldView

_MARGIN_PX: Final = 8


class SamplePanel(QWidget):
    """A picture of the sample with the receptive field of a unit, and buttons for other samples.

    Signals
    -------
    seen()
        The panel came into sight.
    """

    seen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.sample")
        self.view = FieldView()
        self._caption = eliding_label(name="sample.caption")
        self._words = plain_label(wrap=True, tone="muted", name="sample.words")
        self._buttons = QHBoxLayout()
        self._buttons.setContentsMargins(_MARGIN_PX, 4, _MARGIN_PX, 0)
        self._buttons.addWidget(self._caption, 1)
        self._words.setContentsMargins(_MARGIN_PX, 0, _MARGIN_PX, 6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._buttons)
        column.addWidget(self.view, 1)
        column.addWidget(self._words)

    def set_actions(self, *actions: QAction) -> None:
        """Show a button for each of these commands."""
        for action in actions:
            button = QToolButton()
            button.setObjectName(f"sample.{action.objectName()}")
            button.setDefaultAction(action)
            button.setAutoRaise(True)
            self._buttons.addWidget(button)

    def show_sample(self, values: npt.NDArray[np.generic] | None, caption: str) -> None:
        """Show a sample as `FieldView.show_sample` does, and what it is; None: there is none."""
        self.view.show_sample(values)
        self._caption.show_text(caption)

    def show_field(self, mask: npt.NDArray[np.bool_] | None, words: str) -> None:
        """Show what a unit sees of the sample, (h, w), and say it; None: nothing is covered."""
        self.view.show_field(mask)
        self._words.setText(words)

    def set_theme(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        self.view.set_theme(tokens)

    # ---- Qt overrides ----

    def showEvent(self, event: QShowEvent) -> None:
        """Qt: whoever fills the panel may have waited for this."""
        super().showEvent(event)
        self.seen.emit()
