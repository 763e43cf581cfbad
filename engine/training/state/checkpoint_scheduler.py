"""Decide when a run's model and state are written, within a share of the training's time."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

import keras

from engine.models.card import Moment
from engine.training.procedures.program import Program
from engine.training.state.resume_point import ResumePoint
from engine.training.state.writes import Writes

CHECKPOINT_PERIOD_S: Final = 10.0
STATE_PERIOD_S: Final = 20.0  # longest loss by a power failure, without the time of writing
SHARE: Final = 0.005  # share of the time for copying and writing the model or the state
SHARE_AGAIN: Final = 0.05  # the same while writing fails

KeepModel: TypeAlias = Callable[[keras.Model, Moment], None]
KeepState: TypeAlias = Callable[[ResumePoint], None]


class CheckpointScheduler:
    """Writes a run's model and state when they are due; `Writes` reports failures, which are retried when due.

    Parameters
    ----------
    keep_model, keep_state
        As in `engine.training.loop.session.train`; None to write nothing.
    """

    def __init__(
        self, keep_model: KeepModel | None, keep_state: KeepState | None, writes: Writes
    ) -> None:
        self._keep_model = keep_model
        self._keep_state = keep_state
        self._writes = writes
        self._model_kept_s = self._state_kept_s = time.perf_counter()
        self._model_period_s, self._state_period_s = CHECKPOINT_PERIOD_S, STATE_PERIOD_S

    def offer_model(self, program: Program, moment: Moment, *, now: bool = False) -> None:
        """Write the model with the weights that the run would end with, if it is due or ``now``."""
        started = time.perf_counter()
        due = now or started - self._model_kept_s >= self._model_period_s
        if self._keep_model is None or not due:
            return
        with program.final_weights() as model:
            write = partial(self._keep_model, model, moment)
            is_written = self._writes.attempt("weights", moment.epochs, write)
        share = SHARE if is_written else SHARE_AGAIN
        self._model_kept_s = time.perf_counter()
        self._model_period_s = max(CHECKPOINT_PERIOD_S, (self._model_kept_s - started) / share)

    def offer_state(self, point: ResumePoint, *, now: bool = False) -> None:
        """Write the state if it is due or ``now``."""
        started = time.perf_counter()
        due = now or started - self._state_kept_s >= self._state_period_s
        if self._keep_state is None or not due:
            return
        write = partial(self._keep_state, point)
        share = (
            SHARE if self._writes.attempt("state", point.progress.epochs, write) else SHARE_AGAIN
        )
        self._state_kept_s = time.perf_counter()
        self._state_period_s = max(STATE_PERIOD_S, (self._state_kept_s - started) / share)
