"""Check what fits into this computer's memory before it is allocated."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import psutil

from engine.errors import BadInput

_FLOAT_BYTES: Final = 4
_SHARE_OF_FREE: Final = 0.3  # for each of training, validation and test part
_GB: Final = 1e9


def share_of_free() -> int:
    """Return how many bytes all samples together may take, by the memory that is free now."""
    return int(_SHARE_OF_FREE * psutil.virtual_memory().available)


def check_memory(shape: Iterable[int | None], what: str, total_bytes: int | None = None) -> None:
    """Refuse an array of float32 that is larger than this computer's memory.

    Parameters
    ----------
    shape
        None for a free size, which counts as one.
    what
        The array in words, ``'layer "dense"'``.
    total_bytes
        Memory in bytes; None for this computer's.

    Raises
    ------
    BadInput
        Says how much is needed and how much there is.
    """
    needed = math.prod(size or 1 for size in shape) * _FLOAT_BYTES
    total = psutil.virtual_memory().total if total_bytes is None else total_bytes
    if needed > total:
        raise BadInput(
            f"{what} needs {needed / _GB:,.0f} GB for one sample, and this computer has "
            f"{total / _GB:,.0f} GB: use a smaller one"
        )
