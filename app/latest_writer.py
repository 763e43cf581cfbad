"""Writes the latest of some values on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from app import failures

_Value = TypeVar("_Value")


class LatestWriter(Generic[_Value]):
    """Writes values in their order; one that is replaced before its turn is never written.

    The thread lives while there is something to write.

    Parameters
    ----------
    write
        Writes one value; what it raises becomes `problem`.
    wrote
        Called on the writing thread after each.

    Attributes
    ----------
    problem
        Why the last value is not written, as a sentence; "" if it is.
    """

    def __init__(
        self, write: Callable[[_Value], None], wrote: Callable[[], None] = lambda: None
    ) -> None:
        self.problem = ""
        self._write = write
        self._wrote = wrote
        self._waiting: list[_Value] = []  # one at most
        self._is_writing = False
        self._changed = threading.Condition()

    def submit(self, value: _Value) -> None:
        """Write a value as soon as the one before is written."""
        with self._changed:
            self._waiting = [value]
            if not self._is_writing:
                self._is_writing = True
                threading.Thread(target=self._work_off, name="writer", daemon=True).start()

    def wait(self) -> None:
        """Return when all that was submitted is written, or has failed."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_writing)

    def _work_off(self) -> None:
        while (value := self._next()) is not None:
            try:
                self._write(value[0])
            except Exception as error:  # noqa: BLE001 - the top of a thread: every failure becomes words
                self.problem = failures.sentence(error)
            else:
                self.problem = ""
            self._wrote()

    def _next(self) -> list[_Value] | None:
        """Return the value whose turn it is; None, and the thread ends, if there is none."""
        with self._changed:
            value, self._waiting = self._waiting, []
            if not value:
                self._is_writing = False
                self._changed.notify_all()
            return value or None
