"""A column of samples with the interface of an array, which is read when it is indexed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Rows: TypeAlias = npt.NDArray[np.integer[Any]]


class Column(Protocol):
    """What gives samples by number; `take` may be called from any thread."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        ...

    @property
    def dtype(self) -> np.dtype[Any]:
        """Number type of the samples."""
        ...

    def __len__(self) -> int: ...

    def take(self, rows: Rows, /) -> Array:
        """Return (len(rows), *shape) samples in the order of ``rows``."""
        ...


class ColumnArray:
    """Some samples of a column.

    Indexing its first axis by a number, a slice or an array of numbers reads them: an `numpy.ndarray`. As a whole it
    is read by `numpy.asarray` only.

    Parameters
    ----------
    rows
        Which samples, in order. None: all.
    """

    def __init__(self, column: Column, rows: Rows | None = None) -> None:
        self._column = column
        self._rows = np.arange(len(column)) if rows is None else np.asarray(rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, ...), as of an array."""
        return (len(self._rows), *self._column.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Number type."""
        return self._column.dtype

    @property
    def ndim(self) -> int:
        """Axes."""
        return 1 + len(self._column.shape)

    @property
    def size(self) -> int:
        """All numbers."""
        return math.prod(self.shape)

    @property
    def itemsize(self) -> int:
        """Bytes of a number."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes that it takes as an array."""
        return self.size * self.itemsize

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int | slice | Rows | Sequence[int]) -> Array:
        if isinstance(index, int | np.integer):
            sample: Array = self._column.take(self._rows[[index]])[0]
            return sample
        return self._column.take(self._rows[index])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False:
            raise ValueError("samples on disk are no array without being read")
        return np.asarray(self[:], dtype)

    def selected(self, rows: Rows) -> ColumnArray:
        """Return some of the samples, still unread."""
        return ColumnArray(self._column, self._rows[rows])


Inputs: TypeAlias = Array | ColumnArray  # of a part: in memory, or read where they are indexed


def selected(x: Inputs, rows: Rows) -> Inputs:
    """Return some samples: an array of an array, what is still unread of the unread."""
    return x.selected(rows) if isinstance(x, ColumnArray) else x[rows]


def of_parts(parts: Sequence[Inputs], rows: Sequence[int]) -> Inputs:
    """Return some samples of several parts, numbered one after the other; still unread if all are of one column."""
    unread = [part for part in parts if isinstance(part, ColumnArray)]
    if len(unread) == len(parts) and len({id(part._column) for part in unread}) == 1:
        together = np.concatenate([part._rows for part in unread])
        return ColumnArray(unread[0]._column, together[rows])
    found: Array = np.concatenate([np.asarray(part) for part in parts])[rows]
    return found
