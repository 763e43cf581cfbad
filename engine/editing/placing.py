"""Add a reusable block to a project, as a collapsed group that is wired like a new layer."""

from __future__ import annotations

from engine.editing.folding import Point, border, fold
from engine.editing.grouping import grouped
from engine.editing.layout import arrange, cover, placed
from engine.editing.library import ReusableBlock
from engine.spec import edits
from engine.spec.network import NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec

_GAP = 40.0  # scene units between blocks


def with_block(
    spec: ProjectSpec,
    block: ReusableBlock,
    beside: str | WireSpec | None,
    place: Point | None,
    size: Point,
    *,
    branch: bool = False,
    feeds: tuple[str, int] | None = None,
) -> tuple[ProjectSpec, tuple[str, ...]]:
    """Add a block's layers to a project under new ids; return the project and these ids.

    Parameters
    ----------
    beside
        The layer to insert it after, taking over its outgoing wires, or the wire to insert it into; None leaves it
        unconnected. A block without an input or output stays unconnected there.
    place
        Corner of the collapsed block; if None or occupied by ``beside``, it goes below that and blocks make room.
    size
        (width, height) of a block, in scene units.
    branch
        Keep the outgoing wires of the layer before it: the block becomes another branch.
    feeds
        Layer and input port to connect its first output to.
    """
    network, names = edits.merged(spec.network, block.network)
    layers = tuple(str(name) for name in names.values())
    above = beside.source if isinstance(beside, WireSpec) else beside
    network = _wired(network, layers, beside, branch=branch)
    if feeds is not None:
        out = border(network, layers).outputs[0]
        network = network.with_wire(WireSpec(source=out, target=feeds[0], port=feeds[1]))
    inner = {**arrange(block.network, size=size), **block.canvas}
    old = placed(spec.network, spec.canvas, size)
    canvas = {**old, **{str(names[name]): at for name, at in inner.items() if name in names}}
    after = spec.but(network=network, canvas=canvas)
    if len(layers) > 1:
        after, _group = grouped(after, layers, block.title)
    return after.but(canvas=_canvas(after, layers, above, place, size)), layers


def _wired(
    network: NetworkSpec, layers: tuple[str, ...], beside: str | WireSpec | None, *, branch: bool
) -> NetworkSpec:
    """Insert the new layers after a layer or into a wire."""
    ends = border(network, layers)
    if beside is None:
        return network
    source = beside.source if isinstance(beside, WireSpec) else beside
    leaving = () if branch else network.wires_from(source)
    cut = (beside,) if isinstance(beside, WireSpec) else leaving
    network = network.without_wires(cut if ends.inputs else ())
    if ends.inputs:
        target, port = ends.inputs[0]
        network = network.with_wire(WireSpec(source=source, target=target, port=port))
        for wire in cut:
            network = network.with_wire(wire.but(source=ends.outputs[0]))
    return network


def _canvas(
    spec: ProjectSpec,
    layers: tuple[str, ...],
    above: str | None,
    place: Point | None,
    size: Point,
) -> dict[str, Point]:
    """Return the positions of all layers with the new block."""
    folding = fold(spec.network, spec.groups)
    shown = folding.shown_places(spec.canvas)
    block_id = folding.block_of(layers[0])
    others = {name: at for name, at in shown.items() if name != block_id}
    source = None if above is None else others.get(folding.block_of(above))
    if place is None or (source is not None and cover(place, source, size)):
        place = _below(others, source, size)
    moved = {block_id: place}
    if any(cover(place, at, size) for at in others.values()):
        step = size[1] + _GAP
        moved |= {n: (x, y + step) for n, (x, y) in others.items() if y > place[1] - size[1]}
    return {**spec.canvas, **folding.layer_places(moved, spec.canvas)}


def _below(others: dict[str, Point], source: Point | None, size: Point) -> Point:
    if source is not None:
        return (source[0], source[1] + size[1] + _GAP)
    lowest = max((y for _x, y in others.values()), default=-(size[1] + _GAP))
    return (min((x for x, _y in others.values()), default=0.0), lowest + size[1] + _GAP)
