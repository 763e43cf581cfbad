"""What a learning-rate range test finds and how a rate is chosen from it. Loads without TensorFlow.

The rate grows evenly on a logarithmic scale from step to step while the loss is watched. Where the loss
falls most steeply, the network learns fastest; that rate is suggested. After L. N. Smith, "Cyclical
Learning Rates for Training Neural Networks" (2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

LOWEST: Final = 1e-7
HIGHEST: Final = 10.0
_MEMORY: Final = 0.9  # of the smoothed loss for the steps before
_REACH: Final = 12  # steps on either side that a slope is fitted to: single batches differ a lot

Doubles: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RangeResult:
    """What a range test found so far.

    Attributes
    ----------
    rates
        (n,) learning rate of each step, rising.
    losses
        (n,) loss of each step's batch, all finite.
    smoothed
        (n,) the same, smoothed.
    suggestion
        A good base rate; None if the loss fell nowhere, or while the test runs.
    """

    rates: Doubles
    losses: Doubles
    smoothed: Doubles
    suggestion: float | None = None


def smooth(losses: Doubles) -> Doubles:
    """Return the exponential moving mean of (n,) losses, unbiased at the beginning."""
    mean, smoothed = 0.0, np.empty_like(losses)
    for place, loss in enumerate(losses):
        mean = _MEMORY * mean + (1 - _MEMORY) * loss
        smoothed[place] = mean / (1 - _MEMORY ** (place + 1))
    return smoothed


def suggest(rates: Doubles, losses: Doubles) -> float | None:
    """Return the rate where the (n,) losses fall most steeply, None if they do not fall beyond their own spread.

    The slope is that of the straight line through a step and its neighbours. Looked for before the lowest
    smoothed loss: after it the curve only climbs, or falls back by chance.
    """
    smoothed, first = smooth(losses), losses[: 2 * _REACH]
    lowest = int(np.argmin(smoothed))
    if lowest <= 2 * _REACH or smoothed[lowest] >= first.mean() - first.std():
        return None
    away = np.arange(_REACH, -_REACH - 1, -1)  # turned round, as a convolution wants it
    slopes = np.convolve(losses[: lowest + 1], away / np.sum(away**2), mode="valid")
    return float(rates[_REACH + int(np.argmin(slopes))])
