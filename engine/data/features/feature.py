"""One column of a data set: an input of the network or something it predicts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ImagePreparation:
    """How any picture becomes what the network was trained on; stored inside exported models.

    Attributes
    ----------
    height, width
        Target size in pixels.
    channels
        1 grey, 3 RGB.
    value_range
        What black and white become, ``(0, 255)`` or, for the digits, ``(0, 16)``.
    fit
        ``stretch`` to the size; ``crop`` the longer side centrally; ``pad`` the shorter with background;
        ``glyph``: cut to the ink, centre it and leave the margin the training pictures have.
    background
        ``dark``: the training pictures are light on dark, so a picture with a light border is inverted.
        ``any``: left as it is.
    resampling
        ``area``: exact means of what each pixel covers. ``bilinear``: Pillow's filter on bytes, of a JPEG
        that was decoded no larger than needed: many times faster, for pictures read in thousands.
    """

    height: int
    width: int
    channels: int
    value_range: tuple[float, float] = (0.0, 255.0)
    fit: Literal["stretch", "crop", "pad", "glyph"] = "stretch"
    background: Literal["any", "dark"] = "any"
    resampling: Literal["area", "bilinear"] = "area"


@dataclass(frozen=True)
class Feature:
    """A column as the network and the window see it.

    Attributes
    ----------
    name
        Unique in its data set.
    kind
        Id of a row in `engine.data.features.FEATURES`.
    shape
        Of one sample, without the batch axis: ``(height, width, channels)`` picture, ``(columns,)`` numbers,
        ``(words,)`` text, ``(steps, columns)`` sequence, ``()`` category.
    dtype
        ``"float32"``, ``"float64"`` (where 32 bits would lose differences), ``"uint8"`` or ``"int32"``.
    value_range
        Smallest and largest value before any preprocessing; None if unbounded.
    labels
        Class names by index of a category, else empty.
    columns
        Names along the last axis; empty if they have none.
    vocabulary_size
        Text: word numbers are below this.
    picture
        How a user's picture is prepared; None if this is no picture.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    dtype: str = "float32"
    value_range: tuple[float, float] | None = None
    labels: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    vocabulary_size: int | None = None
    picture: ImagePreparation | None = None

    @property
    def size(self) -> int:
        """Numbers of one sample."""
        return math.prod(self.shape)
