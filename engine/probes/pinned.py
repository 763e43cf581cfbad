"""The samples that a project pins, found in its data. Loads without TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.probes.probe import ProbeError

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData


@dataclass(frozen=True, eq=False)
class PinnedSample:
    """A sample of a project's data.

    Attributes
    ----------
    part, number
        Where it is: the part that has samples, and the number in it from 0.
    count
        Samples in that part.
    inputs
        One array (1, ...) an input, in the order of `DataInfo.inputs`.
    y
        The answer of the first target.
    """

    part: str
    number: int
    count: int
    inputs: tuple[npt.NDArray[Any], ...]
    y: Any

    @property
    def x(self) -> npt.NDArray[Any]:
        """The sample as its first input has it."""
        first: npt.NDArray[Any] = self.inputs[0][0]
        return first

    @property
    def words(self) -> str:
        """Which one it is: ``"validation sample 3 of 150"``."""
        return f"{self.part} sample {self.number + 1:,} of {self.count:,}"


def pinned_sample(data: LoadedData, part: str, number: int) -> PinnedSample | None:
    """Return a sample, of the training part where its own part is empty; None if there is none at all."""
    for name in (part, "training"):
        found = getattr(data, name)
        if len(found):
            place = number % len(found)
            columns = found.inputs.values()
            inputs = tuple(np.asarray(column[place : place + 1]) for column in columns)
            return PinnedSample(name, place, len(found), inputs, found.y[place])
    return None


def inputs_of(data: LoadedData, part: str, number: int) -> list[npt.NDArray[Any]]:
    """Return what a network is shown, one array (1, ...) an input; `ProbeError` if the data has no sample."""
    sample = pinned_sample(data, part, number)
    if sample is None:
        raise ProbeError("The data has no samples to show to the network.")
    return list(sample.inputs)
