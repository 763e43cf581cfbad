"""The Studio page: canvas in the middle, docks around it, movable and remembered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QDockWidget,
    QMainWindow,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from widgets.base.focus_order import by_columns

_AREA = Qt.DockWidgetArea
_SIDES: Final = (_AREA.LeftDockWidgetArea, _AREA.RightDockWidgetArea)
_NARROWEST_SIDE_PX: Final = 252  # of a dock beside the canvas: its fields are whole
_LOWEST_FORM_PX: Final = 36  # a field, in a low window
_SAME_PX: Final = 3  # a dock's size is given and read in whole pixels, around separators


class Share(NamedTuple):
    """A part of the page's width or height, within bounds.

    Attributes
    ----------
    part
        0 to 1.
    least_px, most_px
        Bounds of the result.
    """

    part: float
    least_px: int = 0
    most_px: int = 1 << 14

    def of(self, room_px: int) -> int:
        """Return the share of a room in pixels."""
        return max(self.least_px, min(round(self.part * room_px), self.most_px))


_BETWEEN: Final = ";"  # parts of a layout's text
_Sized = tuple[Qt.Orientation, str]  # which side of which dock


class StudioPage(QMainWindow):
    """Arranges widgets that others own; a window inside the window, so that its docks are its own.

    Docks are put in tabs and where they were only when the page is first shown: before, Qt leaves tab bars
    standing where no dock is. Each keeps its share of the page when the page is resized: what Qt takes from docks in
    a small window it does not give back in a large one.

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
        self._centre = centre
        self.setCentralWidget(centre)
        self.setCorner(Qt.Corner.BottomLeftCorner, _AREA.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, _AREA.RightDockWidgetArea)
        self.docks: dict[str, QDockWidget] = {}
        self._areas = {name: area for name, _, area, _ in docks}
        self._usual: dict[_Sized, Share] = {}
        self._chosen: dict[_Sized, Share] = {}  # by dragging a separator
        self._usual_state = QByteArray()
        self._pressed_px: dict[_Sized, int] = {}  # sizes when a button went down
        self._groups: tuple[tuple[str, ...], ...] = ()
        self._wanted = ""  # layout to restore once the page is shown
        self._is_placed = False
        for name, title, area, widget in docks:
            dock = QDockWidget(title)
            dock.setObjectName(name)
            dock.setWidget(_held(widget))
            for button in dock.findChildren(QAbstractButton):
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Qt leaves titles to the mouse
            if area in _SIDES:
                dock.widget().setMinimumWidth(_NARROWEST_SIDE_PX)
            dock.visibilityChanged.connect(widget.setVisible)
            self.addDockWidget(area, dock)
            self.docks[name] = dock

    def set_usual_sizes(self, widths: Mapping[str, Share], heights: Mapping[str, Share]) -> None:
        """Say how wide and high docks are until the user drags a separator, by their names."""
        across = {(Qt.Orientation.Horizontal, name): share for name, share in widths.items()}
        down = {(Qt.Orientation.Vertical, name): share for name, share in heights.items()}
        self._usual = {**across, **down}

    def set_usual_groups(self, groups: tuple[tuple[str, ...], ...]) -> None:
        """Say which docks share a place at first, by their names; the first of each is in front."""
        self._groups = groups

    def layout_text(self) -> str:
        """Return where the docks are, for `restore_layout`; "" if they were never shown."""
        if not self._is_placed:
            return self._wanted
        state = bytes(self.saveState().toBase64().data()).decode()
        chosen = (
            f"{side.name}/{name}/{share.part:.4f}" for (side, name), share in self._chosen.items()
        )
        return _BETWEEN.join((state, *chosen))

    def restore_layout(self, text: str) -> None:
        """Put the docks where `layout_text` said, once they are shown; nonsense changes nothing."""
        self._wanted = text
        if self._is_placed:
            self._restore()

    def reset_layout(self) -> None:
        """Put every dock back where it is at first, and as large."""
        self._wanted, self._chosen = "", {}
        if self._is_placed:
            self.restoreState(self._usual_state)
            self._share_out()

    def _restore(self) -> None:
        state, *chosen = self._wanted.split(_BETWEEN)
        kept = QByteArray.fromBase64(state.encode())
        if self.restoreState(kept):
            self._add_new_docks(bytes(kept.data()))
            self._chosen = {key: share for key, share in map(_read, chosen) if key in self._usual}
            self._share_out()

    def _add_new_docks(self, state: bytes) -> None:
        """Put docks that a kept layout does not know behind those they usually share a place with.

        Qt squeezes them in beside the others.
        """
        for group in self._groups:
            known = [name for name in group if _knows(state, name)]
            for name in group if known else ():
                if name not in known:
                    self.tabifyDockWidget(self.docks[known[0]], self.docks[name])
                    self.docks[known[0]].raise_()

    def _place(self) -> None:
        """Put docks in tabs, and note where all of them are at first."""
        for first, *others in self._groups:
            for name in others:
                self.tabifyDockWidget(self.docks[first], self.docks[name])
            self.docks[first].raise_()
        self._usual_state = self.saveState()

    def focus_zones(self) -> list[QWidget]:
        """Return what of the page is seen, in the order in which the keyboard goes through it."""
        bars = self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        # Qt moves a dock that is behind another out of the page.
        seen = [
            part
            for part in (self._centre, *self.docks.values(), *bars)
            if not part.isHidden()
            and not part.isWindow()
            and self.rect().intersects(part.geometry())
        ]
        return by_columns(seen, self._centre)

    # ---- Sizes ----

    def _sized(self) -> Iterator[tuple[_Sized, int]]:
        """Yield the docks whose size is shared out, with the room for it: those that are where they are at first."""
        for key in self._usual:
            side, name = key
            dock = self.docks[name]
            is_usual = self.dockWidgetArea(dock) == self._areas[name]
            if is_usual and not dock.isFloating() and not dock.isHidden():
                across = side == Qt.Orientation.Horizontal
                yield key, self.width() if across else self.height()

    def _share(self, key: _Sized) -> Share:
        return self._chosen.get(key, self._usual[key])

    def _share_out(self) -> None:
        """Give each dock its share of the page."""
        sizes = {key: self._share(key).of(room_px) for key, room_px in self._sized()}
        for side in Qt.Orientation:
            of_side = {name: px for (its, name), px in sizes.items() if its == side}
            self.resizeDocks([self.docks[name] for name in of_side], list(of_side.values()), side)

    def _sizes_px(self) -> dict[_Sized, int]:
        return {key: self._size_px(key) for key, _ in self._sized()}

    def _size_px(self, key: _Sized) -> int:
        """Return a dock's size as `resizeDocks` counts it: with the tabs below it."""
        side, name = key
        dock = self.docks[name]
        if side == Qt.Orientation.Horizontal:
            return dock.width()
        bars = self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        tabs_px = max((bar.height() for bar in bars if bar.isVisible()), default=0)
        return dock.height() + (tabs_px if self.tabifiedDockWidgets(dock) else 0)

    def _take_sizes(self) -> None:
        """Keep what the user made of the sizes, as shares of the page."""
        for key, room_px in self._sized():
            size_px = self._size_px(key)
            if room_px and abs(size_px - self._share(key).of(room_px)) > _SAME_PX:
                self._chosen[key] = Share(size_px / room_px)

    # ---- Qt overrides ----

    def event(self, event: QEvent) -> bool:
        """Notice that a separator was dragged: Qt has no signal for it."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self._pressed_px = self._sizes_px()
        done = super().event(event)
        if event.type() == QEvent.Type.MouseButtonRelease and self._pressed_px != self._sizes_px():
            self._take_sizes()
        return done

    def minimumSizeHint(self) -> QSize:
        """Ask for no room before the docks are in place: side by side they would widen the window for good."""
        return super().minimumSizeHint() if self._is_placed else QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let every dock keep its share."""
        super().resizeEvent(event)
        if self._is_placed:
            self._share_out()

    def showEvent(self, event: QShowEvent) -> None:
        """Put the docks in place once there is room to share out."""
        super().showEvent(event)
        if self._is_placed:
            return
        self._is_placed = True
        self._place()
        if self._wanted:
            self._restore()
        self._share_out()


def _read(text: str) -> tuple[_Sized, Share]:
    """Return a share that `StudioPage.layout_text` wrote; of no dock if it is nonsense."""
    side, _, rest = text.partition("/")
    name, _, part = rest.rpartition("/")
    try:
        return (Qt.Orientation[side], name), Share(min(1.0, max(0.0, float(part))))
    except (KeyError, ValueError):
        return (Qt.Orientation.Horizontal, ""), Share(0.0)


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


def stacked(above: QWidget, below: QWidget) -> QWidget:
    """Return both in one widget: the upper one takes the room that the lower one leaves."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    above.setMinimumHeight(_LOWEST_FORM_PX)  # it scrolls
    column.addWidget(above, 1)
    column.addWidget(below)
    return box


def _knows(state: bytes, name: str) -> bool:
    """Tell whether the state of a main window names a dock, as a QString in a QDataStream."""
    written = name.encode("utf-16-be")
    return len(written).to_bytes(4, "big") + written in state
