"""Costs of layers as a Qt model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from widgets.base.amounts import bytes_text, count_text

SHARE_ROLE: Final = int(Qt.ItemDataRole.UserRole)  # of the largest in the column; None: no bar
SORT_ROLE: Final = SHARE_ROLE + 1
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class LayerCostRow:
    """What one layer costs.

    Attributes
    ----------
    shape
        Of its output in words, "" if unknown.
    parameters
        Weights, counted in numbers.
    multiply_adds
        For one sample, forward.
    memory
        Bytes of training at the project's batch size: weights, what training keeps of them, and activations.

    The numbers are None while they are not known.
    """

    layer_id: str
    kind: str
    shape: str = ""
    parameters: int | None = None
    multiply_adds: int | None = None
    memory: int | None = None


@dataclass(frozen=True)
class Measure:
    """A number of each layer."""

    title: str
    text: Callable[[float], str]
    help: str


MEASURES: Final[Mapping[str, Measure]] = {
    "parameters": Measure("Parameters", lambda n: f"{n:,.0f}", "Weights that the layer has"),
    "multiply_adds": Measure(
        "Multiply-adds",
        count_text,
        "Products and sums to answer one sample; a training step takes about three times as many",
    ),
    "memory": Measure(
        "Memory",
        bytes_text,
        "In training: weights, gradients, the optimizer's averages and the activations of a batch",
    ),
}
_TEXTS: Final[tuple[tuple[str, str], ...]] = (
    ("layer_id", "Layer"),
    ("kind", "Kind"),
    ("shape", "Output"),
)
FIRST_MEASURE: Final = len(_TEXTS)


class LayerCostsModel(QAbstractTableModel):
    """A row for each layer, in the network's order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[LayerCostRow, ...] = ()
        self._largest: dict[str, int] = {}

    def show_rows(self, rows: Sequence[LayerCostRow]) -> None:
        """Show other costs; while the layers are the same, the view keeps its selection and place."""
        same = [row.layer_id for row in rows] == [row.layer_id for row in self._rows]
        if not same:
            self.beginResetModel()
        self._rows = tuple(rows)
        self._largest = {
            name: max((getattr(row, name) or 0 for row in rows), default=0) for name in MEASURES
        }
        if not same:
            self.endResetModel()
        elif rows:
            last = self.index(len(rows) - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def row_of(self, layer_id: str) -> int:
        """Return the row of a layer, -1 if it has none."""
        return next((i for i, row in enumerate(self._rows) if row.layer_id == layer_id), -1)

    def layer_at(self, row: int) -> str:
        """Return the layer of a row."""
        return self._rows[row].layer_id

    # ---- Qt overrides ----

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        """Qt: number of layers."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:
        """Qt: texts, then measures."""
        return 0 if parent.isValid() else FIRST_MEASURE + len(MEASURES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Qt: titles, and what they mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        measure = _measure(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return MEASURES[measure].title if measure else _TEXTS[section][1]
        if role == Qt.ItemDataRole.ToolTipRole and measure:
            return MEASURES[measure].help
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if measure else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: texts, shares for the bars, numbers to sort by."""
        row, measure = self._rows[index.row()], _measure(index.column())
        if not measure:
            return self._text_data(index, row, role)
        value = getattr(row, measure)
        if role == Qt.ItemDataRole.DisplayRole:
            return "?" if value is None else MEASURES[measure].text(value)
        if role == SHARE_ROLE:
            return (value or 0) / self._largest[measure] if self._largest[measure] else None
        if role == SORT_ROLE:
            return -1.0 if value is None else float(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    @staticmethod
    def _text_data(index: _Index, row: LayerCostRow, role: int) -> Any:
        name = _TEXTS[index.column()][0]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return getattr(row, name)
        if role == SORT_ROLE:  # the first column sorts into the network's own order
            return index.row() if name == "layer_id" else getattr(row, name)
        return None


def _measure(column: int) -> str:
    """Return the measure that a column shows, "" if it shows a text."""
    return tuple(MEASURES)[column - FIRST_MEASURE] if column >= FIRST_MEASURE else ""
