"""The list of data sets, grouped by where they come from."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)  # fmt: skip

from engine.data.readers import Reader
from engine.data.readers.reader import Origin
from widgets.base.labels import plain_tip

GROUPS: Final[Mapping[Origin, str]] = {
    "bundled": "Bundled",
    "generated": "Generated",
    "download": "Download",
    "file": "Your files",
}
_ID_ROLE: Final = Qt.ItemDataRole.UserRole
_SIZE_ROLE: Final = Qt.ItemDataRole.UserRole + 1
_MARGIN_PX: Final = 8


class SetList(QListWidget):
    """Data sets under headings.

    Signals
    -------
    source_chosen(str)
        Id of the set that the user picked.
    """

    source_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("field.data.source")
        self.setAccessibleName("Data sets")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setItemDelegate(_SetDelegate(self))
        self._sets: dict[str, Reader] = {}
        self._items: dict[str, QListWidgetItem] = {}
        self._downloaded: Set[str] = frozenset()
        self.currentItemChanged.connect(self._on_current_changed)

    def show_sets(self, sets: Mapping[str, Reader]) -> None:
        """Show these sets."""
        self._sets = dict(sets)
        self._items = {}
        with QSignalBlocker(self):
            self.clear()
            for origin, title in GROUPS.items():
                members = [one for one in sets.values() if one.origin == origin]
                if members:
                    self._add_heading(title)
                for one in members:
                    self._add_set(one)

    def show_downloaded(self, ids: Set[str]) -> None:
        """Mark the sets whose download is on this computer."""
        self._downloaded = frozenset(ids)
        for set_id, item in self._items.items():
            item.setData(_SIZE_ROLE, size_text(self._sets[set_id], set_id in self._downloaded))

    def show_source(self, source: str) -> None:
        """Select a set without telling anyone."""
        item = self._items.get(source)
        with QSignalBlocker(self):
            if item is None:
                self.setCurrentRow(-1)
            else:
                self.setCurrentItem(item)
                self.scrollToItem(item)

    def _add_heading(self, title: str) -> None:
        item = QListWidgetItem(title)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.addItem(item)

    def _add_set(self, one: Reader) -> None:
        item = QListWidgetItem(one.title)
        item.setData(_ID_ROLE, one.id)
        item.setData(_SIZE_ROLE, size_text(one, one.id in self._downloaded))
        item.setToolTip(plain_tip(one.help))
        self.addItem(item)
        self._items[one.id] = item

    def _on_current_changed(self, item: QListWidgetItem | None) -> None:
        set_id = item.data(_ID_ROLE) if item is not None else None
        if set_id:
            self.source_chosen.emit(str(set_id))


class _SetDelegate(QStyledItemDelegate):
    """Paints a heading in bold, a set as its title above its size in the muted colour."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Two lines for a set, one with room above for a heading."""
        line = option.fontMetrics.height()
        return QSize(0, 2 * line + 8 if index.data(_ID_ROLE) else line + 14)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one row."""
        roles = QPalette.ColorRole
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(option.rect, option.palette.color(roles.Highlight))
        lines = option.rect.adjusted(_MARGIN_PX, 4, -_MARGIN_PX, -4)
        painter.setPen(option.palette.color(roles.HighlightedText if chosen else roles.Text))
        if not index.data(_ID_ROLE):
            font = QFont(option.font)
            font.setBold(True)
            painter.setFont(font)
            painter.drawText(lines, Qt.AlignmentFlag.AlignBottom, str(index.data()))
        else:
            line = option.fontMetrics.height()
            _paint_line(painter, option, lines, str(index.data()))
            if not chosen:
                painter.setPen(option.palette.color(roles.PlaceholderText))
            _paint_line(painter, option, lines.translated(0, line), str(index.data(_SIZE_ROLE)))
        painter.restore()


def _paint_line(painter: QPainter, option: QStyleOptionViewItem, box: QRect, text: str) -> None:
    cut = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextSingleLine, cut)


def size_text(one: Reader, downloaded: bool) -> str:
    """Return how large a set is and whether it is here: ``70,000 samples, 11.5 MB``."""
    parts = [f"{one.samples:,} samples"] if one.samples else []
    if one.origin == "download":
        parts.append("downloaded" if downloaded else f"{one.megabytes:g} MB")
    if one.origin == "generated" and not one.samples:
        parts.append("as many samples as you like")
    if one.origin == "file":
        parts.append(one.chosen)
    return ", ".join(parts)
