"""The whole description of a project."""

from __future__ import annotations

from typing import TypeAlias

from pydantic import Field, ValidationInfo, field_validator

from engine.spec.base import Frozen, Number
from engine.spec.data import DataSpec
from engine.spec.group import GroupSpec, fitted
from engine.spec.network import NetworkSpec
from engine.spec.note import NoteSpec
from engine.spec.training import TrainingSpec

MOST_NOTES = 1000
SCHEMA = 1  # raised when a project.json of today could be misread by the program of yesterday

Canvas: TypeAlias = dict[str, tuple[Number, Number]]


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
    canvas: Canvas = {}
    groups: tuple[GroupSpec, ...] = ()
    notes: tuple[NoteSpec, ...] = Field(default=(), max_length=MOST_NOTES)

    @field_validator("canvas")
    @classmethod
    def _canvas_of_layers(cls, canvas: Canvas, info: ValidationInfo) -> Canvas:
        """Drop positions of layers that are gone, which keeps every edit of the network simple."""
        known = set(info.data.get("network", NetworkSpec()).ids)
        return {name: place for name, place in canvas.items() if name in known}

    @field_validator("groups")
    @classmethod
    def _groups_of_layers(
        cls, groups: tuple[GroupSpec, ...], info: ValidationInfo
    ) -> tuple[GroupSpec, ...]:
        return fitted(groups, info.data.get("network", NetworkSpec()).ids)
