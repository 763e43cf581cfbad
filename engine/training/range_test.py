"""The learning-rate range test: which rates a network learns at, tried on a throw-away copy.

The rate grows evenly on a logarithmic scale from step to step while the loss is watched. Where the loss
falls most steeply, the network learns fastest; that rate is suggested. After L. N. Smith, "Cyclical
Learning Rates for Training Neural Networks" (2015).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from engine.data.loaded import LoadedData
from engine.errors import Cancelled, JobFailed
from engine.spec.project import ProjectSpec
from engine.training.executor import Executor, resolve_device
from engine.training.preparation import encoded_labels, new_model
from engine.training.stepping import Stepping

STEPS: Final = 200
LOWEST: Final = 1e-7
HIGHEST: Final = 10.0
_MEMORY: Final = 0.9  # of the smoothed loss for the steps before
_HOPELESS: Final = 4.0  # times the best smoothed loss: higher rates only do worse
_FEWEST: Final = 10  # steps that say anything
_REACH: Final = 12  # steps on either side that a slope is fitted to: single batches differ a lot
_AT_ONCE: Final = 10  # steps between two looks at the loss

Doubles: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RangeResult:
    """What a range test found.

    Attributes
    ----------
    rates
        (n,) learning rate of each step, rising.
    losses
        (n,) loss of each step's batch, all finite.
    smoothed
        (n,) the same, smoothed.
    suggestion
        A good base rate; None if the loss fell nowhere.
    """

    rates: Doubles
    losses: Doubles
    smoothed: Doubles
    suggestion: float | None


def range_test(
    spec: ProjectSpec,
    data: LoadedData,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    steps: int = STEPS,
) -> RangeResult:
    """Train a new model of the project for a few steps at rising rates; project and data are left alone.

    Parameters
    ----------
    progress
        Called with steps taken and steps in all.

    Raises
    ------
    Cancelled
        If ``cancelled`` said so.
    JobFailed
        If the loss is no finite number almost from the start, or there is nothing to train on.
    SpecError
        If Keras cannot build the network.
    """
    with tf.device(f"/{resolve_device(spec.training.device)}"):
        rates = np.geomspace(LOWEST, HIGHEST, steps)
        losses = _losses(_Trial(spec, data), rates, progress, cancelled)
    if len(losses) < min(_FEWEST, steps):
        raise JobFailed(
            "The loss is infinite or not a number from the start: check the data and the loss."
        )
    smoothed = smooth(losses)
    return RangeResult(rates[: len(losses)], losses, smoothed, suggest(rates, losses))


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


class _Trial:
    """A throw-away model and its samples."""

    def __init__(self, spec: ProjectSpec, data: LoadedData) -> None:
        model = new_model(spec, data)
        self.stepping = Stepping(model, scheduled=True)
        self.executor = Executor(model, spec.training.batch_size, spec.training.device)
        self._seed = spec.training.seed
        self._epoch = 0
        self._position = 0
        labels = encoded_labels(model, spec, data.info, data.training.y)
        self._samples = self.executor.place(data.training.x, labels)
        self.executor.prepare(self._samples)
        self._order = self.executor.order(self._samples, self._seed, self._epoch)

    def take(self, rates: Doubles) -> Doubles:
        """Return the losses of at most (n,) steps at these rates."""
        if self._position >= self._order.batches:
            self._epoch, self._position = self._epoch + 1, 0
            self._order = self.executor.order(self._samples, self._seed, self._epoch)
        self.stepping.plan(rates.astype(np.float32))
        count = min(len(rates), self._order.batches - self._position)
        losses = self.executor.train(self._samples, self._order, self._position, count).losses
        self._position += len(losses)
        return losses.astype(np.float64)


def _losses(
    trial: _Trial,
    rates: Doubles,
    progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Doubles:
    """Return the losses up to where they are hopeless, all finite."""
    losses = np.empty(0)
    while len(losses) < len(rates):
        if cancelled is not None and cancelled():
            raise Cancelled("The range test was stopped.")
        losses = np.concatenate([losses, trial.take(rates[len(losses) : len(losses) + _AT_ONCE])])
        if progress is not None:
            progress(len(losses), len(rates))
        if not np.isfinite(losses[-1]):
            return losses[:-1]
        smoothed = smooth(losses)
        if len(losses) > _FEWEST and smoothed[-1] > _HOPELESS * smoothed.min() > 0:
            break
    return losses
