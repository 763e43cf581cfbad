"""The editor of class weights: none, balanced, or a number for each class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.catalog.model import Field
from engine.errors import BadInput, quoted
from widgets.base.labels import plain_label, plain_tip
from widgets.forms.editors import ChoiceEditor, EditorContext
from widgets.forms.texts import format_number, parse_number

CHOICES: Final = ("none", "balanced")
_OWN: Final = "own"  # a class that is not named weighs 1
_OWN_PLACE: Final = len(CHOICES)
_MOST_LINES: Final = 8  # of the table before it scrolls
_LINE_MARGIN_PX: Final = 8
_WEIGHT: Final = Field("weight", "float", 1.0, minimum=0.0, maximum=1e6)
_DIGITS: Final = 4  # of a balanced weight, so that it can be read


class ClassWeightsEditor(ChoiceEditor):
    """A list of choices; for "own" a table of the classes and what each weighs."""

    def __init__(self, field: Field, context: EditorContext) -> None:
        super().__init__(field, context, (*((choice, choice) for choice in CHOICES), (_OWN, {})))
        self._classes: tuple[str, ...] = ()
        self._counts: tuple[int, ...] = ()
        self._rows: tuple[str, ...] = ()  # labels as the table shows them
        self._table = QTableWidget(0, 2)
        self._balance = QPushButton("Balanced")
        self._empty = plain_label(
            "The classes are listed here once the data is known.", wrap=True, tone="muted"
        )
        self._own_box = QWidget()
        self.below = self._own_box
        self._make_own()
        self._box.currentIndexChanged.connect(self._show_own)

    def set_name(self, name: str) -> None:
        """Name the list, the table and the button after the field."""
        super().set_name(name)
        self._table.setObjectName(f"{name}.table")
        self._balance.setObjectName(f"{name}.balance")

    def show_classes(self, labels: tuple[str, ...], counts: tuple[int, ...]) -> None:
        """Offer these classes.

        Parameters
        ----------
        counts
            Samples of each class, in the order of ``labels``; () if not known.
        """
        self._classes, self._counts = labels, counts
        why_not = "" if counts else "The samples are not counted yet: load the data first."
        self._balance.setEnabled(not why_not)
        self._balance.setToolTip(
            plain_tip(why_not or "Give rare classes more, so that all classes count the same.")
        )
        self._show_own()

    def _make_own(self) -> None:
        self._table.setHorizontalHeaderLabels(["Class", "Weight"])
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionsClickable(False)
        self._table.verticalHeader().hide()
        line = self._table.fontMetrics().height() + _LINE_MARGIN_PX
        self._table.verticalHeader().setDefaultSectionSize(line)
        self._table.setAccessibleName("Class weights")
        self._table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.AllEditTriggers)
        self._table.setTabKeyNavigation(False)
        self._table.itemChanged.connect(self._on_typed)
        self._balance.clicked.connect(self._on_balance)
        column = QVBoxLayout(self._own_box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self._empty, self._table, self._balance):
            column.addWidget(widget)
        self.show_classes((), ())

    # ---- Showing ----

    def _show(self, value: Any) -> None:
        if isinstance(value, Mapping):
            self._values[_OWN_PLACE] = value  # remains as the way back
        super()._show(value)
        self._show_own()

    def _show_own(self) -> None:
        is_own = self._box.currentIndex() == _OWN_PLACE
        if is_own:
            self._fill(self._values[_OWN_PLACE])
        self._own_box.setVisible(is_own)

    def _fill(self, weights: Mapping[str, float]) -> None:
        strangers = tuple(label for label in weights if label not in self._classes)
        rows = self._rows = (
            *self._classes,
            *strangers,
        )  # a class that is not there is shown: the issue says so
        self._empty.setVisible(not rows)
        self._table.setVisible(bool(rows))
        self._balance.setVisible(bool(self._classes))
        with QSignalBlocker(self._table):
            self._table.setRowCount(len(rows))
            for row, label in enumerate(rows):
                name = _cell(row, 0, self._table)
                name.setText(quoted(label))
                name.setToolTip(plain_tip(label))
                name.setFlags(Qt.ItemFlag.ItemIsEnabled)
                weight = _cell(row, 1, self._table)
                weight.setText(format_number(weights.get(label, 1.0)))
                weight.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._fit_height(len(rows))

    def _fit_height(self, rows: int) -> None:
        lines = min(max(rows, 1), _MOST_LINES)
        height = self._table.verticalHeader().defaultSectionSize() * lines
        header = self._table.horizontalHeader().sizeHint().height()
        self._table.setFixedHeight(height + header + 2 * self._table.frameWidth())

    # ---- What the user does ----

    def _on_typed(self, item: QTableWidgetItem) -> None:
        weights = self._values[_OWN_PLACE]
        label = self._rows[item.row()]
        try:
            weight = parse_number(_WEIGHT, item.text())
        except BadInput as problem:
            self._fill(weights)  # what was there before
            self.refused.emit(f"{quoted(label, 40)}: {problem}")
            return
        self._take_own({**weights, label: weight})

    def _on_balance(self) -> None:
        present = [count for count in self._counts if count]
        mean = sum(present) / max(1, len(present))
        balanced = {
            label: float(f"{mean / count:.{_DIGITS}g}") if count else 1.0
            for label, count in zip(self._classes, self._counts, strict=True)
        }
        self._take_own(balanced)

    def _take_own(self, weights: Mapping[str, Any]) -> None:
        self._values[_OWN_PLACE] = weights
        self._fill(weights)
        self._take(weights)


def _cell(row: int, column: int, table: QTableWidget) -> QTableWidgetItem:
    found = table.item(row, column)
    if found is None:
        found = QTableWidgetItem()
        table.setItem(row, column, found)
    return found
