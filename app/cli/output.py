"""What a verb prints: JSON lines or words on standard output, progress and complaints on standard error."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from typing import Any

from engine.errors import printable


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
