"""What is done with files that are dropped on the window: said while they are held over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from app.controllers.editor.importing import is_model
from engine.data.picture_formats import SUFFIXES
from engine.errors import quoted

What = Literal["project", "script", "model", "data", "pictures"]
_DATA_SUFFIXES: Final = (".gz", ".npz")
_NOT_TAKEN: Final = (
    "is not taken: drop a picture, data (.npz, IDX files, a folder of pictures), a model (.keras, .h5, .onnx),"
    " a Python script or a project folder"
)


@dataclass(frozen=True)
class Drop:
    """What dropped files are.

    Attributes
    ----------
    what
        None if Netsmith takes no such files.
    words
        What happens if they are dropped, or that nothing does; one sentence.
    path
        The one it is done with, where it is done with one.
    """

    what: What | None
    words: str
    path: Path


@dataclass(frozen=True)
class _Row:
    what: What
    suits: Callable[[Path], bool]
    words: str


def _may_be_data(path: Path) -> bool:
    # IDX files are named train-images-idx3-ubyte, with or without .gz.
    return path.suffix.lower() in _DATA_SUFFIXES or "ubyte" in path.name


_ROWS: Final = (
    _Row("project", lambda path: (path / "project.json").is_file(), "Open the project {0}"),
    _Row("script", lambda path: path.suffix == ".py", "Take the network of the script {0}"),
    _Row("model", is_model, "Open the model {0}"),
    _Row("data", lambda path: path.is_dir(), "Use the pictures in {0} as data"),
    _Row("data", _may_be_data, "Use {0} as data"),
    _Row("pictures", lambda path: path.suffix.lower() in SUFFIXES, "Classify {0}"),
)


def drop_of(paths: Sequence[str]) -> Drop:
    """Return what files are: of several, the first one that is taken says what."""
    found = ((row, path) for path in map(Path, paths) for row in _ROWS if row.suits(path))
    row, path = next(found, (None, Path(paths[0])))
    name = f'"{quoted(path.name, 40)}"'
    if row is None:
        return Drop(None, f"{name} {_NOT_TAKEN}", path)
    if row.what == "pictures" and len(paths) > 1:
        return Drop(row.what, f"Classify {len(paths):,} pictures", path)
    return Drop(row.what, row.words.format(name), path)
