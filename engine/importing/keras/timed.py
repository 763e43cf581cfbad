"""Replace a TimeDistributed model by a model of TimeDistributed layers, which computes the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.catalog.model import Kind
from engine.errors import BadInput, quoted
from engine.importing.keras.class_names import ClassName

TIMED: Final = "TimeDistributed"
_MOST: Final = 8  # wrappers around wrappers
# They merge elementwise, whatever the axes mean.
_JOINING: Final = frozenset({"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"})


def unwrapped(value: Mapping[str, Any]) -> tuple[Any, int]:
    """Return the layer inside TimeDistributed wrappers, and the number of wrappers."""
    times = 0
    inner: Any = value
    while isinstance(inner, Mapping) and ClassName.of(inner).name == TIMED and times < _MOST:
        config = inner.get("config")
        inner, times = config.get("layer") if isinstance(config, Mapping) else None, times + 1
    return inner, times


def timed(
    kind: Kind, parameters: Mapping[str, Any], times: int, where: str
) -> tuple[str, dict[str, Any]]:
    """Return (kind, parameters) of a layer in so many TimeDistributed wrappers.

    Raises
    ------
    BadInput
        If it takes several inputs and does not merge them elementwise.
    """
    told = dict(parameters)
    if not times or kind.name in _JOINING:
        return kind.name, told
    if kind.name == "Concatenate":
        axis = told.get("axis", -1)
        return kind.name, {**told, "axis": axis + times if axis > 0 else axis}
    if kind.inputs[0] != 1:
        raise _refusal(where)
    name = kind.name
    for _ in range(times):
        name, told = TIMED, {"layer": {"kind": name, "parameters": told}}
    return name, told


def refuse_timed(times: int, where: str) -> None:
    """Refuse a formula inside a TimeDistributed."""
    if times:
        raise _refusal(where)


def _refusal(where: str) -> BadInput:
    return BadInput(
        f'"{quoted(where, 30)}" inside a TimeDistributed takes several inputs or computes a formula: '
        "save it without the wrapper"
    )
