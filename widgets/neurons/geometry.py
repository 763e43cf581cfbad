"""Where neurons stand in the picture, which of them are shown, and which one or which synapse is at a point."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.probes.neurons import MOST_SHOWN, shown_neurons

LEAST_PITCH: Final = 15.0  # px between two neurons: less, and circles touch
MOST_PITCH: Final = 38.0
LARGEST_RADIUS: Final = 11.0
_REACH: Final = 4.0  # px beside a synapse that still mean it


@dataclass(frozen=True)
class Standing:
    """A column in the picture.

    Attributes
    ----------
    shown
        (n,) which of the layer's neurons, rising.
    x, y
        Centres in px, ``y`` (n,).
    hidden
        How many are left out; ``hidden_y`` is where to say so.
    """

    shown: npt.NDArray[np.intp]
    x: float
    y: npt.NDArray[np.floating]
    radius: float
    hidden: int
    hidden_y: float


@dataclass(frozen=True)
class Hit:
    """What is at a point: a neuron of a column, or the synapse from ``source`` of the column before."""

    column: int
    neuron: int
    source: int | None = None


def places(top: float, bottom: float) -> int:
    """Return how many neurons have room in a column between these edges in px."""
    return max(2, min(MOST_SHOWN, int((bottom - top) / LEAST_PITCH)))


def stand(
    sizes: Sequence[int], left: float, right: float, top: float, bottom: float
) -> tuple[Standing, ...]:
    """Return the columns, from left to right, that fit between these edges in px."""
    room = places(top, bottom)
    apart = (right - left) / max(1, len(sizes) - 1)
    return tuple(_column(size, room, left + n * apart, top, bottom) for n, size in enumerate(sizes))


def _column(size: int, room: int, x: float, top: float, bottom: float) -> Standing:
    shown = shown_neurons(size, room)  # the last place is for the ellipsis
    count = len(shown)
    hidden = size - count
    slots = count + (hidden > 0)
    pitch = min(MOST_PITCH, (bottom - top) / slots)
    first = (top + bottom - (slots - 1) * pitch) / 2
    y = first + pitch * np.arange(slots)
    return Standing(shown, x, y[:count], min(LARGEST_RADIUS, pitch * 0.4), hidden, float(y[-1]))


def hit(columns: Sequence[Standing], x: float, y: float) -> Hit | None:
    """Return what is at a point, neurons before synapses; None if nothing is near."""
    for number, column in enumerate(columns):
        distances = np.hypot(column.x - x, column.y - y)
        nearest = int(distances.argmin())
        if distances[nearest] <= column.radius + 2:
            return Hit(number, int(column.shown[nearest]))
    for number, (before, column) in enumerate(itertools.pairwise(columns), start=1):
        if before.x < x < column.x:
            return _synapse(number, before, column, x, y)
    return None


def _synapse(number: int, before: Standing, column: Standing, x: float, y: float) -> Hit | None:
    width = column.x - before.x
    share = (x - before.x) / width
    starts, ends = before.y[:, None], column.y[None, :]
    slant: npt.NDArray[Any] = (ends - starts) / width
    distances = np.abs(starts * (1 - share) + ends * share - y) / np.sqrt(1 + slant**2)
    source, target = np.unravel_index(int(distances.argmin()), distances.shape)
    if distances[source, target] > _REACH:
        return None
    return Hit(number, int(column.shown[target]), int(before.shown[source]))
