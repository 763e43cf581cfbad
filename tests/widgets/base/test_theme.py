import pytest
from PySide6.QtGui import QColor, QPalette

from widgets.base.theme import DARK, LIGHT, frame_colour, frame_palette


def luminance(colour):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
             for c in (colour.redF(), colour.greenF(), colour.blueF())]  # fmt: skip
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    lighter, darker = sorted((luminance(a), luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_frames_stand_out_from_every_background(tokens):
    for background in (tokens.window, tokens.surface, tokens.raised):
        assert contrast(frame_colour(tokens), QColor(background)) > 2.4


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_what_fusion_makes_of_the_palette_is_the_frame_colour(tokens):
    window = frame_palette(tokens).color(QPalette.ColorRole.Window)
    drawn, wanted = window.darker(140), frame_colour(tokens)
    pairs = zip(drawn.getRgb()[:3], wanted.getRgb()[:3], strict=True)
    assert all(abs(a - b) <= 3 for a, b in pairs)
