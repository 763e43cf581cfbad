"""One editor for each type of field.

An editor shows a value (`Editor.set_value`, silent) and says when the user made another valid one
(`Editor.edited`). A text that is no value never leaves it; it says why (`Editor.refused`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QWidget

from engine.catalog import catalog, choosable
from engine.catalog.model import Family, Field, Kind
from engine.errors import BadInput, quoted
from engine.spec.base import frozen
from widgets.forms.boxes import ChoiceBox, NumberBox, WholeBox
from widgets.labels import plain_tip
from widgets.theme import Tokens

_LONGEST_TYPED: Final = 2000  # letters; a longer list came from a file and is only shown
TYPING_PAUSE_MS: Final = 250  # a value counts as entered after so long without another key


@dataclass(frozen=True)
class EditorContext:
    """What editors of nested objects need.

    Attributes
    ----------
    make_form
        Makes the form of a nested object: an `ObjectForm`.
    """

    make_form: Callable[[], Any]


class Editor(QWidget):
    """The base of all editors: an entry widget and the last valid value.

    Attributes
    ----------
    below
        A wide widget that belongs under the field, if there is one.

    Signals
    -------
    edited(object)
        The user made another valid value.
    refused(str)
        Why what is typed is no value; "" when it is one again.
    """

    edited = Signal(object)
    refused = Signal(str)

    def __init__(self, field: Field, context: EditorContext) -> None:
        super().__init__()
        self.field = field
        self.context = context
        self.below: QWidget | None = None
        self._given: Any = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)

    def value(self) -> Any:
        """Return the last valid value, exactly as it was given if the user changed nothing."""
        return self._given

    def set_value(self, value: Any) -> None:
        """Show a value and emit nothing."""
        self._given = value
        self._show(value)

    def typing(self) -> bool:
        """Tell whether the user is in the middle of typing something else."""
        return False

    def set_name(self, name: str) -> None:
        """Name the entry widget, ``"field.dense.units"``."""
        self.entry().setObjectName(name)

    def set_title(self, title: str) -> None:
        """Tell screen readers what the entry is called."""
        self.entry().setAccessibleName(title)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of painted parts; most editors have none."""

    # What every editor has of its own; QWidget's metaclass leaves no room for `abc`.

    def entry(self) -> QWidget:
        """Return the widget that takes the input."""
        raise NotImplementedError

    def _show(self, value: Any) -> None:
        raise NotImplementedError

    def _take(self, value: Any) -> None:
        self.refused.emit("")
        if frozen(value) != frozen(self._given) or type(value) is not type(self._given):
            self._given = value
            self.edited.emit(value)

    def _put(self, entry: QWidget) -> None:
        self._row.addWidget(entry)
        self.setFocusProxy(entry)
        self.setFocusPolicy(entry.focusPolicy())


class _TypedEditor(Editor):
    """Shared by all that is typed: taken after a pause, on Enter or when the focus leaves."""

    def __init__(self, field: Field, context: EditorContext) -> None:
        super().__init__(field, context)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._pause.timeout.connect(self.commit)

    def typing(self) -> bool:
        """Tell whether a typed text waits to be taken or to be mended."""
        return self._pause.isActive() or (self.line().hasFocus() and self._is_unfinished())

    def commit(self) -> None:
        """Take what is typed now, or say why not."""
        self._pause.stop()
        try:
            value = self._read()
        except BadInput as problem:
            self.refused.emit(str(problem))
            return
        self._take(value)

    def set_value(self, value: Any) -> None:
        """Show a value and emit nothing; what was being typed is gone."""
        self._pause.stop()
        super().set_value(value)

    def line(self) -> QLineEdit:
        """Return where the text is typed."""
        raise NotImplementedError

    def _read(self) -> Any:
        raise NotImplementedError

    def _is_unfinished(self) -> bool:
        try:
            self._read()
        except BadInput:
            return True
        return False

    def _watch(self, line: QLineEdit) -> None:
        line.textEdited.connect(self._on_typed)

    def _on_typed(self) -> None:
        self._pause.start()


class LineEditor(_TypedEditor):
    """Any value that is typed as text: ``read`` and ``write`` go between the two."""

    def __init__(
        self,
        field: Field,
        context: EditorContext,
        *,
        read: Callable[[Field, str], Any],
        write: Callable[[Any], str],
        hint: str = "",
    ) -> None:
        super().__init__(field, context)
        self._parse, self._write = read, write
        self._line = QLineEdit()
        self._line.setPlaceholderText("none" if field.optional else hint)
        self._put(self._line)
        self._watch(self._line)
        self._line.editingFinished.connect(self.commit)

    def entry(self) -> QWidget:
        """Return the line."""
        return self._line

    def line(self) -> QLineEdit:
        """Return the line."""
        return self._line

    def commit(self) -> None:
        """Take what is typed, unless it is what was shown."""
        if self._line.isReadOnly() or self._line.text() == self._write(self._given):
            self._pause.stop()
            self.refused.emit("")
            return
        super().commit()

    def _read(self) -> Any:
        return self._parse(self.field, self._line.text())

    def _show(self, value: Any) -> None:
        with QSignalBlocker(self._line):
            text = self._write(value)
            # A line holds 32,767 letters and would cut off the end of a vocabulary.
            self._line.setReadOnly(len(text) > _LONGEST_TYPED)
            self._line.setText(quoted(text) if self._line.isReadOnly() else text)
            self._line.setCursorPosition(0)


class FormulaEditor(LineEditor):
    """A formula, in a line as wide as the form."""

    def __init__(self, field: Field, context: EditorContext, **options: Any) -> None:
        super().__init__(field, context, **options)
        self._row.removeWidget(self._line)
        self.below = self._line

    def _show(self, value: Any) -> None:
        super()._show(value)
        if self._line.parent() is not self:
            self._line.show()  # it was hidden while several blocks differed


class NumberEditor(_TypedEditor):
    """A spin box for one number."""

    def __init__(
        self,
        field: Field,
        context: EditorContext,
        *,
        box: Callable[[Field], WholeBox | NumberBox],
        read: Callable[[Field, str], float | None],
    ) -> None:
        super().__init__(field, context)
        self._box, self._parse = box(field), read
        self._put(self._box)
        self._watch(self._box.lineEdit())
        self._box.valueChanged.connect(self._on_value_changed)
        self._box.editingFinished.connect(self.commit)

    def entry(self) -> QWidget:
        """Return the spin box."""
        return self._box

    def line(self) -> QLineEdit:
        """Return the spin box's line."""
        return self._box.lineEdit()

    def commit(self) -> None:
        """Take the number; a foreign value that the box cannot show stays if left alone."""
        if self._shown == self._box.text():
            self._pause.stop()
            self.refused.emit("")
            return
        super().commit()

    def _read(self) -> Any:
        return self._parse(self.field, self._box.text())

    def _show(self, value: Any) -> None:
        number = value if isinstance(value, (int, float)) else None
        with QSignalBlocker(self._box):
            self._box.show_number(number)  # type: ignore[arg-type] # each box has numbers of its kind
        self._shown = self._box.text()

    def _take(self, value: Any) -> None:
        self._shown = self._box.text()
        super()._take(value)

    def _on_value_changed(self) -> None:
        if not self._pause.isActive():  # a step or a program, no key
            self.commit()


class BoolEditor(Editor):
    """A check box; where the field is optional, a list with a third choice."""

    def __init__(self, field: Field, context: EditorContext) -> None:
        super().__init__(field, context)
        self._box = QCheckBox()
        self._put(self._box)
        self._box.toggled.connect(self._take)

    def entry(self) -> QWidget:
        """Return the check box."""
        return self._box

    def _show(self, value: Any) -> None:
        with QSignalBlocker(self._box):
            self._box.setChecked(bool(value))


class ChoiceEditor(Editor):
    """One of a few values."""

    def __init__(
        self, field: Field, context: EditorContext, choices: tuple[tuple[str, Any], ...]
    ) -> None:
        super().__init__(field, context)
        self._box = ChoiceBox()
        self._values: list[Any] = []
        self._put(self._box)
        for text, value in (("none", None), *choices) if field.optional else choices:
            self._add(text, value)
        self._box.currentIndexChanged.connect(self._on_chosen)

    def entry(self) -> QWidget:
        """Return the combo box."""
        return self._box

    def _add(self, text: str, value: Any) -> None:
        self._values.append(value)
        self._box.addItem(text)

    def _show(self, value: Any) -> None:
        with QSignalBlocker(self._box):
            if value not in self._values:  # from a file: shown as it is, the issue beside says why
                self._add(quoted(value), value)
            self._box.setCurrentIndex(self._values.index(value))
        self._box.setToolTip(plain_tip(self._box.currentText()))

    def _on_chosen(self, index: int) -> None:
        self._box.setToolTip(plain_tip(self._box.currentText()))
        self._take(self._values[index])


def choice_editor(field: Field, context: EditorContext) -> Editor:
    """Return the editor of a field with named choices."""
    return ChoiceEditor(field, context, tuple((choice, choice) for choice in field.choices))


def bool_editor(field: Field, context: EditorContext) -> Editor:
    """Return a check box, or a list of three where None is a value too."""
    if field.optional:
        return ChoiceEditor(field, context, (("yes", True), ("no", False)))
    return BoolEditor(field, context)


def kinds_of(field: Field) -> tuple[Kind, ...]:
    """Return the kinds that a field of a family takes, in the catalogue's order."""
    kinds = catalog().family(cast("Family", field.type))
    return tuple(kinds[name] for name in choosable(field))
