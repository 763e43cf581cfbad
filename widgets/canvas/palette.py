"""The palette: every kind of layer, to be searched, dragged or added."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDrag,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QMenu,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from engine.catalog.model import Kind
from widgets.base.theme import LIGHT, Tokens
from widgets.canvas.entry_delegate import EntryDelegate
from widgets.canvas.kinds_model import (
    BLOCK_ROLE,
    BLOCKS_GROUP,
    COMMON_GROUP,
    GROUP_ROLE,
    ICON_ROLE,
    KIND_ROLE,
    KindsModel,
    block_kind,
)
from widgets.canvas.look import Look, glyph, group_look, text_width
from widgets.canvas.search import find_kinds

_CHIP_HEIGHT: Final = 32
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LayerPalette(QWidget):
    """A search field above the grouped kinds of layers.

    Signals
    -------
    add_requested(str)
        Kind to be added: Enter, double click or a click on the plus.
    block_requested(str), block_rename_requested(str), block_delete_requested(str)
        A reusable block, by title, is to be placed, renamed, deleted.
    """

    add_requested = Signal(str)
    block_requested = Signal(str)
    block_rename_requested = Signal(str)
    block_delete_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self._kinds: tuple[Kind, ...] = ()
        self._blocks: tuple[Kind, ...] = ()
        self._open_groups = {COMMON_GROUP, BLOCKS_GROUP}
        self._search = QLineEdit(self)
        self._search.setObjectName("palette.search")
        self._search.setPlaceholderText("Search layers")
        self._search.setAccessibleName("Search layers")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._refresh)
        self._search.returnPressed.connect(self._add_first)
        self._search.installEventFilter(self)
        self.model = KindsModel(self)
        self._list = _EntryTree(self)
        self._list.setModel(self.model)
        self._list.add_requested.connect(self.add_requested)
        self._list.block_requested.connect(self.block_requested)
        self._list.block_rename_requested.connect(self.block_rename_requested)
        self._list.block_delete_requested.connect(self.block_delete_requested)
        self._list.expanded.connect(self._on_expanded)
        self._list.collapsed.connect(self._on_collapsed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(6)
        layout.addWidget(self._search)
        layout.addWidget(self._list)

    def show_kinds(self, kinds: tuple[Kind, ...]) -> None:
        """Show these kinds; unsupported ones stand there disabled with their reason."""
        self._kinds = kinds
        self._refresh()

    def show_blocks(self, blocks: Mapping[str, int]) -> None:
        """Show the user's reusable blocks: title -> number of layers."""
        self._blocks = tuple(block_kind(title, count) for title, count in blocks.items())
        self._refresh()

    def set_theme(self, tokens: Tokens) -> None:
        """Paint with the colours of a theme."""
        self._list.set_theme(tokens)

    def index_of(self, kind: str) -> QModelIndex:
        """Return the first entry of a kind in ``model``; an invalid index if it is not shown."""
        return self.model.index_of(kind)

    def _refresh(self) -> None:
        query = self._search.text().strip()
        with QSignalBlocker(self._list):
            if query:
                self.model.show_flat(find_kinds(query, (*self._blocks, *self._kinds)))
                self._list.setCurrentIndex(self.model.first_enabled())
            else:
                self.model.show_grouped((*self._blocks, *self._kinds))
                for row in range(self.model.rowCount()):
                    index = self.model.index(row, 0)
                    self._list.setExpanded(index, index.data(GROUP_ROLE) in self._open_groups)

    def _add_first(self) -> None:
        index = self.model.first_enabled()
        if self._search.text().strip() and index.isValid():
            self._list.ask(index)

    def _on_expanded(self, index: QModelIndex) -> None:
        self._open_groups.add(index.data(GROUP_ROLE))

    def _on_collapsed(self, index: QModelIndex) -> None:
        self._open_groups.discard(index.data(GROUP_ROLE))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: keys and focus of the search field."""
        if watched is self._search and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
                self._search.clear()
                return True
            if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down:
                self._list.setFocus(Qt.FocusReason.TabFocusReason)
                return True
        return super().eventFilter(watched, event)


class _EntryTree(QTreeView):
    """The entries; asks for a layer or a block and starts drags."""

    add_requested = Signal(str)
    block_requested = Signal(str)
    block_rename_requested = Signal(str)
    block_delete_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette.list")
        self.setAccessibleName("Layers to add")
        self._tokens = LIGHT
        self._delegate = EntryDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._on_clicked)
        self.doubleClicked.connect(self.ask)

    def set_theme(self, tokens: Tokens) -> None:
        """Paint with the colours of a theme."""
        self._tokens = tokens
        self._delegate.tokens = tokens
        self.viewport().update()

    def _on_clicked(self, index: QModelIndex) -> None:
        if not index.data(KIND_ROLE):
            self.setExpanded(index, not self.isExpanded(index))

    def ask(self, index: QModelIndex) -> None:
        """Ask for what an entry stands for."""
        if index.data(BLOCK_ROLE):
            self.block_requested.emit(index.data(BLOCK_ROLE))
        elif index.data(KIND_ROLE) and index.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.add_requested.emit(index.data(KIND_ROLE))

    def _over_plus(self, at: QPoint) -> QModelIndex:
        index = self.indexAt(at)
        inside = self._delegate.plus_area(self.visualRect(index)).contains(at)
        return index if inside and index.data(KIND_ROLE) else QModelIndex()

    # ---- Qt overrides ----

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: begin a click or a drag."""
        plus = self._over_plus(event.position().toPoint())
        if plus.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.setCurrentIndex(plus)
            self.ask(plus)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt: add a layer where nothing is."""
        if self._over_plus(event.position().toPoint()).isValid():
            self.mousePressEvent(event)  # a fast second click on the plus adds a second layer
            return
        super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: obey the table of keys."""
        index = self.currentIndex()
        if event.key() in _ENTER and index.isValid():
            self.ask(index)
            return
        asks = {
            Qt.Key.Key_F2: self.block_rename_requested,
            Qt.Key.Key_Delete: self.block_delete_requested,
        }
        if index.data(BLOCK_ROLE) and event.key() in asks:
            asks[Qt.Key(event.key())].emit(index.data(BLOCK_ROLE))
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt: what can be done with a reusable block."""
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if keyboard else self.indexAt(event.pos())
        title = index.data(BLOCK_ROLE)
        if not title:
            event.ignore()
            return
        menu = QMenu(self)
        menu.setObjectName("palette.block_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, signal in (
            ("Place", self.block_requested),
            ("Rename…", self.block_rename_requested),
            ("Delete…", self.block_delete_requested),
        ):
            menu.addAction(words).triggered.connect(partial(signal.emit, title))
        menu.popup(event.globalPos())

    def drawBranches(
        self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Qt: nothing, the delegate draws the arrow."""

    def startDrag(self, supported: Qt.DropAction) -> None:
        """Qt: drag a layer, drawn as its block."""
        kind = self.currentIndex().data(KIND_ROLE)
        if not kind or not supported:
            return
        drag = QDrag(self)
        index = self.currentIndex()
        drag.setMimeData(self.model().mimeData([index]))
        icon = index.data(ICON_ROLE) or group_look(index.data(GROUP_ROLE)).icon
        colour = Look(self._tokens).group(index.data(GROUP_ROLE))
        drag.setPixmap(chip(kind, icon, colour, self._tokens, self.devicePixelRatioF()))
        # Beside the mouse, so that the wire or the place it points at can be seen.
        drag.setHotSpot(QPoint(-12, -10))
        drag.exec(Qt.DropAction.CopyAction)


def chip(name: str, icon: str, colour: QColor, tokens: Tokens, pixel_ratio: float) -> QPixmap:
    """Return a small label with icon and name, for the mouse to carry."""
    font = QApplication.font()
    width = _CHIP_HEIGHT + round(text_width(name, font)) + 14
    pixmap = QPixmap(QSize(width, _CHIP_HEIGHT) * pixel_ratio)
    pixmap.setDevicePixelRatio(pixel_ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(QColor(tokens.raised))
    painter.drawRoundedRect(QRectF(1, 1, width - 2, _CHIP_HEIGHT - 2), 7, 7)
    letter, icons = glyph(icon, 17)
    painter.setFont(icons)
    painter.drawText(QRectF(0, 0, _CHIP_HEIGHT, _CHIP_HEIGHT), Qt.AlignmentFlag.AlignCenter, letter)
    painter.setFont(font)
    painter.setPen(QColor(tokens.text))
    room = QRectF(_CHIP_HEIGHT, 0, width - _CHIP_HEIGHT, _CHIP_HEIGHT)
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
    painter.end()
    return pixmap
