"""Find and run any command by typing part of its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.errors import quoted
from widgets.base.labels import plain_label, plain_tip

_MOST_SHOWN: Final = 50
_ID_ROLE: Final = Qt.ItemDataRole.UserRole
# An abbreviation, a word of a name as in "AveragePooling2D", or a number.
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+[A-Z]?")
_WHOLE, _PART, _PREFIX, _INSIDE, _ELSEWHERE, _NONE = range(6)


@dataclass(frozen=True)
class PaletteCommand:
    """One line of the palette.

    Attributes
    ----------
    rank
        Of equally good hits, the lower comes first.
    replaces
        It puts something in the place of the user's work: behind all that does not.
    why_not
        Why it cannot be run now, "" if it can.
    """

    id: str
    text: str
    shortcut: str = ""
    rank: int = 0
    replaces: bool = False
    why_not: str = ""


def ranked(query: str, commands: Sequence[PaletteCommand]) -> tuple[PaletteCommand, ...]:
    """Return the commands in which every word of the query occurs, the best hit first.

    What can be run stands before what cannot; what replaces the user's work behind all else; then whole
    words before parts of words before their beginnings before other places; then the rank, then the shorter name.
    """
    words = query.lower().split()
    if not words:
        return tuple(command for command in commands if not command.why_not)
    found = []
    for place, command in enumerate(commands):
        quality = _quality(words, command)
        if quality < _NONE:
            key = (
                bool(command.why_not), command.replaces, quality, command.rank, len(command.text), place,
            )  # fmt: skip
            found.append((key, command))
    return tuple(command for _key, command in sorted(found, key=lambda hit: hit[0]))


def _quality(words: Sequence[str], command: PaletteCommand) -> int:
    """Return how well the worst of some words fits."""
    text = command.text.lower()
    whole = {part.strip(".,…()") for part in text.split()}
    parts = {part.lower() for part in _WORD.findall(command.text)}

    def quality(word: str) -> int:
        if word in whole or word in parts:
            return _WHOLE if word in whole else _PART
        if any(part.startswith(word) for part in whole | parts):
            return _PREFIX
        if word in text:
            return _INSIDE
        return _ELSEWHERE if word in command.id.lower() else _NONE

    return max(map(quality, words))


class CommandPalette(QDialog):
    """A search field over a list of commands.

    Signals
    -------
    chosen(id)
        The user ran a command; the palette is gone by then.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("command_palette")
        self.setWindowTitle("Find a Command")
        self.setMinimumSize(640, 380)
        self._commands: tuple[PaletteCommand, ...] = ()
        self._search = QLineEdit()
        self._search.setObjectName("command_palette.search")
        self._search.setPlaceholderText("Type what you want to do")
        self._search.setClearButtonEnabled(True)
        self._list = self._make_list()
        self._nothing = plain_label(wrap=True, tone="muted", name="command_palette.nothing")
        column = QVBoxLayout(self)
        column.addWidget(self._search)
        column.addWidget(self._nothing)
        column.addWidget(self._list, 1)
        self._search.textChanged.connect(self._filter)
        self._search.returnPressed.connect(self._choose)
        self._list.itemActivated.connect(self._choose)
        self._search.installEventFilter(self)

    def show_commands(self, commands: Sequence[PaletteCommand]) -> None:
        """Offer commands."""
        self._commands = tuple(commands)
        self._search.clear()
        self._filter("")
        self._search.setFocus()

    def _make_list(self) -> QTreeWidget:
        shown = QTreeWidget()
        shown.setObjectName("command_palette.list")
        shown.setAccessibleName("Commands")
        shown.setColumnCount(2)
        shown.setHeaderHidden(True)
        shown.setRootIsDecorated(False)
        shown.setUniformRowHeights(True)
        shown.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys come from the search field
        shown.header().setStretchLastSection(False)
        shown.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        shown.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        return shown

    def _filter(self, text: str) -> None:
        hits = ranked(text, self._commands)
        self._list.clear()
        self._list.addTopLevelItems([self._item(command) for command in hits[:_MOST_SHOWN]])
        for item in self._items():
            if item.flags() & Qt.ItemFlag.ItemIsEnabled:
                self._list.setCurrentItem(item)
                break
        cut = len(hits) - _MOST_SHOWN
        words = f"No command is called “{quoted(text, 40)}”: try another word." if not hits else ""
        self._nothing.setText(f"{cut} more: type another word." if cut > 0 and text else words)
        self._nothing.setVisible(bool(self._nothing.text()))

    def _item(self, command: PaletteCommand) -> QTreeWidgetItem:
        item = QTreeWidgetItem([command.text, command.shortcut])
        item.setData(0, _ID_ROLE, command.id)
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setForeground(1, self.palette().color(QPalette.ColorRole.PlaceholderText))
        if command.why_not:
            item.setText(0, f"{command.text}: {_in_sentence(command.why_not)}")
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setToolTip(0, plain_tip(item.text(0)))
        return item

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self._list.topLevelItem(n) for n in range(self._list.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _choose(self) -> None:
        item = self._list.currentItem()
        if item is not None and item.flags() & Qt.ItemFlag.ItemIsEnabled:
            command_id = item.data(0, _ID_ROLE)
            self.accept()
            # First the palette goes from the screen: a large network takes a moment to be drawn.
            QTimer.singleShot(0, self, lambda: self.chosen.emit(command_id))

    def _go(self, step: int) -> None:
        possible = [item for item in self._items() if item.flags() & Qt.ItemFlag.ItemIsEnabled]
        if possible:
            current = self._list.currentItem()
            place = possible.index(current) if current in possible else -step
            self._list.setCurrentItem(possible[(place + step) % len(possible)])

    # ---- Qt overrides ----

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys move in the list while typing."""
        if (
            watched is self._search
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step:
                self._go(step)
                return True
        return super().eventFilter(watched, event)


def _in_sentence(reason: str) -> str:
    """Return a reason as it follows a colon."""
    begin = reason[:1].lower() if reason[1:2].islower() or reason[1:2] == " " else reason[:1]
    return f"{begin}{reason[1:].rstrip('.')}"
