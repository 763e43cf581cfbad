"""Python expressions as values, formatted in the style of common formatters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

LINE: Final = 88  # letters
_STEP: Final = 4  # spaces


@dataclass(frozen=True)
class Name:
    """Generated code that is written verbatim, ``x_train.shape[1:]``; never text of a user."""

    text: str


@dataclass(frozen=True)
class Call:
    """A call; arguments are calls, names, plain values and lists of these.

    Attributes
    ----------
    function
        The called function, as generated code.
    """

    function: str
    positional: tuple[Any, ...] = ()
    named: tuple[tuple[str, Any], ...] = ()


def statement(target: str, value: Any, after: int = 0) -> str:
    """Return ``target = value``, without a final newline; ``after`` as in `written`."""
    before = f"{target} = "
    return before + written(value, column=len(before), after=after)


def written(value: Any, indent: int = 0, column: int = 0, after: int = 0) -> str:
    """Return the text of an expression.

    Parameters
    ----------
    indent
        Indentation of its first line.
    column
        Letters before it on its first line, with ``indent``.
    after
        Letters after it on its last line.
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
    """Return the opening, the parts with their prefixes, and the closing of an expression."""
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
    """Return a literal; a string in double quotes if that needs no escapes."""
    text = repr(value)
    if isinstance(value, str) and text[0] == "'" and '"' not in text and "\\" not in text:
        return f'"{text[1:-1]}"'
    return text


def paragraphs(parts: Iterable[str]) -> str:
    """Join the pieces of code that are not empty with an empty line between them."""
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"
