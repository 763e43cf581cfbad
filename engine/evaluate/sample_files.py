"""The files that generated samples are written to. Loads without TensorFlow."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.data.info import DataInfo
from engine.data.picture_sheet import as_bytes, sheet
from engine.errors import BadInput, quoted
from engine.storage import make_folder, write_with

_GREY: Final = 1  # channels
_ENDS: Final = (".npz", ".png", "")


def check_out(out: Path, info: DataInfo) -> None:
    """Refuse a place that samples of this data cannot be written to, before any work is done.

    Raises
    ------
    BadInput
        If the ending is none that can be written, the folder around it is missing, or something is in the way.
    """
    name = quoted(out.name or out, 60)
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


def _write_png(picture: npt.NDArray[np.uint8], path: Path) -> None:
    from PIL import Image

    shown = picture[..., 0] if picture.shape[-1] == _GREY else picture
    Image.fromarray(shown).save(path, "PNG")


def _write_npz(samples: npt.NDArray[np.float32], path: Path) -> None:
    with path.open("wb") as stream:  # given a name, NumPy would add a suffix
        np.savez(stream, x=samples)
