"""Samples and pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.data.info import ImagePreparation
from engine.spec.data import DataSpec

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData
    from engine.data.preview import Preview

Progress = Callable[[str, int, int], None]
Pictures = npt.NDArray[np.float32]
SCREEN_SIDE_PX = 1024


def load_data(
    spec: DataSpec, progress: Progress | None = None, cancelled: Callable[[], bool] | None = None
) -> LoadedData:
    """Return the samples; BadInput in one sentence if they cannot be had."""
    from engine.data.loading import load

    return load(spec, progress, cancelled)


def preview_of(data: LoadedData) -> Preview:
    """Return what the Data page shows of a set."""
    from engine.data.preview import preview

    return preview(data)


def read_picture(
    source: Path | bytes, preparation: ImagePreparation
) -> tuple[Pictures, npt.NDArray[np.uint8]]:
    """Return a picture as the network sees it, and a copy for the screen.

    Parameters
    ----------
    source
        A file, or the bytes of one (what the clipboard or the drawing pad gives, as PNG).

    Returns
    -------
    prepared
        (h, w, c) in the training pictures' value range.
    screen
        (h, w, 3) uint8, upright, at most `SCREEN_SIDE_PX` wide and high.
    """
    from engine.data.images import decode, decode_bytes, prepare

    image = decode(source) if isinstance(source, Path) else decode_bytes(source, "picture")
    prepared = prepare(image, preparation)
    copy = image.convert("RGB")
    copy.thumbnail((SCREEN_SIDE_PX, SCREEN_SIDE_PX))
    return prepared, np.asarray(copy)
