"""Samples made up where the real ones are not at hand: of the right shape, type and range."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data.info import DataInfo
from engine.data.loaded import Statistics


def stand_ins(info: DataInfo, statistics: Statistics | None, count: int) -> npt.NDArray[Any]:
    """Return (count, *input_shape) samples, the same at each call.

    Word numbers and values with a range are drawn evenly from it; others as a normal distribution with the mean and
    variance of each feature, 0 and 1 where those are not known.
    """
    random = np.random.default_rng(0)
    shape = (count, *info.input_shape)
    if info.vocabulary_size is not None:
        return random.integers(0, info.vocabulary_size, shape, dtype=np.int32)
    if info.value_range is not None:
        return random.uniform(*info.value_range, shape).astype(np.float32)
    values = random.standard_normal(shape)
    if statistics is not None:
        values = values * np.sqrt(statistics.variance) + statistics.mean
    return values.astype(np.float64 if info.input_dtype == "float64" else np.float32)
