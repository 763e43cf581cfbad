"""What happens between pressing and releasing a mouse button: an object each, so no modes.

A gesture shows what it would do and, when finished, returns the requests to be emitted; cancelled,
it puts back what it showed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsPathItem,
    QGraphicsPolygonItem,
    QGraphicsRectItem,
)

from engine.spec.network import WireSpec
from widgets.canvas.linking import Verdict, judge
from widgets.canvas.look import Look
from widgets.canvas.port_names import PortNames
from widgets.canvas.ports import InputPort, Point, snapped
from widgets.canvas.scene import Hit, NetworkScene
from widgets.canvas.wire import arrow_head

_ON_TOP: Final = 5.0
_DRAFT_HANDLE: Final = 60.0


@dataclass(frozen=True)
class Pointer:
    """Where the mouse is.

    Attributes
    ----------
    view, scene
        Position in the viewport (pixels) and in the scene.
    reach
        How near a port counts, in scene units.
    free
        The key that switches snapping off is held.
    """

    view: QPoint
    scene: QPointF
    reach: float
    free: bool = False


@dataclass(frozen=True)
class Request:
    """A signal of the canvas to be emitted.

    Attributes
    ----------
    source_port
        Output port at which the wire asked for begins; blocks of groups have more than one.
    """

    signal: str
    arguments: tuple[Any, ...]
    source_port: int = 0


class Gesture(Protocol):
    """One drag from press to release.

    Attributes
    ----------
    message
        Shown near the mouse while it lasts, "" for nothing.
    """

    message: str

    def move(self, pointer: Pointer) -> None:
        """Follow the mouse."""

    def finish(self, pointer: Pointer) -> tuple[Request, ...]:
        """End here; return what is to be asked for."""

    def cancel(self) -> None:
        """Put back what was shown."""


def dragged(start: QPoint, now: QPoint) -> bool:
    """Tell a drag from a click with a shaking hand."""
    return (now - start).manhattanLength() >= QApplication.startDragDistance()


class PanGesture:
    """Moves the view with the mouse."""

    def __init__(self, start: QPoint, scroll: Callable[[QPoint], None]) -> None:
        self.message = ""
        self._last = start
        self._scroll = scroll

    def move(self, pointer: Pointer) -> None:
        """Follow the mouse."""
        self._scroll(self._last - pointer.view)
        self._last = pointer.view

    def finish(self, pointer: Pointer) -> tuple[Request, ...]:
        """Ask for nothing."""
        self.move(pointer)
        return ()

    def cancel(self) -> None:
        """Leave the view where it is."""


class BandGesture:
    """Selects the blocks that a rectangle touches.

    Attributes
    ----------
    area
        The rectangle, in the scene.
    """

    def __init__(
        self,
        scene: NetworkScene,
        start: QPointF,
        before: frozenset[str],
        show: Callable[[Iterable[str]], None],
    ) -> None:
        self.message = ""
        self.area = QRectF(start, start)
        self._scene = scene
        self._start = start
        self._before = before
        self._touched = before
        self._show = show
        fill = QColor(scene.look.halo)
        fill.setAlphaF(0.12)
        pen = QPen(scene.look.accent, 1)
        pen.setCosmetic(True)
        self._band = QGraphicsRectItem()
        self._band.setPen(pen)
        self._band.setBrush(fill)
        self._band.setZValue(_ON_TOP)
        scene.addItem(self._band)

    def move(self, pointer: Pointer) -> None:
        """Select what the rectangle touches now, beside what was selected before."""
        self.area = QRectF(self._start, pointer.scene).normalized()
        self._band.setRect(self.area)
        self._touched = self._before.union(self._scene.blocks_in(self.area))
        self._show(self._touched)

    def finish(self, pointer: Pointer) -> tuple[Request, ...]:
        """Tell the new selection, once."""
        self.move(pointer)
        self._scene.removeItem(self._band)
        if self._touched == self._before:
            return ()
        ids = tuple(name for name in self._scene.network.ids if name in self._touched)
        return (Request("selection_changed", (ids,)),)

    def cancel(self) -> None:
        """Go back to what was selected before."""
        self._scene.removeItem(self._band)
        self._show(self._before)


class MoveGesture:
    """Drags blocks; the pressed one snaps to the grid and the others keep their distance.

    Attributes
    ----------
    step
        How far they are from where they stood, in the scene.
    """

    def __init__(
        self,
        scene: NetworkScene,
        pressed: str,
        layer_ids: Iterable[str],
        start: Pointer,
        snap: bool,
    ) -> None:
        self.message = ""
        self.moved = False
        self.step = QPointF()
        self._scene = scene
        self._pressed = pressed
        self._start = start
        self._snap = snap
        self._origins = {i: scene.positions[i] for i in layer_ids}
        self._goes_into: WireSpec | None = None

    def move(self, pointer: Pointer) -> None:
        """Drag on, once the mouse has left the place of the press."""
        self.moved = self.moved or dragged(self._start.view, pointer.view)
        if self.moved:
            places = self._places(pointer)
            self.step = QPointF(*places[self._pressed]) - QPointF(*self._origins[self._pressed])
            self._scene.move_blocks(places)
            self._mark(self._wire_below())

    def _wire_below(self) -> WireSpec | None:
        """Return the wire that a block which stands alone would be put into here."""
        return self._scene.wire_below(self._pressed) if len(self._origins) == 1 else None

    def _mark(self, wire: WireSpec | None) -> None:
        if wire != self._goes_into:
            for one, on in ((self._goes_into, False), (wire, True)):
                if one is not None and one in self._scene.wires:
                    self._scene.wires[one].set_state(hovered=on)
            self._goes_into = wire

    def _places(self, pointer: Pointer) -> dict[str, Point]:
        away = pointer.scene - self._start.scene
        x, y = self._origins[self._pressed]
        wanted = (x + away.x(), y + away.y())
        if self._snap and not pointer.free:
            wanted = snapped(*wanted)
        step = (wanted[0] - x, wanted[1] - y)
        return {i: (ox + step[0], oy + step[1]) for i, (ox, oy) in self._origins.items()}

    def finish(self, pointer: Pointer) -> tuple[Request, ...]:
        """Ask for the new places, once for all blocks; or for a block to be put into a wire."""
        self.move(pointer)
        wire = self._goes_into
        self._mark(None)
        if wire is not None:
            return (Request("insert_requested", (self._pressed, wire)),)
        places = self._places(pointer) if self.moved else self._origins
        if places == self._origins:
            return ()
        return (Request("move_requested", (tuple((i, x, y) for i, (x, y) in places.items()),)),)

    def cancel(self) -> None:
        """Put the blocks back."""
        self._mark(None)
        self._scene.restore_positions()


class WireGesture:
    """Draws a wire from a port, or carries the end of a wire that was taken off."""

    def __init__(self, scene: NetworkScene, origin: Hit, lifted: WireSpec | None = None) -> None:
        self.message = ""
        self._scene = scene
        self._lifted = lifted
        self._anchor = (
            Hit(lifted.source, "out", scene.folding.source_port(lifted)) if lifted else origin
        )
        self._network = scene.network.without_wires((lifted,)) if lifted else scene.network
        self._hot = Hit()
        self._draft = _Draft(scene.look)
        self._names = PortNames(scene.look)
        scene.addItem(self._draft)
        scene.addItem(self._names)
        if lifted:
            scene.wires[lifted].setVisible(False)
        self._dim_illegal()

    def _dim_illegal(self) -> None:
        anchor = self._anchor.layer_id
        if self._anchor.side == "out":
            illegal = self._network.upstream((anchor,)) - {anchor}
            illegal |= {i for i, b in self._scene.blocks.items() if b.facts.n_inputs == 0}
        else:
            illegal = self._network.downstream((anchor,)) - {anchor}
        for layer_id in illegal - {anchor}:
            self._scene.blocks[layer_id].set_state(dimmed=True)

    def _judge(self, over: Hit) -> tuple[Verdict, str, str]:
        """Return whether the wire may end at ``over``, and its source and target."""
        blocks = self._scene.blocks
        if self._anchor.side == "out":
            source, target = self._anchor.layer_id, over.layer_id
            pointed = over.port if over.side == "in" else None
            return judge(self._network, source, blocks[target].facts, pointed), source, target
        source, target = over.layer_id, self._anchor.layer_id
        verdict = judge(self._network, source, blocks[target].facts, self._anchor.port)
        return verdict, source, target

    def move(self, pointer: Pointer) -> None:
        """Draw to the mouse, or to the port it would take."""
        over = self._scene.hit(pointer.scene, pointer.reach)
        self._cool()
        self.message = ""
        end = pointer.scene
        away = over.layer_id != self._anchor.layer_id
        self._name_ports()
        if over.layer_id and away:
            verdict, _, target = self._judge(over)
            self.message = verdict.refusal
            if not verdict.refusal:
                side_out = self._anchor.side == "out"
                self._hot = Hit(target if side_out else over.layer_id, "in" if side_out else "out")
                port = verdict.port if side_out else 0
                block = self._scene.blocks[self._hot.layer_id]
                block.set_hot_port((self._hot.side or "in", port))
                end = block.port_centre(self._hot.side or "in", port)
                if side_out:
                    self._names.show_for(block, port)
        anchor = self._scene.blocks[self._anchor.layer_id]
        start = anchor.port_centre(self._anchor.side or "out", self._anchor.port)
        self._draft.show_between(
            start, end, downwards=self._anchor.side == "out", refused=bool(self.message)
        )

    def _name_ports(self) -> None:
        """Name the ports of the block that the wire is drawn from, if it is drawn from one of them."""
        anchor = self._anchor
        block = self._scene.blocks[anchor.layer_id] if anchor.side == "in" else None
        self._names.show_for(block, anchor.port)

    def finish(self, pointer: Pointer) -> tuple[Request, ...]:
        """Ask for the wire, for its removal, or for a new layer to end it in."""
        over = self._scene.hit(pointer.scene, pointer.reach)
        self.cancel()
        if not over.layer_id:
            return self._dropped_nowhere(pointer)
        if over.layer_id == self._anchor.layer_id:
            return ()
        verdict, source, target = self._judge(over)
        if verdict.refusal:
            self.message = verdict.refusal
            return ()
        wire = WireSpec(source=source, target=target, port=verdict.port)
        if wire in self._scene.wires:
            return ()
        from_output = self._anchor if self._anchor.side == "out" else over
        begins = from_output.port if from_output.side == "out" else 0
        if self._lifted is not None:
            return (Request("rewire_requested", (self._lifted, wire), begins),)
        return (Request("connect_requested", (source, target, verdict.port), begins),)

    def _dropped_nowhere(self, pointer: Pointer) -> tuple[Request, ...]:
        if self._lifted is not None:
            return (Request("disconnect_requested", ((self._lifted,),)),)
        anchor = self._anchor
        beside = (
            anchor.layer_id if anchor.side == "out" else InputPort(anchor.layer_id, anchor.port)
        )
        return (Request("quick_add_requested", (pointer.scene.x(), pointer.scene.y(), beside)),)

    def _cool(self) -> None:
        if self._hot:
            self._scene.blocks[self._hot.layer_id].set_hot_port(None)
            self._hot = Hit()

    def cancel(self) -> None:
        """Take the draft away and show the lifted wire again."""
        self._cool()
        self.message = ""
        for item in (self._draft, self._names):
            if item.scene() is self._scene:
                self._scene.removeItem(item)
        if self._lifted is not None and self._lifted in self._scene.wires:
            self._scene.wires[self._lifted].setVisible(True)
        for block in self._scene.blocks.values():
            block.set_state(dimmed=False)


class _Draft(QGraphicsPathItem):
    """The wire that is being drawn."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._arrow = QGraphicsPolygonItem(self)
        self._arrow.setPen(Qt.PenStyle.NoPen)
        self.setZValue(_ON_TOP)

    def show_between(self, start: QPointF, end: QPointF, *, downwards: bool, refused: bool) -> None:
        """Draw from the fixed port to the loose end; ``downwards`` if it is an output."""
        handle = QPointF(0, _DRAFT_HANDLE if downwards else -_DRAFT_HANDLE)
        path = QPainterPath(start)
        path.cubicTo(start + handle, end - handle, end)
        colour = self._look.bad if refused else self._look.accent
        style = Qt.PenStyle.DashLine if refused else Qt.PenStyle.SolidLine
        self.setPen(QPen(colour, 2.4, style, Qt.PenCapStyle.RoundCap))
        self.setPath(path)
        self._arrow.setPolygon(arrow_head(end if downwards else start))
        self._arrow.setBrush(colour)
