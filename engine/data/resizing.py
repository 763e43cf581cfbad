"""Pictures to the network's size by Pillow's own filters: the fast way, for pictures read in thousands."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.data.info import ImagePreparation
from engine.data.resampling import border

_MARGIN: Final = 1.5  # a JPEG decoded to fewer pixels than this times the size would look blurred


def least_side(preparation: ImagePreparation | None) -> int:
    """Return the fewest pixels that a side of a picture must have for `resized`; 0: all that it has."""
    if preparation is None or preparation.resampling == "area":
        return 0
    return int(_MARGIN * max(preparation.height, preparation.width))


def resized(image: Image.Image, preparation: ImagePreparation) -> npt.NDArray[np.uint8]:
    """Return an upright picture of mode "L" or "RGB" as (height, width, c) bytes.

    Only ``height``, ``width`` and ``fit`` of the preparation count.
    """
    size = (preparation.width, preparation.height)
    if preparation.fit == "pad":
        return _padded(image, size)
    box = _central(image.size, size) if preparation.fit == "crop" else None
    return _bytes(_scaled(image, size, box))


def _scaled(
    image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float] | None = None
) -> Image.Image:
    return image.resize(size, Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)


def _central(has: tuple[int, int], wants: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return the largest region of the wanted proportions in the middle: left, top, right, bottom."""
    scale = min(has[0] / wants[0], has[1] / wants[1])
    left, top = ((side - scale * wanted) / 2 for side, wanted in zip(has, wants, strict=True))
    return left, top, has[0] - left, has[1] - top


def _padded(image: Image.Image, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Return the whole picture with the usual colour of its border around it."""
    scale = min(size[0] / image.width, size[1] / image.height)
    inner = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    pixels = _bytes(_scaled(image, inner))
    background = np.rint(np.median(border(pixels), axis=0)).astype(np.uint8)
    found = np.empty((size[1], size[0], pixels.shape[2]), np.uint8)
    found[:] = background
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    found[top : top + inner[1], left : left + inner[0]] = pixels
    return found


def _bytes(image: Image.Image) -> npt.NDArray[Any]:
    pixels = np.asarray(image)
    return pixels[:, :, None] if pixels.ndim == 2 else pixels
