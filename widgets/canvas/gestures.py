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
from widgets.canvas.linking import Verdict, ancestors, judge
from widgets.canvas.look import Look
from widgets.canvas.ports import Point, snapped
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
    """A signal of the canvas to be emitted."""

    signal: str
    arguments: tuple[Any, ...]


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
    """Selects the blocks that a rectangle touches."""

    def __init__(
        self,
        scene: NetworkScene,
        start: QPointF,
        before: frozenset[str],
        show: Callable[[Iterable[str]], None],
    ) -> None:
        self.message = ""
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
        area = QRectF(self._start, pointer.scene).normalized()
        self._band.setRect(area)
        self._touched = self._before.union(self._scene.blocks_in(area))
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
    """Drags blocks; the pressed one snaps to the grid and the others keep their distance."""

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
        self._scene = scene
        self._pressed = pressed
        self._start = start
        self._snap = snap
        self._origins = {i: scene.positions[i] for i in layer_ids}

    def move(self, pointer: Pointer) -> None:
        """Drag on, once the mouse has left the place of the press."""
        self.moved = self.moved or dragged(self._start.view, pointer.view)
        if self.moved:
            self._scene.move_blocks(self._places(pointer))

    def _places(self, pointer: Pointer) -> dict[str, Point]:
        away = pointer.scene - self._start.scene
        x, y = self._origins[self._pressed]
        wanted = (x + away.x(), y + away.y())
        if self._snap and not pointer.free:
            wanted = snapped(*wanted)
        step = (wanted[0] - x, wanted[1] - y)
        return {i: (ox + step[0], oy + step[1]) for i, (ox, oy) in self._origins.items()}

    def finish(self, pointer: Pointer) -> tuple[Request, ...]:
        """Ask for the new places, once for all blocks."""
        self.move(pointer)
        places = self._places(pointer) if self.moved else self._origins
        if places == self._origins:
            return ()
        return (Request("move_requested", (tuple((i, x, y) for i, (x, y) in places.items()),)),)

    def cancel(self) -> None:
        """Put the blocks back."""
        self._scene.restore_positions()


class WireGesture:
    """Draws a wire from a port, or carries the end of a wire that was taken off."""

    def __init__(self, scene: NetworkScene, origin: Hit, lifted: WireSpec | None = None) -> None:
        self.message = ""
        self._scene = scene
        self._lifted = lifted
        self._anchor = Hit(lifted.source, "out") if lifted else origin
        self._network = scene.network.without_wires((lifted,)) if lifted else scene.network
        self._hot = Hit()
        self._draft = _Draft(scene.look)
        scene.addItem(self._draft)
        if lifted:
            scene.wires[lifted].setVisible(False)
        self._dim_illegal()

    def _dim_illegal(self) -> None:
        anchor = self._anchor.layer_id
        if self._anchor.side == "out":
            illegal = ancestors(self._network, anchor) - {anchor}
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
        anchor = self._scene.blocks[self._anchor.layer_id]
        start = anchor.port_centre(self._anchor.side or "out", self._anchor.port)
        self._draft.show_between(
            start, end, downwards=self._anchor.side == "out", refused=bool(self.message)
        )

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
        if self._lifted is not None:
            return (Request("rewire_requested", (self._lifted, wire)),)
        return (Request("connect_requested", (source, target, verdict.port)),)

    def _dropped_nowhere(self, pointer: Pointer) -> tuple[Request, ...]:
        if self._lifted is not None:
            return (Request("disconnect_requested", ((self._lifted,),)),)
        if self._anchor.side == "out":
            at = pointer.scene
            return (Request("quick_add_requested", (at.x(), at.y(), self._anchor.layer_id)),)
        return ()

    def _cool(self) -> None:
        if self._hot:
            self._scene.blocks[self._hot.layer_id].set_hot_port(None)
            self._hot = Hit()

    def cancel(self) -> None:
        """Take the draft away and show the lifted wire again."""
        self._cool()
        self.message = ""
        if self._draft.scene() is self._scene:
            self._scene.removeItem(self._draft)
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
