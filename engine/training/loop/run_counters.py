"""The counters of a running training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.training.loop.executor import Chunk
from engine.training.state.resume_point import Progress, ResumePoint

Weights: TypeAlias = tuple[npt.NDArray[Any], ...]

# Fields that `RunCounters` and `Progress` have in common.
_SHARED: Final = (
    "epochs",
    "steps",
    "samples",
    "epoch",
    "position",
    "totals",
    "samples_counted",
    "metrics",
    "figures",
)


@dataclass
class RunCounters:
    """The progress of a run. Names as in `engine.training.state.resume_point.Progress`.

    Attributes
    ----------
    good
        Final weights, all finite; after a divergence those before the diverging step, after another failure those of
        the last good state. () until the run ends.
    best
        Weights of the best epoch by the monitored metric, if the run is to restore them.
    """

    epochs: int = 0
    steps: int = 0
    samples: int = 0
    epoch: int = 1
    position: int = 0
    totals: dict[str, float] = field(default_factory=dict)
    samples_counted: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    good: Weights = ()
    best: Weights = ()
    seconds_before: float = 0.0

    def take(self, chunk: Chunk, sizes: npt.NDArray[np.int64]) -> None:
        """Record a chunk of batches of (n,) ``sizes``; the mean loss does not depend on the chunks."""
        for name, values in chunk.series.items():
            total = self.totals.get(name, 0.0)
            for value, size in zip(values.tolist(), sizes.tolist(), strict=True):
                total += value * size
            self.totals[name] = total
        self.samples_counted += int(sizes.sum())
        self.steps += len(chunk.losses)
        self.position += len(chunk.losses)
        self.samples += int(sizes.sum())
        means = {name: total / self.samples_counted for name, total in self.totals.items()}
        self.metrics = {**means, **chunk.metrics}

    def end_epoch(self, figures: dict[str, float]) -> None:
        """Begin the next epoch."""
        self.epochs, self.figures = self.epoch, figures
        self.epoch, self.position = self.epoch + 1, 0
        self.totals, self.samples_counted, self.metrics = {}, 0, {}

    def go_back_to(self, point: ResumePoint) -> None:
        """Restore the counters and the best weights of a state."""
        for name in _SHARED:
            setattr(self, name, getattr(point.progress, name))
        self.metrics, self.figures = dict(self.metrics), dict(self.figures)
        self.totals = dict(self.totals)
        self.best, self.seconds_before = point.best, point.progress.seconds

    def progress(self, **others: Any) -> Progress:
        """Return the counters for a state; ``others`` are its remaining fields."""
        mine = {name: getattr(self, name) for name in _SHARED}
        mine |= {"metrics": dict(self.metrics), "figures": dict(self.figures)}
        return Progress(**mine, **others)
