"""Choose the steps of one TensorFlow call, short enough for a smooth window and prompt requests."""

from __future__ import annotations

from typing import Final

TARGET_S: Final = 0.04  # a chunk of 30 to 50 ms: longer is noticeable, shorter costs calls
LONGEST_S: Final = 0.05
_GROWTH: Final = 4  # limits the effect of a single fast measurement


class ChunkSizer:
    """Adapts the number of steps to the time of each chunk; starts with one.

    Attributes
    ----------
    steps
        Steps of the next chunk, at least 1.
    """

    def __init__(self, most: int) -> None:
        self.steps = 1
        self._most = most

    def note(self, steps: int, seconds: float) -> None:
        """Record a chunk of ``steps`` that took ``seconds``."""
        fitting = int(steps * TARGET_S / max(seconds, 1e-6))
        if seconds <= LONGEST_S:
            # The time of a short chunk at the end of an epoch is mostly overhead, and is ignored.
            fitting = max(self.steps, min(fitting, _GROWTH * steps))
        self.steps = max(1, min(fitting, self._most))
