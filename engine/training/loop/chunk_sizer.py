"""How many steps one call into TensorFlow takes: as many as keep the window smooth and requests obeyed."""

from __future__ import annotations

from typing import Final

TARGET_S: Final = 0.04  # a chunk of 30 to 50 ms: longer is felt, shorter costs calls
LONGEST_S: Final = 0.05
_GROWTH: Final = 4  # one lucky measurement must not make the next call long


class ChunkSizer:
    """Learns from each chunk how many steps the next one may take; starts with one.

    Attributes
    ----------
    steps
        Steps that the next chunk may take, at least 1.
    """

    def __init__(self, most: int) -> None:
        self.steps = 1
        self._most = most

    def note(self, steps: int, seconds: float) -> None:
        """Take account of a chunk of ``steps`` that took ``seconds``."""
        fitting = int(steps * TARGET_S / max(seconds, 1e-6))
        if seconds <= LONGEST_S:
            # A short chunk at the end of an epoch is mostly the cost of the call: it shortens nothing.
            fitting = max(self.steps, min(fitting, _GROWTH * steps))
        self.steps = max(1, min(fitting, self._most))
