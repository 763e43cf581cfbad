"""The rows of the format table, and the check of a target path. Loads without TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from engine.errors import BadInput, quoted

SAVED_MODEL = "saved_model.pb"  # the file that identifies a SavedModel folder


@dataclass(frozen=True)
class FormatRow:
    """Name and description of an export format.

    Attributes
    ----------
    suffix
        Required suffix of the file name; "" for a folder.
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
        "A folder for TensorFlow Serving and for programs without Keras; your Netsmith opens it again.",
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


def check_target(format_id: str, path: Path, *, overwrite: bool) -> None:
    """Refuse an unknown format, and a path that cannot be written or must not be replaced.

    Raises
    ------
    BadInput
        With the reason in one sentence.
    """
    row = ROWS.get(format_id)
    if row is None:
        raise BadInput(
            f'"{quoted(format_id, 40)}" is no export format: use one of {", ".join(ROWS)}'
        )
    name = quoted(path.name, 40)
    folder = path.parent
    if not path.name or not path.name.endswith(row.suffix) or path.name == row.suffix:
        raise BadInput(f'"{name}" is no name for this format: let it end in "{row.suffix}"')
    if not folder.is_dir():
        raise BadInput(f'the folder "{quoted(folder.name, 40)}" does not exist: make it first')
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadInput(
            f'writing into "{quoted(folder.name, 40)}" is not allowed: choose another folder'
        )
    if not os.path.lexists(path):
        return
    if not overwrite:
        raise BadInput(f'"{name}" exists already: choose another name, or allow to overwrite it')
    if not _replaceable(row, path):
        raise BadInput(f'"{name}" is something else than an exported model: choose another name')


def _replaceable(row: FormatRow, path: Path) -> bool:
    """Tell whether ``path`` is of the same form; a folder must be a SavedModel."""
    if row.suffix:
        return path.is_file()
    return path.is_dir() and not path.is_symlink() and (path / SAVED_MODEL).is_file()
