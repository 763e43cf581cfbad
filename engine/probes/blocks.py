"""Large arrays reduced to the means of blocks of neighbours. Loads without TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def block_means(values: npt.NDArray[Any], axis: int, length: int) -> npt.NDArray[Any]:
    """Return the means of blocks of ``length`` neighbours along an axis; the last block may be shorter."""
    if length == 1:
        return values
    size = values.shape[axis]
    whole = size // length * length
    values = np.moveaxis(values, axis, 0)
    blocks = values[:whole].reshape(-1, length, *values.shape[1:])
    # Several times faster than np.add.reduceat or np.mean.
    means = [np.einsum("ij...->i...", blocks) / np.float32(length)]
    if whole < size:
        means.append(values[whole:].mean(axis=0, keepdims=True))
    return np.moveaxis(np.concatenate(means) if len(means) > 1 else means[0], 0, axis)
