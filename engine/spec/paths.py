"""Single values of a description by dotted path, as ``--set`` takes them."""

from __future__ import annotations

import json
from typing import Any

from engine.errors import BadInput, quoted
from engine.spec import codec
from engine.spec.project import ProjectSpec

_OPEN = frozenset({"parameters", "options"})  # dictionaries that may gain a key


def with_setting(spec: ProjectSpec, setting: str) -> ProjectSpec:
    """Return the description with one value replaced.

    Parameters
    ----------
    setting
        ``"training.batch_size=64"``, ``"training.optimizer.parameters.learning_rate=0.01"``,
        ``"network.layers.conv2d.parameters.filters=16"`` (layers by id); the value is JSON, or text that is not.

    Raises
    ------
    BadInput
        If the path does not exist; SpecError if the value is not possible there.
    """
    path, equals, text = setting.partition("=")
    keys = path.strip().split(".")
    if not equals or not all(keys):
        raise BadInput(
            f'"{quoted(setting)}" is no setting: write PATH=VALUE, as in training.batch_size=64'
        )
    content = spec.model_dump(mode="json")
    holder: Any = content
    for key in keys[:-1]:
        holder = _inside(holder, key, path)
    last, value = keys[-1], _value(text)
    if isinstance(holder, dict) and isinstance(holder.get(last), str) and not _is_text(value):
        value = text  # a name may look like a number
    if isinstance(holder, list):
        index = _index(holder, last, path)
        holder[index] = value
    elif isinstance(holder, dict) and (last in holder or (len(keys) > 1 and keys[-2] in _OPEN)):
        holder[last] = value
    else:
        raise _unknown(path, last, holder)
    return codec.parse(content)


def _inside(holder: Any, key: str, path: str) -> Any:
    if isinstance(holder, dict) and key in holder:
        return holder[key]
    if isinstance(holder, list):
        return holder[_index(holder, key, path)]
    raise _unknown(path, key, holder)


def _index(items: list[Any], key: str, path: str) -> int:
    for index, item in enumerate(items):
        if isinstance(item, dict) and item.get("id") == key:
            return index
    if key.isdigit() and int(key) < len(items):
        return int(key)
    raise _unknown(
        path, key, {item["id"]: item for item in items if isinstance(item, dict) and "id" in item}
    )


def _unknown(path: str, key: str, holder: Any) -> BadInput:
    known = ", ".join(list(holder)[:8]) if isinstance(holder, dict) else ""
    known = known or "nothing below"
    return BadInput(
        f'"{quoted(path, 60)}": there is no "{quoted(key, 30)}"; there is {quoted(known or "nothing below")}'
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, (str, dict, list)) or value is None


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_float=_number)
    except (ValueError, RecursionError):
        return text


def _number(digits: str) -> float:
    """Return 1e3 as a whole number: it does for a fraction too, but not the other way round."""
    number = float(digits)
    return int(number) if number.is_integer() else number
