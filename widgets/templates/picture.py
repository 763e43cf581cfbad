"""A network as a small picture: a coloured box for each layer, from left to right, in lines if it is long."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from engine.catalog import catalog
from engine.editing.layout import arrange
from engine.spec.network import NetworkSpec

_LARGEST_CELL: Final = 24.0  # picture units a rank takes at most
_BOX: Final = 0.66  # share of a cell that its box fills
_ROUNDED: Final = 0.22  # share of a box that its corner takes
_BETWEEN: Final = 0.5  # cells between two lines
_MOST_LINES: Final = 24
_LARGE_ENOUGH: Final = 0.8  # share of the largest possible cell at which no more lines are worth it
_LEAST_WIRE: Final = 0.6


@dataclass(frozen=True)
class Flow:
    """Where the boxes stand.

    Attributes
    ----------
    centres
        Layer id -> centre.
    lines
        Layer id -> number of the line it stands in.
    cell
        Distance from one rank to the next.
    """

    centres: Mapping[str, QPointF]
    lines: Mapping[str, int]
    cell: float


def flow(network: NetworkSpec, box: QRectF) -> Flow:
    """Return places for all layers inside ``box``, as large as they fit; a long network is broken into lines."""
    places = arrange(network, size=(1.0, 1.0), gap=(0.0, 0.0))
    if not places:
        return Flow({}, {}, 0.0)
    ranks = round(max(y for _, y in places.values())) + 1
    left = min(x for x, _ in places.values())
    height = max(x for x, _ in places.values()) - left + 1.0
    sizes = {lines: _cell(lines, ranks, height, box) for lines in range(1, _MOST_LINES + 1)}
    count = next(n for n, size in sizes.items() if size >= _LARGE_ENOUGH * max(sizes.values()))
    cell, in_line = sizes[count], math.ceil(ranks / count)
    pitch = (height + _BETWEEN) * cell
    top = box.center().y() - (math.ceil(ranks / in_line) * pitch - _BETWEEN * cell) / 2
    start = box.center().x() - min(in_line, ranks) * cell / 2
    lines = {name: int(y) // in_line for name, (_, y) in places.items()}
    centres = {
        name: QPointF(
            start + (int(y) % in_line + 0.5) * cell,
            top + lines[name] * pitch + (x - left + 0.5) * cell,
        )
        for name, (x, y) in places.items()
    }
    return Flow(centres, lines, cell)


def _cell(lines: int, ranks: int, height: float, box: QRectF) -> float:
    """Return how large cells can be with so many lines."""
    wide = box.width() / math.ceil(ranks / lines)
    high = box.height() / (lines * (height + _BETWEEN) - _BETWEEN)
    return min(wide, high, _LARGEST_CELL)


def paint_network(
    painter: QPainter,
    network: NetworkSpec,
    box: QRectF,
    colour: Callable[[str], QColor],
    wire: QColor,
) -> None:
    """Draw a network into ``box``.

    Parameters
    ----------
    colour
        Colour of a catalogue group.
    """
    placed = flow(network, box)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(wire, max(_LEAST_WIRE, placed.cell * 0.07)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for each in network.wires:
        if placed.lines[each.source] == placed.lines[each.target]:
            painter.drawPath(_bow(placed.centres[each.source], placed.centres[each.target]))
    painter.setPen(Qt.PenStyle.NoPen)
    kinds = catalog().family("layer")
    side = placed.cell * _BOX
    for layer in network.layers:
        kind = kinds.get(layer.kind)
        painter.setBrush(colour(kind.group if kind else ""))
        square = QRectF(0, 0, side, side)
        square.moveCenter(placed.centres[layer.id])
        painter.drawRoundedRect(square, side * _ROUNDED, side * _ROUNDED)
    painter.restore()


def _bow(start: QPointF, end: QPointF) -> QPainterPath:
    """Return a wire that leaves and arrives level."""
    path = QPainterPath(start)
    middle = (start.x() + end.x()) / 2
    path.cubicTo(QPointF(middle, start.y()), QPointF(middle, end.y()), end)
    return path
