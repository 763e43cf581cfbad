"""How long work says how far it is, and learns that nobody wants it any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from engine.errors import Cancelled

# (what is being done, done so far, of how many); the last two in bytes or samples, 0: unknown.
Progress: TypeAlias = Callable[[str, int, int], None]
IsCancelled: TypeAlias = Callable[[], bool]


def silent(text: str, done: int, total: int) -> None:
    """Take progress and show it nowhere."""


def never() -> bool:
    """Tell that nobody asked to stop."""
    return False


def stop_if(cancelled: IsCancelled) -> None:
    """Raise Cancelled if the user asked to stop."""
    if cancelled():
        raise Cancelled("loading was stopped")
