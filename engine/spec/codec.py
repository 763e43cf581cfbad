"""Between a `ProjectSpec` and the text of ``project.json``."""

from __future__ import annotations

import json
import math
from typing import Any

from pydantic import ValidationError

from engine.errors import BadInput, NewerFile, quoted
from engine.spec.migrations import MIGRATIONS
from engine.spec.project import SCHEMA, ProjectSpec
from engine.spec.refusals import spec_error

LARGEST_BYTES = 32 * 1024 * 1024
_FORMAT = "netsmith-project"


def encode(spec: ProjectSpec) -> str:
    """Return the text of ``project.json``: small, readable, the same for equal specs."""
    content = {"format": _FORMAT, "schema": SCHEMA, **spec.model_dump(mode="json")}
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def decode(text: str, where: str = "project.json") -> ProjectSpec:
    """Return the description that ``text`` holds.

    Raises
    ------
    NewerFile
        If a newer Netsmith wrote it.
    BadInput
        If it is no description: cut, not JSON, not ours; SpecError names the field.
    """
    try:
        content = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise BadInput(
            f'"{quoted(where)}" is damaged or cut off: restore it from a copy'
        ) from error
    if not isinstance(content, dict) or content.pop("format", None) != _FORMAT:
        raise BadInput(
            f'"{quoted(where)}" is not a Netsmith project: open a folder that Netsmith made'
        )
    schema = content.pop("schema", None)
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise BadInput(f'"{quoted(where)}" does not say its schema: restore it from a copy')
    if schema > SCHEMA:
        raise NewerFile(
            f'"{quoted(where)}" was made by a newer Netsmith (schema {quoted(schema, 20)}): update Netsmith to open it'
        )
    for number in range(schema, SCHEMA):
        content = MIGRATIONS[number](content)
    return parse(content)


def parse(content: dict[str, Any]) -> ProjectSpec:
    """Return the description that plain values hold; SpecError names the first field that is wrong."""
    try:
        return ProjectSpec.model_validate(content)
    except ValidationError as error:
        raise spec_error(error) from error


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse_constant(digits)  # 1e999


def _refuse_constant(name: str) -> float:
    raise ValueError(name)
