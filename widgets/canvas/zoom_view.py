"""A view that zooms about the mouse, pans without ends and has a dotted ground."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

SMALLEST_ZOOM: Final = 0.1
_LEAST_ZOOM: Final = 0.001  # a number above 0, whatever lies in the scene
LARGEST_ZOOM: Final = 4.0
_STEP: Final = 1.2  # of zoom_in and zoom_out
_WHEEL_BASE: Final = 1.0015  # zoom factor per eighth of a degree of the wheel
_DOT_SPACING: Final = 24  # scene units at zoom 1
_LEAST_DOT_SPACING_PX: Final = 16
_DOT_PX: Final = 1.5
_FIT_MARGIN: Final = 20  # pixels


class ZoomView(QGraphicsView):
    """A graphics view with zoom and pan.

    Signals
    -------
    view_changed()
        Zoom or place has changed.
    shown()
        The view can be seen now: it was hidden before.
    """

    view_changed = Signal()
    shown = Signal()

    def __init__(self, scene: QGraphicsScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.dots = QColor("#d0d7de")
        anchor = QGraphicsView.ViewportAnchor
        self.setTransformationAnchor(anchor.NoAnchor)
        self.setResizeAnchor(anchor.AnchorViewCenter)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        # A cell of a weight is a square.
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        self.setFrameShape(QFrame.Shape.NoFrame)

    @property
    def zoom(self) -> float:
        """Pixels per scene unit."""
        return float(self.transform().m11())

    def zoom_in(self) -> None:
        """Come nearer by a step, about the middle."""
        self.zoom_to(self.zoom * _STEP)

    def zoom_out(self) -> None:
        """Go further away by a step, about the middle."""
        self.zoom_to(self.zoom / _STEP)

    def zoom_reset(self) -> None:
        """Show a scene unit as a pixel, about the middle."""
        self.zoom_to(1.0)

    def smallest_zoom(self) -> float:
        """Return how far one can go away."""
        return SMALLEST_ZOOM

    def zoom_for(self, area: QRectF) -> float:
        """Return the zoom at which a rectangle of the scene fills the view."""
        room = self._room()
        if area.isEmpty() or room.isEmpty():
            return LARGEST_ZOOM
        return max(_LEAST_ZOOM, min(room.width() / area.width(), room.height() / area.height()))

    def _room(self) -> QRect:
        """Return what of the viewport is filled when something is fitted into it."""
        margin = _FIT_MARGIN
        return self.viewport().rect().adjusted(margin, margin, -margin, -margin)

    def zoom_to(self, zoom: float, about: QPoint | None = None) -> None:
        """Set the zoom, from `smallest_zoom` to 400 %; the point ``about`` of the viewport stays."""
        wanted = min(max(zoom, self.smallest_zoom()), LARGEST_ZOOM)
        fixed = about if about is not None else self.viewport().rect().center()
        before = self.mapToScene(fixed)
        factor = wanted / self.zoom
        if not math.isclose(factor, 1.0, rel_tol=1e-9):
            self.scale(factor, factor)
            self.scroll_by(self.mapFromScene(before) - fixed)

    def scroll_by(self, step: QPoint) -> None:
        """Move the window over the scene by pixels."""
        for bar, pixels in (
            (self.horizontalScrollBar(), step.x()),
            (self.verticalScrollBar(), step.y()),
        ):
            bar.setValue(bar.value() + pixels)
        self.view_changed.emit()

    def show_area(self, area: QRectF, largest_zoom: float, smallest_zoom: float = 0.0) -> None:
        """Fit a rectangle of the scene into the view; show its top if it is too high for that."""
        room = self._room()
        if area.isEmpty() or room.isEmpty():
            return
        self.zoom_to(max(min(self.zoom_for(area), largest_zoom), smallest_zoom))
        middle = area.center()
        if area.height() * self.zoom > room.height() + 1:
            middle.setY(area.top() + room.height() / 2 / self.zoom)
        self.centerOn(middle)
        self.view_changed.emit()

    # ---- Qt overrides ----

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt: scroll, or zoom about the mouse with Ctrl."""
        turned = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            steps = turned.y() or turned.x()
            self.zoom_to(self.zoom * _WHEEL_BASE**steps, event.position().toPoint())
        else:
            pixels = event.pixelDelta() if not event.pixelDelta().isNull() else turned / 2
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not pixels.x():
                pixels = QPoint(pixels.y(), 0)
            self.scroll_by(-pixels)
        event.accept()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt: tell that the view can be seen."""
        super().showEvent(event)
        self.shown.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: keep what was shown in view."""
        super().resizeEvent(event)
        self.view_changed.emit()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Qt: dots, fewer from afar."""
        area = QRectF(rect)
        painter.fillRect(
            area, self.backgroundBrush() if self.scene() is None else self.scene().backgroundBrush()
        )
        doubled = max(0, math.ceil(math.log2(_LEAST_DOT_SPACING_PX / (_DOT_SPACING * self.zoom))))
        spacing = _DOT_SPACING * 2**doubled
        columns = range(math.ceil(area.left() / spacing), math.floor(area.right() / spacing) + 1)
        rows = range(math.ceil(area.top() / spacing), math.floor(area.bottom() / spacing) + 1)
        # Rectangles without smoothing: a tenth of the time that as many round points take.
        side = _DOT_PX / self.zoom
        dots = [QRectF(x * spacing, y * spacing, side, side) for x in columns for y in rows]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.dots)
        painter.drawRects(dots)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
