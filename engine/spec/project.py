"""The whole description of a project."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

from engine.spec import edits, named_network
from engine.spec.base import Frozen
from engine.spec.canvas import Canvas
from engine.spec.data import DataSpec
from engine.spec.group import Groups
from engine.spec.named_network import NamedNetwork
from engine.spec.network import NetworkSpec
from engine.spec.note import NoteSpec
from engine.spec.sample import SampleSpec
from engine.spec.training import TrainingSpec

MOST_NOTES = 1000
MOST_PINNED = 64
MOST_NETWORKS = 20
SCHEMA = 2  # raised when a project.json of today could be misread by the program of yesterday


class ProjectSpec(Frozen):
    """Network, data, training settings and canvas layout: all that undo covers and project.json holds.

    Attributes
    ----------
    network
        All layers and wires of the canvas.
    networks
        Which of the layers belong to which network, where there are several; () where all are one.
    canvas
        Position of each layer's block, layer id -> (x, y) in scene units (pixels at zoom 1) of its top left
        corner. Ids without a position are laid out automatically.
    groups
        Layers that are looked at as one block; no layer is in two of them.
    notes
        Texts that stand between the blocks, the last one on top.
    pinned
        Samples that are shown to the network again and again; views of one sample show the first.
    """

    name: str = Field(default="Untitled", min_length=1, max_length=200)
    network: NetworkSpec = NetworkSpec()
    networks: tuple[NamedNetwork, ...] = Field(default=(), max_length=MOST_NETWORKS)
    data: DataSpec = DataSpec()
    training: TrainingSpec = TrainingSpec()
    canvas: Canvas = {}
    groups: Groups = ()
    notes: tuple[NoteSpec, ...] = Field(default=(), max_length=MOST_NOTES)
    pinned: tuple[SampleSpec, ...] = Field(
        default=(SampleSpec(),), min_length=1, max_length=MOST_PINNED
    )

    def named_network(self, name: str) -> NetworkSpec:
        """Return one of the networks, empty if there is none of this name."""
        found = next((each for each in self.networks if each.name == name), None)
        return edits.part(self.network, found.layers if found is not None else ())

    @field_validator("networks")
    @classmethod
    def _networks_of_layers(
        cls, networks: tuple[NamedNetwork, ...], info: ValidationInfo
    ) -> tuple[NamedNetwork, ...]:
        """Refuse a name that is there twice; let layers join the network that they are wired to."""
        names = [each.name for each in networks]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f'two networks are named "{twice}": rename one')
        return named_network.fitted(networks, info.data.get("network", NetworkSpec()))
