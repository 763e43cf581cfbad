"""What went wrong in a training, as one sentence for the user."""

from __future__ import annotations

import tensorflow as tf

from engine.errors import LONGEST_MESSAGE, JobFailed, NetsmithError, quoted

_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)


class Diverged(JobFailed):
    """A loss or a weight is no longer a finite number.

    Parameters
    ----------
    what
        ``"The loss"`` or ``"A weight"``.
    step
        At which it was noticed, over the whole run, from 1.
    """

    def __init__(self, what: str, step: int) -> None:
        super().__init__(
            f"{what} became infinite or not a number at step {step}: lower the learning rate and train again."
        )


def sentence(error: Exception, batch_size: int) -> str:
    """Return what happened and the cure, in at most `LONGEST_MESSAGE` letters."""
    if isinstance(error, NetsmithError):
        return quoted(error, LONGEST_MESSAGE)
    if isinstance(error, _MEMORY):
        smaller = max(1, batch_size // 2)
        return f"The memory is too small for this network: try batch size {smaller} or fewer filters and units."
    first_line = str(error).strip().partition("\n")[0] or type(error).__name__
    return f"Training failed: {quoted(first_line, 80)} Check the last layer and the loss, then train again."
