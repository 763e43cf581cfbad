"""Which ready network to start with, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.data.info import DataInfo
from engine.templates.hyperparameters import LARGE_PICTURE

_LONG_TEXT: Final = 60  # words from which a recurrent memory is slow and forgets
_LONG_SERIES: Final = 100  # steps
_MANY_ROWS: Final = 2000  # from here on batch normalisation has enough to average over
_PHOTO_CHANNELS: Final = 3
_MANY_PHOTOS: Final = 5000  # from here on a deep network learns more than it forgets


@dataclass(frozen=True)
class Proposal:
    """A ready network for a data set.

    Attributes
    ----------
    template
        Id in `engine.templates.TEMPLATES`.
    why
        One sentence.
    """

    template: str
    why: str


def propose(info: DataInfo) -> Proposal:
    """Return the ready network to begin with for this data.

    Chosen by kind, shape and number of samples, so that it trains within minutes on a CPU; a network
    that is small for the data comes first, since one sees sooner what is missing.
    """
    return _CHOICES.get(info.kind, _for_tables)(info)


def _for_pictures(info: DataInfo) -> Proposal:
    height, width, channels = info.input_shape
    size = f"{height} × {width}"
    least = min(height, width)
    if info.answer_shape is not None:
        why = "The answer is a picture again: a U-Net sees the whole and keeps the fine lines."
        return Proposal("unet", why)
    if least < 4:
        return Proposal("mlp", f"{size} pixels are too few for convolutions: dense layers see all.")
    if least < LARGE_PICTURE:
        why = f"{size} pixels hold few shapes: two convolutions find them in seconds."
        return Proposal("cnn", why)
    if channels >= _PHOTO_CHANNELS and 0 < info.counts[0] < _MANY_PHOTOS:
        why = f"{info.counts[0]:,} photos are few: mirrored and moved at random they teach more."
        return Proposal("photos", why)
    if channels >= _PHOTO_CHANNELS:
        why = f"Colour pictures of {size} pixels need depth: skip connections keep it trainable."
        return Proposal("resnet", why)
    why = f"Grey pictures of {size} pixels: two convolutions and a dense layer read them well."
    return Proposal("cnn2", why)


def _for_points(_info: DataInfo) -> Proposal:
    why = "Two numbers a point: two hidden layers can bend any border between them."
    return Proposal("mlp", why)


def _for_tables(info: DataInfo) -> Proposal:
    columns = f"{info.input_shape[0]} columns"
    rows = info.counts[0]
    if info.task == "classification" and rows >= _MANY_ROWS:
        why = f"{rows:,} rows of {columns} are enough for batch normalisation and dropout."
        return Proposal("normalized", why)
    what = f"{info.n_classes} classes" if info.n_classes else "a number to predict"
    why = f"{columns.capitalize()} and {what}: two dense layers learn curved rules from few rows."
    return Proposal("mlp", why)


def _for_text(info: DataInfo) -> Proposal:
    words = info.input_shape[0]
    if words >= _LONG_TEXT:
        why = f"Texts of {words} words: convolutions find telling phrases faster than a memory."
        return Proposal("conv1d", why)
    why = f"Texts of {words} words are short: a memory that reads both ways keeps all of them."
    return Proposal("bidirectional_gru", why)


def _for_series(info: DataInfo) -> Proposal:
    steps = info.input_shape[0]
    if steps >= _LONG_SERIES:
        why = f"{steps} steps are long for a memory: dilated convolutions look back in strides."
        return Proposal("dilated", why)
    return Proposal("gru", f"{steps} steps fit into the memory of a GRU, which learns fast.")


_CHOICES: Final = {
    "picture": _for_pictures,
    "point": _for_points,
    "number": _for_tables,
    "text": _for_text,
    "sequence": _for_series,
}
