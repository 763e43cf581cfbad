"""The files that generated samples are written to. Loads without TensorFlow."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data.info import DataInfo
from engine.errors import BadInput, quoted
from engine.storage import make_folder, write_with

_GREY: Final = 1  # channels
_GAP_PX: Final = 1  # between the pictures of a sheet
_ENDS: Final = (".npz", ".png", "")


def check_out(out: Path, info: DataInfo) -> None:
    """Refuse a place that samples of this data cannot be written to, before any work is done.

    Raises
    ------
    BadInput
        If the ending is none that can be written, the folder around it is missing, or something is in the way.
    """
    name = quoted(out.name, 60)
    suffix = out.suffix.lower()
    if suffix not in _ENDS:
        raise BadInput(f'"{name}" ends in no known way: name a .npz or .png file, or a folder')
    if suffix != ".npz" and info.image is None:
        raise BadInput(f'"{name}" cannot hold samples that are no pictures: name a .npz file')
    if not out.absolute().parent.is_dir():
        raise BadInput(f'the folder of "{name}" does not exist: make it first')
    if suffix and out.is_dir():
        raise BadInput(f'"{name}" is a folder: name a file in it')
    if not suffix and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f'"{name}" is there already: name a new folder')


def write_samples(out: Path, samples: npt.NDArray[np.float32], info: DataInfo) -> None:
    """Write samples: ``x`` of a ``.npz`` file, a sheet as ``.png``, or a folder with a PNG for each.

    Raises
    ------
    BadInput
        As `check_out`.
    JobFailed
        If the disk refuses.
    """
    check_out(out, info)
    out = out.absolute()
    suffix = out.suffix.lower()
    if suffix == ".npz":
        write_with(out, partial(_write_npz, samples))
        return
    pictures = as_bytes(samples, info)
    if suffix == ".png":
        write_with(out, partial(_write_png, sheet(pictures)))
        return
    make_folder(out)
    digits = len(str(len(pictures)))
    for number, picture in enumerate(pictures, start=1):
        write_with(out / f"{number:0{digits}}.png", partial(_write_png, picture))


def as_bytes(samples: npt.NDArray[Any], info: DataInfo) -> npt.NDArray[np.uint8]:
    """Return pictures (n, h, w, channels) as bytes, black and white as the data has them."""
    low, high = info.value_range or (float(samples.min()), float(samples.max()))
    share = (samples - low) / ((high - low) or 1.0)
    return np.round(255 * np.clip(share, 0.0, 1.0)).astype(np.uint8)


def sheet(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return pictures (n, h, w, channels) side by side in one, as square as can be."""
    count, height, width, channels = pictures.shape
    columns = math.ceil(math.sqrt(count * height / width))
    rows = math.ceil(count / columns)
    cells = np.zeros((rows * columns, height + _GAP_PX, width + _GAP_PX, channels), np.uint8)
    cells[:count, :height, :width] = pictures
    joined = cells.reshape(rows, columns, *cells.shape[1:]).swapaxes(1, 2)
    whole = joined.reshape(rows * (height + _GAP_PX), columns * (width + _GAP_PX), channels)
    return whole[: -_GAP_PX or None, : -_GAP_PX or None]


def _write_png(picture: npt.NDArray[np.uint8], path: Path) -> None:
    from PIL import Image

    shown = picture[..., 0] if picture.shape[-1] == _GREY else picture
    Image.fromarray(shown).save(path, "PNG")


def _write_npz(samples: npt.NDArray[np.float32], path: Path) -> None:
    with path.open("wb") as stream:  # given a name, NumPy would add a suffix
        np.savez(stream, x=samples)
