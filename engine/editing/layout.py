"""Layered layout of a network's blocks: from top to bottom, branches side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from engine.spec import edits
from engine.spec.network import INPUT_KIND, NetworkSpec
from engine.spec.reach import reached

_SWEEPS = 4  # of barycentre ordering, down and up in turn
_BENDS_PER_LAYER = 8  # in more densely wired networks, free lanes would only push blocks apart


def arrange(
    network: NetworkSpec,
    size: tuple[float, float] = (180.0, 64.0),
    gap: tuple[float, float] = (48.0, 36.0),
) -> dict[str, tuple[float, float]]:
    """Return the top left corner of each block, layer id -> (x, y).

    Sources are above targets; layers of one rank share a row, ordered so that few wires cross and
    centred about x = 0. A wire that skips rows gets a free lane beside the blocks it passes. Wires
    that close a cycle are ignored. Networks that no wire joins stand side by side.

    Parameters
    ----------
    size
        (width, height) of a block, in scene units.
    gap
        (horizontal, vertical) free space between blocks, in scene units.
    """
    parts = _separate(network)
    if len(parts) > 1:
        return _side_by_side([arrange(part, size, gap) for part in parts], size[0], gap[0])
    sources = forward_sources(network)
    rows = _rows(*_with_bends(sources, _ranks(sources)))
    width, height = size[0] + gap[0], size[1] + gap[1]
    return {
        layer_id: (_centred(row, column) * width - size[0] / 2, rank * height)
        for rank, row in enumerate(rows)
        for column, layer_id in enumerate(row)
        if layer_id in sources
    }


def _separate(network: NetworkSpec) -> list[NetworkSpec]:
    """Return the networks that no wire joins, in the order of their first layers.

    What has no input of its own, or is an input alone, stays with the first.
    """
    neighbours: dict[str, list[str]] = {name: [] for name in network.ids}
    for wire in network.wires:
        neighbours[wire.source].append(wire.target)
        neighbours[wire.target].append(wire.source)
    found: list[frozenset[str]] = []
    for layer in network.layers:
        if layer.kind == INPUT_KIND and not any(layer.id in part for part in found):
            part = reached([layer.id], neighbours.__getitem__)
            if len(part) > 1:
                found.append(part)
    if len(found) < 2:
        return [network]
    loose = set(network.ids).difference(*found)
    return [edits.part(network, part | (set() if n else loose)) for n, part in enumerate(found)]


def _side_by_side(
    places: Sequence[Mapping[str, tuple[float, float]]], width: float, gap: float
) -> dict[str, tuple[float, float]]:
    """Return the places of blocks of some networks in one row, centred about x = 0."""
    joined: dict[str, tuple[float, float]] = {}
    free = 0.0
    for part in places:
        left = min(x for x, _ in part.values())
        joined |= {name: (x - left + free, y) for name, (x, y) in part.items()}
        free = max(x for x, _ in joined.values()) + width + 2 * gap
    middle = (free - 2 * gap) / 2
    return {name: (x - middle, y) for name, (x, y) in joined.items()}


def placed(
    network: NetworkSpec,
    places: Mapping[str, tuple[float, float]],
    size: tuple[float, float] = (180.0, 64.0),
) -> dict[str, tuple[float, float]]:
    """Return the position of every layer: the given one, else that of `arrange`."""
    missing = [name for name in network.ids if name not in places]
    laid_out = arrange(network, size) if missing else {}
    known = places if len(missing) < len(network.layers) else {}
    return {**laid_out, **known}


def cover(one: tuple[float, float], other: tuple[float, float], size: tuple[float, float]) -> bool:
    """Tell whether two blocks with these corners overlap."""
    return abs(one[0] - other[0]) < size[0] and abs(one[1] - other[1]) < size[1]


def arrange_some(
    network: NetworkSpec,
    places: Mapping[str, tuple[float, float]],
    size: tuple[float, float] = (180.0, 64.0),
) -> dict[str, tuple[float, float]]:
    """Return new positions for a part of a network, without moving the part as a whole.

    Parameters
    ----------
    network
        The part: its layers and the wires between them.
    places
        Positions of its blocks; the middle of their upper edge stays.
    """
    laid_out = arrange(network, size)
    x, y = _top_middle(laid_out)
    wanted_x, wanted_y = _top_middle({name: places[name] for name in laid_out})
    return {
        name: (left + wanted_x - x, top + wanted_y - y) for name, (left, top) in laid_out.items()
    }


def _top_middle(places: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    lefts = [x for x, _y in places.values()]
    if not lefts:
        return (0.0, 0.0)
    return ((min(lefts) + max(lefts)) / 2, min(y for _x, y in places.values()))


def forward_sources(network: NetworkSpec) -> dict[str, tuple[str, ...]]:
    """Return the sources of each layer, sorted so that sources come before targets.

    In cycles, wires that lead back to an earlier layer are dropped.
    """
    into: dict[str, list[str]] = {layer.id: [] for layer in network.layers}
    out_of: dict[str, list[str]] = defaultdict(list)
    for wire in sorted(network.wires, key=lambda wire: wire.port):
        into[wire.target].append(wire.source)
        out_of[wire.source].append(wire.target)
    missing = {layer_id: len(taken) for layer_id, taken in into.items()}
    waiting = [layer_id for layer_id in reversed(into) if not missing[layer_id]]
    order: dict[str, tuple[str, ...]] = {}
    stuck = iter(into)
    while len(order) < len(into):
        if not waiting:  # only cycles are left: open one at its first layer
            waiting.append(next(layer_id for layer_id in stuck if layer_id not in order))
        layer_id = waiting.pop()
        if layer_id in order:
            continue
        order[layer_id] = tuple(source for source in into[layer_id] if source in order)
        for target in reversed(out_of[layer_id]):
            missing[target] -= 1
            if not missing[target]:
                waiting.append(target)
    return order


def _ranks(sources: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the length of the longest path to each layer."""
    ranks: dict[str, int] = {}
    for layer_id, taken in sources.items():
        ranks[layer_id] = max((ranks[source] + 1 for source in taken), default=0)
    return ranks


def _with_bends(
    sources: Mapping[str, Sequence[str]], ranks: Mapping[str, int]
) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Return the graph with a bend in each row for wires that skip rows.

    Wires of one source share their bends.
    """
    bent: dict[str, list[str]] = {}
    bent_ranks = dict(ranks)
    left = _BENDS_PER_LAYER * len(sources)
    for layer_id, taken in sources.items():
        bent[layer_id] = []
        for source in taken:
            above = source
            for rank in range(ranks[source] + 1, ranks[layer_id]):
                bend = f"{source}/{rank}"  # layer ids contain no slash
                if bend not in bent and left > 0:
                    left -= 1
                    bent[bend], bent_ranks[bend] = [above], rank
                above = bend if bend in bent else above
            bent[layer_id].append(above)
    return bent, bent_ranks


def _rows(sources: Mapping[str, Sequence[str]], ranks: Mapping[str, int]) -> list[list[str]]:
    """Return the layers of each rank from left to right, by the mean position of their neighbours."""
    rows: list[list[str]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    targets: dict[str, list[str]] = defaultdict(list)
    for layer_id, taken in sources.items():
        rows[ranks[layer_id]].append(layer_id)
        for source in taken:
            targets[source].append(layer_id)
    place = {layer_id: _centred(row, i) for row in rows for i, layer_id in enumerate(row)}
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        neighbours: Mapping[str, Sequence[str]] = sources if down else targets
        for row in rows if down else reversed(rows):
            row.sort(key=lambda layer_id: _barycentre(layer_id, neighbours, place))
            place.update({layer_id: _centred(row, i) for i, layer_id in enumerate(row)})
    return rows


def _centred(row: Sequence[str], index: int) -> float:
    return index - (len(row) - 1) / 2


def _barycentre(
    layer_id: str, neighbours: Mapping[str, Sequence[str]], place: Mapping[str, float]
) -> float:
    places = [place[name] for name in neighbours.get(layer_id, ())]
    return sum(places) / len(places) if places else place[layer_id]
