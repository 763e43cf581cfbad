"""What stands in a field's place while several objects have different values in it."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from widgets.forms.texts import value_text

_MOST_VALUES: Final = 8
_LONGEST: Final = 40  # letters of a value in the menu


class MixedButton(QToolButton):
    """Says that the values differ; its menu takes one of them for all, or lets another be entered.

    Signals
    -------
    chosen(object)
        The value that all are to have.
    other_wanted()
        The user wants to enter a value.
    """

    chosen = Signal(object)
    other_wanted = Signal()

    def __init__(self, values: tuple[Any, ...], title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        texts = [_short(value_text(value)) for value in values]
        self.setText("Mixed")
        self.setAccessibleName(f"{title}: mixed, {', '.join(texts[:_MOST_VALUES])}")
        self.setToolTip(f"Mixed: {', '.join(texts[:_MOST_VALUES])}")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        menu = QMenu(self)
        for value, text in list(zip(values, texts, strict=True))[:_MOST_VALUES]:
            menu.addAction(f"{text} for all".replace("&", "&&")).triggered.connect(
                partial(self._choose, value)
            )
        menu.addSeparator()
        menu.addAction("Another value…").triggered.connect(self._want_other)
        self.setMenu(menu)

    def _choose(self, value: Any, checked: bool = False) -> None:
        del checked
        self.chosen.emit(value)

    def _want_other(self) -> None:
        self.other_wanted.emit()


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
