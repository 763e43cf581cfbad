"""Encode targets for a loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data.auto_defaults import LabelEncoding


def encode(y: npt.NDArray[Any], encoding: LabelEncoding, classes: int) -> npt.NDArray[Any]:
    """Return the targets of a `Part` in the given encoding.

    Parameters
    ----------
    y
        (n,) class indices, or (n, targets) numbers.
    classes
        Number of classes; used by "one_hot" only.

    Returns
    -------
    ndarray
        "index": (n,) int32. "one_hot": (n, classes) float32. "number": (n, targets) float32.
    """
    if encoding == "index":
        return y.astype(np.int32)
    if encoding == "one_hot":
        rows: npt.NDArray[np.float32] = np.eye(classes, dtype=np.float32)[y]
        return rows
    return y.reshape(len(y), -1).astype(np.float32)
