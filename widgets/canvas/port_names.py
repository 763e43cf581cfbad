"""The names of a block's input ports, shown while a wire is led to it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from widgets.canvas.block import NEAR, BlockItem
from widgets.canvas.look import Look, text_width
from widgets.canvas.ports import input_offset, port_name

_HEIGHT = 17.0
_PADDING = 6.0
_ABOVE = 9.0  # from the middle of the port to the lower edge of its name
_ON_TOP = 6.0
_LARGEST_GROWTH = 4.0  # of a name seen from afar


class PortNames(QGraphicsItem):
    """A small name above each input port of one block; blocks with a single port need none.

    Attributes
    ----------
    names
        (name, box in the scene) of each port.
    """

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.names: tuple[tuple[str, QRectF], ...] = ()
        self._look = look
        self._hot = -1
        self.setZValue(_ON_TOP)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_for(self, block: BlockItem | None, hot: int = -1) -> None:
        """Name the ports of a block, the one at ``hot`` marked; None: nothing."""
        named = () if block is None or block.facts.n_inputs < 2 else self._named(block)
        if (named, hot) != (self.names, self._hot):
            self.prepareGeometryChange()
            self.names, self._hot = named, hot
            self.update()

    def _named(self, block: BlockItem) -> tuple[tuple[str, QRectF], ...]:
        facts = block.facts
        named = []
        for port in range(facts.n_inputs):
            spare = facts.spare and port == facts.n_inputs - 1
            name = port_name(facts.input_names, port, spare)
            box = QRectF(0, 0, text_width(name, self._look.small) + 2 * _PADDING, _HEIGHT)
            place = block.pos() + QPointF(*input_offset(port, facts.n_inputs, facts.spare))
            box.moveCenter(place - QPointF(0, _ABOVE + _HEIGHT / 2))
            named.append((name, box))
        return tuple(named)

    # ---- Qt overrides ----

    def boundingRect(self) -> QRectF:
        """Qt: what may be painted on."""
        area = QRectF()
        for _name, box in self.names:
            area = area.united(_grown(box, _LARGEST_GROWTH))
        return area.adjusted(-2, -2, 2, 2)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Qt: paint; from afar only the port that the wire would take, larger."""
        del widget
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        if zoom >= NEAR:
            for port, (name, box) in enumerate(self.names):
                self._paint_name(painter, name, box, port == self._hot)
        elif 0 <= self._hot < len(self.names):
            name, box = self.names[self._hot]
            growth = min(1 / zoom, _LARGEST_GROWTH)
            painter.translate(box.center().x(), box.bottom())
            painter.scale(growth, growth)
            self._paint_name(painter, name, _grown(box, 1, QPointF()), hot=True)

    def _paint_name(self, painter: QPainter, name: str, box: QRectF, hot: bool) -> None:
        look = self._look
        painter.setFont(look.small)
        painter.setPen(look.selected if hot else look.border)
        painter.setBrush(look.block)
        painter.drawRoundedRect(box, _HEIGHT / 2, _HEIGHT / 2)
        painter.setPen(look.accent if hot else look.text)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)


def _grown(box: QRectF, growth: float, foot: QPointF | None = None) -> QRectF:
    """Return a box ``growth`` times as large over the middle of its lower edge, or over ``foot``."""
    middle = QPointF(box.center().x(), box.bottom()) if foot is None else foot
    grown = QRectF(QPointF(), box.size() * growth)
    grown.moveBottom(middle.y())
    grown.moveLeft(middle.x() - grown.width() / 2)
    return grown
