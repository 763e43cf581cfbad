"""One sentence about something wrong, with the buttons that mend it."""

from __future__ import annotations

from functools import partial
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.spec.issues import Cure, Issue
from widgets.base.labels import kept_together, plain_label, plain_tip
from widgets.base.theme import Tokens

_BAR_PX = 3


class IssueNote(QWidget):
    """A sentence beside a coloured bar and a button for each cure; hidden while empty.

    Signals
    -------
    cure_requested(object)
        The `Cure` whose button was pressed.
    """

    cure_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens: Tokens | None = None
        self._text = ""
        self._severity: Literal["error", "warning"] = "error"
        self._cures: tuple[Cure, ...] = ()
        self._buttons: list[QPushButton] = []
        self._label = plain_label(wrap=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(_BAR_PX + 6, 1, 0, 1)
        self._column.setSpacing(4)
        self._column.addWidget(self._label)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        self.update()

    def text(self) -> str:
        """Return the sentence, "" if there is none."""
        return self._text

    def show_text(self, text: str) -> None:
        """Show a sentence about an error, or nothing."""
        self.show_issue(Issue(text) if text else None)

    def show_issue(self, issue: Issue | None) -> None:
        """Show an issue with its cures, or nothing."""
        self._text = issue.message if issue else ""
        self._label.setText(kept_together(self._text))
        self._severity = issue.severity if issue else "error"
        self._show_cures(issue.cures if issue else ())
        self.setVisible(issue is not None)
        self.update()

    def _show_cures(self, cures: tuple[Cure, ...]) -> None:
        if cures == self._cures:
            return
        self._cures = cures
        for button in self._buttons:
            self._column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        for cure in cures:
            button = QPushButton(cure.label.replace("&", "&&"))
            button.setToolTip(plain_tip(cure.label))
            button.setObjectName("cure")
            button.setMinimumWidth(1)
            button.clicked.connect(partial(self._on_clicked, cure))
            self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            self._buttons.append(button)

    def _on_clicked(self, cure: Cure, _checked: bool = False) -> None:
        self.cure_requested.emit(cure)

    def _colour(self) -> QColor:
        """Return the bar's colour; without a theme, that of the palette for errors."""
        if self._tokens is None:
            return self.palette().color(QPalette.ColorRole.BrightText)
        return QColor(self._tokens.bad if self._severity == "error" else self._tokens.warning)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar."""
        painter = QPainter(self)
        painter.fillRect(0, 1, _BAR_PX, self.height() - 2, self._colour())
        painter.end()
