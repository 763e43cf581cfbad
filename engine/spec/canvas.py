"""Positions of blocks, limited to the layers of a network."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import AfterValidator, ValidationInfo

from engine.spec.base import Number

Places: TypeAlias = dict[str, tuple[Number, Number]]


def _of_layers(places: Places, info: ValidationInfo) -> Places:
    """Drop the positions of missing layers, so that edits of the network need not."""
    known = set(info.data["network"].ids) if "network" in info.data else set()
    return {name: place for name, place in places.items() if name in known}


# Layer id -> (x, y) in scene units; for a field after ``network``.
Canvas: TypeAlias = Annotated[Places, AfterValidator(_of_layers)]
