"""Samples that a network makes from noise, always from the same. Loads without TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.probes.probe import Probe, ProbeKind, Subject, Take

Floats: TypeAlias = npt.NDArray[np.float32]
SAMPLER: Final = "sampler"  # the network that a `Program` makes its samples with
COUNT: Final = 64
_MOST: Final = 10_000


@dataclass(frozen=True)
class GeneratedSamples:
    """What a generator makes.

    Attributes
    ----------
    values
        (samples, ...) in the numbers of the data.
    step
        Steps taken before.
    """

    values: Floats
    step: int = 0


def noise_for(model: Any, count: int, seed: int) -> list[Floats]:
    """Return normally distributed numbers, (count, ...) for each input of a Keras model; equal for equal seeds."""
    random = np.random.default_rng(seed)
    return [
        random.standard_normal((count, *each.shape[1:])).astype(np.float32) for each in model.inputs
    ]


def make(subject: Subject, probe: Probe) -> Take:
    """Return what takes ``count`` samples (an option, `COUNT` if it is missing) of the sampler."""
    count = min(max(1, int(probe.options.get("count", COUNT))), _MOST)
    noise = noise_for(subject.network(SAMPLER), count, seed=0)

    def take() -> GeneratedSamples:
        (made,) = subject.call(SAMPLER, noise)
        return GeneratedSamples(np.array(made, np.float32), subject.step)

    return take


GENERATED: Final = ProbeKind(
    "generated", "Generated samples", make, GeneratedSamples, weight=3.0, is_of_layer=False
)
