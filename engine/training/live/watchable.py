"""A speed limit for tiny networks, whose training would otherwise be too fast to watch."""

from __future__ import annotations

from typing import Final

WATCHED_S: Final = 8.0  # duration of a slowed training
MOMENT_S: Final = 2.0  # trainings shorter than this are slowed
_SLOWEST: Final = 4.0  # steps a second, if there are few
_CHUNKS: Final = 5  # steps after which the full speed is known


def watchable_speed(epochs: int, samples: int, batch_size: int) -> float:
    """Return the steps a second at which a training can be watched."""
    steps = epochs * -(-samples // batch_size)
    return max(_SLOWEST, steps / WATCHED_S)


class OwnSpeed:
    """Estimates from chunks of steps how long a training would take at full speed.

    Parameters
    ----------
    steps
        Steps of the whole training.
    """

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._chunks = 0
        self._step_s = float("inf")  # of the fastest chunk, as the first ones are slow

    def note(self, steps: int, seconds: float) -> None:
        """Record steps and their time, without the delay of slow motion."""
        self._chunks += 1
        self._step_s = min(self._step_s, seconds / steps)

    @property
    def is_known(self) -> bool:
        """Whether enough steps were taken."""
        return self._chunks >= _CHUNKS

    @property
    def is_over_in_a_moment(self) -> bool:
        """Whether the training would be too fast to watch; True until enough steps were taken."""
        return not self.is_known or self._steps * self._step_s <= MOMENT_S
