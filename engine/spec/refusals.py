"""Turn validation errors of pydantic into sentences: what a value is, and what it must be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from engine.errors import SpecError, quoted
from engine.spec.project import ProjectSpec

_LONGEST_VALUE: Final = 30
_LONGEST_PROBLEM: Final = 120
# Suffixes that pydantic appends to the path of a union.
_CHOICE_MARKS: Final = ("literal[", "dict[", "tagged", "function-")
_KINDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    dict: "names with values",
    tuple: "a list",
    type(None): "null",
}


def spec_error(error: ValidationError) -> SpecError:
    """Return the first error as a `SpecError` with its path, the expected and the actual value."""
    first = error.errors(include_url=False)[0]
    place = [part for part in first["loc"] if not str(part).startswith(_CHOICE_MARKS)]
    where = ".".join(str(part) for part in place) or "project"
    return SpecError(quoted(where), quoted(_problem(first, place), _LONGEST_PROBLEM))


def _problem(first: Any, place: list[Any]) -> str:
    kind = str(first["type"])
    if kind == "value_error":  # an error raised by Netsmith
        return str(first["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return "there is no setting of this name: remove it"
    if kind == "missing":
        return "is missing: add it"
    wanted = _wanted(_field_at(place))
    if not wanted:
        wanted = str(first["msg"]).removeprefix("Input should be ").removeprefix("Input ")
    return f"must be {wanted}, not {_shown(first['input'])}"


def _shown(value: Any) -> str:
    """Return a value as written in a project file or the shell."""
    if isinstance(value, str):
        return f'"{quoted(value, _LONGEST_VALUE)}"'
    words = {None: "null", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return words[value]
    if isinstance(value, (int, float)):
        return quoted(value, _LONGEST_VALUE)
    if isinstance(value, Mapping):
        return "names with values"
    return (
        f"a list of {len(value)}"
        if isinstance(value, (list, tuple)) and len(value) != 1
        else "a list"
    )


def _field_at(place: list[Any]) -> FieldInfo | None:
    """Return the field of the description for a path, None if the path leads inside a field."""
    if place and isinstance(place[-1], int):
        return None
    model: type[BaseModel] | None = ProjectSpec
    found: FieldInfo | None = None
    for part in (part for part in place if not isinstance(part, int)):
        if model is not None and part in model.model_fields:
            found = model.model_fields[part]
            model = next(_models(found.annotation), None)
        else:  # an item of a list or dict
            return found if found is not None and found.description else None
    return found


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _wanted(field: FieldInfo | None) -> str:
    """Return the valid values of a field, with its bounds; "" if unknown."""
    if field is None:
        return ""
    if field.description:
        return field.description
    choices = get_args(field.annotation)
    if choices and all(isinstance(choice, str) for choice in choices):
        return f"one of {', '.join(choices)}"
    return f"{_kind_in_words(field.annotation)} {_limits(field)}".strip()


def _kind_in_words(annotation: Any) -> str:
    model = next(_models(annotation), None)
    if model is not None and annotation is model:
        return f"an object with {', '.join(model.model_fields)}"
    if isinstance(annotation, UnionType):
        return " or ".join(map(_kind_in_words, get_args(annotation)))
    return _KINDS[get_origin(annotation) or annotation]


def _limits(field: FieldInfo) -> str:
    known = {
        name: value
        for part in field.metadata
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length")
        if (value := getattr(part, name, None)) is not None
    }
    if "max_length" in known:
        least, most = known.get("min_length", 0), known["max_length"]
        what = "item" if get_origin(field.annotation) is tuple else "letter"
        count = f"{most}" if least == most else f"{least} to {most}"
        return f"of {count} {what}{'s' if most != 1 else ''}"
    low, high = known.get("ge", -math.inf), known.get("le", math.inf)
    if math.isfinite(low) and math.isfinite(high):
        return f"from {low:.10g} to {high:.10g}"
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    parts = [f"{word} {known[name]:.10g}" for name, word in words.items() if name in known]
    return " and ".join(parts)
