"""One field of a form: name, editor, help, "back to the default", what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from engine.catalog import normal_value
from engine.catalog.model import Field
from engine.spec.issues import Issue
from widgets.base.labels import plain_label, plain_tip
from widgets.base.theme import Tokens
from widgets.forms.editors import Editor
from widgets.forms.issue_note import IssueNote
from widgets.forms.marks import MarkButton
from widgets.forms.mixed_button import MixedButton
from widgets.forms.texts import bounds_text, field_title, keras_note, value_text

LABEL_LETTERS: Final = 14  # average letters that fit into a line of the label column
ROWS: Final = 4  # grid rows a field takes: editor, what belongs below it, help, what is wrong
COLUMNS: Final = 3


def field_grid(box: QWidget) -> QGridLayout:
    """Give a box the grid in which fields stand: names in the first column, editors in the second."""
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(6)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    return grid


class FieldRow(QObject):
    """Places an editor with all that surrounds it into a form's grid.

    Signals
    -------
    edited(str, object)
        Name of the field and the value the user made.
    cure_requested(object)
        A cure's button was pressed.
    """

    edited = Signal(str, object)
    cure_requested = Signal(object)

    def __init__(self, editor: Editor, parent: QObject) -> None:
        super().__init__(parent)
        self.field = editor.field
        self.editor = editor
        self._issue: Issue | None = None
        self._refusal = ""
        self._title = title_of(self.field)
        self._help = plain_label(help_of(self.field), wrap=True, tone="muted")
        self._note = IssueNote()
        self._mark = MarkButton("help")
        self._reset = MarkButton("reset")
        self._mixed: tuple[Any, ...] = ()
        self._mixed_button: MixedButton | None = None
        self._place_mixed: Callable[[QWidget], None] = QWidget.hide
        self._dress()
        editor.edited.connect(self._on_edited)
        editor.refused.connect(self._on_refused)
        self._reset.clicked.connect(self._on_reset)
        self._note.cure_requested.connect(self.cure_requested)

    def place(self, grid: QGridLayout, row: int) -> None:
        """Take ``ROWS`` rows of a grid with ``COLUMNS`` columns, from ``row`` on."""
        grid.addWidget(self._label_box(), row, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.editor, row, 1)
        self._place_mixed = partial(_into, grid, row)
        grid.addWidget(self._reset, row, 2, Qt.AlignmentFlag.AlignVCenter)
        if self.editor.below is not None:
            grid.addWidget(self.editor.below, row + 1, 0, 1, COLUMNS)
        grid.addWidget(self._help, row + 2, 0, 1, COLUMNS)
        grid.addWidget(self._note, row + 3, 0, 1, COLUMNS)

    def show_value(self, value: Any) -> None:
        """Show a value and emit nothing."""
        self.editor.set_value(value)
        self._on_refused("")
        self._show_reset()

    def show_mixed(self, values: tuple[Any, ...]) -> None:
        """Show that objects have these different values; () if they have the same."""
        if values == self._mixed:
            return  # what is being entered for all of them stays
        self._mixed = values
        had_focus = self._mixed_button is not None and self._mixed_button.hasFocus()
        self._drop_mixed()
        if values:
            button = self._mixed_button = MixedButton(values, self._title)
            button.setObjectName(f"mixed.{self.editor.entry().objectName()}")
            button.chosen.connect(self._on_edited)
            button.other_wanted.connect(self._on_other_wanted)
            self._place_mixed(button)
        self._show_editor(not values)
        if had_focus and not values:
            self.editor.setFocus()

    def show_issue(self, issue: Issue | None) -> None:
        """Show what is wrong with the value, or nothing."""
        self._issue = issue
        self._show_note()

    def set_name(self, name: str) -> None:
        """Name the entry ``"field.dense.units"``, and the buttons after it."""
        self.editor.set_name(name)
        self._reset.setObjectName(f"reset.{name}")
        self._mark.setObjectName(f"help.{name}")
        self._note.setObjectName(f"note.{name}")

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self.editor.set_theme(tokens)
        self._note.set_theme(tokens)

    def _dress(self) -> None:
        tip = plain_tip(self._help.text())
        entry = self.editor.entry()
        entry.setAccessibleDescription(self._help.text())
        self.editor.set_title(self._title)
        self._mark.setCheckable(True)
        self._mark.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._mark.setToolTip(tip)
        self._mark.setAccessibleName(f"Help on {self._title}")
        if not tip:
            self._mark.hide()
        self._mark.toggled.connect(self._help.setVisible)
        self._help.hide()
        self._reset.setToolTip(plain_tip(f"Back to {value_text(self.field.default)}"))
        self._reset.setAccessibleName(f"Reset {self._title}")
        self._reset.hide()

    def _label_box(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        label = plain_label(self._title, wrap=True)
        label.setToolTip(plain_tip(self._help.text()))
        label.setBuddy(self.editor)
        row.addWidget(label, 1)
        row.addWidget(self._mark)
        box.setFixedWidth(label_width(label))
        return box

    def _on_other_wanted(self) -> None:
        self._drop_mixed()
        self._show_editor(True)
        self.editor.setFocus()

    def _drop_mixed(self) -> None:
        if self._mixed_button is not None:
            self._mixed_button.hide()
            self._mixed_button.deleteLater()
            self._mixed_button = None

    def _show_editor(self, shown: bool) -> None:
        was_hidden = self.editor.isHidden()
        self.editor.setVisible(shown)
        if not shown:
            self._reset.hide()
            if self.editor.below is not None:
                self.editor.below.hide()
        elif was_hidden:
            self.show_value(self.editor.value())  # shows what belongs below it too

    def _on_edited(self, value: object) -> None:
        self._show_reset()
        self.edited.emit(self.field.name, value)

    def _on_refused(self, sentence: str) -> None:
        self._refusal = sentence
        self._show_note()

    def _on_reset(self) -> None:
        if self._reset.hasFocus():
            self.editor.setFocus()
        self.show_value(self.field.default)
        self.edited.emit(self.field.name, self.field.default)

    def _show_reset(self) -> None:
        self._reset.setVisible(not is_default(self.field, self.editor.value()))

    def _show_note(self) -> None:
        self._note.show_issue(Issue(self._refusal) if self._refusal else self._issue)


def _into(grid: QGridLayout, row: int, button: QWidget) -> None:
    grid.addWidget(button, row, 1)


def is_default(field: Field, value: Any) -> bool:
    """Tell whether a value means the same as the field's default."""
    if field.type == "network":
        return True  # it came with a file: there is nothing to go back to
    default = field.default
    return bool(normal_value(field, value) == normal_value(field, default))


def title_of(field: Field) -> str:
    """Return the field's name as the form shows it, with its unit."""
    title = field_title(field.name)
    return f"{title} ({field.unit})" if field.unit else title


def help_of(field: Field) -> str:
    """Return the help sentence with the bounds and, where it is another one, the name in Keras."""
    bounds = bounds_text(field)
    limits = f"Takes {bounds}." if bounds else ""
    return " ".join(part for part in (field.help, limits, keras_note(field.name)) if part)


def label_width(label: QLabel) -> int:
    """Return the width of the label column in pixels."""
    return label.fontMetrics().averageCharWidth() * LABEL_LETTERS + 16
