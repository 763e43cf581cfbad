"""One ready network in the gallery, and how it is painted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.spec.network import NetworkSpec
from widgets.base.theme import LIGHT, Tokens, frame_colour
from widgets.canvas.look import group_look
from widgets.templates.picture import paint_network

CARD_ROLE: Final = Qt.ItemDataRole.UserRole
HEADING_ROLE: Final = Qt.ItemDataRole.UserRole + 1

_WIDTH_PX: Final = 240
_PICTURE_PX: Final = 84
_TEXT_LINES: Final = 4
_PADDING_PX: Final = 10
_GAP_PX: Final = 5  # around each card
_RADIUS_PX: Final = 6
_WORD: Final = re.compile(r"\w+")
_FADED: Final = 0.35  # opacity of the picture of a network that does not suit the data


@dataclass(frozen=True)
class Card:
    """A ready network as the gallery shows it.

    Attributes
    ----------
    text
        A sentence under the title.
    group
        Heading that it stands under.
    network
        Makes the network for the picture; asked when it is first seen.
    why_not
        Why it cannot be used now, "" if it can.
    """

    id: str
    title: str
    text: str
    group: str
    network: Callable[[], NetworkSpec]
    why_not: str = ""

    def is_meant(self, typed: str) -> bool:
        """Tell whether each typed word begins a word of the card."""
        words = _WORD.findall(f"{self.title} {self.id} {self.group} {self.text}".lower())
        return all(
            any(w.startswith(start) for w in words) for start in _WORD.findall(typed.lower())
        )


_Key: TypeAlias = tuple[Card, str, float]  # with the theme and the pixels a point


class CardDelegate(QStyledItemDelegate):
    """Paints cards and the headings between them."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view
        self._tokens = LIGHT
        self._pictures: dict[_Key, QPixmap] = {}
        self._wanted: dict[_Key, QSize] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._draw_next)

    def set_theme(self, tokens: Tokens) -> None:
        """Paint in a theme's colours."""
        self._tokens = tokens

    def forget(self) -> None:
        """Let go of the pictures of cards that are no longer shown."""
        self._pictures.clear()
        self._wanted.clear()

    # ---- Qt overrides ----

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """A heading takes a whole line."""
        line = option.fontMetrics.height()
        if index.data(HEADING_ROLE):
            return QSize(self._view.viewport().width() - 1, 2 * line)
        text = option.fontMetrics.lineSpacing() * (_TEXT_LINES + 1) + _GAP_PX
        return QSize(_WIDTH_PX, _PICTURE_PX + text + 2 * _PADDING_PX + 2 * _GAP_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one item."""
        painter.save()
        card = index.data(CARD_ROLE)
        if card is None:
            self._paint_heading(painter, option, str(index.data()))
        else:
            self._paint_card(painter, option, card)
        painter.restore()

    # ---- Painting ----

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
        painter.setFont(_bold(option.font))
        painter.setPen(QColor(self._tokens.text))
        place = option.rect.adjusted(_GAP_PX, 0, 0, -_GAP_PX)
        painter.drawText(place, Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextSingleLine, text)

    def _paint_card(self, painter: QPainter, option: QStyleOptionViewItem, card: Card) -> None:
        tokens = self._tokens
        box = option.rect.adjusted(_GAP_PX, _GAP_PX, -_GAP_PX, -_GAP_PX)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        frame = QColor(tokens.accent) if chosen else frame_colour(tokens)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(frame, 2.0 if chosen else 1.0))
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(QRectF(box).adjusted(1, 1, -1, -1), _RADIUS_PX, _RADIUS_PX)
        inside = box.adjusted(_PADDING_PX, _PADDING_PX, -_PADDING_PX, -_PADDING_PX)
        picture = self._picture(card, QSize(inside.width(), _PICTURE_PX - _PADDING_PX))
        painter.setOpacity(_FADED if card.why_not else 1.0)
        if picture is not None:
            painter.drawPixmap(inside.topLeft(), picture)
        painter.setOpacity(1.0)
        self._paint_words(painter, option, inside.adjusted(0, _PICTURE_PX, 0, 0), card)

    def _paint_words(
        self, painter: QPainter, option: QStyleOptionViewItem, place: QRect, card: Card
    ) -> None:
        font = _bold(option.font)
        painter.setFont(font)
        muted = option.palette.color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(muted if card.why_not else QColor(self._tokens.text))
        title = QFontMetrics(font).elidedText(
            card.title, Qt.TextElideMode.ElideRight, place.width()
        )
        painter.drawText(place, Qt.TextFlag.TextSingleLine, title)
        painter.setFont(option.font)
        painter.setPen(muted)
        below = place.adjusted(0, option.fontMetrics.lineSpacing() + _GAP_PX, 0, 0)
        wrapped = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop
        painter.drawText(below, wrapped, card.why_not or card.text)

    def _picture(self, card: Card, size: QSize) -> QPixmap | None:
        """Return the picture; one that is not drawn yet comes when there is time, None until then."""
        key = (card, self._tokens.name, self._view.devicePixelRatioF())
        if key not in self._pictures:
            self._wanted[key] = size
            self._timer.start()
        return self._pictures.get(key)

    def _draw_next(self) -> None:
        """Draw the picture asked for last, which is most likely still in sight."""
        if not self._wanted:
            self._timer.stop()
            return
        key, size = self._wanted.popitem()
        card, _theme, ratio = key
        self._pictures[key] = self._drawn(card.network(), size, ratio)
        self._view.viewport().update()

    def _drawn(self, network: NetworkSpec, size: QSize, ratio: float) -> QPixmap:
        pixmap = QPixmap(size * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        box = QRectF(0, 0, size.width(), size.height())
        paint_network(painter, network, box, self._colour, QColor(self._tokens.muted))
        painter.end()
        return pixmap

    def _colour(self, group: str) -> QColor:
        look = group_look(group)
        return QColor(look.dark if self._tokens.name == "dark" else look.light)


def _bold(font: QFont) -> QFont:
    made = QFont(font)
    made.setBold(True)
    return made
