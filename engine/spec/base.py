"""What every part of the description shares."""

from __future__ import annotations

import re
from typing import Annotated, Any, NewType, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

LayerId = NewType("LayerId", str)

# Keras refuses "/" in names and TensorFlow wants a letter first.
NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9_.\-]{0,99}$"
_NAME = re.compile(NAME_PATTERN)

Name: TypeAlias = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]

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

    def but(self, **changes: Any) -> Any:
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
