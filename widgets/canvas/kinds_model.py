"""Kinds of layers as an item model, shared by the palette and the quick-add list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QMimeData, QModelIndex, QObject, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from engine.catalog.model import Kind
from widgets.canvas.plain_text import tooltip

LAYER_MIME: Final = "application/x-netsmith-layer"
COMMON_GROUP: Final = "Common"
KIND_ROLE: Final = Qt.ItemDataRole.UserRole + 1  # str: the kind's name, on entries
GROUP_ROLE: Final = Qt.ItemDataRole.UserRole + 2  # str: the group's name, on entries and group rows
BLOCK_MIME: Final = "application/x-netsmith-block"
BLOCKS_GROUP: Final = "My blocks"
BLOCK_ROLE: Final = Qt.ItemDataRole.UserRole + 4  # str: title of the reusable block, on its entry
ICON_ROLE: Final = Qt.ItemDataRole.UserRole + 3  # str: name of the icon, on entries


def layer_mime(kind: str) -> QMimeData:
    """Return what is dragged when a layer of ``kind`` is."""
    content = QMimeData()
    content.setData(LAYER_MIME, kind.encode("utf-8"))
    return content


def block_mime(title: str) -> QMimeData:
    """Return what is dragged when a reusable block is."""
    content = QMimeData()
    content.setData(BLOCK_MIME, title.encode("utf-8"))
    return content


def block_kind(title: str, n_layers: int) -> Kind:
    """Return the entry of a reusable block, so that it is searched and shown as any kind is."""
    words = (
        f"{n_layers} layer{'s' if n_layers > 1 else ''} that you saved; F2 renames, Delete deletes."
    )
    return Kind(
        name=title,
        family="layer",
        group=BLOCKS_GROUP,
        icon="mdi6.group",
        help=words,
        fields=(),
    )


class KindsModel(QStandardItemModel):
    """Entries, either flat or below group rows; nothing can be edited."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("kinds")

    def show_flat(self, kinds: Sequence[Kind]) -> None:
        """Show the kinds one below the other."""
        self.clear()
        for kind in kinds:
            self.appendRow(_entry(kind))

    def show_grouped(self, kinds: Sequence[Kind]) -> None:
        """Show the user's blocks, the common kinds, then each group with all of its kinds, as they appear."""
        self.clear()
        common = [kind for kind in kinds if kind.common]
        groups: dict[str, list[Kind]] = {BLOCKS_GROUP: [], COMMON_GROUP: common}
        for kind in kinds:
            groups.setdefault(kind.group, []).append(kind)
        for name, members in groups.items():
            if members:
                row = QStandardItem(name)
                row.setData(name, GROUP_ROLE)
                row.setFlags(Qt.ItemFlag.ItemIsEnabled)
                row.appendRows([_entry(kind) for kind in members])
                self.appendRow(row)

    def index_of(self, kind: str) -> QModelIndex:
        """Return the first entry of a kind; an invalid index if it is not shown."""
        found = self.match(
            self.index(0, 0) if self.rowCount() else QModelIndex(),
            KIND_ROLE,
            kind,
            1,
            Qt.MatchFlag.MatchExactly
            | Qt.MatchFlag.MatchRecursive
            | Qt.MatchFlag.MatchCaseSensitive,
        )
        return found[0] if found else QModelIndex()

    def first_enabled(self) -> QModelIndex:
        """Return the first entry of a flat list that can be added; an invalid index if none can."""
        for row in range(self.rowCount()):
            index = self.index(row, 0)
            if index.data(KIND_ROLE) and index.flags() & Qt.ItemFlag.ItemIsEnabled:
                return index
        return QModelIndex()

    # ---- Qt overrides ----

    def mimeTypes(self) -> list[str]:
        """Qt: what can be dragged."""
        return [LAYER_MIME, BLOCK_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Qt: the dragged layer or block."""
        for index in indexes:
            if index.data(BLOCK_ROLE):
                return block_mime(index.data(BLOCK_ROLE))
            if index.data(KIND_ROLE):
                return layer_mime(index.data(KIND_ROLE))
        return QMimeData()


def _entry(kind: Kind) -> QStandardItem:
    item = QStandardItem(kind.name)
    item.setData(kind.name, KIND_ROLE)
    item.setData(kind.group, GROUP_ROLE)
    item.setData(kind.icon, ICON_ROLE)
    item.setData(kind.name if kind.group == BLOCKS_GROUP else "", BLOCK_ROLE)
    item.setToolTip(tooltip(kind.unsupported or kind.help or kind.name))
    item.setData(kind.help or kind.name, Qt.ItemDataRole.AccessibleDescriptionRole)
    usable = (
        Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
    )
    item.setFlags(Qt.ItemFlag.NoItemFlags if kind.unsupported else usable)
    return item
