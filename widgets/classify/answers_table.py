"""Several pictures with their answers: a row each, sortable."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.errors import quoted
from widgets.base.labels import eliding_label, plain_label, plain_tip
from widgets.base.theme import LIGHT, Tokens

THUMBNAIL_PX: Final = 40
_ROW_PX: Final = THUMBNAIL_PX + 4
_TITLES: Final = ("Picture", "Answer", "Probability")
_NAME, _ANSWER, _VALUE = range(3)
_SORT_ROLE: Final = Qt.ItemDataRole.UserRole

Index: TypeAlias = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class PictureRow:
    """One picture of the table.

    Attributes
    ----------
    path
        The whole path, for the tooltip.
    thumbnail
        At most `THUMBNAIL_PX` wide and high; None before it was read, or if it cannot be.
    answer
        The most probable class, or what stands for it; "" while there is none.
    value
        Its probability, or the number that was predicted; None: there is none.
    value_text
        How it is written.
    error
        Why the picture was refused, "" if it was not.
    is_old
        The answer is of other weights than those there are now.
    """

    name: str
    path: str = ""
    thumbnail: QImage | None = None
    answer: str = ""
    value: float | None = None
    value_text: str = ""
    error: str = ""
    is_old: bool = False


class AnswersTable(QWidget):
    """Shows rows, how far the work is, and what can be done with the table.

    Signals
    -------
    row_chosen(int)
        The user went to a row; its place in the rows as they were given.
    cancel_requested(), save_requested(), closed()
        The user wants no more answers, the answers in a file, or no table any more.
    """

    row_chosen = Signal(int)
    cancel_requested = Signal()
    save_requested = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _RowsModel(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._model)
        self._sorted.setSortRole(_SORT_ROLE)
        self._sorted.setDynamicSortFilter(False)  # rows do not move under the mouse
        self._view = self._make_view()
        self._title = plain_label(strong=True, wrap=True, name="classify.table.title")
        self._problem = plain_label(wrap=True, tone="bad", name="classify.table.problem")
        self._doing = eliding_label(tone="muted", name="classify.table.doing")
        self._progress = QProgressBar()
        self._progress.setObjectName("classify.table.progress")
        self._progress.setTextVisible(False)
        self._cancel = _button("Cancel", "classify.table.cancel", "Read no more pictures.")
        self._save = _button("Save as CSV…", "classify.table.save", "Write all answers to a file.")
        self._close = _button("Clear", "classify.table.clear", "Remove these pictures.")
        self._cancel.clicked.connect(self.cancel_requested)
        self._save.clicked.connect(self.save_requested)
        self._close.clicked.connect(self.closed)
        self._lay_out()
        self.show_progress(0, 0)
        self.show_problem("")
        self.set_savable(False)

    # ---- What is shown ----

    def show_rows(self, rows: tuple[PictureRow, ...], title: str) -> None:
        """Show other rows in the order given, under a title; chooses none."""
        self._title.setText(title)
        self._sorted.sort(-1)
        self._view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._model.show_rows(rows)

    def update_rows(self, rows: tuple[PictureRow, ...]) -> None:
        """Show the same pictures with other answers; sorting and choice stay."""
        self._model.update_rows(rows)

    def show_chosen(self, row: int) -> None:
        """Mark a row as the one that is shown large; emits nothing."""
        place = self._sorted.mapFromSource(self._model.index(row, 0))
        model = self._view.selectionModel()
        model.blockSignals(True)
        self._view.setCurrentIndex(place)
        self._view.selectRow(place.row())
        model.blockSignals(False)
        self._view.viewport().update()

    def show_progress(self, done: int, total: int) -> None:
        """Show how many pictures are answered; 0, 0: nothing is being done."""
        is_busy = total > 0
        if self._cancel.isVisibleTo(self) and not is_busy and self._sorted.sortColumn() >= 0:
            self._sorted.sort(self._sorted.sortColumn(), self._sorted.sortOrder())
        self._progress.setRange(0, max(total, 1))
        self._progress.setValue(done)
        self._doing.show_text(f"{done:,} of {total:,}" if is_busy else "")
        for widget in (self._progress, self._doing, self._cancel):
            widget.setVisible(is_busy)

    def show_problem(self, sentence: str) -> None:
        """Say why the answers could not be written, "" if they were."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def set_savable(self, savable: bool) -> None:
        """Allow writing the answers to a file, or do not."""
        self._save.setEnabled(savable)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._model.set_theme(tokens)

    # ---- Inside ----

    def _make_view(self) -> QTableView:
        view = QTableView()
        view.setObjectName("classify.table")
        view.setAccessibleName("Pictures and their answers")
        view.setModel(self._sorted)
        view.setSortingEnabled(True)
        view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setTabKeyNavigation(False)
        view.setShowGrid(False)
        view.setIconSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX))
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(_ROW_PX)
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(60)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_ANSWER, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_VALUE, QHeaderView.ResizeMode.ResizeToContents)
        view.selectionModel().currentRowChanged.connect(self._on_row)
        return view

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._title)
        column.addWidget(self._view, 1)
        progress = QHBoxLayout()
        for widget, stretch in ((self._progress, 1), (self._doing, 1), (self._cancel, 0)):
            progress.addWidget(widget, stretch)
        column.addLayout(progress)
        buttons = QHBoxLayout()
        buttons.addWidget(self._save)
        buttons.addWidget(self._close)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addWidget(self._problem)

    def _on_row(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.row_chosen.emit(self._sorted.mapToSource(current).row())


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    return button


class _RowsModel(QAbstractTableModel):
    def __init__(self, parent: AnswersTable) -> None:
        super().__init__(parent)
        self._rows: tuple[PictureRow, ...] = ()
        self._tokens = LIGHT
        self._blank = QImage(THUMBNAIL_PX, THUMBNAIL_PX, QImage.Format.Format_ARGB32)
        self._blank.fill(Qt.GlobalColor.transparent)

    def show_rows(self, rows: tuple[PictureRow, ...]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def update_rows(self, rows: tuple[PictureRow, ...]) -> None:
        self._rows = rows
        if rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, _VALUE))

    def set_theme(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update_rows(self._rows)

    # ---- Qt overrides ----

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(None, section)
        return _TITLES[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._rows[index.row()], index.column()
        roles = {
            Qt.ItemDataRole.DisplayRole: self._text,
            Qt.ItemDataRole.DecorationRole: self._picture,
            Qt.ItemDataRole.ToolTipRole: self._tip,
            Qt.ItemDataRole.ForegroundRole: self._colour,
            Qt.ItemDataRole.TextAlignmentRole: self._alignment,
            _SORT_ROLE: self._key,
        }
        give = roles.get(Qt.ItemDataRole(role))
        return None if give is None else give(row, column)

    @staticmethod
    def _text(row: PictureRow, column: int) -> str:
        # The name stands beside it.
        error = quoted(row.error, 200).removeprefix(f'"{quoted(row.name, 50)}" ')
        answer = error or quoted(row.answer) or "…"
        return (quoted(row.name), answer, row.value_text)[column]

    def _picture(self, row: PictureRow, column: int) -> QIcon | None:
        if column != _NAME:
            return None
        picture = QPixmap.fromImage(row.thumbnail or self._blank)
        icon = QIcon(picture)
        icon.addPixmap(picture, QIcon.Mode.Selected)  # not in the colour of the selection
        return icon

    @staticmethod
    def _tip(row: PictureRow, column: int) -> str:
        words = (quoted(row.path or row.name, 300), row.error or quoted(row.answer), row.value_text)
        return plain_tip(words[column])

    def _colour(self, row: PictureRow, column: int) -> QColor:
        if column == _NAME:
            return QColor(self._tokens.text)
        if row.error:
            return QColor(self._tokens.bad)
        is_faint = row.is_old or not row.answer
        return QColor(self._tokens.muted if is_faint else self._tokens.text)

    @staticmethod
    def _alignment(_row: PictureRow | None, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column == _VALUE else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    @staticmethod
    def _key(row: PictureRow, column: int) -> str | float:
        """Return what a column is sorted by; what has no answer stands apart."""
        if column == _VALUE:
            is_number = row.value is not None and math.isfinite(row.value)
            return row.value if is_number and row.value is not None else -math.inf
        return (row.name, row.error or row.answer)[column].casefold()
