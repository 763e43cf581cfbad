"""What live views may cost: measured, and held under a share of the time by drawing them more rarely."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

SPAN_S: Final = 1.0  # measured over so long at a time
# As often as events come: fifteen a second, as many as an eye follows.
SHORTEST_FRAME_S: Final = 0.066
LONGEST_FRAME_S: Final = 2.0  # slower would look dead
_FASTEST_CHANGE: Final = 2.0  # of the frame's length from one span to the next, either way


class ViewBudget:
    """Measures what views cost and says how long a frame must be.

    Parameters
    ----------
    limit
        Share of the time that views may take, above 0.

    Attributes
    ----------
    share
        What they took in the last span, 0 before.
    frame_s
        A frame so often keeps them under the limit.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.share = 0.0
        self.frame_s = SHORTEST_FRAME_S
        self._since_s: float | None = None
        self._spent_s = 0.0
        self._is_first = True

    def begin(self, now_s: float, spent_s: float) -> None:
        """Measure a training that begins now.

        Its first span does not count: views are built and axes find their range.
        """
        self._since_s, self._spent_s, self._is_first = now_s, spent_s, True

    def note(self, now_s: float, spent: Callable[[], float]) -> bool:
        """Take account, once a span, of the seconds that all views have cost so far.

        True if `share` and `frame_s` are new.
        """
        if self._since_s is None:
            self.begin(now_s, spent())
            return False
        passed_s = now_s - self._since_s
        if passed_s < SPAN_S:
            return False
        spent_s = spent()
        share = max(0.0, spent_s - self._spent_s) / passed_s
        was_first, self._is_first = self._is_first, False
        self._since_s, self._spent_s = now_s, spent_s
        if was_first:
            return False
        self.share = share
        # The cost is that of frames, so it falls as they get longer.
        change = min(_FASTEST_CHANGE, max(1 / _FASTEST_CHANGE, self.share / self.limit))
        self.frame_s = min(LONGEST_FRAME_S, max(SHORTEST_FRAME_S, self.frame_s * change))
        return True
