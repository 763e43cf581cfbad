"""Attempt the writes of a run, report failures, and retry them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from engine.errors import LONGEST_MESSAGE, NetsmithError, quoted
from engine.storage import why
from engine.training.live.events import RunId, WriteFailed, WriteRecovered, Written
from engine.training.loop.emitting import Emit

Write: TypeAlias = Callable[[], object]
# Names in messages.
NAMES: Final[Mapping[Written, str]] = MappingProxyType(
    {
        "weights": "the weights",
        "state": "the state to go on from",
        "history": "the history of the run",
        "earlier": "what the run had learned before",
    }
)
_log = logging.getLogger(__name__)


class Writes:
    """Attempts the writes of one run; reports failures and later successes as events.

    Errors of a write never end the training. For one thread at a time.

    Attributes
    ----------
    failed
        The event of each kind whose last write failed.
    kept
        Completed epochs in the last successful write of each kind.
    """

    def __init__(self, run: RunId, emit: Emit) -> None:
        self.failed: dict[Written, WriteFailed] = {}
        self.kept: dict[Written, int] = {}
        self._run = run
        self._emit = emit
        self._owed: dict[Written, tuple[int, Write]] = {}

    def attempt(self, what: Written, epochs: int, write: Write) -> bool:
        """Call ``write``; tell whether it succeeded.

        Parameters
        ----------
        epochs
            Completed epochs in what is written.
        write
            Kept for `retry` until a later write of the same kind succeeds.
        """
        try:
            write()
        except Exception as error:  # noqa: BLE001  # whatever a write meets must not cost the training
            self._owed[what] = (epochs, write)
            self.fail(what, error)
            return False
        self.kept[what] = epochs
        self._owed.pop(what, None)
        if self.failed.pop(what, None) is not None:
            self._emit(WriteRecovered(self._run, what, epochs))
        return True

    def fail(self, what: Written, error: Exception) -> None:
        """Record and report a failed write, once for each reason."""
        _log.warning("%s of run %s not written: %s", what, self._run, error)
        event = WriteFailed(self._run, what, sentence(what, error), self.kept.get(what))
        if event != self.failed.get(what):
            self.failed[what] = event
            self._emit(event)

    def retry(self, *kinds: Written) -> None:
        """Retry the failed writes of these kinds, of all kinds if none is given."""
        for what, again in tuple(self._owed.items()):
            if not kinds or what in kinds:
                self.attempt(what, *again)

    def forget(self) -> None:
        """Forget all writes, which were made to another folder."""
        self.kept.clear()


def sentence(what: Written, error: Exception) -> str:
    """Return what was not written, why, and what to do."""
    if isinstance(error, NetsmithError):
        return quoted(error, LONGEST_MESSAGE)
    reason = why(error) if isinstance(error, OSError) else _unknown(error)
    return quoted(f"{NAMES[what]} could not be written: {reason}", LONGEST_MESSAGE)


def unkept(
    failed: Mapping[Written, WriteFailed], epochs: int, wanted: int, *, went_on: bool = False
) -> str:
    """Return what was not written of a run that has ended, and what there is instead.

    Parameters
    ----------
    failed
        As in `Writes.failed`, not empty.
    epochs, wanted
        Completed and planned epochs of the run.
    went_on
        Whether an earlier part of the run has left its weights.
    """
    what = next(kind for kind in NAMES if kind in failed)
    kept = failed[what].kept_epochs
    reached = f"the training reached epoch {epochs} of {wanted}"
    if what == "weights" and kept is not None:
        there = f"the weights kept are those after epoch {kept}"
    elif what == "weights":
        there = (
            "only those from before it went on are kept" if went_on else "no weights of it are kept"
        )
    else:
        there = f"its weights are kept, {NAMES[what]} not"
    return quoted(f"{reached}, but {there}: {failed[what].sentence}", LONGEST_MESSAGE)


def _unknown(error: Exception) -> str:
    first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"{quoted(first_line, 60)}: save the project elsewhere"
