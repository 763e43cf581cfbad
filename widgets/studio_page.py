"""The Studio page: canvas in the middle, docks around it, movable and remembered."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QVBoxLayout, QWidget

_AREA = Qt.DockWidgetArea


class StudioPage(QMainWindow):
    """Arranges widgets that others own; a window inside the window, so that its docks are its own.

    Docks are put in tabs and where they were only when the page is first shown: before, Qt leaves tab bars
    standing where no dock is.

    Parameters
    ----------
    docks
        (objectName, title, area, widget) from top to bottom in each area.
    """

    def __init__(
        self, centre: QWidget, docks: tuple[tuple[str, str, Qt.DockWidgetArea, QWidget], ...]
    ) -> None:
        super().__init__()
        self.setObjectName("page.studio")
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setCentralWidget(centre)
        self.setCorner(Qt.Corner.BottomLeftCorner, _AREA.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, _AREA.RightDockWidgetArea)
        self.docks: dict[str, QDockWidget] = {}
        self._usual: tuple[tuple[Mapping[str, int], Qt.Orientation], ...] = ()
        self._groups: tuple[tuple[str, ...], ...] = ()
        self._wanted = ""  # layout to restore once the page is shown
        self._is_placed = False
        for name, title, area, widget in docks:
            dock = QDockWidget(title)
            dock.setObjectName(name)
            dock.setWidget(_held(widget))
            dock.visibilityChanged.connect(widget.setVisible)
            self.addDockWidget(area, dock)
            self.docks[name] = dock

    def set_usual_sizes(self, widths_px: Mapping[str, int], heights_px: Mapping[str, int]) -> None:
        """Say how wide and high docks are at first, by their names; taken when the page is first shown."""
        self._usual = (
            (widths_px, Qt.Orientation.Horizontal),
            (heights_px, Qt.Orientation.Vertical),
        )

    def set_usual_groups(self, groups: tuple[tuple[str, ...], ...]) -> None:
        """Say which docks share a place at first, by their names; the first of each is in front."""
        self._groups = groups

    def layout_text(self) -> str:
        """Return where the docks are, for `restore_layout`; "" if they were never shown."""
        if not self._is_placed:
            return self._wanted
        return bytes(self.saveState().toBase64().data()).decode()

    def restore_layout(self, text: str) -> None:
        """Put the docks where `layout_text` said, once they are shown; nonsense changes nothing."""
        self._wanted = text
        if self._is_placed:
            self._restore()

    def _restore(self) -> bool:
        return self.restoreState(QByteArray.fromBase64(self._wanted.encode()))

    # ---- Qt overrides ----

    def showEvent(self, event: QShowEvent) -> None:
        """Give the docks their usual sizes once there is room to share out."""
        super().showEvent(event)
        if self._is_placed:
            return
        self._is_placed = True
        if self._wanted and self._restore():
            return
        for first, *others in self._groups:
            for name in others:
                self.tabifyDockWidget(self.docks[first], self.docks[name])
            self.docks[first].raise_()
        for sizes_px, orientation in self._usual:
            self.resizeDocks(
                [self.docks[name] for name in sizes_px], list(sizes_px.values()), orientation
            )


def _held(widget: QWidget) -> QWidget:
    """Return a frame that keeps a widget's room while it is hidden.

    Qt only moves the docks behind the one in front out of sight: to their widgets they are visible, and would do and
    ask for all that is worth it on screen.
    """
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)
    frame = QWidget()
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(widget)
    return frame


def scrolled(widget: QWidget) -> QScrollArea:
    """Return the widget in a frame that scrolls vertically."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area


def stacked(above: QWidget, below: QWidget) -> QWidget:
    """Return both in one widget: the upper one takes the room that the lower one leaves."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(above, 1)
    column.addWidget(below)
    return box
