"""The rows of the format table that a window shows; loads without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class FormatRow:
    """One export format in words.

    Attributes
    ----------
    suffix
        What the name must end in; "" for a folder.
    """

    id: str
    title: str
    help: str
    suffix: str


_ROWS = (
    FormatRow(
        "keras",
        "Keras model",
        "One file with network, weights and labels; opens in Keras and in Netsmith.",
        ".keras",
    ),
    FormatRow(
        "saved_model",
        "SavedModel folder",
        "A folder for TensorFlow Serving and for programs that use TensorFlow without Keras.",
        "",
    ),
    FormatRow(
        "weights",
        "Weights only",
        "The numbers alone, for a program that builds the same network itself.",
        ".weights.h5",
    ),
)
ROWS: Mapping[str, FormatRow] = MappingProxyType({row.id: row for row in _ROWS})
