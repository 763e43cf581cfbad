"""Entry widgets: numbers as they are typed, and lists; the wheel changes only what has the focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QSizePolicy, QSlider, QWidget

from engine.catalog.model import Field
from engine.errors import BadInput, quoted
from widgets.forms.texts import NONE_TEXT, format_number, is_number, next_number, parse_number

Following: TypeAlias = Callable[[Field, Any, int], "float | None"]
TYPING_PAUSE_MS: Final = 250  # a value counts as entered after so long without another key
_NARROWEST_PX: Final = 56
_ROOM_DIGITS: Final = 6
_MARK_PX: Final = 2.0  # strength of the frame around a text that is no value


class NumberBox(QAbstractSpinBox):
    """The one box for a number that is typed; what stands in it is the value, or is marked.

    Every key is let in. A text is read by the rule of `widgets.forms.numbers` after a pause, on
    Enter, and when the focus leaves. If it is no value of the field, the text stays, framed in the
    colour of errors, and the value is the one from before the typing. Escape brings that back.
    Qt's own number boxes drop the keys that their locale does not expect.

    Parameters
    ----------
    field
        Says which numbers are values; whole ones unless its type is ``float``. Where it is
        optional, no text and ``none`` mean None.
    following
        The number after another in a direction: what the arrows and the wheel do.

    Signals
    -------
    valueChanged(object)
        Another number, typed, stepped or set; None for ``none``.
    refused(str)
        Why what is typed is no value; "" when it is one again.
    """

    valueChanged = Signal(object)  # noqa: N815 - as Qt's number boxes have it
    refused = Signal(str)

    def __init__(
        self, field: Field, parent: QWidget | None = None, *, following: Following = next_number
    ) -> None:
        super().__init__(parent)
        self._field = field
        self._following = following
        self._value: Any = None if field.optional else _start_of(field)
        self._before = self._value  # the value when the typing began
        self._shown = ""  # the text that the program wrote itself
        self._problem = ""
        self._waits = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._pause.timeout.connect(self.commit)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(_NARROWEST_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.lineEdit().textEdited.connect(self._pause_again)
        self.editingFinished.connect(self._on_finished)
        self._write()

    def field(self) -> Field:
        """Return what says which numbers are values."""
        return self._field

    def set_field(self, field: Field) -> None:
        """Take other bounds; the value and what is typed stay."""
        self._field = field

    def wait_for_enter(self) -> None:
        """Take no text after a pause: parts of a number would be applied, 1 on the way to 1e-4."""
        self._waits = True

    def value(self) -> Any:
        """Return the last value, exactly as it was shown if the user changed nothing."""
        return self._value

    def setValue(self, value: Any) -> None:  # noqa: N802 - as Qt's number boxes have it
        """Take a value as if it had been typed."""
        self.lineEdit().setText(_text_of(value))
        self._on_finished()

    def show_value(self, value: Any) -> None:
        """Show a value and emit nothing; one from a file that is no number is shown as it is."""
        self._pause.stop()
        self._value = self._before = value
        self._set_problem("")
        self._write()

    def problem(self) -> str:
        """Return why what stands in the box is no value, "" if it is one."""
        return self._problem

    def typing(self) -> bool:
        """Tell whether a typed text waits to be taken or to be mended."""
        is_open = bool(self._problem) or (self._waits and self.text() != self._shown)
        return self._pause.isActive() or (self.hasFocus() and is_open)

    def commit(self) -> None:
        """Take what is typed now, or say why not."""
        self._pause.stop()
        value, problem = self._before, ""
        if self.text() != self._shown:
            try:
                value = parse_number(self._field, self.text())
            except BadInput as error:
                problem = str(error)
        if value != self._value or type(value) is not type(self._value):
            self._value = value
            self.valueChanged.emit(value)
        self._set_problem(problem)

    def _write(self) -> None:
        self._shown = _text_of(self._value)
        if self.text() != self._shown:
            self.lineEdit().setText(self._shown)

    def _set_problem(self, sentence: str) -> None:
        if sentence != self._problem:
            self._problem = sentence
            self.update()
            self.refused.emit(sentence)

    def _pause_again(self) -> None:
        if not self._waits:
            self._pause.start()

    def _on_finished(self) -> None:
        self.commit()
        if not self._problem:
            self._before = self._value
            self._write()

    def stepBy(self, steps: int) -> None:
        """Go to the next numbers: by 1, or along a ladder that suits learning rates and shares."""
        self.commit()
        value = self._value
        for _ in range(abs(steps)):
            value = self._following(self._field, value, 1 if steps > 0 else -1)
        self.setValue(value)
        self.selectAll()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Allow both directions, up to the bounds."""
        flags = QAbstractSpinBox.StepEnabledFlag
        allowed = flags.StepNone
        for direction, flag in ((1, flags.StepUpEnabled), (-1, flags.StepDownEnabled)):
            if self._following(self._field, self._value, direction) != self._value:
                allowed |= flag
        return allowed

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Bring the value from before the typing back at Escape."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self._shown:
            self.setValue(self._before)
            self.selectAll()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the scroll area unless the box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def sizeHint(self) -> QSize:
        """Ask for room for a long number."""
        width = self.fontMetrics().horizontalAdvance("0" * _ROOM_DIGITS)
        return super().sizeHint().expandedTo(QSize(width, 0))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame a text that is no value."""
        super().paintEvent(event)
        if self._problem:
            _paint_mark(self)


class MarkedLine(QLineEdit):
    """A line of text that is framed while it is no value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_wrong = False

    def is_wrong(self) -> bool:
        """Tell whether the text is marked."""
        return self._is_wrong

    def set_wrong(self, is_wrong: bool) -> None:
        """Frame the text in the colour of errors, or not."""
        self._is_wrong = is_wrong
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame a text that is no value."""
        super().paintEvent(event)
        if self._is_wrong:
            _paint_mark(self)


class CalmCombo(QComboBox):
    """A combo box that leaves the wheel to the scroll area unless it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel gives none

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the scroll area unless the box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class CalmSlider(QSlider):
    """A horizontal slider that leaves the wheel to the scroll area unless it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the scroll area unless the slider has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceBox(CalmCombo):
    """A combo box that gives way in a narrow panel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.view().setTextElideMode(Qt.TextElideMode.ElideRight)


def _paint_mark(widget: QWidget) -> None:
    """Paint a frame in the colour of errors around a widget; call it in ``paintEvent``."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(widget.palette().color(QPalette.ColorRole.BrightText), _MARK_PX))
    inset = _MARK_PX / 2
    box = QRectF(widget.rect()).adjusted(inset, inset, -inset, -inset)
    painter.drawRoundedRect(box, 2.0, 2.0)
    painter.end()


def _start_of(field: Field) -> float:
    """Return what a box shows before it is given a value: 0, or the bound that is nearest to it."""
    low = 0.0 if field.minimum is None else field.minimum
    high = 0.0 if field.maximum is None else field.maximum
    start = low if low > 0.0 else min(0.0, high)
    return start if field.type == "float" else int(start)


def _text_of(value: Any) -> str:
    if value is None:
        return NONE_TEXT
    return format_number(value) if is_number(value) else quoted(value)


def fit_width(widget: QWidget) -> None:
    """Let a widget take the width there is, whatever its text."""
    widget.setMinimumWidth(_NARROWEST_PX)
    widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
