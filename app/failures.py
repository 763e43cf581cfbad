"""The one place where an exception becomes words."""

from __future__ import annotations

import logging

from engine.errors import BadInput, NetsmithError, quoted

_LOG = logging.getLogger(__name__)


def sentence(error: BaseException) -> str:
    """Return what the user reads; the details of unexpected errors go to the log."""
    if isinstance(error, NetsmithError):
        return str(error)
    _LOG.error("unexpected failure", exc_info=error)
    if isinstance(error, MemoryError):
        return "the memory of this computer is not enough for this: choose a smaller batch, network or data set"
    first_line = (str(error).strip().splitlines() or [""])[0]
    return f"this failed unexpectedly ({type(error).__name__}: {quoted(first_line)}); details are in the log"


def exit_status(error: BaseException) -> int:
    """Return a verb's exit status: 2 bad input, 1 the job failed."""
    return 2 if isinstance(error, BadInput) else 1
