"""Cells with a bar under their number."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from widgets.base.theme import LIGHT, Tokens
from widgets.costs.model import SHARE_ROLE

_BAR_PX: Final = 3
_SIDE_PX: Final = 4
_ROW_PX: Final = 24


class BarDelegate(QStyledItemDelegate):
    """Draws a cell as usual and, at its foot, the share of the column's largest number."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tokens = LIGHT

    def set_theme(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        self._tokens = tokens

    # ---- Qt overrides ----

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Qt: draw the cell."""
        super().paint(painter, option, index)
        share = index.data(SHARE_ROLE)
        if share is None:
            return
        room = QRectF(option.rect).adjusted(_SIDE_PX, 0, -_SIDE_PX, -1)
        track = QRectF(room.left(), room.bottom() - _BAR_PX, room.width(), _BAR_PX)
        painter.fillRect(track, QColor(self._tokens.faint))
        # From the right, where the digits line up.
        length = track.width() * share
        bar = QRectF(track.right() - length, track.top(), length, track.height())
        painter.fillRect(bar, QColor(self._tokens.series[2]))

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Qt: room for the bar."""
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + 2 * _SIDE_PX, max(hint.height(), _ROW_PX))
