"""A speed at which one can watch a tiny network learn, whose training would be over in a moment."""

from __future__ import annotations

from typing import Final

WATCHED_S: Final = 8.0  # that a slowed training takes
MOMENT_S: Final = 2.0  # a training that would be over in this time is slowed
_SLOWEST: Final = 4.0  # steps a second: of a few steps each is seen, and none is waited for
_CHUNKS: Final = 5  # after which the network's own speed is known


def watchable_speed(epochs: int, samples: int, batch_size: int) -> float:
    """Return steps a second at which a whole training can be watched."""
    steps = epochs * -(-samples // batch_size)
    return max(_SLOWEST, steps / WATCHED_S)


class OwnSpeed:
    """Learns from chunks of steps how long a training would take at full speed.

    Parameters
    ----------
    steps
        Of the whole training.
    """

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._chunks = 0
        self._step_s = float(
            "inf"
        )  # of the quickest chunk: the first ones take longer than all others

    def note(self, steps: int, seconds: float) -> None:
        """Take account of steps, without the time that slow motion held them back."""
        self._chunks += 1
        self._step_s = min(self._step_s, seconds / steps)

    @property
    def is_known(self) -> bool:
        """Enough steps were taken to tell."""
        return self._chunks >= _CHUNKS

    @property
    def is_over_in_a_moment(self) -> bool:
        """At full speed there would be nothing to watch; True until enough is known."""
        return not self.is_known or self._steps * self._step_s <= MOMENT_S
