"""The form of several layers at once: the fields that all of them have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QScrollArea, QVBoxLayout, QWidget

from engine.catalog.model import Field, Kind
from engine.spec.base import frozen
from engine.spec.network import LayerSpec
from widgets.base.labels import plain_label, plain_tip
from widgets.base.theme import Tokens
from widgets.forms.object_form import ObjectForm
from widgets.forms.scroll import VerticalScroll
from widgets.forms.texts import APPLIES_NEXT, APPLIES_NEXT_TIP

_MARGIN_PX = 10
_PREFIX = "selection"  # of the fields' names: "field.selection.units"
_NOTHING_SHARED = "These layers have no setting in common."
_HELP = "What is set here is set in every selected layer, as one step of undo."


class SharedForm(QWidget):
    """What several layers have in common; values that differ are shown as mixed.

    Attributes
    ----------
    applies
        Says that settings wait for the next training; shown while one runs.

    Signals
    -------
    changed(object, str, object)
        Tuple of layer ids, name of the field, the value for all of them.
    trainable_changed(object, bool)
        Tuple of layer ids and the state for all of them.
    """

    changed = Signal(object, str, object)
    trainable_changed = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ids: tuple[str, ...] = ()
        self._title = plain_label(strong=True, wrap=True, name="form.shared.title")
        self._words = plain_label(_HELP, wrap=True, tone="muted")
        self.applies = applies_label("form.shared.applies")
        self._trainable = QCheckBox("&Trainable")
        self._trainable.setObjectName(f"field.{_PREFIX}.trainable")
        self._trainable.setToolTip(plain_tip("Off: training leaves their weights as they are."))
        self._trainable.clicked.connect(self._on_trainable)
        self._form = ObjectForm()
        self._form.changed.connect(self._on_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scrolled())

    def show_layers(self, layers: Sequence[LayerSpec], kinds: Mapping[str, Kind]) -> None:
        """Show two layers or more.

        Parameters
        ----------
        kinds
            The catalogue's layers, by name; a layer of no known kind shares nothing.
        """
        self._ids = tuple(layer.id for layer in layers)
        counts = Counter(layer.kind for layer in layers)
        parts = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        self._title.setText(f"{len(layers)} layers: {parts}")
        self._show_trainable({layer.trainable for layer in layers})
        kind = shared_kind([kinds.get(layer.kind) for layer in layers])
        self._words.setText(_HELP if kind.fields else _NOTHING_SHARED)
        values = {field.name: _values(field.name, layers, kinds) for field in kind.fields}
        self._form.show_object(kind, {name: given[0] for name, given in values.items()}, _PREFIX)
        self._form.show_mixed({name: given for name, given in values.items() if len(given) > 1})

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._form.set_theme(tokens)

    def _scrolled(self) -> QScrollArea:
        area = VerticalScroll(_MARGIN_PX)
        for widget in (self._title, self._words, self.applies, self._trainable, self._form):
            area.column.addWidget(widget)
        area.column.addStretch(1)
        return area

    def _show_trainable(self, states: set[bool]) -> None:
        with QSignalBlocker(self._trainable):
            self._trainable.setTristate(len(states) > 1)
            checked = Qt.CheckState.Checked if True in states else Qt.CheckState.Unchecked
            self._trainable.setCheckState(
                Qt.CheckState.PartiallyChecked if len(states) > 1 else checked
            )

    def _on_trainable(self) -> None:
        # A click on a mixed box leads to "checked" first, and never back to "mixed".
        self.trainable_changed.emit(
            self._ids, self._trainable.checkState() != Qt.CheckState.Unchecked
        )

    def _on_changed(self, name: str, value: object) -> None:
        self.changed.emit(self._ids, name, value)


def applies_label(name: str) -> QWidget:
    """Return the hidden line about the next training; it keeps its place, so that nothing moves."""
    label = plain_label(APPLIES_NEXT, tone="muted", name=name)
    label.setToolTip(plain_tip(APPLIES_NEXT_TIP))
    kept = label.sizePolicy()
    kept.setRetainSizeWhenHidden(True)
    label.setSizePolicy(kept)
    label.hide()
    return label


def shared_kind(kinds: Sequence[Kind | None]) -> Kind:
    """Return a kind with the fields that all kinds have and that take the same values in each."""
    known = [kind for kind in kinds if kind is not None]
    fields: tuple[Field, ...] = ()
    if known and len(known) == len(kinds):
        others = [{field.name: _meaning(field) for field in kind.fields} for kind in known[1:]]
        fields = tuple(
            field
            for field in known[0].fields
            if all(other.get(field.name) == _meaning(field) for other in others)
        )
    return Kind(name="", family="layer", group="", fields=fields)


def _meaning(field: Field) -> Field:
    """Return a field without what may differ although it takes the same values."""
    return replace(field, default=None, required=False, advanced=False, help="", unit="")


def _values(name: str, layers: Sequence[LayerSpec], kinds: Mapping[str, Kind]) -> tuple[Any, ...]:
    """Return the values that a field has in some layers, each once, in the layers' order."""
    found: list[Any] = []
    for layer in layers:
        value = frozen(layer.parameters.get(name, kinds[layer.kind].field(name).default))
        if value not in found:
            found.append(value)
    return tuple(found)
