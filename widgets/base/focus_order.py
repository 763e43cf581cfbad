"""The order in which Tab goes through a window: as the eye does, whenever and wherever its controls were made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, cast

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QSplitter, QWidget

_SAME_ROW_PX: Final = 10  # between the upper edges of controls side by side


def takes_keyboard(widget: QWidget) -> bool:
    """Tell whether Tab may give a widget the focus now."""
    tabs = Qt.FocusPolicy.TabFocus.value
    reached = (widget.focusPolicy().value & tabs) == tabs and widget.focusProxy() is None
    return reached and widget.isVisible() and widget.isEnabled()


def controls(zone: QWidget) -> list[QWidget]:
    """Return what Tab reaches in a widget, itself included: row by row, each from left to right.

    What scrolls counts as one, in whatever part of it is in sight.
    """
    found = [widget for widget in (zone, *zone.findChildren(QWidget)) if takes_keyboard(widget)]
    units = dict.fromkeys(_scrolled(widget, zone) or widget for widget in found)
    order: list[QWidget] = []
    for unit in _in_rows(units, zone):
        content = unit.widget() if isinstance(unit, QScrollArea) else None
        order += [unit] if content is None else controls(content)
    return order


def _scrolled(widget: QWidget, zone: QWidget) -> QScrollArea | None:
    """Return the outermost scroll area between a widget and the zone it is in, None if there is none."""
    outermost, parent = None, widget
    while parent is not zone:
        parent = cast("QWidget", parent.parentWidget())
        if isinstance(parent, QScrollArea):
            outermost = parent
    return outermost


def _in_rows(widgets: Iterable[QWidget], zone: QWidget) -> list[QWidget]:
    corners = {widget: widget.mapTo(zone, QPoint()) for widget in widgets}
    rows: list[list[QWidget]] = []
    for widget in sorted(corners, key=lambda each: corners[each].y()):
        starts_row = not rows or corners[widget].y() > corners[rows[-1][0]].y() + _SAME_ROW_PX
        if starts_row:
            rows.append([])
        rows[-1].append(widget)
    return [widget for row in rows for widget in sorted(row, key=lambda each: corners[each].x())]


def first_field(widget: QWidget) -> QWidget | None:
    """Return the first control in a widget, itself included, that takes the keyboard; None if there is none."""
    return next(iter(controls(widget)), None)


def by_columns(zones: Iterable[QWidget], middle: QWidget) -> list[QWidget]:
    """Return widgets from top to bottom, those left of a widget first, those right of it last."""

    def place(zone: QWidget) -> tuple[int, int, int]:
        column = (zone.x() > middle.geometry().right()) - (zone.geometry().right() < middle.x())
        return column, zone.y(), zone.x()

    return sorted(zones, key=place)


def panes(page: QWidget | None) -> list[QWidget]:
    """Return the parts of a page that a splitter keeps side by side; the page itself if there is none."""
    splitter = page.findChild(QSplitter) if page is not None else None
    if page is None or splitter is None or splitter.orientation() != Qt.Orientation.Horizontal:
        return [page] if page is not None else []
    parts = map(splitter.widget, range(splitter.count()))
    return [part for part in parts if part is not None]


def give_focus(zones: Sequence[QWidget], forward: bool) -> bool:
    """Give the focus to the next control of some widgets, or to the one before; False if there is none.

    What has the focus by a click, as a page may, stands before the controls in it.
    """
    order: list[QWidget] = []
    now, at = QApplication.focusWidget(), -1.0
    for zone in zones:
        if now is not None and (zone is now or zone.isAncestorOf(now)):
            at = len(order) - 0.5
        order += controls(zone)
    if not order:
        return False
    if now in order:
        at = order.index(now)
    step = math.floor(at) + 1 if forward else math.ceil(at) - 1
    target = order[step % len(order)]
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    target.setFocus(reason)
    _reveal(target)
    return True


def _reveal(target: QWidget) -> None:
    parent = target.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(target)
        parent = parent.parentWidget()
