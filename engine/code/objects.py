"""Constructor calls for the layers, optimizers, losses and metrics of a description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from engine.catalog import catalog, nested_field, require_parameters
from engine.catalog.calls import RETURN_STATE, of_constructor, states_of
from engine.catalog.field_rows import LAYER_LISTS, own_defaults
from engine.catalog.keras_form import WIDE_DTYPE, is_wide, plain
from engine.catalog.kind_rows import CELL_GROUP
from engine.catalog.model import Family, Field, Kind
from engine.code.writing import Call
from engine.errors import SpecError, quoted
from engine.spec.network import LayerSpec

_PREFIXES: Final[Mapping[Family, str]] = {
    "layer": "layers.",
    "initializer": "keras.initializers.",
    "regularizer": "keras.regularizers.",
    "constraint": "keras.constraints.",
    "loss": "keras.losses.",
    "optimizer": "keras.optimizers.",
    "metric": "keras.metrics.",
}
_NESTED: Final = frozenset({"initializer", "regularizer", "constraint", "layer"})


def layer_call(layer: LayerSpec, *, further: bool = False) -> Call:
    """Return the constructor call of a layer, named by its id; ``further``: one that returns its states too.

    Raises
    ------
    SpecError
        If the catalogue has no such layer or a parameter is invalid; names the layer and the field.
    """
    where = f"network.layers.{layer.id}"
    frozen = () if layer.trainable else (("trainable", False),)
    extra = (*frozen, ("name", layer.id))
    kind = _usable("layer", layer.kind, where)
    require_parameters(kind, layer.parameters, where)
    own = of_constructor(layer.parameters)
    if further and states_of(kind.name, own):
        if kind.name == "Bidirectional":
            raise SpecError(where, "the states of a Bidirectional cannot be written as a script")
        extra = ((RETURN_STATE, True), *extra)
    return _made(kind, own, where, extra)


def object_call(
    family: Family, kind: str, parameters: Mapping[str, Any], name: str | None = None
) -> Call:
    """Return the constructor call of an optimizer, loss or metric; errors as in `layer_call`."""
    where = f"training.{family}"
    extra = () if name is None else (("name", name),)
    return _made(_usable(family, kind, where), parameters, where, extra)


def _usable(family: Family, name: str, where: str) -> Kind:
    kind = catalog().family(family).get(name)
    if kind is None:
        raise SpecError(where, f'Keras has no {family} "{quoted(name, 40)}": choose another')
    if kind.unsupported and (kind.group != CELL_GROUP or family != "layer"):
        raise SpecError(where, kind.unsupported)
    return kind


def _made(
    kind: Kind,
    parameters: Mapping[str, Any],
    where: str,
    extra: tuple[tuple[str, Any], ...] = (),
) -> Call:
    require_parameters(kind, parameters, where)
    # In this order Keras draws the seeds of the initializers in it.
    told = {**own_defaults(kind), **parameters}
    arguments = {name: _argument(kind.field(name), value, where) for name, value in told.items()}
    if is_wide(kind.name, parameters):
        arguments = _in_64_bits(arguments)
    leading = _leading(kind, arguments)
    named = tuple((name, value) for name, value in arguments.items() if name not in leading)
    positional = tuple(arguments[name] for name in leading)
    return Call(f"{_PREFIXES[kind.family]}{kind.name}", positional, (*named, *extra))


def _leading(kind: Kind, arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the leading arguments that are written without a name: ``Dense(32)``, ``Conv2D(32, (3, 3))``."""
    leading: list[str] = []
    for field, told in zip(kind.fields, arguments, strict=False):
        if not field.required or field.name != told:
            break
        leading.append(field.name)
    return tuple(leading)


def _in_64_bits(arguments: Mapping[str, Any]) -> dict[str, Any]:
    wide = {
        name: Call("np.array", ([*value], WIDE_DTYPE)) if isinstance(value, tuple) else value
        for name, value in arguments.items()
    }
    return {**wide, "dtype": WIDE_DTYPE}


def _argument(field: Field, value: Any, where: str) -> Any:
    """Return a checked value as an argument for Keras."""
    if value is None:
        return None
    if field.type in _NESTED:
        return _nested(field, value, where)
    if field.name in LAYER_LISTS:
        return [_nested(nested_field(field), item, where) for item in value]
    return plain(field, value)


def _nested(field: Field, value: Mapping[str, Any], where: str) -> Call:
    kind = _usable(cast("Family", field.type), value["kind"], where)
    return _made(kind, value.get("parameters", {}), where)
