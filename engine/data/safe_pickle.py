"""Python's object streams read as data: lists, numbers, texts and NumPy arrays, and nothing else.

The official CIFAR, IMDB and Reuters files are such streams. The standard reader would call whatever
a stream names; this one knows a few instructions and three names of NumPy, and calls nothing.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np

_RECONSTRUCT: Final = ("numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct")
_DTYPE: Final = "numpy dtype"
_NAMES: Final = frozenset((*_RECONSTRUCT, _DTYPE, "numpy ndarray"))
_MARK: Final = object()
# Runs of small whole numbers, nearly all of a text set: 1, 2 or 4 bytes each after its instruction.
_NUMBERS: Final = re.compile(rb"(?:K.|M..|J....)+", re.DOTALL)


class _DtypeObject:
    """A dtype while its stream is being read."""

    def __init__(self, code: str) -> None:
        self.code = code

    def set_state(self, state: tuple[Any, ...]) -> None:
        order = _text(state[1])
        if self.code[:1] != "O":
            self.code = f"{order}{self.code}"


class _ArrayObject:
    """An array while its stream is being read."""

    def __init__(self) -> None:
        self.content: Any = None

    def set_state(self, state: tuple[Any, ...]) -> None:
        _version, shape, dtype, fortran, content = state
        if dtype.code[:1] == "O":
            self.content = content
            return
        order: Literal["F", "C"] = "F" if fortran else "C"
        numbers = np.frombuffer(_latin(content), np.dtype(dtype.code))
        self.content = np.reshape(numbers, shape, order=order)


def read_objects(content: bytes) -> Any:
    """Return what the stream describes; arrays of objects come as lists.

    Raises
    ------
    ValueError
        If it holds anything but lists, dicts, tuples, numbers, texts and arrays, or is cut off.
    """
    try:
        return _plain(_Reader(content).run())
    except (IndexError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise ValueError("the object stream is damaged or holds more than plain data") from error


def _plain(value: Any) -> Any:
    """Return ``value`` with every array object as its array or list."""
    if isinstance(value, _ArrayObject):
        return value.content
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    return value


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _latin(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("latin-1")


class _Reader:
    """Stack machine of the stream's instructions; protocols 2 to 5."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.place = 0
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> Any:
        while True:
            numbers = _NUMBERS.match(self.content, self.place)
            if numbers:
                self.stack.extend(_whole_numbers(numbers[0]))
                self.place = numbers.end()
            instruction = self.content[self.place]
            self.place += 1
            if instruction == ord("."):
                return self.stack.pop()
            _INSTRUCTIONS[instruction](self)

    def take(self, count: int) -> bytes:
        taken = self.content[self.place : self.place + count]
        if count < 0 or len(taken) < count:
            raise IndexError("the stream is cut off")
        self.place += count
        return taken

    def skip(self, count: int) -> None:
        self.take(count)

    def number(self, count: int, *, signed: bool = False) -> int:
        return int.from_bytes(self.take(count), "little", signed=signed)

    def line(self) -> str:
        end = self.content.index(b"\n", self.place)
        return self.take(end + 1 - self.place)[:-1].decode("ascii")

    def since_mark(self) -> list[Any]:
        place = len(self.stack) - 1
        while self.stack[place] is not _MARK:
            place -= 1  # passing the bottom wraps round and ends in an IndexError
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items

    def tuple_of(self, count: int) -> None:
        if count > len(self.stack):
            raise IndexError("the stream takes more than it brought")
        items = tuple(self.stack[len(self.stack) - count :])
        del self.stack[len(self.stack) - count :]
        self.stack.append(items)

    def push_name(self, name: str) -> None:
        if name not in _NAMES:
            raise KeyError(name)
        self.stack.append(name)

    def global_name(self) -> None:
        self.push_name(f"{self.line()} {self.line()}")

    def stacked_name(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.push_name(f"{module} {name}")

    def reduce(self) -> None:
        arguments, name = self.stack.pop(), self.stack.pop()
        if name in _RECONSTRUCT:
            self.stack.append(_ArrayObject())
        elif name == _DTYPE:
            self.stack.append(_DtypeObject(_text(arguments[0])))
        else:
            raise KeyError(name)

    def build(self) -> None:
        state = self.stack.pop()
        self.stack[-1].set_state(state)

    def append(self) -> None:
        item = self.stack.pop()
        self.stack[-1].append(item)

    def append_all(self) -> None:
        items = self.since_mark()
        self.stack[-1].extend(items)

    def set_all(self, items: list[Any]) -> None:
        self.stack[-1].update(zip(items[::2], items[1::2], strict=True))

    def set_one(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self.set_all([key, value])

    def remember(self, key: int) -> None:
        self.memo[key] = self.stack[-1]


def _whole_numbers(run: bytes) -> list[int]:
    """Return the numbers of a run that `_NUMBERS` matched."""
    numbers, place, end = [], 0, len(run)
    while place < end:
        instruction = run[place]
        if instruction == 75:  # K
            numbers.append(run[place + 1])
            place += 2
        elif instruction == 77:  # M
            numbers.append(run[place + 1] | run[place + 2] << 8)
            place += 3
        else:
            numbers.append(int.from_bytes(run[place + 1 : place + 5], "little", signed=True))
            place += 5
    return numbers


def _constant(value: Any) -> Callable[[_Reader], None]:
    return lambda reader: reader.stack.append(value)


# Instruction -> what it does; as the standard library's pickletools documents them.
_INSTRUCTIONS: Final[Mapping[int, Callable[[_Reader], None]]] = MappingProxyType({
    0x80: lambda r: r.skip(1),  # protocol number
    0x95: lambda r: r.skip(8),  # frame length
    ord("q"): lambda r: r.remember(r.number(1)),
    ord("r"): lambda r: r.remember(r.number(4)),
    0x94: lambda r: r.remember(len(r.memo)),
    ord("h"): lambda r: r.stack.append(r.memo[r.number(1)]),
    ord("j"): lambda r: r.stack.append(r.memo[r.number(4)]),
    ord("("): _constant(_MARK),
    ord("N"): _constant(None),
    0x88: _constant(True),
    0x89: _constant(False),
    ord(")"): _constant(()),
    ord("]"): lambda r: r.stack.append([]),
    ord("}"): lambda r: r.stack.append({}),
    ord("t"): lambda r: r.stack.append(tuple(r.since_mark())),
    0x85: lambda r: r.tuple_of(1),
    0x86: lambda r: r.tuple_of(2),
    0x87: lambda r: r.tuple_of(3),
    0x8A: lambda r: r.stack.append(r.number(r.number(1), signed=True)),
    ord("G"): lambda r: r.stack.append(struct.unpack(">d", r.take(8))[0]),
    ord("U"): lambda r: r.stack.append(r.take(r.number(1))),
    ord("T"): lambda r: r.stack.append(r.take(r.number(4))),
    ord("C"): lambda r: r.stack.append(r.take(r.number(1))),
    ord("B"): lambda r: r.stack.append(r.take(r.number(4))),
    0x8E: lambda r: r.stack.append(r.take(r.number(8))),
    ord("X"): lambda r: r.stack.append(r.take(r.number(4)).decode("utf-8")),
    0x8C: lambda r: r.stack.append(r.take(r.number(1)).decode("utf-8")),
    ord("c"): _Reader.global_name,
    0x93: _Reader.stacked_name,
    ord("R"): _Reader.reduce,
    ord("b"): _Reader.build,
    ord("a"): _Reader.append,
    ord("e"): _Reader.append_all,
    ord("s"): _Reader.set_one,
    ord("u"): lambda r: r.set_all(r.since_mark()),
})  # fmt: skip
