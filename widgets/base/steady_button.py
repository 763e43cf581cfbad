"""Buttons whose text changes."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton


def keep_width(button: QToolButton, action: QAction, texts: Iterable[str]) -> None:
    """Give the button of an action the width of its longest text, so that nothing beside it moves."""
    button.setMinimumWidth(0)
    shown, widths = action.text(), []
    for text in texts:
        action.setText(text)
        widths.append(button.sizeHint().width())
    action.setText(shown)
    button.setFixedWidth(max(widths))
