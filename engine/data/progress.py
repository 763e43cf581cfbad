"""Progress and cancellation of long jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from engine.errors import Cancelled

# (text, done, total); the last two in bytes or samples, 0 for unknown.
Progress: TypeAlias = Callable[[str, int, int], None]
IsCancelled: TypeAlias = Callable[[], bool]


def silent(text: str, done: int, total: int) -> None:
    """Ignore progress."""


def never() -> bool:
    """Return False: never cancelled."""
    return False


def stop_if(cancelled: IsCancelled) -> None:
    """Raise Cancelled if the user asked to stop."""
    if cancelled():
        raise Cancelled("loading was stopped")
