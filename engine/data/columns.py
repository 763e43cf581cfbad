"""Mean, variance and bounds of each feature, computed in 64 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.column_array import Inputs

Array: TypeAlias = npt.NDArray[Any]
Floats: TypeAlias = npt.NDArray[np.float64]

_CHUNK: Final = 4096  # samples converted to float64 at a time,
_CHUNK_NUMBERS: Final = 2**25  # unless they are large


@dataclass(frozen=True)
class Columns:
    """(features,) statistics of the last axis over all samples."""

    mean: Floats
    variance: Floats
    low: Floats
    high: Floats

    @property
    def largest(self) -> Floats:
        """Largest magnitude of each feature."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    @property
    def is_constant(self) -> npt.NDArray[np.bool_]:
        """Which features are constant."""
        return np.asarray(self.low == self.high)


def columns_of(x: Inputs) -> Columns:
    """Return the statistics of (n, ..., features) samples, at least one."""
    features = x.shape[-1]
    total, squares = np.zeros(features), np.zeros(features)
    low, high = np.full(features, np.inf), np.full(features, -np.inf)
    chunks = pieces(x)
    numbers = x.size // features
    for chunk in chunks:
        rows = x[chunk].reshape(-1, features)
        total += rows.sum(axis=0, dtype=np.float64)
        low, high = np.minimum(low, rows.min(axis=0)), np.maximum(high, rows.max(axis=0))
    mean = total / numbers
    for chunk in chunks:
        away = x[chunk].reshape(-1, features) - mean
        squares += np.einsum("nf,nf->f", away, away)
    return Columns(mean, squares / numbers, low, high)


def pieces(x: Inputs) -> tuple[slice, ...]:
    """Return (n, ...) samples in pieces small enough to convert to float64."""
    step = max(1, min(_CHUNK, _CHUNK_NUMBERS * len(x) // max(1, x.size)))
    return tuple(slice(start, start + step) for start in range(0, len(x), step))
