"""Copy and paste: layers with their positions, the groups wholly among them, and notes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pydantic import Field

from engine.editing.folding import Places, Point
from engine.editing.grouping import with_copies
from engine.editing.layout import arrange
from engine.errors import BadInput
from engine.spec import edits
from engine.spec.base import Frozen, LayerId
from engine.spec.canvas import Canvas
from engine.spec.group import Groups
from engine.spec.network import NetworkSpec
from engine.spec.note import NoteSpec
from engine.spec.project import MOST_NOTES, ProjectSpec


class Fragment(Frozen):
    """A copied part of a project.

    Attributes
    ----------
    network
        Layers and the wires between them.
    canvas
        Top left corners of their blocks, in scene units; may be empty.
    groups
        Groups with all their layers.
    """

    network: NetworkSpec = NetworkSpec()
    canvas: Canvas = Field(default_factory=dict)
    groups: Groups = ()
    notes: tuple[NoteSpec, ...] = Field(default=(), max_length=MOST_NOTES)

    @property
    def corner(self) -> Point | None:
        """The top left corner of blocks and notes, None if none has a position."""
        places = (*self.canvas.values(), *((note.x, note.y) for note in self.notes))
        return (min(x for x, _y in places), min(y for _x, y in places)) if places else None


def copied(
    spec: ProjectSpec, layer_ids: Collection[str], numbers: Collection[int], places: Places
) -> Fragment:
    """Return layers, the groups wholly among them, and notes of a project.

    Parameters
    ----------
    numbers
        Indices of the notes.
    places
        Positions of all layers' blocks.
    """
    chosen = frozenset(layer_ids)
    return Fragment(
        network=edits.part(spec.network, chosen),
        canvas={name: places[name] for name in chosen if name in places},
        groups=tuple(group for group in spec.groups if chosen.issuperset(group.layers)),
        notes=tuple(note for number, note in enumerate(spec.notes) if number in numbers),
    )


def pasted(
    spec: ProjectSpec, fragment: Fragment, places: Places, step: Point
) -> tuple[ProjectSpec, Mapping[str, LayerId]]:
    """Add a fragment to a project; return the project and the new ids by old id.

    Parameters
    ----------
    places
        Positions of the blocks of all layers of ``spec``.
    step
        Offset of the fragment's blocks and notes.

    Raises
    ------
    BadInput
        If there would be too many notes.
    """
    if len(spec.notes) + len(fragment.notes) > MOST_NOTES:
        raise BadInput(f"a project holds at most {MOST_NOTES} notes: delete some first")
    network, names = edits.merged(spec.network, fragment.network)
    canvas = {
        str(names[name]): (x + step[0], y + step[1]) for name, (x, y) in fragment.canvas.items()
    }
    notes = tuple(note.moved(*step) for note in fragment.notes)
    after = spec.but(
        network=network,
        canvas={**places, **canvas},
        groups=with_copies(spec.groups, fragment.groups, names),
        notes=(*spec.notes, *notes),
    )
    return after, names


def laid_out(fragment: Fragment, size: Point) -> Fragment:
    """Return the fragment with a position for every block: as copied, or arranged if one is missing.

    Parameters
    ----------
    size
        (width, height) of a block, in scene units.
    """
    if fragment.canvas.keys() == set(fragment.network.ids):
        return fragment
    whole: Fragment = fragment.but(canvas=arrange(fragment.network, size=size))
    return whole
