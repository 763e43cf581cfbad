"""The icon font: Material Design Icons 6, which qtawesome brings."""

from __future__ import annotations

from functools import cache

import qtawesome
from PySide6.QtGui import QFont, QIcon
from qtawesome.iconic_font import IconicFont

_NAME = "materialdesignicons6-webfont-"


@cache
def _font() -> IconicFont:
    """Load this font alone: qtawesome's own functions load twelve, which takes a tenth of a second."""
    _folder, files = qtawesome.get_fonts_info()
    (file,) = (name for name in files if name.startswith(_NAME))
    letters = file.replace("webfont", "webfont-charmap").replace(".ttf", ".json")
    return IconicFont(("mdi6", file, letters))


def icon(name: str, *, color: str, disabled: str, on: str) -> QIcon:
    """Return an icon in the colours of its three states, as ``"mdi6.play"``; raises for an unknown name."""
    found: QIcon = _font().icon(name, color=color, color_disabled=disabled, color_on=on)
    return found


def letter(name: str, size_px: int) -> tuple[str, QFont]:
    """Return the letter of an icon and the font that draws it; KeyError for an unknown name."""
    prefix, _, short = name.partition(".")
    return _font().charmap[prefix][short], QFont(_font().font(prefix, size_px))
