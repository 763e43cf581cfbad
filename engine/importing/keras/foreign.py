"""Refuse descriptions that would run code, before any other check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.errors import UnsafeFile
from engine.importing.keras.class_names import ClassName

_CODE: Final = frozenset({"Lambda", "TFSMLayer", "__lambda__"})
# Training and build settings, which are not read.
_IGNORED: Final = frozenset({"compile_config", "build_config", "training_config"})
_FUNCTION: Final = "function"


def refuse_programs(config: Any) -> None:
    """Refuse a description that contains code, or classes that are not Keras's.

    Raises
    ------
    UnsafeFile
        For code first, then for classes.
    """
    foreign: ClassName | None = None
    for value in _objects(config):
        told = ClassName.of(value)
        if told.name in _CODE:
            raise code_refusal(told.name or "")
        if foreign is None and told.is_foreign:
            named = told.name == _FUNCTION and isinstance(value.get("config"), str)
            foreign = ClassName(told.module, value["config"], told.registered) if named else told
    if foreign is not None:
        raise foreign.refusal()


def code_refusal(kind: str) -> UnsafeFile:
    """Return the error for a layer that runs stored code."""
    return UnsafeFile(
        f"it contains a {kind} layer, which can run any program: ask its author for one without"
    )


def _objects(config: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every object in a description that names a class, without recursion."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            if "class_name" in value:
                yield value
            waiting += [item for key, item in value.items() if key not in _IGNORED]
        elif isinstance(value, (list, tuple)):
            waiting += reversed(value)
