"""Result of a learning-rate range test, and the choice of a rate from it. Loads without TensorFlow.

The rate grows exponentially from step to step. The rate at which the loss falls most steeply is suggested. After
L. N. Smith, "Cyclical Learning Rates for Training Neural Networks" (2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

LOWEST: Final = 1e-7
HIGHEST: Final = 10.0
_MEMORY: Final = 0.9  # weight of the steps before in the smoothed loss
_REACH: Final = 12  # steps on either side for fitting a slope, as single batches vary

Doubles: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RangeResult:
    """The result of a range test so far.

    Attributes
    ----------
    rates
        (n,) learning rate of each step, rising.
    losses
        (n,) loss of each step's batch, all finite.
    smoothed
        (n,) the same, smoothed.
    suggestion
        A good base rate; None if the loss did not fall, or the test is still running.
    """

    rates: Doubles
    losses: Doubles
    smoothed: Doubles
    suggestion: float | None = None


def smooth(losses: Doubles) -> Doubles:
    """Return the exponential moving average of (n,) losses, with bias correction."""
    mean, smoothed = 0.0, np.empty_like(losses)
    for place, loss in enumerate(losses):
        mean = _MEMORY * mean + (1 - _MEMORY) * loss
        smoothed[place] = mean / (1 - _MEMORY ** (place + 1))
    return smoothed


def suggest(rates: Doubles, losses: Doubles) -> float | None:
    """Return the rate at which the (n,) losses fall most steeply, None if they fall by less than their spread.

    The slope is that of a line fitted to a step and its neighbours. Only steps before the lowest smoothed loss are
    considered: later ones only rise, or fall by chance.
    """
    smoothed, first = smooth(losses), losses[: 2 * _REACH]
    lowest = int(np.argmin(smoothed))
    if lowest <= 2 * _REACH or smoothed[lowest] >= first.mean() - first.std():
        return None
    away = np.arange(_REACH, -_REACH - 1, -1)  # reversed for the convolution
    slopes = np.convolve(losses[: lowest + 1], away / np.sum(away**2), mode="valid")
    return float(rates[_REACH + int(np.argmin(slopes))])
