"""A connection on the canvas, and the one that is being drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.spec.network import WireSpec
from widgets.canvas.block import FAR, NEAR, VERY_FAR
from widgets.canvas.look import Look, text_width
from widgets.canvas.plain_text import tooltip
from widgets.canvas.ports import Point
from widgets.canvas.routing import Route

HOT_WIDTH: Final = 14.0  # a click this near counts, in scene units across the wire
_CORNER: Final = 12.0
_ARROW: Final = (9.0, 5.0)  # length, half width
_PORT_GAP: Final = 4.0  # from the arrow to the middle of the port
_LABEL_HEIGHT: Final = 17.0
_LABEL_PADDING: Final = 7.0
_LABEL_GROWTH: Final = 1.35  # of labels between neighbours while they are seen from farther away


def rounded(points: Sequence[Point], radius: float = _CORNER) -> QPainterPath:
    """Return the line through ``points`` with its corners rounded."""
    path = QPainterPath(QPointF(*points[0]))
    for (ax, ay), (bx, by), (cx, cy) in zip(points, points[1:], points[2:], strict=False):
        before, after = math.hypot(bx - ax, by - ay), math.hypot(cx - bx, cy - by)
        cut = min(radius, before / 2, after / 2)
        if cut > 0:
            path.lineTo(bx + (ax - bx) * cut / before, by + (ay - by) * cut / before)
            path.quadTo(bx, by, bx + (cx - bx) * cut / after, by + (cy - by) * cut / after)
    path.lineTo(QPointF(*points[-1]))
    return path


def path_of(route: Route) -> QPainterPath:
    """Return the line of a route."""
    if not route.curved:
        return rounded(route.points)
    start, *handles = (QPointF(*point) for point in route.points)
    path = QPainterPath(start)
    path.cubicTo(*handles)
    return path


class WireItem(QGraphicsItem):
    """One wire with the shape that flows through it.

    Attributes
    ----------
    wire
        The connection it shows.
    route
        Where it runs.
    selected, hovered
        How it looks; a wire is hovered too while a palette entry is held over it.
    """

    def __init__(self, wire: WireSpec, route: Route, look: Look) -> None:
        super().__init__()
        self.wire = wire
        self.selected = False
        self.hovered = False
        self._look = look
        self._shape = ""
        self._label = ""
        self._problem = ""
        self._label_box = QRectF()
        self._titles: tuple[QRectF, ...] = ()
        self.route = route
        self._path = path_of(route)
        self._arrow = arrow_head(QPointF(*route.points[-1]))
        self._hot: QPainterPath | None = None
        self._bounds = self._reach()
        self._restack()

    @property
    def centre(self) -> QPointF:
        """The middle of the wire in the scene, a point that lies on it."""
        return self._path.pointAtPercent(0.5)

    def show_route(self, route: Route) -> None:
        """Run elsewhere; nothing happens if the route is the same."""
        if route != self.route:
            self.prepareGeometryChange()
            self.route = route
            self._path = path_of(route)
            self._arrow = arrow_head(QPointF(*route.points[-1]))
            self._hot = None
            self._place_label()
            self._restack()

    def show_label(self, shape: str, problem: str = "", *, is_drawn: bool = True) -> None:
        """Show the shape that flows, drawn or in the tooltip alone, and what is wrong, "" if nothing is."""
        label = shape if is_drawn else ""
        if (shape, label, problem) != (self._shape, self._label, self._problem):
            self.prepareGeometryChange()
            self._shape, self._label, self._problem = shape, label, problem
            words = f"{self.wire.source} to {self.wire.target}"
            self.setToolTip(tooltip("\n".join(part for part in (words, shape, problem) if part)))
            self._place_label()
            self.update()

    def keep_clear(self, titles: tuple[QRectF, ...]) -> None:
        """Write the shape at the right of these words of the scene where it would cover them."""
        if titles != self._titles:
            self.prepareGeometryChange()
            self._titles = titles
            self._place_label()
            self.update()

    def set_look(self, look: Look) -> None:
        """Paint in another theme."""
        self._look = look
        self._place_label()
        self.update()

    def set_state(self, *, selected: bool | None = None, hovered: bool | None = None) -> None:
        """Change how the wire looks; None leaves a property as it is."""
        wanted = (
            self.selected if selected is None else selected,
            self.hovered if hovered is None else hovered,
        )
        if wanted != (self.selected, self.hovered):
            self.selected, self.hovered = wanted
            self._restack()
            self.update()

    def _restack(self) -> None:
        # Lanes lie below curves, so that a crossing never hides a label between neighbours.
        self.setZValue(0.5 if self.selected or self.hovered else (-1 if self.route.curved else -2))

    def _reach(self) -> QRectF:
        reach = HOT_WIDTH / 2 + 2
        line = self._path.boundingRect().adjusted(-reach, -reach, reach, reach)
        return line.united(_grown(self._label_box).adjusted(-2, -2, 2, 2))

    def _place_label(self) -> None:
        self._label_box = self._label_place() if self._label else QRectF()
        self._bounds = self._reach()

    def _label_place(self) -> QRectF:
        width = text_width(self._label, self._look.small) + 2 * _LABEL_PADDING
        size = QSizeF(width, _LABEL_HEIGHT)
        box = QRectF(QPointF(), size if self.route.curved else size.transposed())
        box.moveCenter(QPointF(*self.route.label))
        for title in self._titles:
            if self.route.curved and title.intersects(_grown(box)):
                box.moveLeft(title.right() + _LABEL_PADDING + (_grown(box).width() - width) / 2)
        return box

    def _pen(self) -> QPen:
        look = self._look
        if self.selected:
            return look.wire_selected
        if self.hovered:
            return look.wire_hovered
        return look.wire_bad if self._problem else look.wire

    def _paint_label(self, painter: QPainter) -> None:
        look = self._look
        painter.setPen(self._pen() if self.selected else look.border)
        painter.setBrush(look.background)
        painter.drawRoundedRect(self._label_box, _LABEL_HEIGHT / 2, _LABEL_HEIGHT / 2)
        painter.setPen(look.bad if self._problem else look.muted)
        painter.setFont(look.small)
        if self.route.curved:
            painter.drawText(self._label_box, Qt.AlignmentFlag.AlignCenter, self._label)
            return
        # Along the lane, where it needs no more room than the line itself.
        painter.save()
        painter.translate(self._label_box.center())
        painter.rotate(-90)
        box = self._label_box.transposed()
        box.moveCenter(QPointF())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._label)
        painter.restore()

    def boundingRect(self) -> QRectF:
        """Qt: what may be painted on."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """Qt: what can be clicked."""
        if self._hot is None:
            stroker = QPainterPathStroker()
            stroker.setWidth(HOT_WIDTH)
            self._hot = stroker.createStroke(self._path)
        return self._hot

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Qt: paint, with fewer details from afar."""
        del widget
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        pen = self._pen()
        if zoom < VERY_FAR:
            pen = QPen(pen.color(), 0)  # a hair line: thinner ones would vanish
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawPath(self._path)
        if zoom >= VERY_FAR:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(pen.color())
            painter.drawPolygon(self._arrow)
        if zoom >= FAR and self._label:
            painter.save()
            if zoom < NEAR and self.route.curved:
                centre = self._label_box.center()
                painter.translate(centre)
                painter.scale(_LABEL_GROWTH, _LABEL_GROWTH)
                painter.translate(-centre)
            self._paint_label(painter)
            painter.restore()


def _grown(box: QRectF) -> QRectF:
    """Return a label's box as large as it is ever painted."""
    grown = QRectF(QPointF(), box.size() * _LABEL_GROWTH)
    grown.moveCenter(box.center())
    return grown


def arrow_head(tip: QPointF) -> QPolygonF:
    """Return a triangle that points down onto a port."""
    length, half = _ARROW
    tip = tip - QPointF(0, _PORT_GAP)
    return QPolygonF([tip, tip + QPointF(-half, -length), tip + QPointF(half, -length)])
