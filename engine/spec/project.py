"""The whole description of a project."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from engine.spec.base import Frozen, Number
from engine.spec.data import DataSpec
from engine.spec.group import GroupSpec, fitted
from engine.spec.network import NetworkSpec
from engine.spec.note import NoteSpec
from engine.spec.training import TrainingSpec

MOST_NOTES = 1000
SCHEMA = 1  # raised when a project.json of today could be misread by the program of yesterday


class ProjectSpec(Frozen):
    """Network, data, training settings and canvas layout: all that undo covers and project.json holds.

    Attributes
    ----------
    canvas
        Position of each layer's block, layer id -> (x, y) in scene units (pixels at zoom 1) of its top left
        corner. Ids without a position are laid out automatically.
    groups
        Layers that are looked at as one block; no layer is in two of them.
    notes
        Texts that stand between the blocks, the last one on top.
    """

    name: str = Field(default="Untitled", min_length=1, max_length=200)
    network: NetworkSpec = NetworkSpec()
    data: DataSpec = DataSpec()
    training: TrainingSpec = TrainingSpec()
    canvas: dict[str, tuple[Number, Number]] = {}
    groups: tuple[GroupSpec, ...] = ()
    notes: tuple[NoteSpec, ...] = Field(default=(), max_length=MOST_NOTES)

    @model_validator(mode="after")
    def _canvas_knows_only_layers(self) -> Self:
        known = set(self.network.ids)
        if not self.canvas.keys() <= known:
            # A position without its layer means nothing; dropping it keeps every edit of the network simple.
            object.__setattr__(self, "canvas", {k: v for k, v in self.canvas.items() if k in known})
        return self

    @model_validator(mode="after")
    def _groups_hold_only_layers(self) -> Self:
        kept = fitted(self.groups, self.network.ids)
        if kept != self.groups:
            object.__setattr__(self, "groups", kept)
        return self
