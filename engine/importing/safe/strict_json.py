"""Untrusted JSON: no repeated names, no NaN, limited depth and size."""

from __future__ import annotations

import json
from typing import Any

from engine.errors import BadInput, UnsafeFile
from engine.importing.safe.archive import DAMAGED

LARGEST_BYTES = 32 * 1024 * 1024
DEEPEST = 120
_LARGEST_WHOLE = 2**63


def parse(content: bytes) -> Any:
    """Parse UTF-8 JSON.

    Raises
    ------
    BadInput
        If it is not strict JSON.
    UnsafeFile
        If it is too large or nested too deep.
    """
    if len(content) > LARGEST_BYTES:
        raise UnsafeFile("its description unpacks to far more than any network needs")
    try:
        value = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_int=_whole,
        )
        check_letters(content, value)
    except RecursionError as error:
        raise UnsafeFile("its description is nested deeper than any network is") from error
    except (ValueError, MemoryError) as error:
        raise BadInput(DAMAGED) from error
    if _depth_exceeds(value, DEEPEST):
        raise UnsafeFile("its description is nested deeper than any network is")
    return value


def check_letters(content: bytes, value: Any) -> None:
    """Refuse lone surrogates, which JSON can express but UTF-8 cannot.

    Raises
    ------
    ValueError
        If ``value``, parsed from ``content``, contains one.
    """
    if b"\\ud" in content.lower():
        json.dumps(value, ensure_ascii=False).encode("utf-8")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name twice")
    return made


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _whole(digits: str) -> int:
    value = int(digits)
    if abs(value) > _LARGEST_WHOLE:
        raise ValueError("a number too large")
    return value


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [inner for inner in value.values() if isinstance(inner, (dict, list))]
    if isinstance(value, list):
        return [inner for inner in value if isinstance(inner, (dict, list))]
    return []
