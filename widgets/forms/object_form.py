"""The form of any object in the catalogue, made from its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.catalog.model import Field, FieldType, Kind
from engine.spec.base import frozen
from engine.spec.issues import Issue
from widgets.base.theme import LIGHT, Tokens
from widgets.forms import editors, nested, texts
from widgets.forms.editors import Editor, EditorContext, LineEditor, NumberEditor
from widgets.forms.field_row import ROWS, FieldRow, field_grid
from widgets.forms.fold import Fold
from widgets.forms.network_editor import NetworkEditor
from widgets.forms.sizes_editor import ints_editor

EDITORS: Final[Mapping[FieldType, Callable[[Field, EditorContext], Editor]]] = {
    "int": NumberEditor,
    "float": NumberEditor,
    "bool": editors.bool_editor,
    "text": partial(LineEditor, read=texts.parse_text, write=texts.format_text),
    "choice": editors.choice_editor,
    "ints": ints_editor,
    "floats": partial(
        LineEditor, read=texts.parse_floats, write=texts.format_list, hint="0.1, 0.2"
    ),
    "shape": partial(LineEditor, read=texts.parse_shape, write=texts.format_list, hint="28, 28, 1"),
    "json": partial(LineEditor, read=texts.parse_json, write=texts.format_json, hint="JSON"),
    "activation": nested.ActivationEditor,
    "initializer": nested.ObjectEditor,
    "regularizer": nested.ObjectEditor,
    "constraint": nested.ObjectEditor,
    "layer": nested.ObjectEditor,
    "network": NetworkEditor,
    "formula": partial(
        editors.FormulaEditor,
        read=texts.parse_formula,
        write=texts.format_text,
        hint="x * sigmoid(x)",
    ),
}


class ObjectForm(QWidget):
    """The fields of one object: basic ones first, the others folded.

    Parameters
    ----------
    is_nested
        The form is itself folded away, so it folds nothing if it has advanced fields only.

    Signals
    -------
    changed(str, object)
        Name of a top field and its whole new value, given by the user.
    cure_requested(object)
        The `Cure` of an issue shown beside a field.
    """

    changed = Signal(str, object)
    cure_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, is_nested: bool = False) -> None:
        super().__init__(parent)
        self._is_nested = is_nested
        self._tokens = LIGHT
        self._kind: Kind | None = None
        self._prefix = ""
        self._rows: dict[str, FieldRow] = {}
        self._fold: Fold | None = None
        self._content: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def show_object(self, kind: Kind, parameters: Mapping[str, Any], prefix: str) -> None:
        """Show an object's values and emit nothing.

        Parameters
        ----------
        parameters
            What differs from the defaults.
        prefix
            Of the fields' names: ``"dense"`` gives ``field.dense.units``. The same kind and prefix
            again keep the fold, the focus and what is being typed.
        """
        same = kind == self._kind and prefix == self._prefix
        if kind != self._kind:
            self._build(kind)
        if not same:
            self._prefix = prefix
            self._set_names()
        for name, row in self._rows.items():
            value = parameters.get(name, row.field.default)
            unchanged = same and frozen(value) == frozen(row.editor.value())
            if not (unchanged or (same and row.editor.typing())):
                row.show_value(value)

    def show_mixed(self, values: Mapping[str, tuple[Any, ...]]) -> None:
        """Show, for each named field, that objects differ in it; call it after `show_object`.

        Parameters
        ----------
        values
            The different values, two or more each.
        """
        for name, row in self._rows.items():
            row.show_mixed(values.get(name, ()))

    def show_issues(self, issues: Mapping[str, str | Issue]) -> None:
        """Show, beside each named field, what is wrong with it; nothing beside the others."""
        for name, row in self._rows.items():
            issue = issues.get(name)
            row.show_issue(Issue(issue) if isinstance(issue, str) else issue)
            if issue and row.field.advanced and self._fold is not None:
                self._fold.set_open(True)

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        for row in self._rows.values():
            row.set_theme(tokens)

    def typing(self) -> bool:
        """Tell whether something is being typed into a field."""
        return any(row.editor.typing() for row in self._rows.values())

    def editor(self, name: str) -> Editor:
        """Return the editor of a field; KeyError if there is none."""
        return self._rows[name].editor

    def fields(self) -> tuple[Field, ...]:
        """Return the fields shown, () before `show_object`."""
        return self._kind.fields if self._kind is not None else ()

    def _build(self, kind: Kind) -> None:
        if self._content is not None:
            self._drop(self._content)
        self._kind, self._rows, self._fold = kind, {}, None
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        basic = [field for field in kind.fields if not field.advanced]
        advanced = [field for field in kind.fields if field.advanced]
        if basic:
            column.addWidget(self._grid(basic))
        if advanced and self._is_nested and not basic:
            column.addWidget(self._grid(advanced))  # it has been unfolded once already
        elif advanced:
            self._fold = Fold("More settings")
            self._fold.add(self._grid(advanced))
            column.addWidget(self._fold)
        self._column.addWidget(self._content)

    def _drop(self, content: QWidget) -> None:
        """Take the old fields away; a slot of theirs may still be running, so they die later."""
        self._column.removeWidget(content)
        content.hide()
        for widget in content.findChildren(QWidget):
            widget.setObjectName("")  # its name may belong to a new field from now on
        content.deleteLater()

    def _grid(self, fields: list[Field]) -> QWidget:
        box = QWidget()
        grid = field_grid(box)
        for index, field in enumerate(fields):
            row = self._row(field)
            row.place(grid, index * ROWS)
        return box

    def _row(self, field: Field) -> FieldRow:
        context = EditorContext(partial(ObjectForm, is_nested=True))
        row = FieldRow(EDITORS[field.type](field, context), self._content or self)
        row.set_theme(self._tokens)
        row.edited.connect(self.changed)
        row.cure_requested.connect(self.cure_requested)
        self._rows[field.name] = row
        return row

    def _set_names(self) -> None:
        for name, row in self._rows.items():
            row.set_name(f"field.{self._prefix}.{name}")
        if self._fold is not None:
            self._fold.set_name(f"fold.{self._prefix}")
