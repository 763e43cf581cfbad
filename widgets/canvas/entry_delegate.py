"""How an entry of the palette is painted: icon in its group's colour, name, plus."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from widgets.base.theme import LIGHT, Tokens
from widgets.canvas.kinds_model import GROUP_ROLE, ICON_ROLE, KIND_ROLE
from widgets.canvas.look import glyph, group_look, mixed

_ROW_HEIGHT: Final = 28
_ICON_WIDTH: Final = 26
_ICON_PX: Final = 17
_PLUS_WIDTH: Final = 26
_Index = QModelIndex | QPersistentModelIndex


class EntryDelegate(QStyledItemDelegate):
    """Paints entries and group rows with the colours of a theme."""

    def __init__(self, parent: QObject | None = None, *, with_plus: bool = True) -> None:
        super().__init__(parent)
        self.tokens: Tokens = LIGHT
        self._with_plus = with_plus

    def plus_area(self, row: QRect) -> QRect:
        """Return where the plus of a row is; empty if entries have none."""
        return QRect(
            row.right() - _PLUS_WIDTH,
            row.top(),
            _PLUS_WIDTH if self._with_plus else 0,
            row.height(),
        )

    def _paint_entry(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        tokens, box = self.tokens, option.rect
        state = option.state
        enabled = bool(state & QStyle.StateFlag.State_Enabled)
        hovered = enabled and bool(state & QStyle.StateFlag.State_MouseOver)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(mixed(tokens.surface, tokens.accent, 0.22 if chosen else 0.09))
            painter.drawRoundedRect(box.adjusted(2, 1, -2, -1), 5, 5)
        look = group_look(index.data(GROUP_ROLE))
        colour = QColor(look.dark if tokens.name == "dark" else look.light)
        letter, font = glyph(index.data(ICON_ROLE) or look.icon, _ICON_PX)
        painter.setFont(font)
        painter.setPen(colour if enabled else QColor(tokens.muted))
        left = QRect(box.left() + 4, box.top(), _ICON_WIDTH, box.height())
        painter.drawText(left, Qt.AlignmentFlag.AlignCenter, letter)
        painter.setFont(option.font)
        painter.setPen(QColor(tokens.text if enabled else tokens.muted))
        plus = self.plus_area(box)
        words = box.adjusted(_ICON_WIDTH + 10, 0, -plus.width() - 4, 0)
        name = option.fontMetrics.elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, name)
        if (hovered or chosen) and not plus.isEmpty():
            letter, font = glyph("mdi6.plus-circle-outline", _ICON_PX)
            painter.setFont(font)
            painter.setPen(QColor(tokens.accent))
            painter.drawText(plus, Qt.AlignmentFlag.AlignCenter, letter)

    def _paint_group(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        font = option.font
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(self.tokens.muted))
        words = option.rect.adjusted(_ICON_WIDTH, 0, -8, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        font.setBold(False)
        painter.setFont(font)
        count = str(index.model().rowCount(index))
        upright = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, upright | Qt.AlignmentFlag.AlignRight, count)
        opened = bool(option.state & QStyle.StateFlag.State_Open)
        letter, icons = glyph("mdi6.chevron-down" if opened else "mdi6.chevron-right", _ICON_PX)
        painter.setFont(icons)
        left = QRect(
            option.rect.left() + 2, option.rect.top(), _ICON_WIDTH - 4, option.rect.height()
        )
        painter.drawText(left, Qt.AlignmentFlag.AlignCenter, letter)

    # ---- Qt overrides ----

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt: paint, with fewer details from afar."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint = self._paint_entry if index.data(KIND_ROLE) else self._paint_group
        paint(painter, option, index)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Qt: a row as high as its text needs."""
        del index
        return QSize(120, max(_ROW_HEIGHT, option.fontMetrics.height() + 10))
