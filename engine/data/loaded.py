"""Samples in memory, cut into parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy.typing as npt

from engine.data.info import DataInfo
from engine.data.sample_parts import SampleParts, digests


@dataclass(frozen=True)
class Part:
    """Samples and their answers.

    Attributes
    ----------
    x
        (n, *input_shape), unscaled, of the dtype that `DataInfo.input_dtype` names or a smaller one.
    y
        Classification: (n,) int32 class indices. Regression: (n, targets) float32.
    """

    x: npt.NDArray[Any]
    y: npt.NDArray[Any]

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Statistics:
    """Mean and variance of each feature (last axis) over the training part, for "standard" scaling.

    In 64 bits; a feature that never changes has variance 1.
    """

    mean: npt.NDArray[Any]
    variance: npt.NDArray[Any]


@dataclass(frozen=True)
class LoadedData:
    """A data set in memory; ``info`` carries the true counts."""

    info: DataInfo
    training: Part
    validation: Part
    test: Part
    statistics: Statistics

    @cached_property
    def parts(self) -> SampleParts:
        """Which samples are in which part, by content; takes about a second a gigabyte at the first call."""
        labels = self.info.labels if self.info.task == "classification" else None
        return SampleParts(
            *(
                digests(part.x, part.y, labels)
                for part in (self.training, self.validation, self.test)
            )
        )
