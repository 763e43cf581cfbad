"""Where the window stands on the screens there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

_USUAL: Final = QSize(1280, 800)
_LARGEST: Final = QSize(1600, 1000)  # at first, on a large screen
_SHARE: Final = 0.8  # of a large screen
_TITLE_PX: Final = 40  # room for the title bar, whose height is unknown before the window is shown
_GRIP_PX: Final = 120  # of the title bar on a screen: enough to seize it


def first_place(available: QRect) -> QRect:
    """Return the window's place at the first start: centred, and no larger than the screen's free area."""
    room = available.adjusted(0, _TITLE_PX, 0, 0)
    wanted = (room.size() * _SHARE).expandedTo(_USUAL).boundedTo(_LARGEST)
    place = QRect(room.topLeft(), wanted.boundedTo(room.size()))
    place.moveCenter(room.center())
    return place


def fitted(place: QRect, screens: Sequence[QRect]) -> QRect:
    """Return a remembered place, moved and shrunk onto the screen it is on.

    Parameters
    ----------
    place
        Of the window without its title bar.
    screens
        Free area of each screen, the primary one first. Where none of them shows enough of the title bar to
        seize it, the result is that of a first start.
    """
    grip = QRect(place.left(), place.top() - _TITLE_PX, place.width(), _TITLE_PX)
    shown = [grip.intersected(screen).width() for screen in screens]
    widest = max(shown, default=0)
    if widest < min(_GRIP_PX, place.width()):
        return first_place(screens[0]) if screens else place
    room = screens[shown.index(widest)].adjusted(0, _TITLE_PX, 0, 0)
    kept = QRect(place.topLeft(), place.size().boundedTo(room.size()))
    if kept.size() == place.size():
        return kept  # partly outside, as it was put there
    kept.moveTopLeft(room.topLeft())
    return kept


def keep_on_screen(window: QWidget) -> None:
    """Move a window that is not maximized to where the screens show it, see `fitted`."""
    first = QGuiApplication.primaryScreen()
    screens = sorted(QGuiApplication.screens(), key=lambda screen: screen is not first)
    place = fitted(window.geometry(), [each.availableGeometry() for each in screens])
    if place != window.geometry() and not window.isMaximized():
        window.setGeometry(place)
