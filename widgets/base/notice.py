"""Something the user should know, and what can be done about it with one click."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from widgets.base.labels import kept_together, plain_label
from widgets.base.theme import LIGHT, Tokens

_MARGINS_PX = (12, 2, 4, 2)
_SPACING_PX = 8
_STRIPE_PX = 4
_LINES = 2  # that a notice takes beside its buttons
_STEP_PX = 8
_BORDER_PX = 1


class NoticeBar(QFrame):
    """Shows one sentence with its answers; hidden while there is nothing to say.

    The answers stand beside the sentence, or below it where that is too narrow.

    Signals
    -------
    chosen(answer)
        Id of the answer that was pressed.
    dismissed()
        The user does not want to see it.
    changed()
        It appeared, went away or needs other room.
    """

    chosen = Signal(str)
    dismissed = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._tokens = LIGHT
        self._is_trouble = False
        self._shown: tuple[str, tuple[tuple[str, str], ...], bool] | None = None
        self._sentence = plain_label(wrap=True, name="notice.sentence")
        self._sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._buttons: list[QPushButton] = []
        self._answers = QWidget()
        self._answers_row = QHBoxLayout(self._answers)
        self._answers_row.setContentsMargins(0, 0, 0, 0)
        self._answers_row.setSpacing(_SPACING_PX)
        self._is_below = False
        self._close = self._make_close()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(*_MARGINS_PX)
        self._grid.setHorizontalSpacing(_SPACING_PX)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(self._sentence, 0, 0)
        self._grid.addWidget(self._answers, 0, 1)
        self._grid.addWidget(self._close, 0, 2, Qt.AlignmentFlag.AlignVCenter)
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
            self._sentence.setText(kept_together(sentence))
            self._replace_buttons(answers)
            self._is_trouble = is_trouble
            self.set_theme(self._tokens)
        self.show()
        self.changed.emit()

    def clear(self) -> None:
        """There is nothing to say."""
        if not self.isHidden():
            self.hide()
            self.changed.emit()

    @property
    def sentence(self) -> str:
        """What is shown, "" if nothing is."""
        return "" if self.isHidden() or self._shown is None else self._shown[0]

    # ---- Room ----

    def wanted_width_px(self) -> int:
        """Return the width in which the sentence takes two lines beside its answers."""
        whole = self._sentence.fontMetrics().horizontalAdvance(self._sentence.text())
        column = whole // _LINES
        while self._text_height_px(column) > self._two_lines_px and column < whole:
            column += _STEP_PX
        return column + self._width_beside_px()

    def needed_height_px(self, width_px: int) -> int:
        """Return the height it takes at a width; puts the answers below the sentence where it takes more lines."""
        column = width_px - self._width_beside_px()
        below = self._text_height_px(column) > self._two_lines_px
        self._put_answers(below=below and bool(self._buttons))
        if self._is_below:
            column = width_px - self._width_without_answers_px()
        text = self._text_height_px(column)
        row = self._answers.sizeHint().height() + self._grid.verticalSpacing()
        return (
            text + (row if self._is_below else 0) + _MARGINS_PX[1] + _MARGINS_PX[3] + 2 * _BORDER_PX
        )

    @property
    def _two_lines_px(self) -> int:
        return _LINES * self._sentence.fontMetrics().lineSpacing() + 2 * _BORDER_PX

    def _text_height_px(self, column_px: int) -> int:
        return self._sentence.heightForWidth(max(1, column_px))

    def _width_without_answers_px(self) -> int:
        close = self._close.sizeHint().width() + _SPACING_PX
        return close + _MARGINS_PX[0] + _MARGINS_PX[2] + _STRIPE_PX + _BORDER_PX

    def _width_beside_px(self) -> int:
        answers = self._answers.sizeHint().width() + _SPACING_PX if self._buttons else 0
        return answers + self._width_without_answers_px()

    def _put_answers(self, *, below: bool) -> None:
        if below != self._is_below:
            self._is_below = below
            self._grid.removeWidget(self._answers)
            place = (1, 0, 1, 3) if below else (0, 1, 1, 1)
            side = Qt.AlignmentFlag.AlignRight if below else Qt.AlignmentFlag.AlignVCenter
            self._grid.addWidget(self._answers, *place, side)

    # ---- Parts ----

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        stripe = tokens.bad if self._is_trouble else tokens.accent
        self.setStyleSheet(
            f"QFrame#notice {{ background: {tokens.raised}; border: {_BORDER_PX}px solid {tokens.faint};"
            f" border-left: {_STRIPE_PX}px solid {stripe}; }}"
        )

    def _make_close(self) -> QToolButton:
        close = QToolButton()
        close.setObjectName("notice.close")
        close.setText("×")
        close.setToolTip("Hide this line")
        close.setAccessibleName("Hide this line")
        close.setAutoRaise(True)
        close.clicked.connect(self.dismissed)
        return close

    def _replace_buttons(self, answers: tuple[tuple[str, str], ...]) -> None:
        for old in self._buttons:
            self._answers_row.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._buttons = [self._button(name, text) for name, text in answers]
        for button in self._buttons:
            self._answers_row.addWidget(button)
            button.show()  # now: the layout would do it later
        self._answers.setVisible(bool(answers))

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text.replace("&", "&&"))
        button.setObjectName(f"notice.{name}")
        button.clicked.connect(self._on_clicked)
        return button

    def _on_clicked(self) -> None:
        self.chosen.emit(self.sender().objectName().removeprefix("notice."))
