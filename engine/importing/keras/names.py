"""Check the names in an untrusted model, and turn them into valid layer ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.errors import BadInput, UnsafeFile
from engine.spec.base import is_name

_LONGEST = 200
_LONGEST_ID = 100
_FORBIDDEN = re.compile(r"[/\\<&\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# Public name -> name of the class where it differs; Keras stores weights under the class's name.
_OWN_NAMES = {"GroupQueryAttention": "GroupedQueryAttention"}
_GIVEN_BY_KERAS = re.compile(r"(functional|model|sequential)(_\d+)?")
_UNFIT = re.compile(r"[^A-Za-z0-9_.\-]")


def checked_name(value: object) -> str:
    """Return a layer's name as the file has it.

    Raises
    ------
    BadInput
        If it is no text.
    UnsafeFile
        If it could be taken for a path or markup.
    """
    if not isinstance(value, str) or not value:
        raise BadInput("it is damaged: a layer has no name")
    if len(value) > _LONGEST:
        raise UnsafeFile(f"a layer's name is longer than {_LONGEST} letters")
    if _FORBIDDEN.search(value):
        raise UnsafeFile("a layer's name holds letters that no name needs")
    return value


def model_name(value: Mapping[str, Any]) -> str:
    """Return the name of a stored model, "model" if it has none; errors as in `checked_name`."""
    config = value.get("config")
    name = config.get("name") if isinstance(config, Mapping) else None
    own = "model" if name is None else checked_name(name)
    return "model" if _GIVEN_BY_KERAS.fullmatch(own) else own


class Ids:
    """Hands out unused layer ids."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, prefix: str, name: str) -> str:
        """Return ``prefix + name`` as a valid id, numbered if it is taken."""
        stem = _UNFIT.sub("_", f"{prefix}{name}")[:_LONGEST_ID]
        if not is_name(stem):
            stem = f"layer_{stem}"[:_LONGEST_ID]
        found, number = stem, 1
        while found in self._taken:
            number += 1
            ending = f"_{number}"
            found = stem[: _LONGEST_ID - len(ending)] + ending
        self._taken.add(found)
        return found


def group_name(kind: str) -> str:
    """Return the name under which Keras stores the weights of a layer of this kind: ``conv2d``."""
    own = _OWN_NAMES.get(kind, kind)
    parted = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", own))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", parted).lower()
