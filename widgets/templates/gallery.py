"""The window that shows every ready network as a picture."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from widgets.base.labels import plain_label, plain_tip
from widgets.base.theme import Tokens
from widgets.templates.card import CARD_ROLE, HEADING_ROLE, Card, CardDelegate

_SIZE_PX: Final = (1010, 690)  # four cards a line
_INTO_THE_LIST: Final = frozenset({Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown})


class TemplateGallery(QDialog):
    """Ready networks to look through, search and take; those that do not suit the data say why.

    Signals
    -------
    chosen(id)
        The user takes a network.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.templates")
        self.setWindowTitle("Choose a Network")
        self.resize(*_SIZE_PX)
        self._cards: tuple[Card, ...] = ()
        self._search = QLineEdit()
        self._search.setObjectName("templates.search")
        self._search.setPlaceholderText("Search by name or purpose, for example text or skip")
        self._search.setClearButtonEnabled(True)
        self._list = self._made_list()
        self._delegate = CardDelegate(self._list)
        self._list.setItemDelegate(self._delegate)
        self._words = plain_label(wrap=True, name="templates.words")
        self._use = QPushButton("&Use This Network")
        self._use.setObjectName("templates.use")
        self._use.setDefault(True)
        close = QPushButton("&Close")
        close.setObjectName("templates.close")
        close.setAutoDefault(False)
        self._lay_out(close)
        self._search.textChanged.connect(self._filter)
        self._search.installEventFilter(self)
        self._list.currentItemChanged.connect(self._show_current)
        self._list.itemDoubleClicked.connect(self._take)
        self._use.clicked.connect(self._take)
        close.clicked.connect(self.reject)

    def show_cards(self, cards: tuple[Card, ...]) -> None:
        """Show these networks in their order, grouped; the first that suits the data is selected."""
        self._cards = cards
        self._delegate.forget()
        self._search.clear()
        self._filter("")
        self._search.setFocus()

    def set_theme(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        self._delegate.set_theme(tokens)
        self._list.viewport().update()

    @staticmethod
    def _made_list() -> QListWidget:
        cards = QListWidget()
        cards.setObjectName("templates.list")
        cards.setAccessibleName("Ready networks")
        cards.setFlow(QListView.Flow.LeftToRight)
        cards.setWrapping(True)
        cards.setResizeMode(QListView.ResizeMode.Adjust)
        cards.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        # A bar that came and went would change how many cards fit.
        cards.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        cards.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return cards

    def _lay_out(self, close: QPushButton) -> None:
        column = QVBoxLayout(self)
        column.addWidget(self._search)
        column.addWidget(self._list, 1)
        foot = QHBoxLayout()
        foot.addWidget(self._words, 1)
        foot.addWidget(close)
        foot.addWidget(self._use)
        column.addLayout(foot)

    # ---- Choosing ----

    def _filter(self, text: str) -> None:
        hits = [card for card in self._cards if card.is_meant(text)]
        self._list.clear()
        for group, members in groupby(hits, key=lambda card: card.group):
            self._add_heading(group)
            for card in members:
                self._add(card)
        items = [self._list.item(row) for row in range(self._list.count())]
        found = [item for item in items if item.data(CARD_ROLE) is not None]
        if found:
            suited = (item for item in found if not item.data(CARD_ROLE).why_not)
            current = next(suited, found[0])
            self._list.setCurrentItem(current)
            self._list.scrollToTop()
            self._list.scrollToItem(current)
        self._show_current()

    def _add_heading(self, text: str) -> None:
        item = QListWidgetItem(text, self._list)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setData(HEADING_ROLE, True)

    def _add(self, card: Card) -> None:
        item = QListWidgetItem(card.title, self._list)
        item.setData(CARD_ROLE, card)
        item.setToolTip(plain_tip(card.text))
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, card.why_not or card.text)

    def _current(self) -> Card | None:
        item = self._list.currentItem()
        card = item.data(CARD_ROLE) if item is not None else None
        return card if isinstance(card, Card) else None

    def _show_current(self) -> None:
        card = self._current()
        self._use.setEnabled(card is not None and not card.why_not)
        if card is None:
            self._words.setText("No network is described by these words.")
        else:
            self._words.setText(f"{card.title}: {card.why_not or card.text}")

    def _take(self) -> None:
        card = self._current()
        if card is not None and not card.why_not:
            self.accept()
            self.chosen.emit(card.id)

    # ---- Qt overrides ----

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys leave the search for the cards."""
        if watched is self._search and isinstance(event, QKeyEvent):
            pressed = event.type() == QEvent.Type.KeyPress
            if pressed and Qt.Key(event.key()) in _INTO_THE_LIST:
                self._list.setFocus()
                return True
        return super().eventFilter(watched, event)
