"""The editor of a few whole numbers, such as the sides of a window."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QToolButton, QWidget

from engine.catalog.model import Field
from widgets.forms import texts
from widgets.forms.editors import Editor, EditorContext, LineEditor, NumberEditor


class SizesEditor(Editor):
    """Whole numbers of fixed length, ``3 × 3``, with a button for "the same for all"."""

    def __init__(self, field: Field, context: EditorContext) -> None:
        super().__init__(field, context)
        self._parts = [NumberEditor(field, context) for _ in range(field.length)]
        for part in self._parts:
            self._row.addWidget(part, 1)
            part.edited.connect(partial(self._on_part_edited, part))
            part.refused.connect(partial(self._on_part_refused, part))
        self._problems: dict[Editor, str] = {}
        self._same = QToolButton()
        self._same.setText("=")
        self._same.setCheckable(True)
        self._same.setChecked(True)
        self._same.setToolTip("One number for all")
        self._same.setAccessibleName("One number for all")
        if field.length < 2:
            self._same.hide()
        self._same.toggled.connect(self._on_same_toggled)
        self._row.addWidget(self._same)
        self.setFocusProxy(self._parts[0])

    def entry(self) -> QWidget:
        """Return the whole row."""
        return self

    def typing(self) -> bool:
        """Tell whether a number is being typed."""
        return any(part.typing() for part in self._parts)

    def set_name(self, name: str) -> None:
        """Name the row and, by position, its boxes."""
        self.setObjectName(name)
        for index, part in enumerate(self._parts):
            part.set_name(f"{name}.{index}")
        self._same.setObjectName(f"{name}.same")

    def set_title(self, title: str) -> None:
        """Tell screen readers what the boxes are called."""
        self.setAccessibleName(title)
        for index, part in enumerate(self._parts, start=1):
            part.set_title(f"{title} {index}")

    def _show(self, value: Any) -> None:
        numbers = value if isinstance(value, (tuple, list)) and value else (value,)
        # Equal numbers look the same either way: the button stays as the user left it.
        if len(numbers) == 1 or len(set(numbers)) > 1:
            with QSignalBlocker(self._same):
                self._same.setChecked(len(numbers) == 1)
        for index, part in enumerate(self._parts):
            part.set_value(numbers[min(index, len(numbers) - 1)])
        self._show_parts()

    def _show_parts(self) -> None:
        for part in self._parts[1:]:
            part.setHidden(self._same.isChecked())

    def _on_part_edited(self, part: Editor, value: object) -> None:
        others_follow = self._same.isChecked() or value is None
        for other in self._parts:
            if other is not part and (others_follow or other.value() is None):
                other.set_value(value)
        self._take(self._collected())
        self._tell_problem()

    def _on_part_refused(self, part: Editor, sentence: str) -> None:
        self._problems[part] = sentence
        self._tell_problem()

    def _tell_problem(self) -> None:
        shown = (self._problems.get(part, "") for part in self._parts if not part.isHidden())
        self.refused.emit(next(filter(None, shown), ""))

    def _on_same_toggled(self, same: bool) -> None:
        if same:
            for part in self._parts[1:]:
                part.set_value(self._parts[0].value())
        self._show_parts()
        self._take(self._collected())

    def _collected(self) -> tuple[int, ...] | None:
        numbers = tuple(part.value() for part in self._parts)
        return None if None in numbers else numbers


def ints_editor(field: Field, context: EditorContext) -> Editor:
    """Return boxes for a few numbers, a line for any number of them."""
    if 0 < field.length <= 3:
        return SizesEditor(field, context)
    return LineEditor(field, context, read=texts.parse_ints, write=texts.format_list, hint="1, 2")
