"""Pickles of plain values and NumPy arrays.

The official CIFAR, IMDB and Reuters files are pickles. They are only read after their SHA-256 sum is
known to be right; in addition, nothing but the four names that an array needs can be loaded.
"""

from __future__ import annotations

import io
import pickle
from typing import Any, Final

import numpy as np

_ALLOWED: Final = frozenset({
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
})  # fmt: skip


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is no plain data")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def read_objects(content: bytes) -> Any:
    """Return the value of a pickle; arrays of objects come as lists.

    Texts of Python 2 come as bytes.

    Raises
    ------
    ValueError
        If it names anything but NumPy's arrays, or is damaged.
    """
    try:
        value = _Unpickler(io.BytesIO(content), encoding="bytes").load()
    except pickle.UnpicklingError as error:
        raise ValueError(f"the pickle was not read: {error}") from error
    except (
        ArithmeticError,
        AttributeError,
        EOFError,
        LookupError,
        MemoryError,
        TypeError,
    ) as error:
        raise ValueError("the pickle is damaged") from error
    return value.tolist() if isinstance(value, np.ndarray) and value.dtype.hasobject else value
