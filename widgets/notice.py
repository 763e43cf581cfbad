"""A line above the pages: something the user should know, and what can be done about it with one click."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from widgets.labels import plain_label
from widgets.theme import LIGHT, Tokens

_MARGINS_PX = (12, 5, 6, 5)
_SPACING_PX = 8
_STRIPE_PX = 4


class NoticeBar(QFrame):
    """Shows one sentence with its answers; hidden while there is nothing to say.

    Signals
    -------
    chosen(answer)
        Id of the answer that was pressed.
    dismissed()
        The user does not want to see it.
    """

    chosen = Signal(str)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._tokens = LIGHT
        self._is_trouble = False
        self._shown: tuple[str, tuple[tuple[str, str], ...], bool] | None = None
        self._sentence: QLabel = plain_label(wrap=True, name="notice.sentence")
        self._sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._buttons: list[QPushButton] = []
        close = QToolButton()
        close.setObjectName("notice.close")
        close.setText("×")
        close.setToolTip("Hide this line")
        close.setAccessibleName("Hide this line")
        close.setAutoRaise(True)
        close.clicked.connect(self.dismissed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(*_MARGINS_PX)
        self._row.setSpacing(_SPACING_PX)
        self._row.addWidget(self._sentence, 1)
        self._row.addWidget(close, 0, Qt.AlignmentFlag.AlignVCenter)
        self.set_theme(LIGHT)
        self.hide()

    def show_notice(
        self, sentence: str, answers: tuple[tuple[str, str], ...], *, is_trouble: bool = False
    ) -> None:
        """Show a sentence and its answers, (id, text of the button) each.

        Parameters
        ----------
        is_trouble
            Something went wrong, as opposed to an offer.
        """
        wanted = (sentence, answers, is_trouble)
        if wanted != self._shown:  # a button under the mouse stays the same button
            self._shown = wanted
            self._sentence.setText(sentence)
            self._replace_buttons(answers)
            self._is_trouble = is_trouble
            self.set_theme(self._tokens)
        self.show()

    def clear(self) -> None:
        """There is nothing to say."""
        self.hide()

    @property
    def sentence(self) -> str:
        """What is shown, "" if nothing is."""
        return "" if self.isHidden() else self._sentence.text()

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        stripe = tokens.bad if self._is_trouble else tokens.accent
        self.setStyleSheet(
            f"QFrame#notice {{ background: {tokens.raised}; border: none;"
            f" border-bottom: 1px solid {tokens.faint}; border-left: {_STRIPE_PX}px solid {stripe}; }}"
        )

    def _replace_buttons(self, answers: tuple[tuple[str, str], ...]) -> None:
        for old in self._buttons:
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._buttons = [self._button(name, text) for name, text in answers]
        for place, button in enumerate(self._buttons, start=1):
            self._row.insertWidget(place, button, 0, Qt.AlignmentFlag.AlignVCenter)
            button.show()  # now: the layout would do it later

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text.replace("&", "&&"))
        button.setObjectName(f"notice.{name}")
        button.clicked.connect(self._on_clicked)
        return button

    def _on_clicked(self) -> None:
        self.chosen.emit(self.sender().objectName().removeprefix("notice."))
