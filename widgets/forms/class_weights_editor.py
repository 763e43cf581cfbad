"""The editor of class weights: none, balanced, or those a project file brought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker

from engine.catalog.model import Field
from engine.errors import quoted
from widgets.forms.editors import ChoiceEditor, EditorContext
from widgets.forms.texts import format_number
from widgets.labels import plain_label

CHOICES: Final = ("none", "balanced")
_OWN: Final = "from the file"
_MOST_SHOWN: Final = 12  # classes; of more, the others are only counted


class ClassWeightsEditor(ChoiceEditor):
    """A list of choices; weights by label can be seen and left, not typed."""

    def __init__(self, field: Field, context: EditorContext) -> None:
        super().__init__(field, context, tuple((choice, choice) for choice in CHOICES))
        self._own = plain_label(wrap=True, tone="muted", name="form.training.own_class_weights")
        self.below = self._own
        self._own.hide()
        self._box.currentIndexChanged.connect(self._show_own)

    def _show(self, value: Any) -> None:
        with QSignalBlocker(self._box):
            if self._values[len(CHOICES) :] not in ([], [value]):
                self._values.pop()
                self._box.removeItem(len(CHOICES))
            if isinstance(value, Mapping) and value not in self._values:
                self._add(_OWN, value)
        super()._show(value)
        self._show_own()

    def _show_own(self) -> None:
        index = self._box.currentIndex()
        value = self._values[index] if 0 <= index < len(self._values) else None
        self._own.setText(weights_text(value) if isinstance(value, Mapping) else "")
        self._own.setVisible(bool(self._own.text()))


def weights_text(weights: Mapping[str, float]) -> str:
    """Return the weights in words: ``"cat: 2, dog: 0.5; every other class 1"``."""
    shown = [
        f"{quoted(label, 30)}: {format_number(weight)}"
        for label, weight in list(weights.items())[:_MOST_SHOWN]
    ]
    more = len(weights) - len(shown)
    rest = f" and {more} more" if more else ""
    return f"{', '.join(shown)}{rest}; every other class 1" if shown else "every class 1"
