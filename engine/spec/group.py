"""Layers that are looked at as one block."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from engine.spec.base import Flag, Frozen, Name


class GroupSpec(Frozen):
    """Some layers under one title; the network that is built knows nothing of it.

    Attributes
    ----------
    id
        Unique among the groups.
    title
        Plain text of the user's.
    layers
        Ids of its layers.
    collapsed
        Shown as one block instead of its layers.
    """

    id: Name
    title: str = Field(min_length=1, max_length=80)
    layers: tuple[Name, ...]
    collapsed: Flag = False


def fitted(groups: Iterable[GroupSpec], layer_ids: Iterable[str]) -> tuple[GroupSpec, ...]:
    """Return the groups with only layers that exist and are in no earlier one, without empty groups.

    Dropping what is gone keeps every edit of the network simple.
    """
    free = set(layer_ids)
    ids: set[str] = set()
    kept: list[GroupSpec] = []
    for group in groups:
        layers = tuple(name for name in dict.fromkeys(group.layers) if name in free)
        if layers and group.id not in ids:
            kept.append(group if layers == group.layers else group.but(layers=layers))
            free.difference_update(layers)
            ids.add(group.id)
    return tuple(kept)
