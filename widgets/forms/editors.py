"""One editor for each type of field.

An editor shows a value (`Editor.set_value`, silent) and says when the user made another valid one
(`Editor.edited`). A text that is no value never leaves it; it says why (`Editor.refused`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QApplication, QCheckBox, QHBoxLayout, QWidget

from engine.catalog import catalog, choosable
from engine.catalog.model import Family, Field, Kind
from engine.errors import BadInput, quoted
from engine.spec.base import frozen
from widgets.base.labels import plain_tip
from widgets.base.theme import Tokens
from widgets.forms.boxes import TYPING_PAUSE_MS, ChoiceBox, MarkedLine, NumberBox
from widgets.forms.texts import FROM_DATA_TEXT, NONE_TEXT

_LONGEST_TYPED: Final = 2000  # letters; a longer list came from a file and is only shown


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


class LineEditor(Editor):
    """Any value that is typed as text: ``read`` and ``write`` go between the two.

    A text is taken after a pause, on Enter or when the focus leaves. One that is no value stays and
    is framed, and the value is the one from before the typing.
    """

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
        self._read, self._write = read, write
        self._before: Any = None  # the value when the typing began
        self._shown = ""  # the text of that value
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._pause.timeout.connect(self.commit)
        self._line = MarkedLine()
        absent = FROM_DATA_TEXT if field.from_data else NONE_TEXT
        self._line.setPlaceholderText(absent if field.optional else hint)
        self._put(self._line)
        self._line.textEdited.connect(self._on_typed)
        self._line.editingFinished.connect(self._on_finished)

    def entry(self) -> QWidget:
        """Return the line."""
        return self._line

    def set_value(self, value: Any) -> None:
        """Show a value and emit nothing; what was being typed is gone."""
        self._pause.stop()
        self._before = value
        super().set_value(value)

    def typing(self) -> bool:
        """Tell whether a typed text waits to be taken or to be mended."""
        return self._pause.isActive() or (self._line.hasFocus() and self._line.is_wrong())

    def commit(self) -> None:
        """Take what is typed now, or say why not."""
        self._pause.stop()
        value, problem = self._before, ""
        if not self._line.isReadOnly() and self._line.text() != self._shown:
            try:
                value = self._read(self.field, self._line.text())
            except BadInput as error:
                problem = str(error)
        self._take(value)
        self._line.set_wrong(bool(problem))
        self.refused.emit(problem)

    def _on_typed(self) -> None:
        self._pause.start()

    def _on_finished(self) -> None:
        self.commit()
        if not self._line.is_wrong():
            self._before, self._shown = self._given, self._line.text()

    def _show(self, value: Any) -> None:
        text = self._write(value)
        # A line holds 32,767 letters and would cut off the end of a vocabulary.
        self._line.setReadOnly(len(text) > _LONGEST_TYPED)
        self._set_text(quoted(text) if self._line.isReadOnly() else text)

    def _set_text(self, text: str) -> None:
        self._shown = text
        self._line.set_wrong(False)
        if self._line.text() != text:
            self._line.setText(text)
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


class NumberEditor(Editor):
    """A box for one number; see `NumberBox` for how it is typed."""

    def __init__(self, field: Field, context: EditorContext) -> None:
        super().__init__(field, context)
        self._box = NumberBox(field)
        self._put(self._box)
        self._box.valueChanged.connect(self._take)
        self._box.refused.connect(self.refused)

    def entry(self) -> QWidget:
        """Return the box."""
        return self._box

    def typing(self) -> bool:
        """Tell whether a typed text waits to be taken or to be mended."""
        return self._box.typing()

    def _show(self, value: Any) -> None:
        self._box.show_value(value)


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
        for text, value in ((NONE_TEXT, None), *choices) if field.optional else choices:
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


def take_what_is_typed() -> None:
    """Take what stands in the field with the focus, which would wait for a pause otherwise."""
    widget = QApplication.focusWidget()
    while widget is not None and not isinstance(widget, (NumberBox, LineEditor)):
        widget = widget.parentWidget()
    if widget is not None:
        widget.commit()
