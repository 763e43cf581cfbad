"""Samples in memory, cut into parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.column_array import selected
from engine.data.findings import Finding
from engine.data.info import DataInfo
from engine.data.sample_parts import SampleParts, digests

Column: TypeAlias = Any  # an array, or a ColumnArray, which is indexed like one


class Part:
    """Samples and their answers, a column for each feature.

    Parameters
    ----------
    x
        (n, *shape) of the one input, unscaled, of the dtype that its `Feature` names or a smaller one; or name of
        a feature -> such an array, in the order of `DataInfo.inputs`. A column that is not in memory is a
        `engine.data.column_array.ColumnArray`.
    y
        Of the one target: (n,) int32 class indices or (n, targets) float32; or name -> array.

    Attributes
    ----------
    inputs, targets
        Name of a feature -> its column.
    """

    __slots__ = ("inputs", "targets")

    def __init__(self, x: Column | Mapping[str, Column], y: Column | Mapping[str, Column]) -> None:
        self.inputs: Mapping[str, Column] = x if isinstance(x, Mapping) else {"x": x}
        self.targets: Mapping[str, Column] = y if isinstance(y, Mapping) else {"y": y}
        lengths = {len(column) for column in self.columns.values()}
        if len(lengths) != 1:
            raise ValueError(f"the columns differ in length: {sorted(lengths)}")

    @property
    def columns(self) -> dict[str, Column]:
        """All columns by name."""
        return {**self.inputs, **self.targets}

    @property
    def x(self) -> Column:
        """Column of the first input."""
        return next(iter(self.inputs.values()))

    @property
    def y(self) -> npt.NDArray[Any]:
        """Column of the first target."""
        return np.asarray(next(iter(self.targets.values())))

    def rows(self, rows: npt.NDArray[np.integer[Any]]) -> Part:
        """Return some of the samples, in the order of ``rows``; what is not in memory stays unread."""
        return Part(
            {name: selected(column, rows) for name, column in self.inputs.items()},
            {name: selected(column, rows) for name, column in self.targets.items()},
        )

    def named(self, info: DataInfo) -> Part:
        """Return the part with its columns named as the features of a set, in their order."""
        return Part(
            dict(zip((each.name for each in info.inputs), self.inputs.values(), strict=True)),
            dict(zip((each.name for each in info.targets), self.targets.values(), strict=True)),
        )

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Statistics:
    """Mean and variance of each feature (last axis) over the training part, for a Normalization.

    In 64 bits; a feature that never changes has variance 1.
    """

    mean: npt.NDArray[Any]
    variance: npt.NDArray[Any]


@dataclass(frozen=True)
class LoadedData:
    """A data set cut into parts; ``info`` carries the true counts, ``findings`` what is unusual in it."""

    info: DataInfo
    training: Part
    validation: Part
    test: Part
    statistics: Statistics
    findings: tuple[Finding, ...] = ()

    @cached_property
    def parts(self) -> SampleParts:
        """Which samples are in which part, by content; takes about a second a gigabyte at the first call."""
        labels = [target.labels for target in self.info.targets]
        return SampleParts(
            *(
                digests(list(part.inputs.values()), list(part.targets.values()), labels)
                for part in (self.training, self.validation, self.test)
            )
        )
