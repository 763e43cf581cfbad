"""The inspector: the form of the selected layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QLineEdit,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from engine.catalog.model import Kind
from engine.spec.base import is_name
from engine.spec.issues import Issue, LayerFacts
from engine.spec.network import LayerSpec
from engine.spec.shapes import shape_text
from widgets.base.labels import plain_label, plain_tip
from widgets.base.theme import LIGHT, Tokens
from widgets.forms.issue_note import IssueNote
from widgets.forms.object_form import ObjectForm
from widgets.forms.scroll import VerticalScroll
from widgets.forms.shared_form import SharedForm, applies_label
from widgets.forms.visits import Visits

_MARGIN_PX: Final = 10
_NAME_RULE: Final = "Start with a letter, then letters, digits, _, . or - (at most 100)"
_TRAINABLE_HELP: Final = "Off: training leaves the weights of this layer as they are."


class LayerForm(QWidget):
    """Shows one layer and asks for changes of it.

    Signals
    -------
    parameter_changed(str, str, object)
        Layer id, name of a top field, its whole new value.
    renamed(str, str)
        Old and wanted id; the wanted one is a valid name.
    shared_changed(object, str, object)
        Tuple of layer ids, name of a top field, its whole new value in all of them.
    trainable_changed(object, bool)
        Tuple of layer ids and the new state.
    cure_requested(object)
        The `Cure` whose button was pressed.
    visit_ended()
        The user left a field: later edits undo as another step.
    """

    parameter_changed = Signal(str, str, object)
    renamed = Signal(str, str)
    shared_changed = Signal(object, str, object)
    trainable_changed = Signal(object, bool)
    cure_requested = Signal(object)
    visit_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("form.layer")
        self._tokens = LIGHT
        self._layer: LayerSpec | None = None
        self._visits = Visits(self)
        self._visits.ended.connect(self.visit_ended)
        self._make_header()
        self._form = ObjectForm()
        self._form.changed.connect(self._on_changed)
        self._form.cure_requested.connect(self.cure_requested)
        self._shared = SharedForm()
        self._shared.changed.connect(self.shared_changed)
        self._shared.trainable_changed.connect(self.trainable_changed)
        self._empty = plain_label(wrap=True, tone="muted", name="form.layer.empty")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(_MARGIN_PX, _MARGIN_PX, _MARGIN_PX, _MARGIN_PX)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._scrolled())
        self._pages.addWidget(self._shared)
        self.show_nothing("Select a layer to see its settings.")

    # ---- What is shown ----

    def show_layer(
        self,
        layer: LayerSpec,
        kind: Kind,
        facts: LayerFacts | None = None,
        issues: Iterable[Issue] = (),
    ) -> None:
        """Show a layer; the same layer again keeps focus, folds and what is being typed.

        Parameters
        ----------
        facts
            None: not known yet.
        issues
            Of this layer; others are left out.
        """
        is_other = self._layer is None or self._layer.id != layer.id
        if is_other and self._layer is not None:
            self._visits.end()
        self._layer = layer
        self._show_header(layer, kind, facts, is_other)
        self._form.show_object(kind, layer.parameters, layer.id)
        self._show_issues([issue for issue in issues if issue.layer == layer.id], kind)
        self._pages.setCurrentIndex(1)

    def set_running(self, is_running: bool) -> None:
        """Say that what is set here waits for the next training, while one runs."""
        for label in (self._applies, self._shared.applies):
            label.setVisible(is_running)

    def show_nothing(self, text: str) -> None:
        """Show a sentence in place of a layer."""
        self._layer = None
        self._empty.setText(text)
        self._pages.setCurrentIndex(0)

    def show_layers(self, layers: Sequence[LayerSpec], kinds: Mapping[str, Kind]) -> None:
        """Show what several layers share; see `SharedForm.show_layers`."""
        if self._layer is not None:
            self._visits.end()
        self._layer = None
        self._shared.show_layers(layers, kinds)
        self._pages.setCurrentIndex(2)

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        self._form.set_theme(tokens)
        self._shared.set_theme(tokens)
        for note in self._notes:
            note.set_theme(tokens)

    # ---- Building ----

    def _make_header(self) -> None:
        self._kind_label = plain_label(strong=True, name="form.layer.kind")
        font = self._kind_label.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        self._kind_label.setFont(font)
        self._name = QLineEdit()
        self._name.setAccessibleName("Name of the layer")
        self._name.setToolTip(plain_tip(f"Name of the layer. {_NAME_RULE}."))
        self._name.editingFinished.connect(self._on_name_entered)
        self._name.textEdited.connect(self._on_name_typed)
        self._name_note = IssueNote()
        self._help = plain_label(wrap=True, tone="muted")
        self._facts = plain_label(wrap=True, name="form.layer.facts")
        self._applies = applies_label("form.layer.applies")
        self._trainable = QCheckBox("&Trainable")
        self._trainable.setToolTip(plain_tip(_TRAINABLE_HELP))
        self._trainable.toggled.connect(self._on_trainable_toggled)
        self._notes: list[IssueNote] = [self._name_note]
        self._note_column = QVBoxLayout()
        self._note_column.setSpacing(4)

    def _scrolled(self) -> QScrollArea:
        area = VerticalScroll(_MARGIN_PX)
        column = area.column
        header = (
            self._kind_label, self._name, self._name_note, self._help, self._facts, self._applies, self._trainable,
        )  # fmt: skip
        for widget in header:
            column.addWidget(widget)
        column.addLayout(self._note_column)
        column.addWidget(self._form)
        column.addStretch(1)
        return area

    # ---- Showing ----

    def _show_header(
        self, layer: LayerSpec, kind: Kind, facts: LayerFacts | None, is_other: bool
    ) -> None:
        self._kind_label.setText(kind.name)
        self._help.setText(kind.help)
        self._help.setVisible(bool(kind.help))
        self._name.setObjectName(f"field.{layer.id}.name")
        if is_other or not self._name.hasFocus():
            self._name.setText(layer.id)
            self._name_note.show_text("")
        self._trainable.setObjectName(f"field.{layer.id}.trainable")
        with QSignalBlocker(self._trainable):
            self._trainable.setChecked(layer.trainable)
        has_weights = facts is None or facts.parameters > 0 or facts.output_shape is None
        self._trainable.setVisible(has_weights)
        self._facts.setText(facts_text(facts))

    def _show_issues(self, issues: list[Issue], kind: Kind) -> None:
        fields = {field.name for field in kind.fields}
        beside = {issue.field.split(".")[0]: issue for issue in reversed(issues)}
        self._form.show_issues({name: issue for name, issue in beside.items() if name in fields})
        shown_beside = [issue for name, issue in beside.items() if name in fields]
        above = [issue for issue in issues if not any(issue is other for other in shown_beside)]
        while len(self._notes) - 1 < len(above):
            note = IssueNote()
            note.set_theme(self._tokens)
            note.cure_requested.connect(self.cure_requested)
            self._note_column.addWidget(note)
            self._notes.append(note)
        for index, note in enumerate(self._notes[1:]):
            note.show_issue(above[index] if index < len(above) else None)

    # ---- What the user does ----

    def _on_changed(self, name: str, value: object) -> None:
        if self._layer is not None:
            self.parameter_changed.emit(self._layer.id, name, value)

    def _on_name_typed(self, text: str) -> None:
        self._name_note.show_text("" if is_name(text) else f"{_NAME_RULE}.")

    def _on_name_entered(self) -> None:
        if self._layer is None or self._name.text() == self._layer.id:
            return
        if is_name(self._name.text()):
            self.renamed.emit(self._layer.id, self._name.text())
        else:
            self._name.setText(self._layer.id)
            self._name_note.show_text("")

    def _on_trainable_toggled(self, trainable: bool) -> None:
        if self._layer is not None:
            self.trainable_changed.emit((self._layer.id,), trainable)


def facts_text(facts: LayerFacts | None) -> str:
    """Return what Keras says of a layer in one line: ``Gives 28 × 28 × 8 · 80 parameters``."""
    if facts is None:
        return "Working out the shape…"
    if facts.output_shape is None:
        return "The shape is not known yet."
    return f"Gives {shape_text(facts.output_shape, '?')} · {parameters_text(facts)}"


def parameters_text(facts: LayerFacts) -> str:
    """Return how many weights there are, and how many of them stay as they are."""
    if facts.parameters == 0:
        return "no parameters"
    frozen = facts.parameters - facts.trainable_parameters
    still = f", {frozen:,} not trained" if frozen else ""
    return f"{facts.parameters:,} parameter{'s' if facts.parameters > 1 else ''}{still}"
