"""Qt's entry widgets, calmed: the wheel changes a value only in the widget that has the focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSizePolicy, QSpinBox, QWidget

from engine.catalog.model import Field
from engine.errors import BadInput
from widgets.forms.texts import format_number, next_number, parse_float, parse_int

Parse: TypeAlias = Callable[[Field, str], float | None]
_LARGEST_INT: Final = 2**31 - 1  # of a QSpinBox
_LARGEST_FLOAT: Final = 1e300
_DECIMALS: Final = 60  # enough that QDoubleSpinBox, which rounds to them, keeps 1e-30 exactly
_NARROWEST_PX: Final = 56


class WholeBox(QSpinBox):
    """A whole number; where the field is optional, an empty text or ``none`` is a value too."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        low = -_LARGEST_INT if field.minimum is None else int(field.minimum)
        high = _LARGEST_INT if field.maximum is None else int(min(field.maximum, _LARGEST_INT))
        self.setRange(low - 1 if field.optional else low, high)
        if field.optional:
            self.setSpecialValueText("none")
        _calm(self)

    def number(self) -> int | None:
        """Return the value; None where the box says ``none``."""
        value = self.value()
        return None if self._field.optional and value == self.minimum() else value

    def show_number(self, value: int | None) -> None:
        """Show a value; the caller blocks signals."""
        self.setValue(
            self.minimum() if value is None else max(min(value, _LARGEST_INT), -_LARGEST_INT)
        )

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let be typed what can become a number; one out of bounds waits to be mended."""
        return _state(self._field, text, "0123456789+-", parse_int), text, position

    def valueFromText(self, text: str) -> int:
        """Read the number; no text is ``none``."""
        number = _read(self._field, text, parse_int)
        return self.minimum() if number is None else int(number)

    def textFromValue(self, value: int) -> str:
        """Write the number with the digits that are read back, whatever the country."""
        return str(value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the scroll area unless the box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class NumberBox(QDoubleSpinBox):
    """Any number, shown as short as it can be written: ``0.001``, ``1e-7``."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        low = -_LARGEST_FLOAT if field.minimum is None else float(field.minimum)
        high = _LARGEST_FLOAT if field.maximum is None else float(field.maximum)
        self.setDecimals(_DECIMALS)
        self.setRange(low - 1.0 if field.optional else low, high)
        if field.optional:
            self.setSpecialValueText("none")
        _calm(self)

    def number(self) -> float | None:
        """Return the value; None where the box says ``none``."""
        value = self.value()
        return None if self._field.optional and value == self.minimum() else value

    def show_number(self, value: float | None) -> None:
        """Show a value; the caller blocks signals."""
        self.setValue(self.minimum() if value is None else float(value))

    def stepBy(self, steps: int) -> None:
        """Go along a ladder that suits learning rates as well as shares."""
        value = self.number()
        for _ in range(abs(steps)):
            value = next_number(self._field, value or 0.0, 1 if steps > 0 else -1)
        self.setValue(value or 0.0)
        self.selectAll()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let be typed what can become a number; one out of bounds waits to be mended."""
        return _state(self._field, text, "0123456789+-.eE", parse_float), text, position

    def valueFromText(self, text: str) -> float:
        """Read the number; no text is ``none``."""
        number = _read(self._field, text, parse_float)
        return self.minimum() if number is None else float(number)

    def textFromValue(self, value: float) -> str:
        """Write the number as short as it reads back."""
        return format_number(value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the scroll area unless the box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceBox(QComboBox):
    """A combo box that gives way in a narrow panel and leaves the wheel alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.view().setTextElideMode(Qt.TextElideMode.ElideRight)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the scroll area unless the box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def _calm(box: QSpinBox | QDoubleSpinBox) -> None:
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.setMinimumWidth(_NARROWEST_PX)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


def _state(field: Field, text: str, letters: str, parse: Parse) -> QValidator.State:
    clean = text.strip().lower()
    if field.optional and "none".startswith(clean):
        return (
            QValidator.State.Acceptable if clean in {"", "none"} else QValidator.State.Intermediate
        )
    if set(clean) - set(letters.lower()):
        return QValidator.State.Invalid
    readable = _read(field, text, parse) is not None
    return QValidator.State.Acceptable if readable else QValidator.State.Intermediate


def _read(field: Field, text: str, parse: Parse) -> float | int | None:
    try:
        return parse(field, text)
    except BadInput:
        return None


def fit_width(widget: QWidget) -> None:
    """Let a widget take the width there is, whatever its text."""
    widget.setMinimumWidth(_NARROWEST_PX)
    widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
