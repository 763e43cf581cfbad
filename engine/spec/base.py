"""What every part of the description shares."""

from __future__ import annotations

import re
from typing import Annotated, Any, NewType, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

LayerId = NewType("LayerId", str)

# Keras refuses "/" in names and TensorFlow wants a letter first.
NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9_.\-]{0,99}$"
_NAME = re.compile(NAME_PATTERN)

Name: TypeAlias = Annotated[
    str,
    StringConstraints(pattern=NAME_PATTERN),
    Field(description="a letter, then letters, digits, _, - or ."),
]


def _without_fraction(value: Any) -> Any:
    """Return 1000 for 1e3, which JSON reads as a fraction."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# Pydantic would take true for 1, 1 for true and "5" for 5.
Whole: TypeAlias = Annotated[int, Strict(), BeforeValidator(_without_fraction)]
Number: TypeAlias = Annotated[float, Strict()]
Flag: TypeAlias = Annotated[bool, Strict()]

# JSON as a parameter holds it; lists become tuples so that a description is a value.
Json: TypeAlias = Any


def is_name(text: str) -> bool:
    """Tell whether ``text`` can name a layer."""
    return _NAME.match(text) is not None


def frozen(value: Any) -> Any:
    """Return ``value`` with every list as a tuple: what a frozen description may hold."""
    if isinstance(value, (list, tuple)):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return {str(key): frozen(item) for key, item in value.items()}
    return value


Parameters: TypeAlias = Annotated[dict[str, Any], BeforeValidator(frozen)]


class Frozen(BaseModel):
    """A value: compared by content, changed only by making a new one."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )

    def but(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, checked like a new one."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**fields, **changes})


class ObjectSpec(Frozen):
    """A configured Keras object that is no layer: an optimizer, loss, initializer, regularizer...

    Attributes
    ----------
    kind
        Name of the public Keras class, ``"Adam"``; ``"auto"`` where Netsmith is to choose.
    parameters
        Only what differs from the catalogue's defaults; JSON values.
    """

    kind: str
    parameters: Parameters = {}
