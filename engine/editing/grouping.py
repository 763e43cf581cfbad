"""Edits of groups: each returns a new project with the same network."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from engine.editing.folding import Folding, Places, Point, fold
from engine.editing.layout import cover
from engine.errors import BadInput, quoted
from engine.spec.base import is_name
from engine.spec.group import GroupSpec
from engine.spec.network import NetworkSpec
from engine.spec.project import ProjectSpec

_FEWEST = 2  # fewest layers of a group
_LONGEST_TITLE = 80


def grouped(
    spec: ProjectSpec, layer_ids: Collection[str], title: str, *, collapsed: bool = True
) -> tuple[ProjectSpec, GroupSpec]:
    """Put layers, and all layers on paths between them, into a new group.

    Raises
    ------
    BadInput
        If there are too few, or one is in a group already.
    """
    layers = between(spec.network, layer_ids)
    if len(layers) < _FEWEST:
        raise BadInput("a group needs at least two layers: select more of them")
    others = groups_with(spec, layers)
    if others:
        raise BadInput(
            f'a group cannot hold another one: ungroup "{quoted(others[0].title, 40)}" first'
        )
    words = clean_title(title)
    group = GroupSpec(
        id=_free_id(words, spec.groups), title=words, layers=layers, collapsed=collapsed
    )
    return spec.but(groups=(*spec.groups, group)), group


def ungrouped(spec: ProjectSpec, group_ids: Collection[str]) -> ProjectSpec:
    """Remove groups; their layers stay."""
    kept = tuple(group for group in spec.groups if group.id not in group_ids)
    result: ProjectSpec = spec.but(groups=kept)
    return result


def retitled(spec: ProjectSpec, group_id: str, title: str) -> ProjectSpec:
    """Set the title of a group; BadInput if it has no letters."""
    return _changed(spec, group_id, title=clean_title(title))


def with_collapsed(
    spec: ProjectSpec, group_id: str, collapsed: bool, places: Places, size: Point
) -> ProjectSpec:
    """Collapse or expand a group; the blocks below it move accordingly.

    Parameters
    ----------
    places
        Positions of all layers' blocks.
    size
        (width, height) of a block, in scene units.
    """
    group = _group(spec, group_id)
    if group.collapsed == collapsed:
        return spec
    layers = between(spec.network, group.layers) if collapsed else group.layers
    if groups_with(spec, set(layers) - set(group.layers)):
        layers = group.layers
    folded = _changed(spec, group_id, collapsed=True, layers=layers)
    folding = fold(spec.network, folded.groups)
    moves = (_moved_up if collapsed else _moved_down)(folding, layers, places, size)
    canvas = {**places, **moves}
    after = _changed(spec, group_id, collapsed=collapsed, layers=layers)
    result: ProjectSpec = after.but(canvas=canvas)
    return result


def with_renamed_layer(groups: Iterable[GroupSpec], old: str, new: str) -> tuple[GroupSpec, ...]:
    """Return the groups after a layer was renamed."""
    return tuple(
        group.but(layers=tuple(new if name == old else name for name in group.layers))
        for group in groups
    )


def with_copies(
    groups: tuple[GroupSpec, ...], copied: Iterable[GroupSpec], names: Mapping[str, str]
) -> tuple[GroupSpec, ...]:
    """Return the groups of a project with copies of others under free ids.

    Parameters
    ----------
    names
        Layer of a copied group -> its copy.
    """
    grown = groups
    for group in copied:
        layers = tuple(names[name] for name in group.layers)
        grown = (*grown, group.but(id=_free_id(group.title, grown), layers=layers))
    return grown


def groups_with(spec: ProjectSpec, layer_ids: Iterable[str]) -> tuple[GroupSpec, ...]:
    """Return the groups with any of these layers."""
    wanted = set(layer_ids)
    return tuple(group for group in spec.groups if wanted.intersection(group.layers))


def between(network: NetworkSpec, layer_ids: Iterable[str]) -> tuple[str, ...]:
    """Return the layers and all others on paths between them, in the network's order.

    Without these, the block of a group would feed itself.
    """
    chosen = frozenset(layer_ids)
    inner = network.downstream(chosen) & network.upstream(chosen)
    return tuple(name for name in network.ids if name in inner)


def clean_title(title: str) -> str:
    """Return a title on one line; BadInput if it has no letters."""
    words = " ".join(title.split())[:_LONGEST_TITLE].strip()
    if not words or not words.isprintable():
        raise BadInput("a name needs at least one letter: type one")
    return words


def _group(spec: ProjectSpec, group_id: str) -> GroupSpec:
    return next(group for group in spec.groups if group.id == group_id)


def _changed(spec: ProjectSpec, group_id: str, **changes: object) -> ProjectSpec:
    groups = tuple(g.but(**changes) if g.id == group_id else g for g in spec.groups)
    result: ProjectSpec = spec.but(groups=groups)
    return result


def _free_id(title: str, groups: Iterable[GroupSpec]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    stem = plain if is_name(plain) else f"group_{plain}".rstrip("_")
    taken = {group.id for group in groups}
    number = 1
    while (name := stem if number == 1 else f"{stem}_{number}") in taken:
        number += 1
    return name


# ---- Making room ----


def _moved_up(
    folding: Folding, layers: Collection[str], places: Places, size: Point
) -> dict[str, Point]:
    """Move the blocks below a group up by the height that the group lost."""
    top, bottom, others = _options(folding, layers, places, size)
    if any(top < y < bottom for _x, y in others.values()):
        return {}  # a branch beside it keeps the blocks below in place
    step = bottom - top - size[1]
    moved = {name: (x, y - step) for name, (x, y) in others.items() if y >= bottom}
    return folding.layer_places(moved, places)


def _moved_down(
    folding: Folding, layers: Collection[str], places: Places, size: Point
) -> dict[str, Point]:
    """Move the blocks below a group down if its layers would cover them."""
    top, bottom, others = _options(folding, layers, places, size)
    corners = [places[name] for name in layers if name in places]
    if not any(cover(corner, place, size) for corner in corners for place in others.values()):
        return {}
    step = bottom - top - size[1]
    moved = {name: (x, y + step) for name, (x, y) in others.items() if y > top}
    return folding.layer_places(moved, places)


def _options(
    folding: Folding, layers: Collection[str], places: Places, size: Point
) -> tuple[float, float, Mapping[str, Point]]:
    """Return the upper and lower edge of layers, and the positions of all other blocks."""
    tops = [places[name][1] for name in layers if name in places]
    own = {folding.block_of(name) for name in layers}
    others = {n: place for n, place in folding.shown_places(places).items() if n not in own}
    return min(tops, default=0.0), max(tops, default=0.0) + size[1], others
