"""Python expressions as values, and their text: broken into lines as the usual formatters do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

LINE: Final = 88  # letters
_STEP: Final = 4  # spaces an indentation


@dataclass(frozen=True)
class Name:
    """Code of our own that stands as it is, ``x_train.shape[1:]``; never text of a user."""

    text: str


@dataclass(frozen=True)
class Call:
    """A call; arguments are calls, names, plain values and lists of these.

    Attributes
    ----------
    function
        What is called, our own text.
    """

    function: str
    positional: tuple[Any, ...] = ()
    named: tuple[tuple[str, Any], ...] = ()


def statement(target: str, value: Any, after: int = 0) -> str:
    """Return ``target = value`` as lines without the last line's end; ``after`` as of `written`."""
    before = f"{target} = "
    return before + written(value, column=len(before), after=after)


def written(value: Any, indent: int = 0, column: int = 0, after: int = 0) -> str:
    """Return the text of an expression.

    Parameters
    ----------
    indent
        Spaces before the line it begins on.
    column
        Letters that stand before it on its first line, ``indent`` included.
    after
        Letters that follow it on its last line.
    """
    flat = _flat(value)
    if column + len(flat) + after <= LINE:
        return flat
    brackets = _brackets(value)
    if brackets is None:
        return flat
    opening, parts, closing = brackets
    if not parts:
        return flat
    inner = indent + _STEP
    margin, end = " " * inner, f"\n{' ' * indent}{closing}"
    together = ", ".join(prefix + _flat(item) for prefix, item in parts)
    if isinstance(value, Call) and inner + len(together) <= LINE:
        return f"{opening}\n{margin}{together}{end}"
    lines = [f"{margin}{_part(part, inner)}" for part in parts]
    lone = isinstance(value, Call) and len(parts) == 1
    return f"{opening}\n" + ",\n".join(lines) + ("" if lone else ",") + end


def _part(part: tuple[str, Any], indent: int) -> str:
    prefix, value = part
    return prefix + written(value, indent, indent + len(prefix), after=1)


def _brackets(value: Any) -> tuple[str, list[tuple[str, Any]], str] | None:
    """Return how an expression opens, its parts with what stands before each, and how it closes."""
    if isinstance(value, Call):
        parts = [("", item) for item in value.positional]
        return f"{value.function}(", [*parts, *((f"{n}=", v) for n, v in value.named)], ")"
    if isinstance(value, list):
        return "[", [("", item) for item in value], "]"
    if isinstance(value, tuple):
        return "(", [("", item) for item in value], ")"
    if isinstance(value, dict):
        return "{", [(f"{key!r}: ", item) for key, item in value.items()], "}"
    return None


def _flat(value: Any) -> str:
    if isinstance(value, Name):
        return value.text
    brackets = _brackets(value)
    if brackets is None:
        return _plain(value)
    opening, parts, closing = brackets
    inside = ", ".join(prefix + _flat(item) for prefix, item in parts)
    lone = "," if isinstance(value, tuple) and len(parts) == 1 else ""
    return f"{opening}{inside}{lone}{closing}"


def _plain(value: Any) -> str:
    """Return a literal; a text in double quotes where that needs no escape, as formatters prefer."""
    text = repr(value)
    if isinstance(value, str) and text[0] == "'" and '"' not in text and "\\" not in text:
        return f'"{text[1:-1]}"'
    return text


def paragraphs(parts: Iterable[str]) -> str:
    """Return pieces of code with an empty line between them, empty pieces left out."""
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"
