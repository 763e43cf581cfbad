"""Weights of a layer, reduced to what a screen can show. Loads without TensorFlow."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.probes.blocks import block_means
from engine.probes.probe import Probe, ProbeKind, Subject, Take
from engine.probes.tensor_view import LayerWeights, TensorView

Floats: TypeAlias = npt.NDArray[np.float32]

LARGEST_EXACT: Final = (
    262_144  # numbers of a `TensorView`: 512 x 512, more than a heatmap has pixels
)
BINS: Final = 40
_COUNTED_AT_ONCE: Final = (
    16_384  # numbers that fit into the processor's cache: three times as fast as all at once
)
_SMALL_AXIS: Final = 16  # windows of convolutions and heads of attention are kept whole
# Kinds whose last axis contains the gates side by side.
_GATES: Final = {"LSTM": 4, "GRU": 3, "LSTMCell": 4, "GRUCell": 3, "ConvLSTM1D": 4, "ConvLSTM2D": 4}
_NO_COUNTS: Final = np.zeros(0, np.int64)
_AXES_OF_A_MATRIX: Final = 3  # rows, gates, units
_WRAPPED: Final = (
    "layer",
    "forward_layer",
    "cell",
)  # attributes of wrappers with the wrapped layer


def tensor_view(
    name: str,
    array: npt.NDArray[Any],
    gates: int = 1,
    *,
    sides: tuple[int, int] | None = None,
    histogram: bool = True,
    figures: bool = True,
) -> TensorView:
    """Return a tensor reduced to the size of a view.

    A tensor that fits is returned unchanged, a larger one as the means of blocks of neighbours. The longest axis of a
    vector or matrix is reduced first. With more axes, the last one (filters) and those of at most 16 (windows of
    convolutions, heads) stay whole as long as another axis can be reduced. If the last axis holds several gates, no
    block spans two of them.

    Parameters
    ----------
    array
        Any shape and dtype.
    gates
        Gates side by side in the last axis, which they must divide.
    sides
        Limit of rows and columns of a matrix, at least 1 each; a vector counts as a row, and for tensors with more axes
        the product is the limit. None for full resolution up to `LARGEST_EXACT` numbers.
    histogram
        Whether to compute the histogram.
    figures
        Whether to compute the statistics; without, it is a quick view.

    Notes
    -----
    Minimum, maximum, mean and deviation are over the finite numbers, 0 if there are none. If all numbers are
    equal, the histogram holds them in its middle bin.
    """
    values = np.asarray(array, dtype=np.float32)
    shown = _reduced(values, gates, sides)
    if not figures:
        nan = math.nan
        return TensorView(name, values.shape, shown, nan, nan, nan, nan, _NO_COUNTS)
    finite, low, high = _finite(values)
    mean = _mean(finite)
    return TensorView(
        name=name,
        shape=values.shape,
        values=shown,
        minimum=low,
        maximum=high,
        mean=mean,
        deviation=_deviation(finite, mean),
        histogram=_histogram(finite, low, high) if histogram else _NO_COUNTS,
        not_finite=values.size - finite.size,
    )


class LayerReader:
    """Reads the weights of one Keras layer repeatedly.

    Parameters
    ----------
    read
        Variable -> array.

    Attributes
    ----------
    kind
        Class of the layer.
    """

    def __init__(self, layer: Any, read: Callable[[Any], npt.NDArray[Any]] | None = None) -> None:
        self.kind = type(layer).__name__
        self._read = read or (lambda weight: weight.numpy())
        self._weights = list(layer.weights)
        self._names = tensor_names([str(weight.path) for weight in self._weights])
        self._gates = _gates(layer)

    def views(
        self,
        *,
        sides: tuple[int, int] | None = None,
        histogram: bool = True,
        figures: bool = True,
    ) -> tuple[TensorView, ...]:
        """Return views of all weights, in the order of ``layer.weights``; see `tensor_view`."""
        found = []
        for name, weight in zip(self._names, self._weights, strict=True):
            array = self._read(weight)
            divided = array.ndim > 0 and array.shape[-1] % self._gates == 0
            gates = self._gates if divided else 1
            found.append(
                tensor_view(name, array, gates, sides=sides, histogram=histogram, figures=figures)
            )
        return tuple(found)


def tensor_names(paths: Sequence[str]) -> tuple[str, ...]:
    """Return a unique short name for each variable path of one layer.

    ``"lstm/lstm_cell/kernel"`` becomes ``"kernel"``. If several have the same ending, the distinguishing part of the
    path comes first: ``"forward_kernel"``, ``"query_kernel"``.
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
    """Return the number of gates in the last axes of a layer's weights, also for wrapped layers."""
    kind = type(layer).__name__
    if kind in _GATES:
        return _GATES[kind]
    inner = (getattr(layer, name, None) for name in _WRAPPED)
    return next((_gates(each) for each in inner if each is not None), 1)


def _finite(values: Floats) -> tuple[Floats, float, float]:
    """Return the finite numbers, flat, the smallest and the largest of them; 0 and 0 if there are none."""
    flat = values.ravel()
    if not flat.size:
        return flat, 0.0, 0.0
    low, high = float(flat.min()), float(flat.max())
    if math.isfinite(low) and math.isfinite(high):
        return flat, low, high
    finite = flat[np.isfinite(flat)]
    return (finite, float(finite.min()), float(finite.max())) if finite.size else (finite, 0.0, 0.0)


def _mean(finite: Floats) -> float:
    if not finite.size:
        return 0.0
    with np.errstate(over="ignore"):
        mean = float(finite.mean())  # summed pairwise: as good as in 64 bits, in half the time
    return mean if math.isfinite(mean) else float(finite.mean(dtype=np.float64))


def _deviation(finite: Floats, mean: float) -> float:
    """Return the standard deviation around a known mean."""
    if not finite.size:
        return 0.0
    with np.errstate(over="ignore"):
        off = finite - np.float32(mean)
        # One pass of BLAS takes a twentieth of the time of `std`.
        total = float(np.dot(off, off))
    if math.isfinite(total):
        return math.sqrt(total / finite.size)
    return float(finite.std(dtype=np.float64))  # squares beyond 32 bits


def _histogram(finite: Floats, low: float, high: float) -> npt.NDArray[np.int64]:
    if not finite.size or high <= low:
        counts = np.zeros(BINS, np.int64)
        counts[BINS // 2] = finite.size
        return counts
    # Several times faster than np.histogram, and safe for 32-bit extremes.
    scale = BINS / (high - low)
    counts = np.zeros(BINS + 1, np.int64)
    for start in range(0, finite.size, _COUNTED_AT_ONCE):
        places = (finite[start : start + _COUNTED_AT_ONCE].astype(np.float64) - low) * scale
        counts += np.bincount(places.astype(np.intp), minlength=BINS + 1)
    counts[BINS - 1] += counts[BINS]  # the highest belongs to the last bin
    return counts[:BINS]


def _reduced(values: Floats, gates: int, sides: tuple[int, int] | None) -> Floats:
    *others, last = values.shape or (1,)
    # The gates become an axis of their own, so that blocks end where a gate ends.
    shape = (*others, gates, last // gates)
    lengths = _block_lengths(shape, sides)
    if max(lengths) == 1:
        return values.copy()
    split = values.reshape(shape)
    with np.errstate(invalid="ignore", over="ignore"):  # no warnings for infinite weights
        for axis, length in enumerate(lengths):
            split = block_means(split, axis, length)
    return split.reshape(*split.shape[:-2], -1).astype(np.float32, copy=False)


@lru_cache(maxsize=64)
def _block_lengths(shape: tuple[int, ...], sides: tuple[int, int] | None) -> tuple[int, ...]:
    """Return how many neighbours along each axis become one number: powers of two; gates are never mixed."""
    lengths = [1] * len(shape)
    sizes = list(shape)
    most = min(LARGEST_EXACT, math.prod(sides or (LARGEST_EXACT,)))
    if sides is not None and len(shape) <= _AXES_OF_A_MATRIX:
        rows, columns = sides
        limits = (rows, shape[-2], max(1, columns // shape[-2]))
        for axis, limit in enumerate(limits[-len(shape) :]):
            while -(-shape[axis] // lengths[axis]) > limit:
                lengths[axis] *= 2
            sizes[axis] = -(-shape[axis] // lengths[axis])
    while math.prod(sizes) > max(most, shape[-2]):  # at least one number a gate
        axis = _axis_to_cut(sizes)
        lengths[axis] *= 2
        sizes[axis] = -(-shape[axis] // lengths[axis])
    return tuple(lengths)


def _axis_to_cut(sizes: Sequence[int]) -> int:
    """Return the axis to shorten; the last is filters or units, the one before it the gates."""
    last = len(sizes) - 1
    others = range(last - 1)
    matrix = len(sizes) <= _AXES_OF_A_MATRIX
    candidates = [axis for axis in others if sizes[axis] > _SMALL_AXIS]
    if matrix or not candidates:
        candidates.append(last)
    if sizes[last] <= 1:  # nothing but small axes is left
        candidates = list(others)
    return max(candidates, key=lambda axis: sizes[axis])


def _make(subject: Subject, probe: Probe) -> Take:
    reader = LayerReader(subject.layer(probe.target), subject.read)
    # Statistics and histograms cost the most and need fewer updates, so they have a probe of their own.
    return lambda: LayerWeights(
        probe.target,
        reader.kind,
        reader.views(sides=probe.size_px, histogram=False, figures=False),
        subject.step,
    )


WEIGHTS: Final = ProbeKind("weights", "The weights of a layer", _make, LayerWeights)
