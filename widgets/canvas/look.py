"""Pens, brushes, fonts and group colours of one theme, made once and shared by every item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPen
from PySide6.QtWidgets import QApplication

from widgets.base.icons import letter
from widgets.base.theme import LIGHT, Tokens


@dataclass(frozen=True)
class GroupLook:
    """Colour of a catalogue group on light and dark blocks, and its icon if a kind has none."""

    light: str
    dark: str
    icon: str


# Groups that are neighbours in usual networks differ clearly in hue.
GROUPS: Final[Mapping[str, GroupLook]] = {
    "Basic": GroupLook("#2563c9", "#6ba4ff", "mdi6.vector-line"),
    "Convolution": GroupLook("#7a3fc4", "#b38cff", "mdi6.grid"),
    "Pooling": GroupLook("#0f7f8c", "#3fc6d3", "mdi6.arrow-collapse-all"),
    "Recurrent": GroupLook("#b0470f", "#ff9d66", "mdi6.sync"),
    "Recurrent cells": GroupLook("#95501f", "#e6a97c", "mdi6.hexagon-outline"),
    "Attention": GroupLook("#b5257a", "#ff84c1", "mdi6.eye-outline"),
    "Normalization": GroupLook("#4f7a12", "#a3cf5a", "mdi6.chart-bell-curve"),
    "Regularization": GroupLook("#8a6700", "#e0b83a", "mdi6.dice-multiple-outline"),
    "Reshaping": GroupLook("#51606f", "#a9b7c6", "mdi6.swap-horizontal"),
    "Merging": GroupLook("#0b7a50", "#46cf98", "mdi6.merge"),
    "Activation": GroupLook("#c02f3f", "#ff8a94", "mdi6.sine-wave"),
    "Text & tables": GroupLook("#36618e", "#8fbcea", "mdi6.text-recognition"),
    "Image augmentation": GroupLook("#8f3f97", "#dd9be3", "mdi6.auto-fix"),
    "Image preparation": GroupLook("#5d5fb0", "#aeb0ff", "mdi6.image-edit-outline"),
    "Audio": GroupLook("#00756e", "#5fd1c6", "mdi6.waveform"),
    "Wrappers": GroupLook("#6b5a4d", "#c9b6a6", "mdi6.package-variant-closed"),
}
_OTHER: Final = GroupLook("#5b6470", "#a3adb8", "mdi6.shape-outline")
FALLBACK_ICON: Final = _OTHER.icon


def group_look(group: str) -> GroupLook:
    """Return the look of a group, a neutral one for a group without its own."""
    return GROUPS.get(group, _OTHER)


def mixed(colour: str, other: str, share: float) -> QColor:
    """Return ``colour`` with ``share`` (0 to 1) of ``other`` mixed in."""
    a, b = QColor(colour), QColor(other)
    parts = zip((a.redF(), a.greenF(), a.blueF()), (b.redF(), b.greenF(), b.blueF()), strict=True)
    return QColor.fromRgbF(*(x * (1 - share) + y * share for x, y in parts))


def _font(size_px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont(QApplication.font())
    font.setPixelSize(size_px)
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)  # widths scale with the zoom
    return font


def _title_fonts(*sizes_px: int) -> tuple[QFont, ...]:
    return tuple(_font(size, QFont.Weight.DemiBold) for size in sizes_px)


def _pen(colour: QColor, width: float) -> QPen:
    return QPen(
        colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    )


@dataclass(frozen=True)
class Look:
    """What the items paint with; one object a theme.

    Attributes
    ----------
    titles, middle_titles, far_titles
        Fonts from large to small: the first in which a name fits counts; seen from near, in between, from afar.
    middle_detail
        Font of the second line in between.
    detail, note, small, badge
        Fonts; all sizes are scene units.
    """

    tokens: Tokens = LIGHT
    titles: tuple[QFont, ...] = field(default_factory=lambda: _title_fonts(13, 12, 11, 10))
    middle_titles: tuple[QFont, ...] = field(default_factory=lambda: _title_fonts(18, 16, 14, 12))
    middle_detail: QFont = field(default_factory=lambda: _font(15))
    far_titles: tuple[QFont, ...] = field(
        default_factory=lambda: _title_fonts(25, 20, 17, 15, 13, 12)
    )
    detail: QFont = field(default_factory=lambda: _font(11))
    note: QFont = field(default_factory=lambda: _font(13))
    small: QFont = field(default_factory=lambda: _font(10))
    badge: QFont = field(default_factory=lambda: _font(12, QFont.Weight.Black))
    text: QColor = field(init=False)
    muted: QColor = field(init=False)
    accent: QColor = field(init=False)
    bad: QColor = field(init=False)
    warning: QColor = field(init=False)
    on_state: QColor = field(init=False)
    block: QColor = field(init=False)
    block_hovered: QColor = field(init=False)
    background: QColor = field(init=False)
    dots: QColor = field(init=False)
    halo: QColor = field(init=False)
    cost: QColor = field(init=False)
    track: QColor = field(init=False)
    border: QPen = field(init=False)
    dashed: QPen = field(init=False)
    selected: QPen = field(init=False)
    wire: QPen = field(init=False)
    wire_hovered: QPen = field(init=False)
    wire_selected: QPen = field(init=False)
    wire_bad: QPen = field(init=False)

    def __post_init__(self) -> None:
        tokens = self.tokens
        halo = QColor(tokens.accent)
        halo.setAlphaF(0.25)
        wire = mixed(tokens.muted, tokens.surface, 0.25)
        border = _pen(mixed(tokens.faint, tokens.muted, 0.35), 1.0)
        dashed = _pen(mixed(tokens.faint, tokens.muted, 0.8), 1.2)
        dashed.setDashPattern((3.5, 3.5))
        made: dict[str, object] = {
            "text": QColor(tokens.text),
            "muted": QColor(tokens.muted),
            "accent": QColor(tokens.accent),
            "bad": QColor(tokens.bad),
            "warning": QColor(tokens.warning),
            "on_state": QColor(tokens.surface),
            "block": QColor(tokens.raised),
            "block_hovered": mixed(tokens.raised, tokens.accent, 0.07),
            "background": mixed(tokens.surface, tokens.window, 0.7),
            "dots": mixed(tokens.faint, tokens.surface, 0.25),
            "halo": halo,
            "cost": QColor(tokens.series[2]),
            "track": mixed(tokens.faint, tokens.raised, 0.4),
            "border": border,
            "dashed": dashed,
            "selected": _pen(QColor(tokens.accent), 2.0),
            "wire": _pen(wire, 1.8),
            "wire_hovered": _pen(mixed(tokens.muted, tokens.accent, 0.6), 2.6),
            "wire_selected": _pen(QColor(tokens.accent), 2.8),
            "wire_bad": _pen(QColor(tokens.bad), 2.2),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def group(self, group: str) -> QColor:
        """Return the colour of a catalogue group in this theme."""
        look = group_look(group)
        return QColor(look.dark if self.tokens.name == "dark" else look.light)

    def state(self, severity: str) -> QColor:
        """Return the colour of a problem."""
        return self.bad if severity == "error" else self.warning


def elided(text: str, font: QFont, width: float) -> str:
    """Return ``text`` cut with an ellipsis to ``width`` scene units."""
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, width))


def text_width(text: str, font: QFont) -> float:
    """Return how wide ``text`` is, in scene units."""
    return QFontMetricsF(font).horizontalAdvance(text)


def fitting(text: str, fonts: Sequence[QFont], width: float) -> QFont:
    """Return the first font in which ``text`` is at most ``width`` wide, else the last."""
    return next((font for font in fonts if text_width(text, font) <= width), fonts[-1])


@lru_cache(maxsize=256)
def glyph(icon: str, size_px: int) -> tuple[str, QFont]:
    """Return the letter and the font that draw an icon; the icon fonts load at the first call.

    A letter is sharp at every zoom and Qt caches its picture. Unknown names give a neutral shape.
    """
    try:
        return letter(icon, size_px)
    except KeyError:
        return letter(FALLBACK_ICON, size_px)
