"""Folders of pictures of the user's: a folder for each class, or for each part and class."""

from __future__ import annotations

from typing import Final

from engine.catalog.model import Field
from engine.data.info import DataInfo
from engine.data.readers.picture_folder import holds_pictures
from engine.data.readers.reader import Options, Reader, ReadRequest
from engine.data.samples import Samples
from engine.errors import BadInput

PICTURES: Final = "pictures"
_LARGEST_SIDE: Final = 1024  # pixels

_OPTIONS: Final = (
    Field(
        "height", "int", 0, minimum=0, maximum=_LARGEST_SIDE, unit="pixels",
        help="Height that every picture is brought to; at 0 the pictures decide.",
    ),
    Field(
        "width", "int", 0, minimum=0, maximum=_LARGEST_SIDE, unit="pixels",
        help="Width that every picture is brought to; at 0 the pictures decide.",
    ),
    Field(
        "colour", "choice", "auto", choices=("auto", "grey", "colour"),
        help="Whether colours are kept; auto keeps them if any picture has some.",
    ),
    Field(
        "fit", "choice", "stretch", choices=("stretch", "crop", "pad"),
        help="Stretch to the size, crop the longer side in the middle, or pad the shorter one.",
    ),
)  # fmt: skip


def read(request: ReadRequest) -> Samples:
    """Return the pictures of a folder; errors as `engine.data.readers.picture_set.read_samples`."""
    if request.path is None:
        raise BadInput("no folder is chosen: choose one with a folder of pictures for each class")
    from engine.data.readers.picture_set import read_samples  # Pillow is not needed to start

    return read_samples(request.path, request)


def settle(options: Options, info: DataInfo) -> Options:
    """Return the options with the size and colours of pictures that were read."""
    height, width, channels = info.input_shape
    colour = "grey" if channels == 1 else "colour"
    return {**options, "height": height, "width": width, "colour": colour}


ROWS: Final = (
    Reader(
        PICTURES, "Folder of pictures",
        "Pictures of your own: a folder for each class, or train and test folders with class folders in them.",
        "picture", "classification", "file", read, _OPTIONS, sniff=holds_pictures, is_folder=True,
        chosen="a folder for each class", settle=settle,
    ),
)  # fmt: skip
