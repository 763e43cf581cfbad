"""Groups on the canvas: the block of a collapsed one, the frame of an open one, and what requests mean there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.editing.folding import Border, Folding
from engine.spec.group import GroupSpec
from engine.spec.issues import Issue, LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec
from widgets.canvas.facts import BlockFacts, output_text, parameters_text
from widgets.canvas.look import Look, elided, text_width
from widgets.canvas.ports import InputPort, Point

_ICON: Final = "mdi6.group"
_MOST_KINDS: Final = 2  # that a block names
_MARGIN: Final = 10.0  # scene units from the frame to the blocks
_TITLE_HEIGHT: Final = 20.0  # with the margin less than the usual gap between blocks
_CORNER: Final = 10.0
_BEHIND: Final = -2.0
_FRAME_SHARE: Final = 0.06  # of the accent in a frame's ground


# ---- The block of a collapsed group ----


def members_of(network: NetworkSpec, layer_ids: Sequence[str]) -> tuple[LayerSpec, ...]:
    """Return these layers, in the network's order."""
    wanted = frozenset(layer_ids)
    return tuple(layer for layer in network.layers if layer.id in wanted)


def describe_group(
    block_id: str,
    group: GroupSpec,
    border: Border,
    layers: Sequence[LayerSpec],
    facts: Mapping[str, LayerFacts],
    issues: Sequence[Issue],
) -> BlockFacts:
    """Return what the block of a collapsed group shows.

    Parameters
    ----------
    layers
        Those inside.
    facts
        What Keras says of each layer; those unknown are missing.
    issues
        Those that sit on a layer inside.
    """
    found = sorted(issues, key=lambda issue: issue.severity != "error")
    known = [facts[layer.id] for layer in layers if layer.id in facts]
    failed = [layer.id for layer in layers if layer.id in facts and facts[layer.id].error]
    problems = tuple(issue.sentence for issue in found)
    named = {issue.layer for issue in found if issue.severity == "error"}
    problems += tuple(f"{name}: {facts[name].error}" for name in failed if name not in named)
    complete = len(known) == len(layers) and not failed
    return BlockFacts(
        layer_id=block_id,
        title=group.title,
        detail=_inside(layers),
        icon=_ICON,
        parameters=parameters_text(sum(fact.parameters for fact in known)) if complete else "",
        shape=output_text(facts.get(border.outputs[0])),
        problems=problems,
        severity="error" if failed else found[0].severity if found else "",
        cures=tuple(cure for issue in found for cure in issue.cures),
        n_inputs=len(border.inputs),
        n_outputs=len(border.outputs),
        input_names=tuple(f"{name} {port + 1}" if port else name for name, port in border.inputs),
    )


def _inside(layers: Sequence[LayerSpec]) -> str:
    """Return what is inside in words, ``"7 layers: 3 Conv2D, 2 Add, ..."``."""
    counted = Counter(layer.kind for layer in layers).most_common()
    kinds = [f"{count} {kind}" if count > 1 else kind for kind, count in counted[:_MOST_KINDS]]
    more = " …" if len(counted) > _MOST_KINDS else ""
    return f"{len(layers)} layers · {', '.join(kinds)}{more}"


# ---- The frame of an open group ----


class GroupFrame(QGraphicsItem):
    """A titled ground behind the layers of an open group; only its title can be hit."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._area = QRectF()
        self.title = ""
        self.setZValue(_BEHIND)

    @property
    def title_area(self) -> QRectF:
        """Where the title stands, in the scene."""
        return QRectF(self._area.left(), self._area.top(), self._area.width(), _TITLE_HEIGHT)

    @property
    def words_area(self) -> QRectF:
        """What the title's letters take of it, in the scene."""
        room = self._words_room()
        words = elided(self.title, self._look.titles[0], room.width())
        room.setWidth(text_width(words, self._look.titles[0]))
        return room

    def _words_room(self) -> QRectF:
        return self.title_area.adjusted(_CORNER, 2, -_CORNER, 0)

    def show_group(self, group: GroupSpec, blocks: QRectF) -> None:
        """Frame the rectangle of the scene in which the group's blocks stand."""
        self.title = group.title
        self.show_around(blocks)

    def show_around(self, blocks: QRectF) -> None:
        """Frame another rectangle: the blocks move."""
        self.prepareGeometryChange()
        self._area = blocks.adjusted(-_MARGIN, -_MARGIN - _TITLE_HEIGHT, _MARGIN, _MARGIN)
        self.update()

    def set_look(self, look: Look) -> None:
        """Paint in another theme."""
        self._look = look
        self.update()

    # ---- Qt overrides ----

    def boundingRect(self) -> QRectF:
        """Qt: what may be painted on."""
        return self._area.adjusted(-1, -1, 1, 1)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Qt: the ground and the title."""
        del option, widget
        look = self._look
        ground = QColor(look.accent)
        ground.setAlphaF(_FRAME_SHARE)
        painter.setBrush(ground)
        painter.setPen(QPen(look.muted, 1.0, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(self._area, _CORNER, _CORNER)
        painter.setFont(look.titles[0])
        painter.setPen(look.text)
        room = self._words_room()
        words = elided(self.title, look.titles[0], room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)


# ---- What a request of the canvas means for the layers ----

_Arguments = tuple[Any, ...]


def unfolded(
    signal: str,
    arguments: _Arguments,
    folding: Folding,
    places: Mapping[str, Point],
    source_port: int = 0,
) -> _Arguments:
    """Return the arguments of a request with layers and wires in the place of groups' blocks.

    Parameters
    ----------
    places
        Where the blocks of all layers stand.
    source_port
        The output port at which a wire that is asked for begins.
    """
    translate = _TRANSLATIONS.get(signal)
    if translate is None or not folding.groups:
        return arguments
    return translate(arguments, folding, places, source_port)


def _beside(beside: Any, folding: Folding) -> Any:
    if isinstance(beside, str) and beside:
        return folding.source_of(beside)
    if isinstance(beside, InputPort):
        return InputPort(*folding.target_of(beside.layer_id, beside.port))
    return folding.wires.get(beside, beside)


def _add(arguments: _Arguments, folding: Folding, *_unused: Any) -> _Arguments:
    *what, beside = arguments
    return (*what, _beside(beside, folding))


def _insert(arguments: _Arguments, folding: Folding, *_unused: Any) -> _Arguments:
    layer_id, wire = arguments
    return (layer_id, folding.wire_of(wire))


def _connect(
    arguments: _Arguments, folding: Folding, places: Mapping[str, Point], source_port: int
) -> _Arguments:
    del places
    source, target, port = arguments
    return (folding.source_of(source, source_port), *folding.target_of(target, port))


def _disconnect(arguments: _Arguments, folding: Folding, *_unused: Any) -> _Arguments:
    return (tuple(folding.wire_of(wire) for wire in arguments[0]),)


def _rewire(
    arguments: _Arguments, folding: Folding, places: Mapping[str, Point], source_port: int
) -> _Arguments:
    del places
    old, new = arguments
    target, port = folding.target_of(new.target, new.port)
    source = folding.source_of(new.source, source_port)
    return (folding.wire_of(old), new.but(source=source, target=target, port=port))


def _move(
    arguments: _Arguments, folding: Folding, places: Mapping[str, Point], source_port: int
) -> _Arguments:
    del source_port
    moved = {block_id: (x, y) for block_id, x, y in arguments[0]}
    after = folding.layer_places(moved, places)
    return (tuple((layer_id, x, y) for layer_id, (x, y) in after.items()),)


def _delete(arguments: _Arguments, folding: Folding, *_unused: Any) -> _Arguments:
    blocks, wires = arguments
    return (folding.layers_of(blocks), tuple(folding.wire_of(wire) for wire in wires))


_TRANSLATIONS: Final[Mapping[str, Callable[..., _Arguments]]] = {
    "add_requested": _add,
    "block_requested": _add,
    "quick_add_requested": _add,
    "insert_requested": _insert,
    "connect_requested": _connect,
    "disconnect_requested": _disconnect,
    "rewire_requested": _rewire,
    "move_requested": _move,
    "delete_requested": _delete,
}


def frame_at(frames: Mapping[str, GroupFrame], at: QPointF) -> str:
    """Return the group whose title lies at a point of the scene, "" if none does."""
    return next((name for name, frame in frames.items() if frame.title_area.contains(at)), "")
