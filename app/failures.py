"""The one place where an exception becomes words."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from engine.errors import LONGEST_MESSAGE, BadInput, NetsmithError, quoted
from engine.machine.user_folder import home

_LOG = logging.getLogger(__name__)
_LOG_BYTES = 1_000_000
_LOG_FILES = 5


def sentence(error: BaseException) -> str:
    """Return what the user reads; the details of unexpected errors go to the log."""
    if isinstance(error, NetsmithError):
        return quoted(error, LONGEST_MESSAGE)
    _LOG.error("unexpected failure", exc_info=error)
    if isinstance(error, MemoryError):
        return "the memory of this computer is not enough for this: choose a smaller batch, network or data set"
    first_line = (str(error).strip().splitlines() or [""])[0]
    return f"this failed unexpectedly ({type(error).__name__}: {quoted(first_line, 50)}); details are in the log"


def exit_status(error: BaseException) -> int:
    """Return a verb's exit status: 2 bad input, 1 the job failed."""
    return 2 if isinstance(error, BadInput) else 1


@contextlib.contextmanager
def logged() -> Iterator[None]:
    """Send warnings and unexpected errors to ``netsmith.log`` in the data folder instead of standard error."""
    root = logging.getLogger()
    handler = _LogFile(
        home() / "netsmith.log",
        maxBytes=_LOG_BYTES,
        backupCount=_LOG_FILES - 1,
        encoding="utf-8",
        delay=True,
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        handler.close()


class _LogFile(logging.handlers.RotatingFileHandler):
    """A log that makes its folder when there is something to write, and that never disturbs the work."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Let a full or read-only disk cost the line, not more."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()
