"""A small list at the mouse: type, press Enter, and a kind of layer or a reusable block is chosen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QVBoxLayout, QWidget

from engine.catalog.model import Kind
from widgets.canvas.entry_delegate import EntryDelegate
from widgets.canvas.kinds_model import BLOCK_ROLE, KIND_ROLE, KindsModel
from widgets.canvas.look import Look
from widgets.canvas.overlays import Card
from widgets.canvas.search import find_kinds

_SIZE: Final = (260, 300)
_LIST_KEYS: Final = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class QuickAdd(Card):
    """A search field and its hits; closes at ESC, a choice, or when the focus goes elsewhere.

    Signals
    -------
    chosen(str)
        The kind.
    block_chosen(str)
        Title of the reusable block.
    closed()
        Gone, with or without a choice.
    """

    chosen = Signal(str)
    block_chosen = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.quick_add")
        self._kinds: tuple[Kind, ...] = ()
        self._blocks: tuple[Kind, ...] = ()
        self._with_blocks = True
        self._takes_input = False
        self.search = QLineEdit(self)
        self.search.setObjectName("canvas.quick_add.search")
        self.search.textChanged.connect(self._refresh)
        self.search.installEventFilter(self)
        self.model = KindsModel(self)
        self._delegate = EntryDelegate(self, with_plus=False)
        self._list = QListView(self)
        self._list.setObjectName("canvas.quick_add.list")
        self._list.setModel(self.model)
        self._list.setItemDelegate(self._delegate)
        self._list.setUniformItemSizes(True)
        self._list.setMouseTracking(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setFrameShape(QListView.Shape.NoFrame)
        self._list.clicked.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.search)
        layout.addWidget(self._list)
        self.hide()

    def show_kinds(self, kinds: tuple[Kind, ...]) -> None:
        """Offer these kinds, unsupported ones left out."""
        self._kinds = tuple(kind for kind in kinds if not kind.unsupported)
        self._refresh()

    def show_blocks(self, blocks: tuple[Kind, ...]) -> None:
        """Offer these reusable blocks too, before all kinds that fit as well."""
        self._blocks = blocks
        self._refresh()

    def set_look(self, look: Look) -> None:
        """Paint in another theme."""
        super().set_look(look)
        self._delegate.tokens = look.tokens
        self.set_border(look.accent)

    def open_at(
        self,
        at: QPoint,
        area: QRect,
        purpose: str,
        *,
        with_blocks: bool = True,
        takes_input: bool = False,
    ) -> None:
        """Open with the corner at ``at``, inside ``area`` (both in the parent's pixels).

        Parameters
        ----------
        purpose
            What a choice does, ``"Add a layer"``.
        with_blocks
            A reusable block can be chosen too.
        takes_input
            A layer that takes nothing, such as an input, cannot be chosen.
        """
        width, height = min(_SIZE[0], area.width()), min(_SIZE[1], area.height())
        left = max(area.left(), min(at.x(), area.right() - width))
        top = max(area.top(), min(at.y(), area.bottom() - height))
        self.setGeometry(left, top, width, height)
        self._with_blocks, self._takes_input = with_blocks, takes_input
        self.search.setPlaceholderText(purpose)
        self.search.setAccessibleName(f"{purpose}: type a name")
        self.search.clear()
        self._refresh()
        self.show()
        self.raise_()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_list(self) -> None:
        """Go away without a choice."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def _refresh(self) -> None:
        blocks = self._blocks if self._with_blocks else ()
        kinds = [kind for kind in self._kinds if kind.inputs[1] != 0 or not self._takes_input]
        self.model.show_flat(find_kinds(self.search.text(), (*blocks, *kinds)))
        self._list.setCurrentIndex(self.model.first_enabled())

    def _choose(self, index: QModelIndex) -> None:
        kind, block = index.data(KIND_ROLE), index.data(BLOCK_ROLE)
        if kind:
            self.close_list()
            (self.block_chosen if block else self.chosen).emit(kind)

    def _on_key(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self._list.currentIndex())
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self.close_list()
        elif event.key() in _LIST_KEYS:
            QApplication.sendEvent(self._list, event)
        else:
            return False
        return True

    # ---- Qt overrides ----

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: keys and focus of the search field."""
        if watched is self.search:
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                return self._on_key(event)
            if event.type() == QEvent.Type.FocusOut and not self.isHidden():
                self.close_list()
        return super().eventFilter(watched, event)
