"""What this computer's memory can hold, asked before anything takes it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import psutil

from engine.errors import BadInput

_FLOAT_BYTES: Final = 4
_SHARE_OF_FREE: Final = 0.3  # a training, a validation and a test part may each take it
_GB: Final = 1e9


def share_of_free() -> int:
    """Return how many bytes samples may take together, from the memory that is free now."""
    return int(_SHARE_OF_FREE * psutil.virtual_memory().available)


def check_memory(shape: Iterable[int | None], what: str, total_bytes: int | None = None) -> None:
    """Refuse an array of float32 that is larger than the whole memory.

    Parameters
    ----------
    shape
        None for a free size, which counts as one.
    what
        The array in words, ``'layer "dense"'``.
    total_bytes
        None: this computer's memory.

    Raises
    ------
    BadInput
        Says how much it needs, and how much there is.
    """
    needed = math.prod(size or 1 for size in shape) * _FLOAT_BYTES
    total = psutil.virtual_memory().total if total_bytes is None else total_bytes
    if needed > total:
        raise BadInput(
            f"{what} needs {needed / _GB:,.0f} GB for one sample, and this computer has "
            f"{total / _GB:,.0f} GB: use a smaller one"
        )
