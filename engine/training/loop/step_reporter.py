"""Counts the steps of a training and reports them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from engine.training.diagnose.failure import Diverged
from engine.training.live.command_handler import CommandHandler
from engine.training.live.events import EpochEnd, RunId, RunStarted, StepsEnded
from engine.training.loop.emitting import Emit
from engine.training.loop.epoch_graph import Epoch
from engine.training.loop.executor import Chunk, Executor
from engine.training.loop.run_counters import RunCounters


class StepReporter:
    """Counts and reports steps; a loss that is no finite number ends the run.

    Parameters
    ----------
    watched
        Name of the series that must stay finite.
    """

    def __init__(
        self, run: RunId, watched: str, counters: RunCounters, commands: CommandHandler, emit: Emit
    ) -> None:
        self._run = run
        self._watched = watched
        self._counters = counters
        self._commands = commands
        self._emit = emit

    def started(self, executor: Executor, epochs: int, samples: int, batch_size: int) -> None:
        """Report that the first step is about to run."""
        program = executor.program
        self._emit(
            RunStarted(
                run=self._run,
                epochs=epochs,
                steps_per_epoch=-(-samples // batch_size),
                batch_size=batch_size,
                samples=samples,
                device=executor.device,
                parameters=program.model.count_params(),
                metrics=program.figures,
                series=program.series,
                epochs_before=self._counters.epochs,
                steps_before=self._counters.steps,
                choice=executor.choice.reason,
            )
        )

    def chunk(self, chunk: Chunk, sizes: npt.NDArray[np.int64]) -> None:
        """Report a chunk of batches of (n,) ``sizes``."""
        counters = self._counters
        first = counters.steps + 1
        counters.take(chunk, sizes)
        self._say(
            StepsEnded(
                run=self._run,
                epoch=counters.epoch,
                first_step=first,
                series=chunk.series,
                metrics=counters.metrics,
                learning_rate=chunk.learning_rate,
                seconds=chunk.seconds,
                samples=int(sizes.sum()),
                waited_s=self._commands.waited_s,
            )
        )

    def epochs(
        self,
        found: Sequence[Epoch],
        sizes: npt.NDArray[np.int64],
        seconds: float,
        end: Callable[[dict[str, float], float], EpochEnd],
    ) -> list[EpochEnd]:
        """Report the steps of whole epochs.

        Parameters
        ----------
        sizes
            Of the batches of an epoch.
        end
            Ends an epoch with its metrics and seconds.

        Returns
        -------
        list
            How each ended, but for one whose last loss is not finite.
        """
        counters, watched = self._counters, self._watched
        first, samples = counters.steps + 1, counters.samples
        ended = []
        for epoch in found:
            chunk = Chunk({watched: epoch.losses}, epoch.metrics, epoch.learning_rate, seconds)
            counters.take(chunk, sizes[: len(epoch.losses)])
            number, metrics = counters.epoch, dict(counters.metrics)
            if math.isfinite(epoch.losses[-1]):
                metrics_with_validation = metrics | prefixed("val_", epoch.validation)
                ended.append(end(metrics_with_validation, seconds / len(found)))
        self._say(
            StepsEnded(
                self._run,
                number,
                first,
                {watched: np.concatenate([epoch.losses for epoch in found])},
                metrics,
                found[-1].learning_rate,
                seconds,
                counters.samples - samples,
            )
        )
        return ended

    def _say(self, event: StepsEnded) -> None:
        self._commands.step = self._counters.steps
        self._emit(event)
        if not math.isfinite(event.losses[-1]):
            watched = next(iter(event.series)).replace("_", " ")
            raise Diverged(f"The {watched}", self._counters.steps)


def prefixed(prefix: str, metrics: Mapping[str, float]) -> dict[str, float]:
    """Return metrics under names with a prefix, ``"val_"``."""
    return {f"{prefix}{name}": value for name, value in metrics.items()}
