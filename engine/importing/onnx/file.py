"""Read the parts of an ONNX file that a network needs, from the wire format of protocol buffers.

Runs in the helper process with the standard library alone. Arrays are views of the file's bytes, and
reading stops as soon as a limit is exceeded.

Notes
-----
The ``onnx`` package was measured instead. It parses the whole file before anything can be counted: 20 MB
of empty attributes took 1.9 GB (here 44 MB), 20 MB of empty nodes 1.6 GB (here 66 MB). It also copies all
arrays: a model of 200 MB took 800 MB (here 215 MB), and one of 800 MB exceeded the helper's 2 GB.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

MOST_PARTS: Final = 50_000  # nodes, weights, attributes and values together
MOST_FIELDS: Final = 1_000_000  # of all messages, also those that are skipped
LONGEST_NAME: Final = 1000
MOST_AXES: Final = 8
LARGEST_SIZE: Final = 2**31

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES: Final = {_FIXED64: 8, _FIXED32: 4}

# TensorProto.DataType -> NumPy's name, bytes of one number.
_TYPES: Final = {
    1: ("<f4", 4), 2: ("|u1", 1), 3: ("|i1", 1), 4: ("<u2", 2), 5: ("<i2", 2), 6: ("<i4", 4),
    7: ("<i8", 8), 9: ("|b1", 1), 10: ("<f2", 2), 11: ("<f8", 8), 12: ("<u4", 4), 13: ("<u8", 8),
}  # fmt: skip
# NumPy's name -> struct's; float16 is listed as the integers of its bits.
_LETTERS: Final = {
    "<f4": "f", "|u1": "B", "|i1": "b", "<u2": "H", "<i2": "h", "<i4": "i", "<i8": "q", "|b1": "B",
    "<f2": "H", "<f8": "d", "<u4": "I", "<u8": "Q",
}  # fmt: skip
# TensorProto's lists of numbers: field -> wire type of one number that is not packed.
_FLOATS, _INT32S, _INT64S, _DOUBLES, _UINT64S = 4, 5, 7, 10, 11
_LISTS: Final = {
    _FLOATS: _FIXED32, _INT32S: _VARINT, _INT64S: _VARINT, _DOUBLES: _FIXED64, _UINT64S: _VARINT,
}  # fmt: skip
_TENSOR_TYPE, _TENSOR_RAW, _TENSOR_EXTERNAL, _TENSOR_LOCATION = 2, 9, 13, 14
_OUTSIDE: Final = 1  # TensorProto.DataLocation.EXTERNAL
_FUNCTIONS: Final = 25  # of ModelProto: custom operators
_OWN_DOMAINS: Final = ("", "ai.onnx")

# AttributeProto's doc_string, and the default of each type whose value may be omitted.
_NOTE: Final = 13
_LEFT_OUT: Final[dict[int, Any]] = {1: 0.0, 2: 0, 3: ""}
UNREAD: Final = {"unread": True}  # a graph or another value that no operator here uses

Field = tuple[int, int, Any]


class RefusedError(Exception):
    """The file is refused; the argument is the helper's word for why."""


def read(content: bytes) -> tuple[dict[str, Any], list[bytes | memoryview]]:
    """Return the helper's header and the arrays' bytes in its order.

    The header's ``config`` is the graph as JSON: ``producer``, ``opset``, ``inputs``, ``outputs`` and ``nodes``;
    tensors among the attributes are given by the path of their array. If only an array is unsupported, the header
    has ``refused`` and there are no bytes, so that a worse problem of the graph can be reported first.

    Raises
    ------
    RefusedError, ValueError
        If it is damaged or exceeds a limit.
    """
    return _Reader().model(memoryview(content))


class _Reader:
    def __init__(self) -> None:
        self._left = MOST_PARTS
        self._left_fields = MOST_FIELDS
        self._arrays: list[dict[str, Any]] = []
        self._blobs: list[bytes | memoryview] = []
        self._milder = ""  # why it is refused if nothing worse is found

    def model(self, content: memoryview) -> tuple[dict[str, Any], list[bytes | memoryview]]:
        graph, producer, opset = None, "", 0
        for number, wire, value in self._fields(content):
            if number == 2 and wire == _BYTES:
                producer = _text(value)
            elif number == 7 and wire == _BYTES:
                graph = _once(graph, value)
            elif number == 8 and wire == _BYTES:
                opset = self._opset(value) or opset
            elif number == _FUNCTIONS and wire == _BYTES:
                self._check_function(value)
        if graph is None or not opset:
            raise ValueError("no graph")
        config = {"producer": producer, "opset": opset, **self._graph(graph)}
        header: dict[str, Any] = {"arrays": self._arrays, "config": json.dumps(config)}
        if self._milder:
            return {**header, "refused": self._milder}, []
        return header, self._blobs

    def _opset(self, content: memoryview) -> int:
        domain, version = "", 0
        for number, wire, value in self._fields(content):
            if number == 1 and wire == _BYTES:
                domain = _text(value)
            elif number == 2 and wire == _VARINT:
                version = value
        return version if domain in _OWN_DOMAINS else 0

    def _graph(self, content: memoryview) -> dict[str, Any]:
        made: dict[str, Any] = {"nodes": [], "inputs": [], "outputs": [], "constants": {}}
        for number, wire, value in self._fields(content):
            if wire != _BYTES:
                continue
            if number in (1, 5, 11, 12, 15):
                self._count()
            if number == 1:
                made["nodes"].append(self._node(value))
            elif number == 5:
                name, path = self._tensor(value)
                if name in made["constants"]:
                    raise ValueError("name twice")
                made["constants"][name] = path
            elif number == 11:
                made["inputs"].append(self._value(value))
            elif number == 12:
                made["outputs"].append(self._value(value)["name"])
            elif number == 15:
                self._milder = self._milder or "packing"
        return made

    def _node(self, content: memoryview) -> dict[str, Any]:
        node: dict[str, Any] = {
            "inputs": [], "outputs": [], "name": "", "op": "", "domain": "", "attributes": {},
        }  # fmt: skip
        texts = {3: "name", 4: "op", 7: "domain"}
        for number, wire, value in self._fields(content):
            if wire != _BYTES:
                continue
            if number in (1, 2):
                self._count()
                node["inputs" if number == 1 else "outputs"].append(_text(value))
            elif number in texts:
                node[texts[number]] = _text(value)
            elif number == 5:
                self._count()
                name, told = self._attribute(value)
                if name in node["attributes"]:
                    raise ValueError("attribute twice")
                node["attributes"][name] = told
        return node

    def _attribute(self, content: memoryview) -> tuple[str, Any]:
        name, kind = "", 0
        told: Any = None
        listed: list[Any] = []
        for number, wire, value in self._fields(content):
            if (number, wire) in _PLAIN_VALUES:
                told = _PLAIN_VALUES[number, wire](value)
            elif (number, wire) == (1, _BYTES):
                name = _text(value)
            elif (number, wire) == (5, _BYTES):
                told = {"array": self._tensor(value)[1]}
            elif number in (7, 8, 9):
                listed += self._listed(number, wire, value)
            elif (number, wire) == (20, _VARINT):
                kind = value
            elif number != _NOTE:
                told = UNREAD
        if told is None:
            told = listed or _LEFT_OUT.get(kind, [])
        return name, told

    def _listed(self, number: int, wire: int, value: Any) -> list[Any]:
        """Return the items of a list: floats (7), integers (8) or strings (9)."""
        if number == 9:
            items: list[Any] = [_text(value)]
        elif number == 7:
            items = [_number(n) for n in _numbers(wire, value, _FIXED32, self._left)]
        else:
            items = [_signed(n) for n in _numbers(wire, value, _VARINT, self._left)]
        self._count(len(items))
        return items

    def _value(self, content: memoryview) -> dict[str, Any]:
        name, kind, shape = "", 0, None
        for number, wire, value in self._fields(content):
            if number == 1 and wire == _BYTES:
                name = _text(value)
            elif number == 2 and wire == _BYTES:  # TypeProto
                for inner, inner_wire, tensor in self._fields(value):
                    if inner == 1 and inner_wire == _BYTES:  # the tensor type
                        kind, shape = self._tensor_type(tensor)
        return {"name": name, "type": kind, "shape": shape}

    def _tensor_type(self, content: memoryview) -> tuple[int, list[int | None] | None]:
        kind, shape = 0, None
        for number, wire, value in self._fields(content):
            if number == 1 and wire == _VARINT:
                kind = value
            elif number == 2 and wire == _BYTES:
                shape = [
                    self._axis(dim) for n, w, dim in self._fields(value) if (n, w) == (1, _BYTES)
                ]
        return kind, shape

    def _tensor(self, content: memoryview) -> tuple[str, str]:
        """Store a tensor's array; return its name and the path of the array."""
        shape: list[int] = []
        name, raw = "", None
        wholes = {_TENSOR_TYPE: 0, _TENSOR_LOCATION: 0}
        place: dict[str, str] = {}
        lists: dict[int, list[Any]] = {}
        for number, wire, value in self._fields(content):
            if number == 1:
                shape += [
                    _signed(n) for n in _numbers(wire, value, _VARINT, MOST_AXES - len(shape))
                ]
            elif number in wholes and wire == _VARINT:
                wholes[number] = value
            elif number == 8 and wire == _BYTES:
                name = _text(value)
            elif number == _TENSOR_RAW and wire == _BYTES:
                raw = _once(raw, value)
            elif number == _TENSOR_EXTERNAL and wire == _BYTES:
                place.update([self._entry(value)])
            elif number in _LISTS:
                lists.setdefault(number, []).append((wire, value))
        row = self._row(shape, wholes[_TENSOR_TYPE])
        if wholes[_TENSOR_TYPE] not in _TYPES:
            self._milder = self._milder or "type"
        elif place or wholes[_TENSOR_LOCATION] == _OUTSIDE:
            row.update(_elsewhere(place))
        else:
            self._blobs.append(_content(row, wholes[_TENSOR_TYPE], raw, lists))
        self._arrays.append(row)
        return name, str(row["path"])

    def _row(self, shape: list[int], kind: int) -> dict[str, Any]:
        if len(shape) > MOST_AXES or any(not 0 <= size <= LARGEST_SIZE for size in shape):
            raise ValueError("shape")
        return {
            "path": str(len(self._arrays)),
            "dtype": _TYPES.get(kind, ("", 0))[0],
            "shape": shape,
        }

    def _entry(self, content: memoryview) -> tuple[str, str]:
        """Return key and value of a StringStringEntryProto."""
        self._count()
        told = {
            number: _text(value) for number, wire, value in self._fields(content) if wire == _BYTES
        }
        return told.get(1, ""), told.get(2, "")

    def _count(self, parts: int = 1) -> None:
        self._left -= parts
        if self._left < 0:
            raise RefusedError("many")

    def _fields(self, content: memoryview) -> Iterator[Field]:
        """Yield (number, wire type, value) of a message: an int, or the bytes of the rest."""
        place, end = 0, len(content)
        while place < end:
            self._left_fields -= 1
            if self._left_fields < 0:
                raise RefusedError("many")
            key, place = _varint(content, place)
            number, wire = key >> 3, key & 7
            if number == 0:
                raise ValueError("field")
            if wire == _VARINT:
                value, place = _varint(content, place)
                yield number, wire, value
                continue
            if wire == _BYTES:
                length, place = _varint(content, place)
            elif wire in _FIXED_BYTES:
                length = _FIXED_BYTES[wire]
            else:
                raise ValueError("wire type")
            if length > end - place:
                raise ValueError("cut")
            yield number, wire, content[place : place + length]
            place += length

    def _axis(self, content: memoryview) -> int | None:
        """Return a size; None for a free one, which has a name or no value."""
        for number, wire, value in self._fields(content):
            if number == 1 and wire == _VARINT and 0 < value <= LARGEST_SIZE:
                return int(value)
        return None

    def _check_function(self, content: memoryview) -> None:
        """Refuse a function that redefines an operator of ONNX."""
        told = {number: value for number, wire, value in self._fields(content) if wire == _BYTES}
        if told.get(10, b"") in (b"", b"ai.onnx"):
            raise RefusedError("functions")


def _content(
    row: dict[str, Any], kind: int, raw: memoryview | None, lists: dict[int, list[Any]]
) -> bytes | memoryview:
    """Return the bytes of a tensor that is stored in the file."""
    count = math.prod(row["shape"])
    content = raw if raw is not None else _packed(row["dtype"], lists, count)
    if len(content) != count * _TYPES[kind][1]:
        raise ValueError("size")
    return content


def _elsewhere(place: dict[str, str]) -> dict[str, Any]:
    """Return the place of external data; ``length`` None means as long as the array."""
    offset, length = int(place.get("offset") or 0), place.get("length")
    return {
        "file": place.get("location", ""),
        "offset": offset,
        "length": int(length) if length else None,
    }


def _packed(dtype: str, lists: dict[int, list[Any]], most: int) -> bytes:
    """Return the numbers in a tensor's lists as bytes; refuses more than ``most``."""
    letter = _LETTERS[dtype]
    found: list[Any] = []
    for number, runs in lists.items():
        for wire, value in runs:
            left = most - len(found)
            found += _numbers(wire, value, _LISTS[number], left, is_double=number == _DOUBLES)
    if letter in "qihb":
        found = [_signed(number) for number in found]
    try:
        return struct.pack(f"<{len(found)}{letter}", *found)
    except struct.error as error:
        raise ValueError("number") from error


def _varint(content: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = content[place]  # IndexError: the file is truncated
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, place
    raise ValueError("varint")


def _numbers(wire: int, value: Any, alone: int, most: int, *, is_double: bool = False) -> list[Any]:
    """Return the numbers of a repeated field, packed or single; refuses more than ``most``."""
    if wire == _VARINT and alone == _VARINT:
        return [value]
    if wire not in (_BYTES, alone):
        raise ValueError("wire type")
    if alone != _VARINT:
        letter, item_bytes = ("d", 8) if is_double else ("f", 4)
        if len(value) % item_bytes or len(value) > most * item_bytes:
            raise ValueError("cut, or more numbers than there may be")
        return list(struct.unpack(f"<{len(value) // item_bytes}{letter}", value))
    found: list[int] = []
    place = 0
    while place < len(value):
        if len(found) >= most:
            raise ValueError("more numbers than there may be")
        number, place = _varint(value, place)
        found.append(number)
    return found


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def _number(value: float) -> Any:
    """Return a number as JSON; infinities, which JSON lacks, by their names."""
    return value if value - value == 0 else {"number": str(value)}


def _text(value: memoryview) -> str:
    if len(value) > LONGEST_NAME:
        raise RefusedError("many")
    return bytes(value).decode("utf-8")


def _once(before: memoryview | None, value: memoryview) -> memoryview:
    if before is not None:
        raise ValueError("twice")
    return value


# Field and wire type of an attribute's single value -> how it is read.
_PLAIN_VALUES: Final[dict[tuple[int, int], Callable[[Any], Any]]] = {
    (2, _FIXED32): lambda value: _number(struct.unpack("<f", value)[0]),
    (3, _VARINT): _signed,
    (4, _BYTES): _text,
}
