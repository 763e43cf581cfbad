"""Protect the training from errors of the receiver of its events."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeAlias

from engine.training.live.events import TrainingEvent

Emit: TypeAlias = Callable[[TrainingEvent], None]
_log = logging.getLogger(__name__)


def unfailing(emit: Emit) -> Emit:
    """Return a receiver that logs the errors of ``emit`` instead of raising them, the first with its traceback."""
    failed: set[type[Exception]] = set()

    def tell(event: TrainingEvent) -> None:
        try:
            emit(event)
        except Exception as error:  # noqa: BLE001  # a receiver may be anything; the training goes on
            if type(error) not in failed:
                failed.add(type(error))
                _log.exception(
                    "an event of run %s was not taken: %s", event.run, type(event).__name__
                )

    return tell
