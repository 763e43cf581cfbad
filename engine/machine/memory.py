"""Check what fits into this computer's memory before it is allocated."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from typing import Final

import psutil

from engine.errors import BadInput, quoted

_FLOAT_BYTES: Final = 4
_SHARE_OF_FREE: Final = 0.3  # for each of training, validation and test part
_GB: Final = 1e9
_MB: Final = 1e6
MEMORY_LIMIT: Final = "NETSMITH_MEMORY_MB"  # environment variable


def memory_for_samples() -> int:
    """Return how many bytes samples may take: a share of the memory that is free now.

    ``NETSMITH_MEMORY_MB`` sets it in megabytes.

    Raises
    ------
    BadInput
        If that is no number.
    """
    chosen = os.environ.get(MEMORY_LIMIT)
    if chosen is None:
        return int(_SHARE_OF_FREE * psutil.virtual_memory().available)
    try:
        megabytes = float(chosen)
    except ValueError:
        megabytes = math.nan
    if not 0.0 <= megabytes < math.inf:
        raise BadInput(
            f'{MEMORY_LIMIT} is "{quoted(chosen, 20)}": set it to a number of megabytes, or unset it'
        )
    return int(megabytes * _MB)


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
