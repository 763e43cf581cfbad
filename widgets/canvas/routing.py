"""Ways for wires: a curve where the way is free, else a lane beside the blocks; knows no Qt.

All numbers are scene units; y grows downwards; wires leave a block at the bottom, enter at the top.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from widgets.canvas.ports import Point

Floats: TypeAlias = npt.NDArray[np.float64]
Rectangles: TypeAlias = Floats  # (n, 4): left, top, right, bottom

# Straight ends of a lane: short at the source, where it parts from a curve above the label.
LEAVE: Final = 9.0
ENTER: Final = 16.0
_CLEARANCE: Final = 5.0  # least distance from a block that is not the wire's own
_LANE_GAP: Final = 22.0  # from a block to a lane beside it
_LANE_STEP: Final = 22.0  # between parallel lanes; a label lies along each
_LEAST_DROP: Final = 18.0  # a curve needs this much height
_HANDLES: Final = (28.0, 110.0)  # least and greatest length of a curve's handles
_SAMPLES: Final = np.linspace(0.0, 1.0, 129)
_BERNSTEIN: Final = np.stack(
    [
        (1 - _SAMPLES) ** 3,
        3 * (1 - _SAMPLES) ** 2 * _SAMPLES,
        3 * (1 - _SAMPLES) * _SAMPLES**2,
        _SAMPLES**3,
    ],
    axis=1,
)  # (129, 4)
_MOST_SHIFTS: Final = 200
_SAME_PLACE: Final = 0.5
_BLOCKED_LEG: Final = 400.0  # as much detour as a leg through a block is worth avoiding


@dataclass(frozen=True)
class Span:
    """A wire to be laid.

    Attributes
    ----------
    start, end
        Output and input port.
    source, target
        Rows of its own blocks among the rectangles.
    """

    start: Point
    end: Point
    source: int
    target: int


@dataclass(frozen=True)
class Route:
    """The way of one wire.

    Attributes
    ----------
    points
        Of a curve its four Bézier points, of a lane its corners.
    label
        Where the shape is written: along a lane, across a curve.
    """

    points: tuple[Point, ...]
    curved: bool
    label: Point


@dataclass(frozen=True)
class _Lane:
    x: float
    top: float
    bottom: float


def plan(spans: Sequence[Span], blocks: Rectangles) -> tuple[Route, ...]:
    """Return a route for each span; lanes keep clear of blocks and of one another."""
    routes: dict[int, Route] = {}
    if spans:
        curves = _curves(spans)
        blocked = _blocked(curves, spans, blocks)
        routes = {i: _curved(curves[i]) for i in range(len(spans)) if not blocked[i]}
    lanes: list[_Lane] = []
    detours = (index for index in range(len(spans)) if index not in routes)
    for index in sorted(detours, key=lambda i: abs(spans[i].end[1] - spans[i].start[1])):
        routes[index] = _detour(spans[index], blocks, lanes)
    return tuple(routes[index] for index in range(len(spans)))


def _curves(spans: Sequence[Span]) -> Floats:
    """Return the Bézier points (m, 4, 2) of a direct curve for each of m spans."""
    start = np.array([span.start for span in spans])  # (m, 2)
    end = np.array([span.end for span in spans])
    handle = np.zeros_like(start)
    handle[:, 1] = np.clip((end[:, 1] - start[:, 1]) / 2, *_HANDLES)
    return np.stack([start, start + handle, end - handle, end], axis=1)


def _curved(curve: Floats) -> Route:
    x, y = _BERNSTEIN[len(_SAMPLES) // 2] @ curve
    points = tuple((px, py) for px, py in curve.tolist())
    return Route(points=points, curved=True, label=(float(x), float(y)))


def _blocked(curves: Floats, spans: Sequence[Span], blocks: Rectangles) -> npt.NDArray[np.bool_]:
    """Tell for each curve (m,) whether it climbs, or passes a block that is not its own."""
    low, high = curves.min(axis=1) - _CLEARANCE, curves.max(axis=1) + _CLEARANCE  # (m, 2)
    near = (blocks[:, 0] < high[:, :1]) & (blocks[:, 2] > low[:, :1])  # (m, n)
    near &= (blocks[:, 1] < high[:, 1:]) & (blocks[:, 3] > low[:, 1:])
    rows = np.arange(len(spans))
    for own in ([span.source for span in spans], [span.target for span in spans]):
        near[rows, own] = False
    blocked: npt.NDArray[np.bool_] = curves[:, 3, 1] - curves[:, 0, 1] < _LEAST_DROP
    for index in np.flatnonzero(near.any(axis=1) & ~blocked):
        blocked[index] = _passes(curves[index], blocks[near[index]])
    return blocked


def _passes(curve: Floats, blocks: Rectangles) -> bool:
    x, y = (_BERNSTEIN @ curve).T[:, :, None]  # (129, 1) each
    left, top, right, bottom = blocks.T
    inside = (x > left - _CLEARANCE) & (x < right + _CLEARANCE)
    inside &= (y > top - _CLEARANCE) & (y < bottom + _CLEARANCE)
    return bool(inside.any())


def _detour(span: Span, blocks: Rectangles, lanes: list[_Lane]) -> Route:
    (x0, y0), (x1, y1) = span.start, span.end
    top, bottom = y0 + LEAVE, y1 - ENTER
    low, high = min(top, bottom), max(top, bottom)
    beside = blocks[(blocks[:, 1] - _CLEARANCE < high) & (blocks[:, 3] + _CLEARANCE > low)]
    others = np.delete(blocks, [span.source, span.target], axis=0)

    def cost(x: float) -> float:
        legs = _crossed(x0, x, top, others) + _crossed(x, x1, bottom, others)
        return abs(x - x0) + abs(x - x1) + _BLOCKED_LEG * legs

    x = min(_candidates((x0, x1), beside, lanes, (low, high)), key=cost)
    lanes.append(_Lane(x, low, high))
    corners = ((x0, y0), (x0, top), (x, top), (x, bottom), (x1, bottom), (x1, y1))
    return Route(points=_without_repeats(corners), curved=False, label=(x, (top + bottom) / 2))


def _candidates(
    starts: tuple[float, float],
    beside: Rectangles,
    lanes: Sequence[_Lane],
    span: tuple[float, float],
) -> Iterator[float]:
    for start in starts:
        for side in (1, -1):
            yield _pushed(start, side, beside, lanes, span)


def _pushed(
    x: float, side: int, beside: Rectangles, lanes: Sequence[_Lane], span: tuple[float, float]
) -> float:
    """Return the first free x from ``x`` on to the given side."""
    low, high = span
    taken = [lane.x for lane in lanes if lane.top < high and lane.bottom > low]
    for _ in range(_MOST_SHIFTS):
        hit = beside[(beside[:, 0] - _CLEARANCE < x) & (beside[:, 2] + _CLEARANCE > x)]
        if len(hit):
            x = float(hit[:, 2].max() + _LANE_GAP if side > 0 else hit[:, 0].min() - _LANE_GAP)
        elif any(abs(x - other) < _LANE_STEP for other in taken):
            x += side * _LANE_STEP
        else:
            break
    return x


def _crossed(x0: float, x1: float, y: float, blocks: Rectangles) -> int:
    left, right = min(x0, x1), max(x0, x1)
    crossed = (
        (blocks[:, 0] < right) & (blocks[:, 2] > left) & (blocks[:, 1] < y) & (blocks[:, 3] > y)
    )
    return int(crossed.sum())


def _without_repeats(corners: Sequence[Point]) -> tuple[Point, ...]:
    """Return the corners without those at the place of the one before; the last is kept."""
    kept = [corners[0]]
    for corner in corners[1:]:
        if math.dist(kept[-1], corner) > _SAME_PLACE:
            kept.append(corner)
    kept[-1] = corners[-1]
    return tuple(kept)
