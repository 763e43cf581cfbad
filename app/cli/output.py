"""What a verb prints: JSON lines or words on standard output, progress and complaints on standard error."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from engine.errors import JobFailed, printable
from engine.storage import why

# The reader is gone, or the terminal is: nobody wants to hear that.
_NOBODY_READS = frozenset({errno.EPIPE, errno.EIO, errno.ENXIO, errno.EBADF})


class Unfailing(io.TextIOBase):
    """A standard stream that a closed pipe, a terminal that is gone or a full disk turns off; nothing is raised.

    Attributes
    ----------
    problem
        Why what was written is lost, as a sentence; "" if it is not, or if nobody was there to read it.
    """

    def __init__(self, stream: TextIO) -> None:
        self.problem = ""
        self._stream: TextIO | None = stream

    @property
    def encoding(self) -> str:  # type: ignore[override] # a property, as of the stream
        """Of the stream."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override] # a property, as of the stream
        """Of the stream."""
        return getattr(self._stream, "errors", None) or "strict"

    def write(self, text: str) -> int:
        """Write what can be written."""
        with self._turned_off_by_failure():
            if self._stream is not None:
                self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with self._turned_off_by_failure():
            if self._stream is not None:
                self._stream.flush()

    def isatty(self) -> bool:
        """Tell whether a terminal is there still."""
        return self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        """Return the number of the file behind; OSError if there is none."""
        if self._stream is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._stream.fileno()

    def writable(self) -> bool:
        """It takes text, also when nobody reads it."""
        return True

    @contextlib.contextmanager
    def _turned_off_by_failure(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in _NOBODY_READS:
                self.problem = f"what was printed is lost: {why(error, 'write it elsewhere')}"
            self._turn_off()
        except ValueError:
            if self._stream is None or not self._stream.closed:
                raise
            self._turn_off()

    def _turn_off(self) -> None:
        stream, self._stream = self._stream, None
        # What is left in its buffer would fail again when Python ends.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())  # type: ignore[union-attr] # AttributeError is foreseen
            os.close(nowhere)


@contextlib.contextmanager
def unfailing_streams() -> Iterator[None]:
    """Let nothing that is printed within raise; `JobFailed` at the end if what was printed is lost."""
    _open_standard_files()
    before = sys.stdout, sys.stderr
    out, err = Unfailing(before[0]), Unfailing(before[1])
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        out.flush()
        err.flush()
        sys.stdout, sys.stderr = before
    if out.problem:
        raise JobFailed(out.problem)


def _open_standard_files() -> None:
    """Open those that the caller closed: a file of the project would get their numbers, and TensorFlow's words."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # until the process ends


class Output:
    """Prints events as JSON lines with ``--json``, else the words given beside them.

    With ``--json`` the last line of a verb that worked is ``{"event": "summary", ...}``; the lines are ASCII, which
    every terminal and pipe can carry.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def event(self, event: str, words: str = "", **values: Any) -> None:
        """Print one event."""
        if self.as_json:
            print(json.dumps({"event": event, **_plain(values)}), flush=True)
        elif words:
            print(printable(words), flush=True)

    def summary(self, words: str, **values: Any) -> None:
        """Print the last line."""
        self.event("summary", words, **values)

    @staticmethod
    def complain(sentence: str) -> None:
        """Say what is wrong, in one line on standard error."""
        print(printable(f"netsmith: {sentence}"), file=sys.stderr, flush=True)


def _plain(value: Any) -> Any:
    """Return a value JSON can hold: numbers from NumPy as Python's, NaN and infinity as None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def figures_in_words(figures: Mapping[str, float]) -> str:
    """Return figures as one line, ``loss 0.0312, val_accuracy 0.9875``."""
    return ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
