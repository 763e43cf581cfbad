"""Notes on the canvas."""

from __future__ import annotations

from typing import Literal, Self, TypeAlias

from pydantic import Field

from engine.spec.base import Frozen, Number

NoteColour: TypeAlias = Literal["plain", "accent", "good", "warning", "bad"]
SMALLEST_NOTE = (64.0, 32.0)  # scene units, enough for one word
LARGEST_NOTE = 10_000.0
_FARTHEST = 1_000_000.0


class NoteSpec(Frozen):
    """A box of plain text between the blocks; it does not affect the network.

    Attributes
    ----------
    x, y
        Its top left corner, in scene units (pixels at zoom 1).
    width, height
        In scene units.
    colour
        Role in the theme; "plain" for the colour of blocks.
    """

    text: str = Field(default="", max_length=10_000)
    x: Number = Field(ge=-_FARTHEST, le=_FARTHEST)
    y: Number = Field(ge=-_FARTHEST, le=_FARTHEST)
    width: Number = Field(default=184.0, ge=SMALLEST_NOTE[0], le=LARGEST_NOTE)
    height: Number = Field(default=96.0, ge=SMALLEST_NOTE[1], le=LARGEST_NOTE)
    colour: NoteColour = "plain"

    def moved(self, right: float, down: float) -> Self:
        """Return the note at another position, within the limits."""
        x, y = (min(max(at, -_FARTHEST), _FARTHEST) for at in (self.x + right, self.y + down))
        note: Self = self.but(x=x, y=y)
        return note
