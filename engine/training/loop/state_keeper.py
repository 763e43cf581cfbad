"""The state of a running training: kept in memory every second, written now and then, gone back to."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from engine.models.card import Moment
from engine.training.diagnose.failure import Diverged
from engine.training.live.command_handler import weights_of
from engine.training.loop.run_counters import RunCounters, Weights
from engine.training.loop.run_options import RunOptions
from engine.training.procedures.program import Program
from engine.training.state import resume_point
from engine.training.state.checkpoint_scheduler import SHARE, CheckpointScheduler
from engine.training.state.resume_point import Progress, ResumePoint
from engine.training.state.writes import Writes

# What a run that fails loses at most, and what finding the first bad tensor has to repeat; copying aside.
ANCHOR_PERIOD_S: Final = 1.0


class StateKeeper:
    """Keeps the state and the weights of a run.

    Parameters
    ----------
    key
        As of `ResumePoint`.
    progress
        Returns how far the run is.

    Attributes
    ----------
    anchor
        The last good state; None before the first step.
    """

    def __init__(
        self,
        program: Program,
        key: str,
        counters: RunCounters,
        options: RunOptions,
        writes: Writes,
        progress: Callable[[], Progress],
    ) -> None:
        self._program = program
        self._key = key
        self._counters = counters
        self._move = options.move
        self._writes = writes
        self._progress = progress
        self._checkpoints = CheckpointScheduler(options.checkpoint, options.keep_state, writes)
        self.anchor: ResumePoint | None = None
        self._due_s = 0.0

    def take_if_due(self) -> None:
        """Keep the state, at most once a second."""
        if time.perf_counter() >= self._due_s:
            self.take()

    def take(self) -> ResumePoint:
        """Keep the state in memory, and now and then on disk; a state that is not finite ends the run."""
        started = time.perf_counter()
        captured = resume_point.capture(self._program)
        point = ResumePoint(self._key, self._progress(), captured, self._counters.best)
        if not point.variables.finite:
            raise Diverged("A weight", self._counters.steps)
        self.anchor = point
        now = time.perf_counter()
        self._due_s = now + max(ANCHOR_PERIOD_S, (now - started) / SHARE)
        self._checkpoints.offer_state(point)
        return point

    def write(self, point: ResumePoint) -> None:
        """Write a state now."""
        self._checkpoints.offer_state(point, now=True)

    def write_all(self, project: Path | None, between_steps: bool) -> None:
        """Write all that is kept now, from now on into another project if one is given."""
        if project is not None and self._move is not None:
            self._move(project)
        if between_steps:  # else what a validation counts is not of the state
            self.take()
        self._checkpoints.offer_model(self._program, self._moment, now=True)
        if self.anchor is not None:
            self.write(self.anchor)
        self._writes.retry("history")

    def offer_model(self) -> None:
        """Write the model if it is time."""
        self._checkpoints.offer_model(self._program, self._moment)

    def keep_weights(self) -> None:
        """Keep the weights that the run ends with, and write them now."""
        self._counters.good = weights_of(self._program)
        self._checkpoints.offer_model(self._program, self._moment, now=True)

    def finite_weights(self) -> Weights:
        """Return the weights; the last step may have spoilt them although its loss was still finite."""
        weights = weights_of(self._program)
        if not all(np.isfinite(array).all() for array in weights):
            raise Diverged("A weight", self._counters.steps)
        return weights

    @property
    def _moment(self) -> Moment:
        return Moment(epochs=self._counters.epochs, samples=self._counters.samples)
