"""What in a description would run somebody's program, said before anything else about the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.errors import UnsafeFile
from engine.importing.keras.class_names import ClassName

_CODE: Final = frozenset({"Lambda", "TFSMLayer", "__lambda__"})
# How the model was trained and built; none of it is opened.
_IGNORED: Final = frozenset({"compile_config", "build_config", "training_config"})
_FUNCTION: Final = "function"


def refuse_programs(config: Any) -> None:
    """Refuse a description that holds code, or names classes of a program that Keras does not bring.

    Raises
    ------
    UnsafeFile
        Says the worst: code before classes.
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
    """Make the refusal of a layer that runs whatever it holds."""
    return UnsafeFile(
        f"it contains a {kind} layer, which can run any program: ask its author for one without"
    )


def _objects(config: Any) -> Iterator[Mapping[str, Any]]:
    """Yield everything in a description that names a class, without recursion."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            if "class_name" in value:
                yield value
            waiting += [item for key, item in value.items() if key not in _IGNORED]
        elif isinstance(value, (list, tuple)):
            waiting += reversed(value)
