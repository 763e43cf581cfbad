"""Samples of one or several inputs: an array, or a tuple with one array for each input; also labels."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

Nested: TypeAlias = Any  # an array or tensor, or a tuple of them


def each(function: Callable[..., Any], *structures: Nested) -> Nested:
    """Apply ``function`` to each array, keeping the structure."""
    if isinstance(structures[0], tuple):
        return tuple(function(*arrays) for arrays in zip(*structures, strict=True))
    return function(*structures)


def flat(*structures: Nested) -> list[Any]:
    """Return all arrays in order."""
    found: list[Any] = []
    for structure in structures:
        found += structure if isinstance(structure, tuple) else [structure]
    return found


def count(structure: Nested) -> int:
    """Return the number of samples."""
    return int(flat(structure)[0].shape[0])


def sliced(structure: Nested, rows: Any) -> Nested:
    """Return the samples of a slice, or of an array of numbers."""
    return each(lambda array: array[rows], structure)


def gathered(structure: Nested, rows: Any) -> Nested:
    """Return the samples of a batch, on the device."""
    return each(lambda tensor: tf.gather(tensor, rows), structure)


def cast(structure: Nested, dtypes: Nested) -> Nested:
    """Return the samples in the network's dtypes."""
    return each(tf.cast, structure, dtypes)


def tensors(structure: Nested) -> Nested:
    """Copy samples to the device."""
    return each(lambda array: tf.constant(np.asarray(array)), structure)


def shapes(structure: Nested) -> tuple[tuple[int, ...], ...]:
    """Return the shape of each array."""
    return tuple(tuple(array.shape) for array in flat(structure))


def bytes_per_sample(*structures: Nested) -> int:
    """Return the bytes of one sample with its labels; at least 1."""
    sizes = (
        math.prod(array.shape[1:]) * np.dtype(array.dtype).itemsize for array in flat(*structures)
    )
    return max(1, int(sum(sizes)))
