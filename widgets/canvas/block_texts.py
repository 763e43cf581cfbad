"""The texts of a block, and where they stand: nothing is cut as long as two lines have room for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont

from widgets.canvas.facts import BlockFacts
from widgets.canvas.look import Look, elided, fitting, text_width
from widgets.canvas.ports import BLOCK_SIZE

TEXT_LEFT: Final = 14.0
_TEXT_RIGHT: Final = BLOCK_SIZE[0] - 10.0
THUMB: Final = QRectF(BLOCK_SIZE[0] - 54, 10, 46, 48)
FAR_TITLE: Final = QRectF(54, 0, BLOCK_SIZE[0] - 60, BLOCK_SIZE[1])
_TITLE_LEFT: Final = 40.0
_LEAST_ID_WIDTH: Final = 36.0
_ID_GAP: Final = 8.0
_BETWEEN: Final = " · "  # where a line may be broken


@dataclass(frozen=True)
class BlockTexts:
    """The texts of a block, cut to their room, and the fonts they fit in."""

    right: float
    title_left: float
    title: str
    title_font: QFont
    middle_left: float
    middle_title: str
    middle_font: QFont
    middle_details: tuple[str, ...]
    far_title: str
    far_font: QFont
    details: tuple[str, ...]
    last: str
    layer_id: str
    id_row: str


def set_out(facts: BlockFacts, look: Look, has_picture: bool) -> BlockTexts:
    """Cut the texts of a block to its room: once, not at every paint."""
    right = THUMB.left() - 4 if has_picture else _TEXT_RIGHT
    title_left = _title_left(facts.title, look.titles, right, _TITLE_LEFT, has_picture)
    title_font = fitting(facts.title, look.titles, right - title_left)
    title = elided(facts.title, title_font, right - title_left)
    middle_left = _title_left(facts.title, look.middle_titles, right, _TITLE_LEFT + 4, has_picture)
    middle_font = fitting(facts.title, look.middle_titles, right - middle_left)
    middle_detail = facts.problem or facts.detail or facts.parameters
    far_font = fitting(facts.title, look.far_titles, FAR_TITLE.width())
    # The id stands beside the title, else beside the last line, else in the tooltip only.
    rooms = {
        "title": right - title_left - text_width(title, title_font) - _ID_GAP,
        "last": 0.0
        if facts.problem
        else right - TEXT_LEFT - text_width(facts.parameters, look.small) - _ID_GAP,
    }
    needed = text_width(facts.layer_id, look.small)
    fits = [row for row, room in rooms.items() if needed <= room]
    roomy = [row for row, room in rooms.items() if room >= _LEAST_ID_WIDTH]
    id_row = "" if facts.title == facts.layer_id else (*fits, *roomy, "")[0]
    return BlockTexts(
        right=right,
        title_left=title_left,
        title=title,
        title_font=title_font,
        middle_left=middle_left,
        middle_title=elided(facts.title, middle_font, right - middle_left),
        middle_font=middle_font,
        middle_details=in_lines(middle_detail, look.middle_detail, right - TEXT_LEFT),
        far_title=elided(facts.title, far_font, FAR_TITLE.width()),
        far_font=far_font,
        details=in_lines(facts.detail, look.detail, right - TEXT_LEFT),
        last=elided(facts.problem or facts.parameters, look.small, right - TEXT_LEFT),
        layer_id=elided(facts.layer_id, look.small, rooms[id_row]) if id_row else "",
        id_row=id_row,
    )


def in_lines(text: str, font: QFont, width: float) -> tuple[str, ...]:
    """Return a text as one line or two, broken between its parts; what has no room there is cut; () if it is empty."""
    if not text or text_width(text, font) <= width:
        return (text,) if text else ()
    parts = text.split(_BETWEEN)
    if len(parts) == 1:
        return (elided(text, font, width),)
    pairs = [
        (_BETWEEN.join(parts[:count]), _BETWEEN.join(parts[count:]))
        for count in range(1, len(parts))
    ]
    first, second = min(pairs, key=lambda pair: max(text_width(line, font) for line in pair))
    return (elided(first, font, width), elided(second, font, width))


def _title_left(
    title: str, fonts: Sequence[QFont], right: float, beside_icon: float, has_picture: bool
) -> float:
    """Return where the name begins: beside a picture a long one takes the icon's place too."""
    fits = text_width(title, fonts[-1]) <= right - beside_icon
    return beside_icon if fits or not has_picture else TEXT_LEFT
