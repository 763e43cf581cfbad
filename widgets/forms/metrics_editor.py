"""Chooses any number of metrics."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.catalog import catalog, clean_parameters, default_parameters
from engine.catalog.model import Field, Kind
from engine.errors import quoted
from widgets.base.labels import plain_tip
from widgets.base.theme import LIGHT, Tokens
from widgets.forms.boxes import fit_width
from widgets.forms.editors import Editor, EditorContext
from widgets.forms.nested import ObjectFold, parameters_of
from widgets.forms.texts import kind_name, value_text

AUTO: Final = "auto"
_LINES: Final = 7  # height of the list


class MetricsEditor(Editor):
    """A button that names the chosen metrics and unfolds a list of all to tick.

    The value is a tuple of objects, ``({"kind": "Accuracy", "parameters": {}},)``.
    """

    def __init__(self, field: Field, context: EditorContext) -> None:
        super().__init__(field, context)
        self._kinds: Mapping[str, Kind] = catalog().family("metric")
        self._tokens = LIGHT
        self._prefix = ""
        self._folds: dict[str, ObjectFold] = {}
        self._button = QToolButton()
        self._button.setCheckable(True)
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.setArrowType(Qt.ArrowType.DownArrow)
        self._button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        fit_width(self._button)
        self._put(self._button)
        self._wide = QWidget()
        self.below = self._wide
        self._column = QVBoxLayout(self._wide)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._fill_chooser()
        self._button.toggled.connect(self._chooser.setVisible)

    def entry(self) -> QWidget:
        """Return the button."""
        return self._button

    def set_name(self, name: str) -> None:
        """Name the button and the list after it."""
        super().set_name(name)
        self._prefix = name.removeprefix("field.")
        self._list.setObjectName(f"{name}.list")
        self._filter.setObjectName(f"{name}.filter")

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        for fold in self._folds.values():
            fold.set_theme(tokens)

    def typing(self) -> bool:
        """Tell whether something is being typed into a metric's settings."""
        return any(fold.typing() for fold in self._folds.values())

    def _fill_chooser(self) -> None:
        self._chooser = QWidget()
        column = QVBoxLayout(self._chooser)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._filter = QLineEdit()
        self._filter.setPlaceholderText("Find a metric")
        self._filter.setAccessibleName("Find a metric")
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._on_filter)
        self._list = QListWidget()
        self._list.setAccessibleName("Metrics")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFixedHeight(_LINES * (self._list.fontMetrics().height() + 4))
        self._add(AUTO, "The usual one: accuracy for classes, mean absolute error for numbers.")
        for kind in self._kinds.values():
            if not kind.unsupported:
                self._add(kind.name, kind.help)
        self._list.itemChanged.connect(self._on_ticked)
        column.addWidget(self._filter)
        column.addWidget(self._list)
        self._chooser.hide()
        self._column.addWidget(self._chooser)

    def _add(self, name: str, help_text: str) -> QListWidgetItem:
        item = QListWidgetItem(quoted(name))
        item.setData(Qt.ItemDataRole.UserRole, name)
        item.setToolTip(plain_tip(help_text))
        item.setFlags(
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsUserCheckable
            | Qt.ItemFlag.ItemIsSelectable
        )
        item.setCheckState(Qt.CheckState.Unchecked)
        self._list.addItem(item)
        return item

    def _show(self, value: Any) -> None:
        chosen = {str(kind_name(metric)) for metric in value}
        with QSignalBlocker(self._list):
            known = {self._name_at(row) for row in range(self._list.count())}
            # From a file: shown, the issue says why it is wrong.
            for name in sorted(chosen - known):
                self._add(name, "")
            for row in range(self._list.count()):
                ticked = self._name_at(row) in chosen
                state = Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
                self._list.item(row).setCheckState(state)
        text = value_text(value)
        self._button.setText(text)
        self._button.setToolTip(plain_tip(f"{text}. Press to choose."))
        self._show_settings(value)

    def _show_settings(self, value: tuple[Any, ...]) -> None:
        parameters = {str(kind_name(metric)): parameters_of(metric) for metric in value}
        for name in parameters.keys() - self._folds.keys():
            fold = ObjectFold(self.context.make_form)
            fold.set_theme(self._tokens)
            fold.changed.connect(partial(self._on_parameter_changed, name))
            self._column.addWidget(fold)
            self._folds[name] = fold
        for name, fold in self._folds.items():
            kind = self._kinds.get(name) if name in parameters else None
            fold.show_object(kind, parameters.get(name, {}), f"{self._prefix}.{name}")

    def _name_at(self, row: int) -> str:
        return str(self._list.item(row).data(Qt.ItemDataRole.UserRole))

    def _made(self, name: str) -> dict[str, Any]:
        kind = self._kinds.get(name)
        return {"kind": name, "parameters": default_parameters(kind) if kind is not None else {}}

    def _on_filter(self, text: str) -> None:
        for row in range(self._list.count()):
            self._list.item(row).setHidden(text.strip().lower() not in self._name_at(row).lower())

    def _on_ticked(self, item: QListWidgetItem) -> None:
        name = str(item.data(Qt.ItemDataRole.UserRole))
        others = tuple(metric for metric in self._given if kind_name(metric) != name)
        if item.checkState() == Qt.CheckState.Unchecked:
            value = others or (self._made(AUTO),)
        elif name == AUTO:
            value = (self._made(AUTO),)
        else:
            kept = tuple(metric for metric in others if kind_name(metric) != AUTO)
            value = (*kept, self._made(name))
        self._show(value)
        self._take(value)

    def _on_parameter_changed(self, name: str, field_name: str, value: object) -> None:
        kind = self._kinds[name]
        changed = []
        for metric in self._given:
            parameters = parameters_of(metric)
            if kind_name(metric) == name:
                parameters = clean_parameters(kind, {**parameters, field_name: value})
            changed.append({"kind": str(kind_name(metric)), "parameters": parameters})
        self._take(tuple(changed))
