"""The sample that flows through the blocks: which one it is, and what a selected layer sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from engine.catalog.model import Field
from widgets.base.labels import eliding_label, plain_label, plain_tip
from widgets.base.theme import Tokens
from widgets.forms.boxes import ChoiceBox, NumberBox
from widgets.sample.field_view import FieldView

_MARGIN_PX: Final = 8
_NUMBER: Final = Field("number", "int", 1, minimum=1)


class SamplePanel(QWidget):
    """A picture of the sample with the receptive field of a unit, and buttons for other samples.

    Signals
    -------
    seen()
        The panel came into sight.
    part_requested(str)
        A sample of this part of the data is wanted: ``"training"``, ``"validation"`` or ``"test"``.
    number_requested(int)
        The sample of this number in its part, from 0, is wanted.
    """

    seen = Signal()
    part_requested = Signal(str)
    number_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.sample")
        self.view = FieldView()
        self._caption = eliding_label(name="sample.caption")
        self._words = plain_label(wrap=True, tone="muted", name="sample.words")
        self._caption.setContentsMargins(_MARGIN_PX, 4, _MARGIN_PX, 0)
        self._part = ChoiceBox()
        self._part.setObjectName("field.sample.part")
        self._part.setAccessibleName("Part of the data")
        self._part.setToolTip(plain_tip("Which part of the data the sample is taken from."))
        self._number = NumberBox(_NUMBER)
        self._number.setObjectName("field.sample.number")
        self._number.setAccessibleName("Number of the sample")
        self._number.setToolTip(plain_tip("Which sample of the part is shown to the network."))
        self._buttons = QHBoxLayout()
        self._buttons.setContentsMargins(_MARGIN_PX, 0, _MARGIN_PX, 0)
        self._buttons.setSpacing(4)
        self._buttons.addWidget(self._part, 2)
        self._buttons.addWidget(self._number, 1)
        self._words.setContentsMargins(_MARGIN_PX, 0, _MARGIN_PX, 6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._caption)
        column.addLayout(self._buttons)
        column.addWidget(self.view, 1)
        column.addWidget(self._words)
        self._part.activated.connect(self._on_part)
        self._number.valueChanged.connect(self._on_number)

    def set_actions(self, *actions: QAction) -> None:
        """Show a button for each of these commands."""
        for action in actions:
            button = QToolButton()
            button.setObjectName(f"sample.{action.objectName()}")
            button.setDefaultAction(action)
            button.setAutoRaise(True)
            self._buttons.addWidget(button)

    def show_choice(self, part: str, number: int, counts: Mapping[str, int]) -> None:
        """Show which sample of which part is chosen, the number from 0, and offer the parts that have samples."""
        names = [name for name, count in counts.items() if count]
        if [self._part.itemData(row) for row in range(self._part.count())] != names:
            self._part.clear()
            for name in names:
                self._part.addItem(name.capitalize(), name)
        self._part.setCurrentIndex(self._part.findData(part))
        self._number.set_field(replace(_NUMBER, maximum=counts[part]))
        self._number.show_value(number + 1)

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

    def _on_part(self, _row: int) -> None:
        self.part_requested.emit(self._part.currentData())

    def _on_number(self, number: int) -> None:
        self.number_requested.emit(number - 1)

    # ---- Qt overrides ----

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that the panel is shown, so that it can be filled."""
        super().showEvent(event)
        self.seen.emit()
