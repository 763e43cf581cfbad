"""Translate the arguments in a script into parameters of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, cast

from engine.catalog import (
    catalog,
    check_parameters,
    check_value,
    choosable,
    clean_parameters,
    nested_field,
    normal_value,
)
from engine.catalog.field_rows import LAYER_LISTS, left_out, own_defaults
from engine.catalog.keras_form import RESCALING, WIDE_DTYPE, WIDE_FIELDS, is_wide
from engine.catalog.kind_rows import CELL_GROUP
from engine.catalog.model import Family, Field, Kind
from engine.code.keras_names import (
    FAMILIES,
    activation_named,
    family_of,
    keras_default,
    kind_named,
    signature,
)
from engine.code.values import Dotted, Made, refuse
from engine.errors import quoted
from engine.formula.arithmetic import Unknown
from engine.spec.base import frozen

# What generated scripts take from the training part, where a Normalization stands.
_FROM_DATA: Final = {"Normalization": ("mean", "variance"), RESCALING: WIDE_FIELDS}
_PLAIN_DTYPES: Final = ("float32", None)
_NETWORK_OWN: Final = frozenset({"name", "trainable"})  # attributes of the layer, not parameters


def kind_of(made: Made) -> Kind:
    """Return the catalogue's kind of an object; refuses unknown and unsupported ones."""
    family = FAMILIES[made.family]
    kind = kind_named(family, made.name)
    if kind is None:
        refuse(made.line, f'Keras has no {family} "{quoted(made.name, 40)}": use one that it has')
    if kind.unsupported and kind.group != CELL_GROUP:
        refuse(made.line, f"{kind.name}: {kind.unsupported}")
    return kind


def from_data(made: Made) -> Made:
    """Return a layer without the numbers that it takes from arrays of the script: the data gives them.

    A Rescaling that computes in 64 bits stands for a Normalization of such columns.
    """
    numbers = _FROM_DATA.get(made.name)
    if made.family != "layers" or numbers is None:
        return made
    told = _named(made, kind_of(made))
    is_wide_rescaling = made.name == RESCALING and told.get("dtype") == WIDE_DTYPE
    if not all(_holds_unknown(told.get(name)) for name in numbers):
        return made
    if made.name == RESCALING and not is_wide_rescaling:
        return made
    kept = {name: value for name, value in told.items() if name not in (*numbers, "dtype")}
    return replace(made, name="Normalization", positional=(), named=kept)


def parameters_of(made: Made, kind: Kind) -> dict[str, Any]:
    """Return the parameters of an object that differ from the defaults.

    Raises
    ------
    NotUnderstood
        If an argument is unknown, invalid, or depends on running the script.
    """
    fields = {field.name: field for field in kind.as_part.fields}
    # Where the defaults of Netsmith and Keras differ, the script means Keras's.
    found = {name: frozen(keras_default(kind, name)) for name in own_defaults(kind)}
    told = _named(made, kind)
    if is_wide(kind.name, told) and told.get("dtype") == WIDE_DTYPE:
        del told["dtype"]  # Netsmith's own behaviour
    for name, value in told.items():
        if name in fields and name not in _NETWORK_OWN:
            found[name] = _value(fields[name], value, kind, made.line)
        else:
            _check_beyond(kind, name, value, made.line)
    cleaned = clean_parameters(kind, found)
    for problem in check_parameters(kind, cleaned).values():
        refuse(made.line, f"{kind.name}: {problem}")
    return cleaned


def of_call(made: Made, kind: Kind, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the call settings of a layer that differ from the defaults; errors as in `parameters_of`."""
    fields = {field.name: field for field in kind.fields if field.of_call}
    for name, value in settings.items():
        if name not in fields:
            refuse(made.line, f"{kind.name} is not called with {quoted(name, 30)}: remove it")
        if problem := check_value(fields[name], value):
            refuse(made.line, f"{kind.name}: {problem}")
    return clean_parameters(kind, settings)


def _named(made: Made, kind: Kind) -> dict[str, Any]:
    """Return all arguments by name."""
    names = signature(kind)
    if len(made.positional) > len(names):
        refuse(made.line, f"{kind.name} takes {len(names)} arguments at most: remove the others")
    found = dict(zip(names, made.positional, strict=False))
    twice = sorted(found.keys() & made.named.keys())
    if twice:
        refuse(made.line, f"{kind.name} gets {quoted(twice[0], 30)} twice: remove one")
    return {**found, **made.named}


def _check_beyond(kind: Kind, name: str, value: Any, line: int) -> None:
    """Refuse an argument that Netsmith sets itself, unless it has no effect."""
    if name in _NETWORK_OWN or value is None or value is False:
        return
    if name == "dtype" and value in _PLAIN_DTYPES:
        return
    known = left_out(kind.name, name) or name in signature(kind)
    why = "cannot be set here" if known else "is not known to Keras"
    refuse(line, f"{quoted(name, 30)} of {kind.name} {why}: remove it")


def _value(field: Field, value: Any, kind: Kind, line: int) -> Any:
    if _holds_unknown(value):
        what = f"{field.name} of {kind.name}"
        refuse(line, f"{what} is not a plain value here: write the value itself")
    if value is None:
        return "linear" if field.type == "activation" and not field.optional else None
    if field.name in LAYER_LISTS:
        items = value if isinstance(value, (list, tuple)) else [value]
        return tuple(_object(nested_field(field), item, line) for item in items)
    read = _READERS.get(field.type, _plain)
    return normal_value(field, read(field, value, line))


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_unknown, value))
    if isinstance(value, dict):
        return any(map(_holds_unknown, value.values()))
    return isinstance(value, Unknown)


def _object(field: Field, value: Any, line: int) -> Any:
    """Return ``{"kind": ..., "parameters": ...}`` of an object, a class or a name in snake case."""
    family = cast("Family", field.type)
    made = value
    if isinstance(value, Dotted):  # a class, which Keras instantiates
        made = Made(family_of(value.path), value.path.rpartition(".")[2], (), {}, line)
    elif isinstance(value, str):
        module = next(module for module, each in FAMILIES.items() if each == family)
        made = Made(module, value, (), {}, line)
    if not isinstance(made, Made) or FAMILIES.get(made.family) != family:
        article = "an" if family[0] in "aeiou" else "a"
        refuse(line, f"{field.name} is not {article} {family} of Keras: use one that Keras has")
    kind = kind_of(made)
    if kind.name not in choosable(field) and not field.choices:
        refuse(line, f"{field.name}: {kind.name} cannot be used here: choose another")
    made.used = True
    return {"kind": kind.name, "parameters": parameters_of(made, kind)}


def _activation(field: Field, value: Any, line: int) -> Any:
    name = value
    if isinstance(value, Dotted):
        module, _, name = value.path.rpartition(".")
        if module not in ("keras.activations", "tensorflow.nn", "keras.ops", "keras.layers"):
            name = ""
    if not isinstance(name, str) or activation_named(name) not in catalog().family("activation"):
        refuse(line, f"{field.name} is not an activation of Keras: write its name")
    return activation_named(name)


def _whole_numbers(field: Field, value: Any, _line: int) -> Any:
    """Read whole numbers, pairs among them, or one for both sides of each axis."""
    if not isinstance(value, (list, tuple)):
        return value
    flat = [n for item in value for n in (item if isinstance(item, (list, tuple)) else (item,))]
    if field.length > 2 and len(flat) * 2 == field.length:
        flat = [n for n in flat for _ in range(2)]
    return tuple(flat)


def _plain(field: Field, value: Any, line: int) -> Any:
    if not _is_plain(value):
        refuse(line, f"{field.name} is not a plain value: write a number or a text")
    return frozen(value)


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, (*value, *value.values())))
    return value is None or isinstance(value, (bool, int, float, str))


_READERS: Final[Mapping[str, Callable[[Field, Any, int], Any]]] = {
    "activation": _activation,
    "initializer": _object,
    "regularizer": _object,
    "constraint": _object,
    "layer": _object,
    "ints": _whole_numbers,
}
