"""Signals that ask a verb to end: each does what Ctrl+C does."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

# Of those that the system has: a request to end, a terminal that is gone, Ctrl+Break on Windows.
_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
ENDING: Final = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))

Handler = Callable[[int, FrameType | None], object]


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let each of the signals interrupt what is done within, as Ctrl+C does."""
    with _handled(lambda _before: signal.default_int_handler):
        yield


@contextlib.contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Let the first of the signals call ``stop``; a second one ends what is done within."""
    before: dict[int, Handler] = {}

    def stop_once(_number: int, _frame: FrameType | None) -> None:
        for number, handler in before.items():
            signal.signal(number, handler)
        stop()

    def handler_of(handlers: dict[int, Handler]) -> Handler:
        before.update(handlers)
        return stop_once

    with _handled(handler_of):
        yield


@contextlib.contextmanager
def _handled(handler_of: Callable[[dict[int, Handler]], Handler]) -> Iterator[None]:
    """Set a handler, made with those that were set before, for each signal that is not ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    found = {number: signal.getsignal(number) for number in ENDING}
    # What the caller ignores stays ignored (nohup); what was set outside of Python is left alone.
    before = {n: h for n, h in found.items() if h not in (signal.SIG_IGN, None)}
    handler = handler_of(before)  # type: ignore[arg-type] # a default is as good as a function to set again
    for number in before:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
