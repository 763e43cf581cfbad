"""The one set of colours: the palette of every widget, the plots and the heatmaps come from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtGui import QColor, QPalette


@dataclass(frozen=True)
class Tokens:
    """Colours by role, ``#rrggbb``.

    Attributes
    ----------
    window, surface, raised
        Background of the window, of fields and canvas, of blocks and cards.
    text, muted, faint
        Text, secondary text, grid lines and borders.
    accent, on_accent
        The one colour that says "press here" or "selected", and text on it.
    good, warning, bad
        States; never the only sign of one.
    series
        Curves in this order; told apart by colour-blind readers too (Okabe & Ito 2008, adjusted for contrast).
    negative, zero, positive
        Ends and middle of the diverging scale of all weights and heatmaps.
    """

    name: str
    window: str
    surface: str
    raised: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    good: str
    warning: str
    bad: str
    series: tuple[str, ...]
    negative: str
    zero: str
    positive: str


@runtime_checkable
class Themed(Protocol):
    """What draws itself in a theme's colours."""

    def set_theme(self, tokens: Tokens) -> None:
        """Draw it in these colours."""


LIGHT = Tokens(
    name="light",
    window="#f3f4f6", surface="#ffffff", raised="#ffffff",
    text="#1b1f24", muted="#57606a", faint="#d0d7de",
    accent="#0b62c4", on_accent="#ffffff",
    good="#1a7f37", warning="#9a6700", bad="#c4272e",
    series=("#0072b2", "#d55e00", "#009e73", "#a8527f", "#8a6d00", "#3c8dbc"),
    negative="#b2481f", zero="#f7f7f7", positive="#2166ac",
)  # fmt: skip
DARK = Tokens(
    name="dark",
    window="#1c1f24", surface="#14171b", raised="#262b32",
    text="#e6edf3", muted="#9aa5b1", faint="#3a424c",
    accent="#4c9aff", on_accent="#08131f",
    good="#4ac26b", warning="#d9a520", bad="#ff7b72",
    series=("#56b4e9", "#f0883e", "#3fcf9f", "#e08bbf", "#e6c84f", "#9ecbff"),
    negative="#f0883e", zero="#1c1f24", positive="#58a6ff",
)  # fmt: skip
THEMES = {tokens.name: tokens for tokens in (LIGHT, DARK)}


# Fusion draws the frames of these in a darker shade of the role "Window", which none of them fills anything with.
FRAMED = (
    "QAbstractSpinBox", "QCheckBox", "QComboBox", "QLineEdit", "QProgressBar", "QPushButton", "QRadioButton",
    "QSlider", "QToolButton",
)  # fmt: skip
_FUSION_DARKENS = 140  # per cent, undone beforehand
_FRAME_STRENGTH = (
    0.5  # share of the muted colour in a frame: visible on every background of its theme
)


def palette(tokens: Tokens) -> QPalette:
    """Return the Fusion palette of a theme; disabled text is muted."""
    roles = QPalette.ColorRole
    colours = {
        roles.Window: tokens.window, roles.WindowText: tokens.text,
        roles.Base: tokens.raised, roles.AlternateBase: tokens.window,
        roles.Text: tokens.text, roles.PlaceholderText: tokens.muted,
        roles.Button: tokens.raised, roles.ButtonText: tokens.text, roles.BrightText: tokens.bad,
        roles.ToolTipBase: tokens.raised, roles.ToolTipText: tokens.text,
        roles.Highlight: tokens.accent, roles.HighlightedText: tokens.on_accent,
        roles.Link: tokens.accent, roles.LinkVisited: tokens.accent,
        roles.Mid: tokens.faint, roles.Midlight: tokens.faint, roles.Dark: tokens.faint,
        roles.Light: tokens.raised, roles.Shadow: tokens.faint, roles.Accent: tokens.accent,
    }  # fmt: skip
    made = QPalette()
    for role, colour in colours.items():
        made.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.muted))
    return made


def frame_palette(tokens: Tokens) -> QPalette:
    """Return the palette of the `FRAMED` classes, whose frames stay visible on dark backgrounds too."""
    made = palette(tokens)
    made.setColor(QPalette.ColorRole.Window, frame_colour(tokens).lighter(_FUSION_DARKENS))
    return made


def frame_colour(tokens: Tokens) -> QColor:
    """Return the colour of frames around fields, boxes and buttons."""
    faint, muted = QColor(tokens.faint), QColor(tokens.muted)
    parts = ((part(faint), part(muted)) for part in (QColor.red, QColor.green, QColor.blue))
    return QColor(*(round(a + (b - a) * _FRAME_STRENGTH) for a, b in parts))
