"""What a stored object says it is: three texts, and nothing is ever looked up by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from engine.errors import BadInput, UnsafeFile, quoted


@dataclass(frozen=True)
class ClassName:
    """Name of a class or function as a file tells it; None where the file does not."""

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
        """Whether it is not claimed by a program that registered it."""
        return self.registered is None or self.registered == self.name

    @property
    def is_foreign(self) -> bool:
        """Whether it says that it is none of Keras's own; older files do not say where a class lives."""
        module = self.module or "keras"
        own = module.partition(".")[0] in ("keras", "builtins")
        return not own or not self.is_keras_own

    def refusal(self) -> UnsafeFile:
        """Make the refusal of what is none of our building blocks."""
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
