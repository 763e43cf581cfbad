"""Check values against their fields, and normalise parameters for a description."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, cast

from engine.catalog.calls import further_outputs, of_constructor
from engine.catalog.field_rows import LAYER_LISTS
from engine.catalog.keras_form import with_fractions
from engine.catalog.model import Catalog, Family, Field, FieldType, Kind
from engine.catalog.reading import read
from engine.errors import SpecError, quoted
from engine.formula import FormulaError, canonical, parse
from engine.spec.base import frozen
from engine.spec.inner import InnerNetwork
from engine.spec.network import OUTPUT_KIND, LayerSpec, NetworkSpec

DEEPEST_NESTING: Final = 8  # of wrappers in wrappers
_BEYOND_INT64: Final = 2**63
LONGEST_TEXT: Final = 1000
LONGEST_LIST: Final = 1_000_000  # words of a vocabulary
_NESTED: Final = frozenset({"initializer", "regularizer", "constraint", "layer"})


@cache
def catalog() -> Catalog:
    """Return the catalogue, which is read once from a file, without Keras."""
    return read()


def default_parameters(kind: Kind) -> dict[str, Any]:
    """Return the parameters of a new object: an example for every required argument."""
    return {field.name: frozen(field.default) for field in kind.fields if field.required}


def clean_parameters(kind: Kind, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that differ from their defaults.

    Required and unknown ones are kept, the latter for `check_parameters` to report.
    """
    fields = {field.name: field for field in kind.fields}
    cleaned = {}
    for name, value in parameters.items():
        field = fields.get(name)
        if field is None:
            cleaned[name] = frozen(value)
            continue
        normal = normal_value(field, value)
        if field.required or not _same(normal, field.default):
            cleaned[name] = normal
    return cleaned


def normal_value(field: Field, value: Any) -> Any:
    """Return a value in the catalogue's form; an invalid value is only frozen."""
    if check_value(field, value):
        return frozen(value)
    if field.type == "activation":
        return value or "linear"
    if field.type == "formula":
        return canonical(value)
    if field.type in ("float", "floats"):
        return with_fractions(value)
    if field.type == "ints" and _is_whole(value):
        return (value,) * (field.length or 1)
    if field.type in _NESTED and value is not None:
        kind = catalog().family(cast("Family", field.type))[value["kind"]]
        parameters = clean_parameters(kind, value.get("parameters", {}))
        return {"kind": kind.name, "parameters": parameters}
    return frozen(value)


def check_parameters(kind: Kind, parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the problems by name: invalid values, unknown names, missing required ones."""
    return _check_parameters(kind, parameters, 0)


def require_parameters(kind: Kind, parameters: Mapping[str, Any], where: str) -> None:
    """Refuse invalid parameters.

    Parameters
    ----------
    where
        Dotted path of their object, ``"network.layers.conv2d_1"``.

    Raises
    ------
    SpecError
        Says the first problem and its place.
    """
    for name, problem in check_parameters(kind, parameters).items():
        raise SpecError(f"{where}.{quoted(name, 40)}", problem)


def check_value(field: Field, value: Any) -> str:
    """Return "" if the value is valid, else one sentence with the field and its valid values.

    Nested objects are checked too. Lists may be lists or tuples.
    """
    return _check(field, value, 0)


def choosable(field: Field) -> tuple[str, ...]:
    """Return the names of the kinds that an activation or object field may have."""
    kinds = catalog().family(cast("Family", field.type)).values()
    return tuple(kind.name for kind in kinds if _usable_in(field, kind))


def _usable_in(field: Field, kind: Kind) -> bool:
    """Tell whether an object of this kind can be the value of the field."""
    if field.choices:
        return kind.name in field.choices
    # A wrapped layer gets the wrapper's single wire.
    return not kind.unsupported and (kind.family != "layer" or kind.inputs == (1, 1))


def _check(field: Field, value: Any, depth: int) -> str:
    if value is None:
        return "" if field.optional else f"{field.name} needs a value"
    if field.type in _NESTED:
        return _check_object(field, value, depth)
    if field.name in LAYER_LISTS:
        return _check_layer_list(field, value, depth)
    if field.type == "network":
        return _check_network(field, value, depth)
    return _CHECKS[field.type](field, value)


def _check_parameters(kind: Kind, parameters: Mapping[str, Any], depth: int) -> dict[str, str]:
    fields = {field.name: field for field in kind.fields}
    found = {}
    for name, value in parameters.items():
        field = fields.get(name)
        if field is None:
            found[name] = f'{kind.name} has no setting called "{quoted(name, 40)}": remove it'
        elif problem := _check(field, value, depth):
            found[name] = problem
    for field in kind.fields:
        if field.required and field.name not in parameters:
            found[field.name] = f"{field.name} needs a value"
    return found


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _BEYOND_INT64


def _is_number(value: Any) -> bool:
    return _is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def _limits(field: Field) -> str:
    low, high = field.minimum, field.maximum
    if low is not None and high is not None:
        return f"from {_figure(low)} to {_figure(high)}"
    if low is not None:
        return f"of at least {_figure(low)}"
    return "" if high is None else f"of at most {_figure(high)}"


def _figure(number: float) -> str:
    return f"{number:.10g}"


def _within(field: Field, value: float) -> bool:
    low = -math.inf if field.minimum is None else field.minimum
    high = math.inf if field.maximum is None else field.maximum
    return low <= value <= high


def _wants(field: Field, what: str, value: Any) -> str:
    """Return what a field must be and is: ``units must be a whole number of at least 1, not 0``."""
    limits = _limits(field)
    return " ".join(f"{field.name} must be {what} {limits}".split()) + f", not {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'"{quoted(value, 30)}"'
    return quoted({True: "yes", False: "no"}[value] if isinstance(value, bool) else value, 30)


def _check_int(field: Field, value: Any) -> str:
    fits = _is_whole(value) and _within(field, value)
    return "" if fits else _wants(field, "a whole number", value)


def _check_float(field: Field, value: Any) -> str:
    if _is_number(value) and _within(field, value):
        return ""
    is_plain = isinstance(value, float) and value.is_integer() and abs(value) < _BEYOND_INT64
    return _wants(field, "a number", int(value) if is_plain else value)


def _check_bool(field: Field, value: Any) -> str:
    return "" if isinstance(value, bool) else f"{field.name} must be yes or no, not {_shown(value)}"


def _check_text(field: Field, value: Any) -> str:
    fits = isinstance(value, str) and len(value) <= LONGEST_TEXT
    return "" if fits else f"{field.name} must be a text of at most {LONGEST_TEXT} letters"


def _check_choice(field: Field, value: Any) -> str:
    if isinstance(value, str) and value in field.choices:
        return ""
    return f"{field.name} must be one of {', '.join(field.choices)}, not {_shown(value)}"


def _check_ints(field: Field, value: Any) -> str:
    return _check_numbers(field, value, _is_whole, "whole number")


def _check_floats(field: Field, value: Any) -> str:
    if _is_number(value):
        return (
            ""
            if not field.length and _within(field, value)
            else _wants_list(field, "number", value)
        )
    return _check_numbers(field, value, _is_number, "number")


def _check_numbers(field: Field, value: Any, is_one: Callable[[Any], bool], what: str) -> str:
    items = value if _is_list(value) else (value,)
    right_count = not field.length or not _is_list(value) or len(items) == field.length
    if right_count and 0 < len(items) <= LONGEST_LIST:
        wrong = [item for item in items if not is_one(item) or not _within(field, item)]
        if not wrong:
            return ""
        value = wrong[0]
    return _wants_list(field, what, value)


def _wants_list(field: Field, what: str, value: Any) -> str:
    plural = f"{what}s" if field.length != 1 else f"a {what}"
    count = f"{field.length} {plural}" if field.length > 1 else plural
    return _wants(field, count, value)


def _check_shape(field: Field, value: Any) -> str:
    fits = _is_list(value) and all(
        item is None or (_is_whole(item) and item != 0 and _within(field, item)) for item in value
    )
    return "" if fits else f"{field.name} must be sizes such as 28, 28, 1, not {_shown(value)}"


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _check_activation(field: Field, value: Any) -> str:
    return _check_kind(field, value, "activation")


def _check_kind(field: Field, name: Any, family: Family) -> str:
    kind = catalog().family(family).get(name) if isinstance(name, str) else None
    if kind is None:
        return f"{field.name}: there is no {family} called {_shown(name)}; choose one from the list"
    if _usable_in(field, kind):
        return ""
    return f"{field.name}: {kind.name} cannot be used here; choose another from the list"


def _check_object(field: Field, value: Any, depth: int) -> str:
    """Check ``{"kind": ..., "parameters": {...}}`` and all nested objects."""
    if depth >= DEEPEST_NESTING:
        return f"{field.name} is nested more than {DEEPEST_NESTING} deep: use fewer wrappers"
    if not isinstance(value, Mapping) or not {"kind"} <= value.keys() <= {"kind", "parameters"}:
        article = "an" if field.type[0] in "aeiou" else "a"
        return f"{field.name} must be {article} {field.type} with its settings, not {_shown(value)}"
    family = cast("Family", field.type)
    if problem := _check_kind(field, value["kind"], family):
        return problem
    parameters = value.get("parameters", {})
    if not isinstance(parameters, Mapping):
        return f"{field.name}: the settings of {value['kind']} must be names with values"
    kind = catalog().family(family)[value["kind"]].as_part
    problems = _check_parameters(kind, parameters, depth + 1)
    return f"{field.name}: {next(iter(problems.values()))}" if problems else ""


def nested_field(field: Field) -> Field:
    """Return the field for each layer in a list of layers."""
    choices = catalog().layer("RNN").field("cell").choices if field.name == "cells" else ()
    return Field(field.name, "layer", choices=choices)


def _check_layer_list(field: Field, value: Any, depth: int) -> str:
    if not _is_list(value) or not value:
        return f"{field.name} must be a list of at least one layer"
    problems = (_check_object(nested_field(field), item, depth) for item in value)
    return next(filter(None, problems), "")


def _check_network(field: Field, value: Any, depth: int) -> str:
    """Check the wires and the layers of a network inside a layer."""
    try:
        inner = InnerNetwork.of(value)
    except ValueError as error:
        return f"{field.name} {error}: open the model's file again"
    for layer in inner.layers:
        kind = catalog().family("layer").get(layer.kind)
        if kind is None or (kind.unsupported and kind.name != OUTPUT_KIND):
            return f"{field.name}: {_shown(layer.kind)} cannot be used there; remove the block"
        if kind.name == OUTPUT_KIND and _gives_one(inner.network, layer):
            return f"{field.name}, {_shown(layer.id)}: what it follows has one output; remove it"
        problems = _check_parameters(kind, layer.parameters, depth + 1)
        if problems:
            return f"{field.name}, {_shown(layer.id)}: {next(iter(problems.values()))}"
    made = {layer.id: (of_constructor(layer.parameters), layer.trainable) for layer in inner.layers}
    if any(made[name] != made[owner] for name, owner in inner.shared.items()):
        return f"{field.name} shares the weights of layers that differ: open the model's file again"
    return ""


def _gives_one(network: NetworkSpec, output: LayerSpec) -> bool:
    """Tell whether the source of a further output lacks that output."""
    before = [network.layer(wire.source) for wire in network.wires_into(output.id)]
    return not all(further_outputs(layer.kind, layer.parameters) for layer in before)


def _check_json(field: Field, value: Any) -> str:
    if field.name == "vocabulary":
        return _check_vocabulary(field, value)
    try:
        hash(str(value))
    except RecursionError:
        return f"{field.name} is nested too deep: simplify it"
    return ""


def _check_formula(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        return f"{field.name} must be a formula such as x * sigmoid(x), not {_shown(value)}"
    try:
        parse(value)
    except FormulaError as error:
        return f"{field.name}, {error}"
    return ""


def _check_vocabulary(field: Field, value: Any) -> str:
    # Keras would take a string for a file name; only a list of words is allowed.
    if not _is_list(value) or not 0 < len(value) <= LONGEST_LIST:
        return f"{field.name} must be a list of words or whole numbers"
    kinds = {type(item) for item in value}
    if kinds not in ({str}, {int}):
        return f"{field.name} must be all words or all whole numbers"
    return "" if len(set(value)) == len(value) else f"{field.name} has an entry twice: remove one"


_CHECKS: Final[Mapping[FieldType, Callable[[Field, Any], str]]] = {
    "int": _check_int,
    "float": _check_float,
    "bool": _check_bool,
    "text": _check_text,
    "choice": _check_choice,
    "ints": _check_ints,
    "floats": _check_floats,
    "shape": _check_shape,
    "activation": _check_activation,
    "formula": _check_formula,
    "json": _check_json,
}


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
