"""Find and run any command by typing part of its name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

_MOST_SHOWN = 50


class CommandPalette(QDialog):
    """A search field over a list of commands.

    Signals
    -------
    chosen(id)
        The user ran a command.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("command_palette")
        self.setWindowTitle("Find a Command")
        self.setMinimumSize(480, 360)
        self._commands: tuple[tuple[str, str, str], ...] = ()
        self._search = QLineEdit()
        self._search.setObjectName("command_palette.search")
        self._search.setPlaceholderText("Type what you want to do")
        self._search.setClearButtonEnabled(True)
        self._list = QListWidget()
        self._list.setObjectName("command_palette.list")
        column = QVBoxLayout(self)
        column.addWidget(self._search)
        column.addWidget(self._list)
        self._search.textChanged.connect(self._filter)
        self._search.returnPressed.connect(self._choose)
        self._list.itemActivated.connect(self._choose)
        self._search.installEventFilter(self)

    def show_commands(self, commands: tuple[tuple[str, str, str], ...]) -> None:
        """Offer commands: (id, text, shortcut)."""
        self._commands = commands
        self._search.clear()
        self._filter("")
        self._search.setFocus()

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        self._list.clear()
        hits = [
            c for c in self._commands if all(word in f"{c[1]} {c[0]}".lower() for word in words)
        ]
        for command_id, title, shortcut in hits[:_MOST_SHOWN]:
            item = QListWidgetItem(f"{title}    {shortcut}" if shortcut else title)
            item.setData(Qt.ItemDataRole.UserRole, command_id)
            self._list.addItem(item)
        self._list.setCurrentRow(0)

    def _choose(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self.accept()
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    # ---- Qt overrides ----

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys move in the list while typing."""
        if (
            watched is self._search
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and self._list.count():
                self._list.setCurrentRow((self._list.currentRow() + step) % self._list.count())
                return True
        return super().eventFilter(watched, event)
