"""Names of several networks on one canvas, each above its blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from engine.spec.named_network import NamedNetwork
from widgets.canvas.look import Look, elided

_HEIGHT: Final = 26.0  # scene units
_GAP: Final = 8.0  # to the blocks


class NetworkTitle(QGraphicsItem):
    """The name of a network; it takes no clicks."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.text = ""
        self.area = QRectF()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_above(self, text: str, blocks: QRectF) -> None:
        """Show a name above the rectangle of the scene in which the network's blocks stand."""
        self.prepareGeometryChange()
        self.text = text
        top = blocks.top() - _GAP - _HEIGHT
        self.area = QRectF(blocks.left(), top, blocks.width(), _HEIGHT)
        self.update()

    # ---- Qt overrides ----

    def boundingRect(self) -> QRectF:
        """Qt: what may be painted on."""
        return self.area

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Qt: the name."""
        del option, widget
        painter.setFont(self.look.middle_titles[0])
        painter.setPen(self.look.text)
        words = elided(self.text, self.look.middle_titles[0], self.area.width())
        painter.drawText(self.area, Qt.AlignmentFlag.AlignCenter, words)


class NetworkTitles:
    """The names of the networks of a scene; none where there is one network.

    Parameters
    ----------
    around
        Returns the rectangle around the blocks of some layers; empty if none of them is shown.
    """

    def __init__(
        self, scene: QGraphicsScene, around: Callable[[Iterable[str]], QRectF], look: Look
    ) -> None:
        self._scene = scene
        self._around = around
        self._look = look
        self._networks: tuple[NamedNetwork, ...] = ()
        self._items: dict[str, NetworkTitle] = {}

    @property
    def area(self) -> QRectF:
        """The rectangle around all names; empty if there are none."""
        area = QRectF()
        for item in self._items.values():
            area = area.united(item.area)
        return area

    @property
    def texts(self) -> dict[str, QRectF]:
        """Each name that is shown, and where."""
        return {item.text: item.area for item in self._items.values()}

    def show(self, networks: tuple[NamedNetwork, ...]) -> None:
        """Show the names of these networks."""
        self._networks = networks
        for name in self._items.keys() - {each.name for each in networks}:
            self._scene.removeItem(self._items.pop(name))
        self.follow()

    def follow(self) -> None:
        """Stand above the blocks again: they moved."""
        for each in self._networks:
            blocks = self._around(each.layers)
            if blocks.isEmpty():
                if each.name in self._items:
                    self._scene.removeItem(self._items.pop(each.name))
                continue
            if each.name not in self._items:
                self._items[each.name] = NetworkTitle(self._look)
                self._scene.addItem(self._items[each.name])
            self._items[each.name].show_above(each.name.replace("_", " ").capitalize(), blocks)

    def set_look(self, look: Look) -> None:
        """Paint in another theme."""
        self._look = look
        for item in self._items.values():
            item.look = look
            item.update()
