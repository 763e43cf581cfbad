"""Align and distribute blocks: arithmetic on positions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

Places: TypeAlias = Mapping[str, tuple[float, float]]
Line: TypeAlias = Literal["left", "centre", "right", "top", "middle", "bottom"]
Axis: TypeAlias = Literal["across", "down"]

# All blocks have the same size, so left and right edges are aligned together; they differ in
# whose edge is taken: that of the first, the mean, or the last block.
LINES: Final[Mapping[Line, tuple[int, Callable[[list[float]], float]]]] = {
    "left": (0, min),
    "centre": (0, lambda values: (min(values) + max(values)) / 2),
    "right": (0, max),
    "top": (1, min),
    "middle": (1, lambda values: (min(values) + max(values)) / 2),
    "bottom": (1, max),
}
AXES: Final[Mapping[Axis, int]] = {"across": 0, "down": 1}


def align(places: Places, line: Line) -> dict[str, tuple[float, float]]:
    """Return the positions after aligning the blocks along a line.

    Parameters
    ----------
    places
        Layer id -> (x, y) of the top left corner, in scene units; y grows downwards.
    line
        ``"left"``, ``"centre"`` and ``"right"`` are vertical lines, the others horizontal ones.
    """
    axis, choose = LINES[line]
    if not places:
        return {}
    value = choose([place[axis] for place in places.values()])
    return {name: _with(place, axis, value) for name, place in places.items()}


def distribute(places: Places, axis: Axis) -> dict[str, tuple[float, float]]:
    """Return the positions after spacing the blocks between the outermost two evenly.

    Fewer than three blocks are not moved.

    Parameters
    ----------
    places
        As in `align`.
    """
    along = AXES[axis]
    order = sorted(places, key=lambda name: places[name][along])
    if len(order) < 3:
        return dict(places)
    first, last = places[order[0]][along], places[order[-1]][along]
    step = (last - first) / (len(order) - 1)
    return {
        name: _with(places[name], along, first + step * number) for number, name in enumerate(order)
    }


def _with(place: tuple[float, float], axis: int, value: float) -> tuple[float, float]:
    x, y = place
    return (value, y) if axis == 0 else (x, value)
