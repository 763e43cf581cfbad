"""Write the samples of a project as an archive of arrays for a script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import storage
from engine.code.data_code import PARTS
from engine.data.loaded import LoadedData


def write_parts(path: Path, data: LoadedData) -> None:
    """Write x_train, y_train, x_val, y_val, x_test and y_test; empty parts are left out.

    Raises
    ------
    JobFailed
        If writing fails; an existing file is kept.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, part in zip(PARTS, (data.training, data.validation, data.test), strict=True):
        if len(part):
            arrays |= {f"x_{name}": np.asarray(part.x), f"y_{name}": part.y}

    def fill(temporary: Path) -> None:
        with temporary.open("wb") as stream:  # NumPy would append a suffix to a file name
            np.savez_compressed(stream, **arrays)  # type: ignore[arg-type] # its stub takes any name for allow_pickle

    storage.write_with(path, fill)
