"""The table of layers and their costs, and the choice of what the blocks show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QSignalBlocker, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from widgets.base.labels import eliding_label, plain_label, plain_tip
from widgets.base.theme import Tokens
from widgets.costs.bars import BarDelegate
from widgets.costs.model import FIRST_MEASURE, MEASURES, SORT_ROLE, LayerCostRow, LayerCostsModel
from widgets.forms.boxes import CalmCombo

_MARGIN_PX: Final = 8
_ROW_PX: Final = 24
_TITLE_ROOM_PX: Final = 26  # margins and the arrow of sorting
_OFF: Final = "off"


class LayerCostsPanel(QWidget):
    """Rows are layers; the numbers have bars, columns can be sorted, a row selects its block.

    Signals
    -------
    layer_chosen(str)
        The user selected a layer's row.
    measure_chosen(str)
        Blocks are to show this key of `MEASURES`, or "off".
    """

    layer_chosen = Signal(str)
    measure_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.layer_costs")
        self._waiting: tuple[LayerCostRow, ...] | None = None  # until the panel is seen
        self._selected = ""
        self._model = LayerCostsModel(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSortRole(SORT_ROLE)
        self._sorted.setSourceModel(self._model)
        self._bars = BarDelegate(self)
        self._table = self._make_table()
        self._totals = eliding_label(name="layer_costs.totals", tone="muted")
        self._measure = self._make_choice()
        self._arrange()
        self._table.selectionModel().currentRowChanged.connect(self._on_row)
        self._measure.activated.connect(self._on_measure)

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setObjectName("layer_costs.table")
        table.setAccessibleName("Costs of the layers")
        table.setModel(self._sorted)
        table.setItemDelegate(self._bars)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setFrameShape(QTableView.Shape.NoFrame)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW_PX)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(56)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for column, measure in enumerate(MEASURES.values(), FIRST_MEASURE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            width = header.fontMetrics().horizontalAdvance(measure.title)
            header.resizeSection(column, width + _TITLE_ROOM_PX)
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        return table

    def _make_choice(self) -> QComboBox:
        choice = CalmCombo()
        choice.setObjectName("layer_costs.measure")
        choice.setAccessibleName("Bars in the blocks")
        choice.setToolTip(plain_tip("What the bars at the right of the blocks show"))
        choice.addItem("Off", _OFF)
        for name, measure in MEASURES.items():
            choice.addItem(measure.title, name)
        return choice

    def _arrange(self) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(_MARGIN_PX, 4, _MARGIN_PX, 4)
        line.setSpacing(_MARGIN_PX)
        line.addWidget(self._totals, 1)
        label = plain_label("Bars in blocks", tone="muted")
        label.setBuddy(self._measure)
        line.addWidget(label)
        line.addWidget(self._measure)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self._table, 1)

    # ---- What is shown ----

    def show_rows(self, rows: Sequence[LayerCostRow], totals: str) -> None:
        """Show costs in the network's order; drawn once the panel is seen."""
        self._totals.show_text(totals)
        if self.isVisible():
            self._model.show_rows(rows)
            self.show_selected(self._selected)
        else:
            self._waiting = tuple(rows)

    def show_selected(self, layer_id: str) -> None:
        """Select a layer's row and bring it into sight, "" or an unknown one: none."""
        self._selected = layer_id
        row = self._model.row_of(layer_id)
        selection = self._table.selectionModel()
        with QSignalBlocker(selection):  # set by the program
            self._table.clearSelection()
            self._table.setCurrentIndex(QModelIndex())
            if row >= 0:
                at = self._sorted.mapFromSource(self._model.index(row, 0))
                self._table.selectRow(at.row())
                self._table.scrollTo(at)
        self._table.viewport().update()

    def show_measure(self, name: str) -> None:
        """Show what the blocks' bars stand for."""
        self._measure.setCurrentIndex(max(0, self._measure.findData(name)))

    def set_theme(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        self._bars.set_theme(tokens)
        self._table.viewport().update()

    # ---- What the user does ----

    def _on_row(self, current: QModelIndex) -> None:
        if current.isValid():
            self._selected = self._model.layer_at(self._sorted.mapToSource(current).row())
            self.layer_chosen.emit(self._selected)

    def _on_measure(self, _number: int) -> None:
        self.measure_chosen.emit(self._measure.currentData())

    # ---- Qt overrides ----

    def showEvent(self, event: QShowEvent) -> None:
        """Qt: draw what came while nobody looked."""
        super().showEvent(event)
        if self._waiting is not None:
            self._model.show_rows(self._waiting)
            self._waiting = None
            self.show_selected(self._selected)
