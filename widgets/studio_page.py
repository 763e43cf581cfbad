"""The Studio page: canvas in the middle, docks around it, movable and remembered."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QVBoxLayout, QWidget

_AREA = Qt.DockWidgetArea


class StudioPage(QMainWindow):
    """Arranges widgets that others own; a window inside the window, so that its docks are its own.

    Parameters
    ----------
    docks
        (objectName, title, area, widget) from top to bottom in each area.
    """

    def __init__(self, centre: QWidget, docks: tuple[tuple[str, str, Qt.DockWidgetArea, QWidget], ...]) -> None:
        super().__init__()
        self.setObjectName("page.studio")
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setCentralWidget(centre)
        self.setCorner(Qt.Corner.BottomLeftCorner, _AREA.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, _AREA.RightDockWidgetArea)
        self.docks: dict[str, QDockWidget] = {}
        for name, title, area, widget in docks:
            dock = QDockWidget(title)
            dock.setObjectName(name)
            dock.setWidget(widget)
            self.addDockWidget(area, dock)
            self.docks[name] = dock

    def tabify(self, first: str, second: str) -> None:
        """Stack two docks as tabs, the first in front."""
        self.tabifyDockWidget(self.docks[first], self.docks[second])
        self.docks[first].raise_()

    def give_widths(self, **widths_px: int) -> None:
        """Set the docks' usual widths; keys are the names behind ``dock.``."""
        docks = [self.docks[f"dock.{name}"] for name in widths_px]
        self.resizeDocks(docks, list(widths_px.values()), Qt.Orientation.Horizontal)

    def give_heights(self, **heights_px: int) -> None:
        """Set the docks' usual heights; keys as in `give_widths`."""
        docks = [self.docks[f"dock.{name}"] for name in heights_px]
        self.resizeDocks(docks, list(heights_px.values()), Qt.Orientation.Vertical)

    def layout_text(self) -> str:
        """Return where the docks are, for `restore_layout`."""
        return bytes(self.saveState().toBase64().data()).decode()

    def restore_layout(self, text: str) -> None:
        """Put the docks where `layout_text` said; nonsense changes nothing."""
        self.restoreState(QByteArray.fromBase64(text.encode()))


def scrolled(widget: QWidget) -> QScrollArea:
    """Return the widget in a frame that scrolls vertically."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area


def stacked(*widgets: QWidget) -> QWidget:
    """Return the widgets one above the other, without margins."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget)
    return holder
