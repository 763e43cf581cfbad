"""Files of the user's own: IDX files and NumPy archives."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from engine.catalog.model import Field
from engine.data.local_files import is_arrays, read_local
from engine.data.readers.downloads import IDX_PATTERNS
from engine.data.readers.reader import Reader, ReadRequest
from engine.data.samples import Samples
from engine.errors import BadInput

FILE: Final = "file"
_TASK = Field(
    "task", "choice", "auto", choices=("auto", "classes", "numbers"),
    help="What the answers are: classes to tell apart or numbers to predict; auto looks at them.",
)  # fmt: skip
_INPUTS = Field(
    "inputs", "choice", "auto", choices=("auto", "pictures", "series"),
    help="What a sample of several rows is: a picture or steps in time; auto looks at its shape.",
)  # fmt: skip


def read(request: ReadRequest) -> Samples:
    """Return the samples of a file; errors as `engine.data.local_files.read_local`."""
    if request.path is None:
        raise BadInput("no file is chosen: choose an IDX file or a NumPy .npz archive")
    return read_local(request.path, request.options, request.progress, request.cancelled)


def sniff(path: Path) -> bool:
    """Tell whether a file or folder holds arrays, from its name."""
    return is_arrays(path)


ROWS: Final = (
    Reader(
        FILE, "Your own file", "Pictures or tables of your own: IDX files or a NumPy .npz archive.",
        "picture", "classification", "file", read, (_TASK, _INPUTS),
        local_patterns=(*IDX_PATTERNS, "*.idx", "*.npz"), sniff=sniff, chosen="IDX or NPZ",
    ),
)  # fmt: skip
