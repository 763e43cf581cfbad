"""Base classes and types of the description."""

from __future__ import annotations

import re
from typing import Annotated, Any, NewType, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

LayerId = NewType("LayerId", str)

# Keras refuses "/" in names and TensorFlow requires a letter first.
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


# Strict, as pydantic would convert true to 1, 1 to true and "5" to 5.
Whole: TypeAlias = Annotated[int, Strict(), BeforeValidator(_without_fraction)]
Number: TypeAlias = Annotated[float, Strict()]
Flag: TypeAlias = Annotated[bool, Strict()]

# JSON values of parameters; lists become tuples, so that a description is immutable.
Json: TypeAlias = Any


def is_name(text: str) -> bool:
    """Tell whether ``text`` can name a layer."""
    return _NAME.match(text) is not None


def frozen(value: Any) -> Any:
    """Return ``value`` with lists converted to tuples."""
    if isinstance(value, (list, tuple)):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return {str(key): frozen(item) for key, item in value.items()}
    return value


Parameters: TypeAlias = Annotated[dict[str, Any], BeforeValidator(frozen)]


class Frozen(BaseModel):
    """An immutable value, compared by content."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )

    def but(self, **changes: Any) -> Self:
        """Return a validated copy with some fields changed."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**fields, **changes})


class ObjectSpec(Frozen):
    """A configured Keras object other than a layer: an optimizer, loss, initializer, regularizer...

    Attributes
    ----------
    kind
        Name of the public Keras class, ``"Adam"``; ``"auto"`` to let Netsmith choose.
    parameters
        Those that differ from the catalogue's defaults, as JSON values.
    """

    kind: str
    parameters: Parameters = {}
