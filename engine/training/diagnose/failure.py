"""Describe a failed training in one sentence for the user."""

from __future__ import annotations

import math
from typing import Any, Final

import psutil
import tensorflow as tf

from engine.errors import LONGEST_MESSAGE, JobFailed, NetsmithError, quoted
from engine.storage import why
from engine.training.live.events import Fault

_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)
_FIT: Final = "check the last layer, the loss and the data"
_DEVICE: Final = "choose another device"
_AGAIN: Final = "start Netsmith again, or choose another device"
# Kinds of failure and what to do; the first matching row counts.
_CURES: Final[tuple[tuple[tuple[type[Exception], ...], str], ...]] = (
    ((RecursionError,), "use a network with fewer layers in a row"),
    ((ImportError,), 'remove the folder ".venv" beside main.py and start Netsmith again'),
    ((tf.errors.UnimplementedError, tf.errors.NotFoundError), _DEVICE),
    ((tf.errors.InvalidArgumentError, tf.errors.OutOfRangeError), _FIT),
    ((tf.errors.OpError,), _AGAIN),
    ((ValueError, TypeError, AttributeError, LookupError), _FIT),
)
_UNKNOWN: Final = "details are in the log; train again"
_SHARE_OF_FREE: Final = (
    0.5  # the estimate covers layer outputs, but no temporary memory of operations
)
_COPIES: Final = 3  # for each layer's output: itself, its gradient, and temporary memory


class Diverged(JobFailed):
    """A loss or a weight is no longer a finite number.

    Parameters
    ----------
    what
        ``"The loss"`` or ``"A weight"``; the whole sentence if a ``fault`` is known.
    step
        Step of the run at which it was noticed, from 1.

    Attributes
    ----------
    fault
        The first bad tensor; without layer and tensor if it was not found.
    """

    def __init__(self, what: str, step: int, fault: Fault | None = None) -> None:
        super().__init__(
            what
            if fault
            else f"{what} became infinite or not a number at step {step}: lower the learning rate and train again."
        )
        self.step = step
        self.fault = fault or Fault(step, "", "")


def sentence(error: Exception, batch_size: int, fitting: int | None = None) -> str:
    """Return what happened and what to do, in at most `LONGEST_MESSAGE` letters.

    Parameters
    ----------
    fitting
        Batch size that would fit into the memory, None if unknown.
    """
    if isinstance(error, NetsmithError):
        return quoted(error, LONGEST_MESSAGE)
    if isinstance(error, _MEMORY):
        if batch_size == 1 or fitting == 0:
            return "The memory is too small for this network: use fewer filters and units, or smaller pictures."
        smaller = max(1, batch_size // 2) if fitting is None else fitting
        return f"The memory is too small for this network: try batch size {smaller} or fewer filters and units."
    if isinstance(error, OSError):
        return f"A file was not read or written: {why(error)}, then train again."
    cure = next((cure for kinds, cure in _CURES if isinstance(error, kinds)), _UNKNOWN)
    first_line = (str(error).strip() or type(error).__name__).partition("\n")[0]
    return f"Training failed ({quoted(first_line, 70).rstrip('.')}): {cure}."


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether a failure was caused by lack of memory."""
    return isinstance(error, _MEMORY)


def fitting_batch(model: Any, batch_size: int, free_bytes: int | None = None) -> int:
    """Return the largest power of two that should fit into the memory instead of a batch size; 0 if none does.

    Estimated from the sizes of the layers' outputs, and at most half of the batch size that did not fit.

    Parameters
    ----------
    free_bytes
        Memory to fit into; None for the free memory of this machine.
    """
    free = psutil.virtual_memory().available if free_bytes is None else free_bytes
    fitting = int(free * _SHARE_OF_FREE / max(1, sample_bytes(model)))
    largest = min(fitting, batch_size // 2)
    return 1 << (largest.bit_length() - 1) if largest else 0


def sample_bytes(model: Any) -> int:
    """Return an estimate of the bytes that one sample of a training batch takes."""
    return _COPIES * 4 * numbers_per_sample(model)


def numbers_per_sample(model: Any) -> int:
    """Return the total size of all layer outputs for one sample."""
    shapes = [shape for layer in model.layers for shape in _shapes(layer)]
    return sum(math.prod(axis or 1 for axis in shape[1:]) for shape in shapes)


def _shapes(layer: Any) -> list[tuple[int | None, ...]]:
    tensors = layer.output if isinstance(layer.output, (list, tuple)) else [layer.output]
    return [tuple(tensor.shape) for tensor in tensors]
