"""The whole network as a small picture in a corner; the mouse moves the view in it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

from widgets.canvas.look import Look
from widgets.canvas.overlays import Card
from widgets.canvas.ports import BLOCK_SIZE
from widgets.canvas.scene import NetworkScene

_LARGEST_SHARE: Final = 0.28  # of the view's width and height
_LARGEST_PX: Final = (170, 260)
_LEAST_WIDTH_PX: Final = 44  # of a network that is one long chain
_LEAST_AREA_PX: Final = (360, 240)  # a smaller view has no room for a map
_PADDING_PX: Final = 6
_EDGE_PX: Final = 10  # from the corner of the view
_LEAST_BLOCK_PX: Final = 2.0
_LEAST_VIEW_PX: Final = 8.0


class MiniMap(Card):
    """Blocks as dots of their group's colour, and a frame around what is in view.

    The picture is made from the places of the blocks when it is next seen after a change; moving the
    view paints the frame alone. Hidden, it costs nothing.

    Attributes
    ----------
    wanted
        False: never shown. True: shown while a part of the network is out of sight.

    Signals
    -------
    place_requested(object)
        The QPointF of the scene that is to be in the middle of the view.
    """

    place_requested = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.map")
        self.setAccessibleName("Overview of the network")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.wanted = True
        self._graph: NetworkScene | None = None
        self._picture: QPixmap | None = None
        self._content = QRectF()
        self._view = QRectF()
        self.hide()

    def set_look(self, look: Look) -> None:
        """Paint in another theme."""
        super().set_look(look)
        self.set_border(look.border.color())
        self.forget()

    def forget(self) -> None:
        """Make the picture anew before it is painted again."""
        self._picture = None
        self.update()

    def show_view(self, graph: NetworkScene, view: QRectF, area: QRect) -> None:
        """Frame what is in view.

        Parameters
        ----------
        view
            What is in view, in scene units.
        area
            Where the view is, in the parent's pixels.
        """
        content = graph.content()
        fits = content.isEmpty() or view.contains(content)
        small = area.width() < _LEAST_AREA_PX[0] or area.height() < _LEAST_AREA_PX[1]
        if fits or small or not self.wanted:
            self.hide()
            return
        self._graph, self._view = graph, view
        box = _corner(content.size(), area)
        if content != self._content or box.size() != self.size():
            self._content = content
            self.forget()
        self.setGeometry(box)
        self.show()
        self.update()

    def to_map(self) -> QTransform:
        """Return the way from the scene to the map's pixels; a long network is pressed together."""
        room = QRectF(self.rect()).adjusted(_PADDING_PX, _PADDING_PX, -_PADDING_PX, -_PADDING_PX)
        way = QTransform.fromTranslate(room.left(), room.top())
        way.scale(room.width() / self._content.width(), room.height() / self._content.height())
        return way.translate(-self._content.left(), -self._content.top())

    def _made(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap((QSizeF(self.size()) * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        if self._graph is not None:
            painter = QPainter(picture)
            self._paint_network(painter, self._graph)
            painter.end()
        return picture

    def _paint_network(self, painter: QPainter, graph: NetworkScene) -> None:
        way = self.to_map()
        painter.setPen(QPen(self._look.wire.color(), 1))
        half = QPointF(*BLOCK_SIZE) / 2
        middles = {name: way.map(QPointF(*at) + half) for name, at in graph.positions.items()}
        for wire in graph.network.wires:
            painter.drawLine(middles[wire.source], middles[wire.target])
        for name, at in graph.positions.items():
            box = way.mapRect(QRectF(QPointF(*at), QSizeF(*BLOCK_SIZE)))
            facts = graph.blocks[name].facts
            bad = facts.severity
            colour = self._look.state(bad) if bad else self._look.group(facts.group)
            painter.fillRect(_at_least(box, _LEAST_BLOCK_PX), colour)

    def _ask(self, event: QMouseEvent) -> None:
        back, possible = self.to_map().inverted()
        if possible:
            self.place_requested.emit(back.map(event.position()))

    # ---- Qt overrides ----

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: the picture and the frame."""
        super().paintEvent(event)
        if self._picture is None:
            self._picture = self._made()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        frame = _at_least(self.to_map().mapRect(self._view), _LEAST_VIEW_PX)
        painter.setClipRect(self.rect().adjusted(2, 2, -2, -2))
        painter.setPen(QPen(self._look.accent, 1.4))
        painter.setBrush(self._look.halo)
        painter.drawRect(frame)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: go there."""
        self._ask(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: go along."""
        self._ask(event)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt: nothing more; the canvas below is not to hear of it."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt: a second click goes there too."""
        self._ask(event)
        event.accept()


def _corner(content: QSizeF, area: QRect) -> QRect:
    """Return the map's box at the lower right of ``area``, shaped like the content where there is room."""
    room = QSizeF(
        min(_LARGEST_PX[0], area.width() * _LARGEST_SHARE),
        min(_LARGEST_PX[1], area.height() * _LARGEST_SHARE),
    )
    size = content.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
    least = QSizeF(_LEAST_WIDTH_PX, _LEAST_WIDTH_PX)
    box = QRect(area.topLeft(), size.expandedTo(least).toSize())
    box.moveBottomRight(area.bottomRight())
    return box.translated(-_EDGE_PX, -_EDGE_PX)


def _at_least(box: QRectF, side: float) -> QRectF:
    """Return a box with the same middle that is nowhere thinner than ``side``."""
    grown = QRectF(0, 0, max(box.width(), side), max(box.height(), side))
    grown.moveCenter(box.center())
    return grown
