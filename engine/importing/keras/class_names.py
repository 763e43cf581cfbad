"""Class names of stored objects: plain texts by which nothing is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from engine.errors import BadInput, UnsafeFile, quoted


@dataclass(frozen=True)
class ClassName:
    """Name of a class or function in a file; None for parts that are missing."""

    module: str | None
    name: str | None
    registered: str | None

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """Read the names of a stored object; BadInput if one is no text."""
        names = [value.get(key) for key in ("module", "class_name", "registered_name")]
        if not all(name is None or isinstance(name, str) for name in names):
            raise BadInput("it is damaged: one of its parts has no proper name")
        return cls(*names)

    @property
    def is_keras_own(self) -> bool:
        """Whether it is a class of Keras, not one registered by a program."""
        return self.registered is None or self.registered == self.name

    @property
    def is_foreign(self) -> bool:
        """Whether its module or registered name is not Keras's; older files have neither."""
        module = self.module or "keras"
        own = module.partition(".")[0] in ("keras", "builtins")
        return not own or not self.is_keras_own

    def refusal(self) -> UnsafeFile:
        """Return the error for a class that is not in the catalogue."""
        parts = [part for part in (self.module, self.name or self.registered) if part]
        what = quoted(".".join(parts) or "something without a name", 45)
        if self.is_foreign or self.module is None:
            whose = "its author's own program" if self.is_foreign else "which Keras does not bring"
            return UnsafeFile(
                f'it needs "{what}", {whose}: ask for a model of Keras\'s own layers, or .onnx'
            )
        return UnsafeFile(
            f'it wants to use "{what}", which is no building block that Netsmith opens'
        )
