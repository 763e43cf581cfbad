"""Weight tensors reduced to what a screen can show: plain NumPy, no TensorFlow."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.training.events import Floats, TensorView

LARGEST_EXACT: Final = 262_144  # numbers: 512 x 512, more than a heatmap has pixels
BINS: Final = 40
_SMALL_AXIS: Final = 16  # windows of convolutions and heads of attention are kept whole
# Kinds whose last axis holds the gates side by side, as Keras lays them out.
_GATES: Final = {"LSTM": 4, "GRU": 3, "LSTMCell": 4, "GRUCell": 3, "ConvLSTM1D": 4, "ConvLSTM2D": 4}
_WRAPPED: Final = ("layer", "forward_layer", "cell")  # where wrappers keep what they wrap


def tensor_view(name: str, array: npt.NDArray[Any], gates: int = 1) -> TensorView:
    """Return a tensor as the screen needs it.

    A tensor of at most `LARGEST_EXACT` numbers is given as it is. A larger one is given as the means of
    blocks of neighbours. Of a vector or matrix the longest axis is cut first. Of more axes the last (filters)
    and those of at most 16 (the windows of convolutions, heads) stay whole as long as another can be
    cut. Where the last axis holds several gates, no block crosses from one gate to the next.

    Parameters
    ----------
    array
        Any shape and number type.
    gates
        Gates side by side in the last axis, which they must divide.

    Notes
    -----
    Minimum, maximum, mean and deviation are over the finite numbers, 0 if there are none. If all numbers are
    equal, the histogram holds them in its middle bin.
    """
    values = np.asarray(array, dtype=np.float32)
    finite, not_finite = _finite(values)
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    mean = float(finite.mean(dtype=np.float64)) if finite.size else 0.0
    deviation = float(finite.std(dtype=np.float64)) if finite.size else 0.0
    return TensorView(
        name=name,
        shape=tuple(values.shape),
        values=_reduced(values, gates),
        minimum=low,
        maximum=high,
        mean=mean,
        deviation=deviation,
        histogram=_histogram(finite, low, high),
        not_finite=not_finite,
    )


def layer_views(layer: Any) -> tuple[TensorView, ...]:
    """Return views of all weights of a Keras layer, in the order of ``layer.weights``."""
    weights = list(layer.weights)
    names = tensor_names([str(weight.path) for weight in weights])
    gates = _gates(layer)
    views = []
    for name, weight in zip(names, weights, strict=True):
        array = weight.numpy()
        divided = array.ndim > 0 and array.shape[-1] % gates == 0
        views.append(tensor_view(name, array, gates if divided else 1))
    return tuple(views)


def tensor_names(paths: Sequence[str]) -> tuple[str, ...]:
    """Return a short name for each variable path of one layer, all different.

    ``"lstm/lstm_cell/kernel"`` is ``"kernel"``. Where several end alike, the part of the path that tells them
    apart comes first: ``"forward_kernel"``, ``"query_kernel"``.
    """
    parts = [path.split("/") for path in paths]
    names = []
    for own in parts:
        rivals = [other for other in parts if other[-1] == own[-1]]
        names.append("_".join([*_distinction(own, rivals), own[-1]]))
    return _numbered(names)


def _distinction(own: list[str], rivals: list[list[str]]) -> list[str]:
    """Return the words of the first path part in which ``own`` differs from its rivals."""
    for level in range(len(own) - 1):
        words = [rival[level].split("_") for rival in rivals if len(rival) > level + 1]
        if any(each != words[0] for each in words):
            mine = own[level].split("_")
            alike = itertools.takewhile(
                lambda column: len(set(column)) == 1,
                zip(*(reversed(each) for each in words), strict=False),
            )
            return mine[: max(1, len(mine) - len(list(alike)))]
    return []


def _numbered(names: Sequence[str]) -> tuple[str, ...]:
    unique: list[str] = []
    for name in names:
        number = 1
        while (candidate := name if number == 1 else f"{name}_{number}") in unique:
            number += 1
        unique.append(candidate)
    return tuple(unique)


def _gates(layer: Any) -> int:
    """Return how many gates lie side by side in the last axes of a layer's weights; wrappers are opened."""
    kind = type(layer).__name__
    if kind in _GATES:
        return _GATES[kind]
    inner = (getattr(layer, name, None) for name in _WRAPPED)
    return next((_gates(each) for each in inner if each is not None), 1)


def _finite(values: Floats) -> tuple[Floats, int]:
    """Return the finite numbers, flat, and how many others there are."""
    mask = np.isfinite(values)
    if mask.all():
        return values.ravel(), 0
    finite = values[mask]
    return finite, int(values.size - finite.size)


def _histogram(finite: Floats, low: float, high: float) -> npt.NDArray[np.int64]:
    if finite.size and high > low:
        # By hand: several times faster than np.histogram, and 32-bit extremes cannot overflow.
        places = (finite.astype(np.float64) - low) * (BINS / (high - low))
        return np.bincount(np.minimum(places.astype(np.int64), BINS - 1), minlength=BINS)
    counts = np.zeros(BINS, np.int64)
    counts[BINS // 2] = finite.size
    return counts


def _reduced(values: Floats, gates: int) -> Floats:
    if values.size <= LARGEST_EXACT:
        return values.copy()
    # The gates become an axis of their own, so that blocks end where a gate ends.
    split = values.reshape(*values.shape[:-1], gates, -1)
    with np.errstate(invalid="ignore", over="ignore"):  # infinite weights are shown, not warned of
        for axis, length in enumerate(_block_lengths(split.shape)):
            split = _block_means(split, axis, length)
    return split.reshape(*split.shape[:-2], -1).astype(np.float32)


def _block_lengths(shape: tuple[int, ...]) -> list[int]:
    """Return how many neighbours along each axis become one number: powers of two; gates are never mixed."""
    lengths = [1] * len(shape)
    sizes = list(shape)
    while math.prod(sizes) > LARGEST_EXACT:
        axis = _axis_to_cut(sizes)
        lengths[axis] *= 2
        sizes[axis] = -(-shape[axis] // lengths[axis])
    return lengths


def _axis_to_cut(sizes: Sequence[int]) -> int:
    """Return the axis to shorten; the last is filters or units, the one before it the gates."""
    last = len(sizes) - 1
    others = range(last - 1)
    matrix = last <= 2  # an ordinary kernel: inputs, gates, units
    candidates = [axis for axis in others if sizes[axis] > _SMALL_AXIS]
    if matrix or not candidates:
        candidates.append(last)
    if sizes[last] <= 1:  # nothing but small axes is left
        candidates = list(others)
    return max(candidates, key=lambda axis: sizes[axis])


def _block_means(values: npt.NDArray[Any], axis: int, length: int) -> npt.NDArray[Any]:
    """Return the means of blocks of ``length`` neighbours along an axis; the last block may be shorter."""
    if length == 1:
        return values
    starts = np.arange(0, values.shape[axis], length)
    counts = np.diff(starts, append=values.shape[axis])
    shape = [1] * values.ndim
    shape[axis] = len(starts)
    return np.add.reduceat(values, starts, axis=axis, dtype=np.float64) / counts.reshape(shape)
