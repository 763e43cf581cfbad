"""A text in the right corner of a menu bar, in the room that the menus leave."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QMenuBar

from widgets.base.labels import ElidingLabel

_MENU_PADDING_PX = 4  # above and below a menu's title together
_GAP_PX = 24  # between the last menu and the text


class MenuCorner(ElidingLabel):
    """One line of plain text at the right end; cut where the menus need the room."""

    def __init__(self, bar: QMenuBar) -> None:
        super().__init__()
        self._bar = bar
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setContentsMargins(0, 0, 12, 0)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bar.setCornerWidget(self)
        bar.installEventFilter(self)

    def sizeHint(self) -> QSize:
        """Ask for all that the menus leave."""
        metrics = self._bar.fontMetrics()
        menus = sum(
            metrics.horizontalAdvance(action.text().replace("&", "")) + metrics.height()
            for action in self._bar.actions()
        )
        height = metrics.height() + _MENU_PADDING_PX
        return QSize(max(0, self._bar.width() - menus - _GAP_PX), height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the new room when the bar is resized."""
        if event.type() == QEvent.Type.Resize:
            self.updateGeometry()
        return super().eventFilter(watched, event)
