"""From which weights a new training begins, and what that means for the network shown."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from widgets.base.labels import plain_label, plain_tip
from widgets.forms.boxes import CalmCombo

_MARGIN_PX: Final = 10
_GAP_PX: Final = 8
_CHOICES: Final = ("new weights", "the weights there are")  # by whether weights are kept
_HELP: Final = (
    "New weights: the same settings give the same result again. "
    "The weights there are: layers that were not changed keep what they learned, the others begin anew."
)


class StartChoice(QWidget):
    """Two ways to begin, and a sentence.

    Signals
    -------
    keeps_weights_chosen(bool)
        The user chose to keep weights, or not to.
    """

    keeps_weights_chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = CalmCombo()
        self._choice.setObjectName("start.weights")
        self._choice.setAccessibleName("Begin with")
        self._choice.setToolTip(plain_tip(_HELP))
        self._choice.addItems(_CHOICES)
        self._choice.activated.connect(lambda row: self.keeps_weights_chosen.emit(bool(row)))
        caption = plain_label("Begin with")
        caption.setBuddy(self._choice)
        self._sentence = plain_label(wrap=True, tone="muted", name="start.sentence")
        self._sentence.hide()
        row = QHBoxLayout()
        row.setSpacing(_GAP_PX)
        row.addWidget(caption)
        row.addWidget(self._choice, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN_PX, _GAP_PX, _MARGIN_PX, 0)
        column.setSpacing(_GAP_PX // 2)
        column.addLayout(row)
        column.addWidget(self._sentence)

    def show_keeps_weights(self, keeps: bool) -> None:
        """Show which way is chosen."""
        self._choice.setCurrentIndex(int(keeps))

    def show_sentence(self, sentence: str) -> None:
        """Say what will become of the layers, "" for nothing."""
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))

    @property
    def sentence(self) -> str:
        """What is said."""
        return self._sentence.text()
