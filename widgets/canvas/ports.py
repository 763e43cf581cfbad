"""Where the ports of a block are, in scene units (pixels at zoom 1) from the block's corner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

BLOCK_SIZE: Final = (224, 68)  # width, height of every block
GRID: Final = 8  # blocks snap to it while they are dragged
_SPARE_INSET: Final = 32  # a merge's spare port sits this far from the right edge

Side: TypeAlias = Literal["in", "out"]
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class InputPort:
    """Where a wire may end: one input port of a layer."""

    layer_id: str
    port: int


def port_count(inputs: tuple[int, int | None], wired: Sequence[int]) -> int:
    """Return how many input ports a block shows: those wired and one free, if its kind takes more.

    Parameters
    ----------
    inputs
        (least, most) wires the kind takes, most None for any number.
    wired
        Ports that hold a wire. A wire beyond ``most`` keeps its port, so that it can be taken off.
    """
    least, most = inputs
    used = max(wired, default=-1) + 1
    wanted = max(least, used + 1)
    return wanted if most is None else max(min(wanted, most), used)


def input_offset(port: int, n_inputs: int, spare: bool) -> Point:
    """Return the place of an input port on the top edge: evenly spread, a spare one right."""
    width = BLOCK_SIZE[0]
    if spare and port >= n_inputs - 1:
        return (width - _SPARE_INSET, 0.0)
    regular = n_inputs - 1 if spare else n_inputs
    room = width - 2 * _SPARE_INSET if spare and regular > 2 else width
    return ((width - room) / 2 + room * (port + 1) / (regular + 1), 0.0)


def output_offset(port: int = 0, n_outputs: int = 1) -> Point:
    """Return the place of an output port on the bottom edge: evenly spread, a single one in the middle."""
    return (BLOCK_SIZE[0] * (port + 1) / (n_outputs + 1), float(BLOCK_SIZE[1]))


def port_name(names: Sequence[str], port: int, spare: bool) -> str:
    """Return what an input port is called: by the layer, else by its number, "new" if it is spare."""
    if port < len(names):
        return names[port]
    return "new" if spare else str(port + 1)


def snapped(x: float, y: float) -> Point:
    """Return the nearest point of the grid."""
    return (float(round(x / GRID) * GRID), float(round(y / GRID) * GRID))
