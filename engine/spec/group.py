"""Groups of layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field, ValidationInfo

from engine.spec.base import Flag, Frozen, Name


class GroupSpec(Frozen):
    """A titled group of layers; it does not affect the built model.

    Attributes
    ----------
    id
        Unique among the groups.
    title
        Plain text.
    layers
        Ids of its layers.
    collapsed
        Whether it is shown as one block.
    """

    id: Name
    title: str = Field(min_length=1, max_length=80)
    layers: tuple[Name, ...]
    collapsed: Flag = False


def _fitted(groups: Iterable[GroupSpec], layer_ids: Iterable[str]) -> tuple[GroupSpec, ...]:
    """Return the groups without missing layers and layers of earlier groups, and without empty groups."""
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


def _of_layers(groups: tuple[GroupSpec, ...], info: ValidationInfo) -> tuple[GroupSpec, ...]:
    return _fitted(groups, info.data["network"].ids) if "network" in info.data else ()


# For a field after ``network``.
Groups: TypeAlias = Annotated[tuple[GroupSpec, ...], AfterValidator(_of_layers)]
