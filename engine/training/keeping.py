"""Hands a run's model and state to whoever writes them: not too often, and never at the cost of the training."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import keras

from engine.training.events import RunId
from engine.training.state import ResumePoint

CHECKPOINT_PERIOD_S: Final = 10.0
STATE_PERIOD_S: Final = 20.0  # what a power cut costs at most, writing aside
SHARE: Final = 0.005  # of the time that copying, and writing, the model or the state may take
_log = logging.getLogger(__name__)

KeepModel: TypeAlias = Callable[[keras.Model, int, Mapping[str, float]], None]
KeepState: TypeAlias = Callable[[ResumePoint], None]


class Keeper:
    """Knows when a run's model and state are due; what a writer raises is logged.

    Parameters
    ----------
    keep_model, keep_state
        As of `engine.training.session.train`; None: nobody wants it.
    """

    def __init__(
        self, run: RunId, keep_model: KeepModel | None, keep_state: KeepState | None
    ) -> None:
        self._run = run
        self._keep_model = keep_model
        self._keep_state = keep_state
        self._model_kept_s = self._state_kept_s = time.perf_counter()
        self._model_period_s, self._state_period_s = CHECKPOINT_PERIOD_S, STATE_PERIOD_S

    def offer_model(
        self, model: keras.Model, epochs: int, figures: Mapping[str, float], *, last: bool = False
    ) -> None:
        """Hand on the model if it is due, or the last one."""
        started = time.perf_counter()
        due = last or started - self._model_kept_s >= self._model_period_s
        if self._keep_model is None or not due:
            return
        try:
            self._keep_model(model, epochs, figures)
        except Exception as error:  # noqa: BLE001  # whatever a checkpoint meets must not cost the training
            # The weights are still in memory and reach the window with RunEnded.
            _log.warning("the checkpoint of run %s was not written: %s", self._run, error)
        self._model_kept_s = time.perf_counter()
        self._model_period_s = max(CHECKPOINT_PERIOD_S, (self._model_kept_s - started) / SHARE)

    def offer_state(self, point: ResumePoint, *, last: bool = False) -> None:
        """Hand on the state if it is due, or the last one."""
        started = time.perf_counter()
        due = last or started - self._state_kept_s >= self._state_period_s
        if self._keep_state is None or not due:
            return
        try:
            self._keep_state(point)
        except Exception as error:  # noqa: BLE001  # as above
            # An older state is still on disk, and the weights reach the window with RunEnded.
            _log.warning("the state of run %s was not written: %s", self._run, error)
        self._state_kept_s = time.perf_counter()
        self._state_period_s = max(STATE_PERIOD_S, (self._state_kept_s - started) / SHARE)
