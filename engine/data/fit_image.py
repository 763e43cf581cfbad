"""Which region of a picture the network sees, and how light and dark lie."""

from __future__ import annotations

import numpy as np

from engine.data.digit_normalization import glyph
from engine.data.info import ImagePreparation
from engine.data.resampling import Pixels, Region, Size, around, averaged, border


def framed(pixels: Pixels, preparation: ImagePreparation) -> Pixels:
    """Return (h, w, c) pixels of 0 to 255 as (height, width, c) of the network's size."""
    size = (preparation.height, preparation.width)
    if preparation.background == "dark":
        pixels = _light_on_dark(pixels)
    if preparation.fit == "glyph":
        found = glyph(pixels, size)
        if found is not None:
            return found
    return averaged(pixels, _region(pixels, size, preparation.fit), size)


def _light_on_dark(pixels: Pixels) -> Pixels:
    """Return the picture inverted if its border is light."""
    is_light = float(np.median(border(pixels))) > 127.5
    return np.asarray(255.0 - pixels, np.float32) if is_light else pixels


def _region(pixels: Pixels, size: Size, fit: str) -> Region:
    height, width = pixels.shape[:2]
    if fit == "stretch":
        return Region(0.0, 0.0, height, width)
    scales = (height / size[0], width / size[1])
    scale = min(scales) if fit == "crop" else max(scales)
    return around((height / 2, width / 2), (size[0] * scale, size[1] * scale))
