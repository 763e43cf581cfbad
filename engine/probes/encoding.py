"""Encode samples of probes as bytes and decode them; limited to plain values, so that untrusted files are safe."""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
import zlib
from typing import Any, Final

import numpy as np
import numpy.typing as npt

LARGEST_BYTES: Final = 16 * 1024 * 1024  # of one sample, unpacked
_HEAD_BYTES: Final = 4  # length of the description
_QUICK: Final = 1  # level of zlib; higher ones hardly compress floats better
_DTYPES: Final = frozenset({"<f2", "<f4", "<f8", "|u1", "|i1", "<i4", "<i8", "|b1"})
_ARRAY, _FIELDS = "array", "fields"


def encode(payload: object) -> bytes:
    """Return a sample as bytes.

    Raises
    ------
    TypeError
        If it contains anything but numbers, strings, None, arrays of numbers, tuples and dataclasses of these.
    """
    arrays: list[bytes] = []
    head = json.dumps(_described(payload, arrays)).encode()
    raw = len(head).to_bytes(_HEAD_BYTES, "little") + head + b"".join(arrays)
    if len(raw) > LARGEST_BYTES:
        raise TypeError(f"A sample of {len(raw):,} bytes is too large.")
    return zlib.compress(raw, _QUICK)


def decode(data: bytes, payload: type) -> Any:
    """Return the sample that was encoded.

    Parameters
    ----------
    payload
        Its class.

    Raises
    ------
    ValueError
        If the bytes are damaged or contain a sample of another class.
    """
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(data, LARGEST_BYTES)
        length = int.from_bytes(raw[:_HEAD_BYTES], "little")
        described = json.loads(raw[_HEAD_BYTES : _HEAD_BYTES + length])
        found = _value(described, payload, memoryview(raw)[_HEAD_BYTES + length :])
    except (zlib.error, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValueError("The sample is damaged.") from error
    if not isinstance(found, payload):
        raise ValueError(f"The sample is no {payload.__name__}.")  # noqa: TRY004  # damage, not a misuse
    return found


def _described(value: object, arrays: list[bytes]) -> Any:
    if isinstance(value, np.ndarray):
        array = np.ascontiguousarray(value)
        text = array.dtype.newbyteorder("<").str
        if text not in _DTYPES:
            raise TypeError(f"An array of {array.dtype} cannot be recorded.")
        start = sum(map(len, arrays))
        arrays.append(array.astype(text).tobytes())
        return {_ARRAY: [text, list(value.shape), start]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {_FIELDS: {f.name: _described(getattr(value, f.name), arrays) for f in fields}}
    if isinstance(value, (tuple, list)):
        return [_described(item, arrays) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"A {type(value).__name__} cannot be recorded.")


def _value(described: Any, hint: Any, arrays: memoryview) -> Any:
    if isinstance(described, list):
        inner = [arg for arg in typing.get_args(hint) if arg is not Ellipsis] or [Any]
        hints = inner if len(inner) == len(described) else inner[:1] * len(described)
        return tuple(_value(item, own, arrays) for item, own in zip(described, hints, strict=True))
    if not isinstance(described, dict):
        return described
    if _ARRAY in described:
        text, shape, start = described[_ARRAY]
        return _array(text, shape, start, arrays)
    made: Any = next((each for each in _alternatives(hint) if dataclasses.is_dataclass(each)), None)
    if made is None:
        raise ValueError("a value of no known class")
    own = typing.get_type_hints(made)
    fields = described[_FIELDS]
    return made(**{name: _value(item, own[name], arrays) for name, item in fields.items()})


def _alternatives(hint: Any) -> tuple[Any, ...]:
    union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    return typing.get_args(hint) if union else (hint,)


def _array(text: str, shape: list[int], start: int, arrays: memoryview) -> npt.NDArray[Any]:
    if text not in _DTYPES or any(type(side) is not int or side < 0 for side in shape):
        raise ValueError("an array of no known form")
    dtype = np.dtype(text)
    count = math.prod(shape)
    flat = np.frombuffer(arrays, dtype, count, start) if count else np.zeros(0, dtype)
    return flat.reshape(shape)
