"""Samples and pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.data.info import ImagePreparation
from engine.machine import user_folder
from engine.spec.data import DataSpec

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData
    from engine.data.preview import Preview

Progress = Callable[[str, int, int], None]
Pictures = npt.NDArray[np.float32]
SCREEN_SIDE_PX = 1024


def load_data(
    spec: DataSpec,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    *,
    project: Path | None = None,
    now: DataSpec | None = None,
) -> LoadedData:
    """Return the samples; BadInput in one sentence if they cannot be had.

    Parameters
    ----------
    project, now
        Where a file that has moved is looked for, see `engine.data.locating.located`; None: nowhere.
    """
    from engine.data.loading import load
    from engine.data.locating import located

    choice = spec if project is None else located(spec, project, now)
    return load(choice, progress, cancelled, cache=user_folder.cache())


def preview_of(data: LoadedData) -> Preview:
    """Return what the Data page shows of a set."""
    from engine.data.preview import preview

    return preview(data)


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as the network sees it, and a copy for the screen.

    Attributes
    ----------
    prepared
        (h, w, c) in the training pictures' value range.
    screen
        (h, w, 3) uint8, upright, as large as asked for at most.
    width, height
        Of the picture itself, upright, in pixels.
    depth
        ``12-bit grey`` where a file of 16 bits was read as one of fewer, else "".
    """

    prepared: Pictures
    screen: npt.NDArray[np.uint8]
    width: int
    height: int
    depth: str = ""


def data_notes(data: LoadedData) -> tuple[str, ...]:
    """Return how a local file was understood and what is unusual in the parts, one sentence each."""
    from engine.data.preview import data_notes as notes_of

    return notes_of(data)


def read_picture(
    source: Path | bytes, preparation: ImagePreparation, screen_side_px: int = SCREEN_SIDE_PX
) -> Picture:
    """Return a picture as the network sees it; BadInput in one sentence if it cannot be read.

    Parameters
    ----------
    source
        A file, or the bytes of one (what the clipboard or the drawing pad gives, as PNG).
    screen_side_px
        Most pixels of a side of the copy for the screen.
    """
    from engine.data.images import depth_text, seen, true_size

    image, prepared = seen(source, preparation)
    copy = image.convert("RGB")
    copy.thumbnail((screen_side_px, screen_side_px))
    return Picture(prepared, np.asarray(copy), *true_size(image), depth_text(image))
