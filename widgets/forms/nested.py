"""Editors whose value has a kind of its own: activations, and objects with fields of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from engine.catalog import clean_parameters, default_parameters
from engine.catalog.model import Family, Field, Kind
from engine.errors import quoted
from widgets.base.labels import plain_tip
from widgets.base.theme import LIGHT, Tokens
from widgets.forms.activation_graph import ActivationGraph
from widgets.forms.boxes import ChoiceBox
from widgets.forms.editors import Editor, EditorContext, kinds_of
from widgets.forms.fold import Fold
from widgets.forms.loss_graph import LossGraph
from widgets.forms.texts import NONE_TEXT, kind_name

# Families whose kinds are drawn beneath the name.
_GRAPHS: Final[Mapping[Family, Callable[[], ActivationGraph | LossGraph]]] = {
    "activation": ActivationGraph,
    "loss": LossGraph,
}


class SearchBox(ChoiceBox):
    """A combo box in which typing any part of a name finds it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = QLineEdit()
        self.setLineEdit(self._line)
        self.setInsertPolicy(ChoiceBox.InsertPolicy.NoInsert)
        finder = QCompleter(self.model(), self)
        finder.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        finder.setFilterMode(Qt.MatchFlag.MatchContains)
        finder.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(finder)
        # After Qt's own slot, which chooses a name typed in full.
        self._line.editingFinished.connect(self._settle)

    def show_chosen(self) -> None:
        """Show the chosen name, from its start."""
        self._line.setText(self.itemText(self.currentIndex()))
        self._line.setCursorPosition(0)

    def _settle(self) -> None:
        """Choose the one name that holds what is typed; put the chosen one back if there are more."""
        typed = self._line.text().lower()
        rows = [row for row in range(self.count()) if typed in self.itemText(row).lower()]
        if len(rows) == 1:
            self.setCurrentIndex(rows[0])
        self.show_chosen()

    def setCurrentText(self, text: str) -> None:
        """Choose the name; Qt would only write it into the line."""
        row = self.findText(text)
        if row >= 0:
            self.setCurrentIndex(row)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the whole name, so that typing replaces it; after a click has placed the cursor."""
        super().focusInEvent(event)
        QTimer.singleShot(0, self._line.selectAll)


class KindEditor(Editor):
    """Chooses one kind by name, drawn beneath if it is an activation or a loss; the value is the name.

    Parameters
    ----------
    kinds
        What there is to choose from.
    first
        Choices before those that are no kinds: None for "none", ``"auto"``.
    """

    def __init__(
        self,
        field: Field,
        context: EditorContext,
        kinds: Iterable[Kind],
        first: tuple[str | None, ...] = (),
    ) -> None:
        super().__init__(field, context)
        self._kinds = {kind.name: kind for kind in kinds}
        families = {kind.family for kind in self._kinds.values()}
        make_graph = _GRAPHS.get(families.pop()) if len(families) == 1 else None
        self._graph = make_graph() if make_graph else None
        self.below = self._graph
        self._box = SearchBox()
        self._names: list[str | None] = []
        for name in first:
            self._add(name, "")
        for kind in self._kinds.values():
            self._add(kind.name, kind.help)
        self._put(self._box)
        self._box.currentIndexChanged.connect(self._on_chosen)

    def entry(self) -> QWidget:
        """Return the combo box."""
        return self._box

    def _add(self, name: str | None, help_text: str) -> None:
        self._names.append(name)
        self._box.addItem(NONE_TEXT if name is None else quoted(name))
        row = self._box.count() - 1
        self._box.setItemData(row, plain_tip(help_text), Qt.ItemDataRole.ToolTipRole)

    def _show(self, value: Any) -> None:
        name = kind_name(value)
        with QSignalBlocker(self._box):
            if name not in self._names:  # from a file: shown as it is, the issue beside says why
                self._add(name, "")
            self._box.setCurrentIndex(self._names.index(name))
            self._box.show_chosen()
        self._show_help(name)

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        if self._graph is not None:
            self._graph.set_theme(tokens)

    def _show_help(self, name: str | None) -> None:
        kind = self._kinds.get(name or "")
        self._box.setToolTip(plain_tip(kind.help if kind else ""))
        if self._graph is not None:
            self._graph.show_kind(name)

    def _on_chosen(self, index: int) -> None:
        if index >= 0:
            self._show_help(self._names[index])
            self._choose(self._names[index])

    def _choose(self, name: str | None) -> None:
        self._take(name)


class ActivationEditor(KindEditor):
    """An activation by name, with its graph beneath."""

    def __init__(self, field: Field, context: EditorContext) -> None:
        super().__init__(field, context, kinds_of(field), _none_first(field))


class ObjectFold(Fold):
    """The settings of one object, folded; the form is made when it is first opened.

    Signals
    -------
    changed(str, object)
        Name and new value of a field.
    """

    changed = Signal(str, object)

    def __init__(self, make_form: Callable[[], Any], parent: QWidget | None = None) -> None:
        super().__init__("Settings", parent)
        self._make_form = make_form
        self._tokens = LIGHT
        self._form: Any = None
        self._shown: tuple[Kind, dict[str, Any], str] | None = None
        self.opened.connect(self._fill)

    def show_object(self, kind: Kind | None, parameters: dict[str, Any], prefix: str) -> None:
        """Show an object's settings; hidden where there are none."""
        part = None if kind is None else kind.as_part
        self._shown = (part, parameters, prefix) if part is not None and part.fields else None
        self.setVisible(self._shown is not None)
        if self._shown is not None and kind is not None:
            self.set_title(f"{kind.name} settings")
            self.set_name(f"fold.{prefix}")
            if self.is_open():
                self._fill()

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        if self._form is not None:
            self._form.set_theme(tokens)

    def typing(self) -> bool:
        """Tell whether something is being typed into a field."""
        return self._form is not None and bool(self._form.typing())

    def unfold(self) -> None:
        """Open, with the form in it."""
        self.set_open(True)
        self._fill()

    def _fill(self) -> None:
        if self._shown is None:
            return
        if self._form is None:
            self._form = self._make_form()
            self._form.set_theme(self._tokens)
            self._form.changed.connect(self.changed)
            self.add(self._form)
        self._form.show_object(*self._shown)


class ObjectEditor(KindEditor):
    """An object ``{"kind": ..., "parameters": {...}}``; its own fields are folded beneath."""

    def __init__(self, field: Field, context: EditorContext) -> None:
        super().__init__(field, context, kinds_of(field), _none_first(field))
        self._prefix = ""
        self._fold = ObjectFold(context.make_form)
        self._fold.changed.connect(self._on_parameter_changed)
        self._fold.setContentsMargins(10, 0, 0, 0)
        self.below = self._fold

    def set_name(self, name: str) -> None:
        """Name the combo box; the fold and the fields in it are named after it."""
        super().set_name(name)
        self._prefix = name.removeprefix("field.")
        self._show_settings()

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._fold.set_theme(tokens)

    def typing(self) -> bool:
        """Tell whether something is being typed into a field of the object."""
        return self._fold.typing()

    def _show(self, value: Any) -> None:
        super()._show(value)
        self._show_settings()

    def _show_settings(self) -> None:
        kind = self._kinds.get(kind_name(self._given) or "")
        self._fold.show_object(kind, parameters_of(self._given), self._prefix)
        # A wrapped layer is nothing without its settings; those of an initializer are for later.
        if self.field.type == "layer" and kind is not None and not self._fold.is_open():
            self._fold.unfold()

    def _choose(self, name: str | None) -> None:
        kind = self._kinds.get(name or "")
        made = (
            None
            if name is None
            else {"kind": name, "parameters": default_parameters(kind) if kind else {}}
        )
        self._take(made)
        self._show_settings()

    def _on_parameter_changed(self, name: str, value: object) -> None:
        kind = self._kinds[kind_name(self._given) or ""]
        parameters = clean_parameters(kind, {**parameters_of(self._given), name: value})
        self._take({"kind": kind.name, "parameters": parameters})


def parameters_of(value: Any) -> dict[str, Any]:
    """Return the parameters of what a file may hold in an object's place."""
    held = value.get("parameters") if isinstance(value, dict) else None
    return dict(held) if isinstance(held, dict) else {}


def _none_first(field: Field) -> tuple[None, ...]:
    return (None,) if field.optional else ()
