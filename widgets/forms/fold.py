"""A heading that folds what is beneath it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget


class Fold(QWidget):
    """A heading with an arrow, and content that it shows or hides; folded at first.

    Signals
    -------
    opened()
        The user unfolded it.
    toggled(bool)
        The user folded or unfolded it.
    """

    opened = Signal()
    toggled = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_open = False
        self._head = QToolButton()
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setAutoRaise(True)
        self._head.setIconSize(QSize(10, 10))
        self._head.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._head.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._body = QWidget()
        self._body_column = QVBoxLayout(self._body)
        self._body_column.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._head)
        column.addWidget(self._body)
        self._head.clicked.connect(self._on_clicked)
        self.set_title(title)
        self.set_open(False)

    def set_title(self, title: str) -> None:
        """Show another heading."""
        self._head.setText(title)
        self._head.setAccessibleName(title)

    def set_name(self, name: str) -> None:
        """Name the heading."""
        self._head.setObjectName(name)

    def add(self, widget: QWidget) -> None:
        """Put a widget beneath the heading."""
        self._body_column.addWidget(widget)

    def is_open(self) -> bool:
        """Tell whether the content is to be seen."""
        return self._is_open

    def set_open(self, is_open: bool) -> None:
        """Fold or unfold without telling anyone."""
        self._is_open = is_open
        self._head.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._head.setAccessibleDescription("unfolded" if is_open else "folded")
        self._body.setVisible(is_open)

    def _on_clicked(self) -> None:
        self.set_open(not self._is_open)
        if self._is_open:
            self.opened.emit()
        self.toggled.emit(self._is_open)
