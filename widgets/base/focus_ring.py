"""Shows which control the keyboard reaches: one rule for all of them."""

from __future__ import annotations

from typing import Final, cast

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPalette, QRegion
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

RING_PX: Final = 2
_GAP_PX: Final = 1  # a line in the background's colour: it parts the ring from what is as colourful
ON_ACCENT: Final = "onAccent"  # property of controls that are filled with the accent colour
_WRITTEN: Final = (QAbstractSpinBox, QLineEdit, QPlainTextEdit, QTextEdit)


class FocusRings(QObject):
    """Draws a ring in the accent colour inside the edge of the control of a window that has the focus.

    Where the mouse gave the focus, the pointer says where one is: there only fields that are written into show it, the
    others with the first key.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._ring: _Ring | None = None
        self._last: QWidget | None = None  # that showed it last
        cast("QApplication", QApplication.instance()).focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        was_hidden = self._ring is not None and isValid(self._ring) and self._ring.isHidden()
        self._remove()
        if (
            new is None
            or new is self._window
            or isinstance(new, QMenuBar)
            or not self._window.isAncestorOf(new)
        ):
            return
        target = _whole(new)
        by_mouse = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        is_elsewhere = old is None and target is not self._last  # the window has become active
        is_gone = old is not None and not (old.isVisibleTo(self._window) and old.isEnabled())
        is_unseen = by_mouse or is_elsewhere or (is_gone and was_hidden)  # nobody moved it
        is_shown = _is_written(target) or not is_unseen
        self._last = target if is_shown else None
        self._ring = _Ring(target, is_shown)

    def _remove(self) -> None:
        if self._ring is not None and isValid(self._ring):
            self._ring.setParent(None)
            self._ring.deleteLater()
        self._ring = None


def hide_ring(widget: QWidget) -> None:
    """Let a control show its focus with the first key only, as where the mouse gave it."""
    ring = widget.findChild(_Ring)
    if ring is not None:
        ring.hide()


class _Ring(QWidget):
    """A frame over the edge of its parent; the mouse goes through it."""

    def __init__(self, target: QWidget, is_shown: bool) -> None:
        super().__init__(target)
        self.setObjectName("focus_ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._target = target
        self._fit()
        target.installEventFilter(self)
        self.setVisible(is_shown)

    def _fit(self) -> None:
        """Cover the edge alone: what is painted inside many times a second is not painted with it."""
        self.setGeometry(self._target.rect())
        width = RING_PX + _GAP_PX * (RING_PX if self._is_on_accent else 1)
        inside = self.rect().adjusted(width, width, -width, -width)
        self.setMask(QRegion(self.rect()) - QRegion(inside))
        self.raise_()

    @property
    def _is_on_accent(self) -> bool:
        return bool(self._target.property(ON_ACCENT))

    # ---- Qt overrides ----

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the size of the control; show that it has the focus once a key is used."""
        if event.type() == QEvent.Type.Resize and watched is self._target:
            self._fit()
        elif event.type() == QEvent.Type.KeyPress and self.isHidden():
            self.show()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ring and the line inside it."""
        del event
        colours = QApplication.palette()
        gap = QPalette.ColorRole.HighlightedText if self._is_on_accent else QPalette.ColorRole.Base
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.color(gap))
        for edge in _edges(self.rect(), RING_PX):
            painter.fillRect(edge, colours.color(QPalette.ColorRole.Highlight))
        painter.end()


def _edges(box: QRect, width_px: int) -> tuple[QRect, ...]:
    """Return the four sides of a frame."""
    x, y, width, height = box.x(), box.y(), box.width(), box.height()
    return (
        QRect(x, y, width, width_px),
        QRect(x, y + height - width_px, width, width_px),
        QRect(x, y, width_px, height),
        QRect(x + width - width_px, y, width_px, height),
    )


def _whole(widget: QWidget) -> QWidget:
    """Return the control that a widget with the focus is the written part of."""
    owner = widget.parentWidget()
    is_part = isinstance(widget, QLineEdit) and isinstance(owner, QAbstractSpinBox | QComboBox)
    return owner if is_part and owner is not None else widget


def _is_written(widget: QWidget) -> bool:
    return isinstance(widget, _WRITTEN) or (isinstance(widget, QComboBox) and widget.isEditable())
