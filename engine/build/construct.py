"""Construct Keras objects from descriptions, limited to the kinds in the catalogue.

Every kind and every value is checked against the catalogue first, which has no usable entry for
anything that could run code or open a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, Final, cast

import keras
import numpy as np

from engine.build.formula import formula_model
from engine.catalog import catalog, nested_field, require_parameters
from engine.catalog.calls import RETURN_STATE, arranged, of_constructor, states_of
from engine.catalog.field_rows import LAYER_LISTS, own_defaults
from engine.catalog.keras_form import WIDE_DTYPE, is_wide, plain
from engine.catalog.kind_rows import CELL_GROUP, FORMULA
from engine.catalog.model import Family, Field, Kind
from engine.data.preprocessing import lacks_numbers, missing_numbers
from engine.errors import SpecError, quoted
from engine.spec.network import LayerSpec

_MODULES: Final[Mapping[Family, ModuleType]] = {
    "layer": keras.layers,
    "activation": keras.activations,
    "initializer": keras.initializers,
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
    "loss": keras.losses,
    "optimizer": keras.optimizers,
    "metric": keras.metrics,
}
_NESTED: Final = frozenset({"initializer", "regularizer", "constraint", "layer"})
_RECEIVED: Final = re.compile(
    r"\s*(Full object config|Received:|Arguments received by).*", re.DOTALL
)


def construct(family: Family, kind: str, parameters: Mapping[str, Any]) -> Any:
    """Return the Keras object for a description, with its nested layers, initializers and others.

    Raises
    ------
    SpecError
        If the catalogue has no such kind, a value is invalid, or Keras refuses the combination;
        ``where`` is ``"Conv2D.strides"``, or the kind alone if it concerns several values.
    """
    return _construct(_usable(family, kind), parameters, where=kind)


def construct_layer(
    spec: LayerSpec, inputs: Sequence[Any] = (), *, further: bool = False
) -> keras.layers.Layer:
    """Return the Keras layer for a `LayerSpec`: named by its id, frozen if it is not trainable.

    Parameters
    ----------
    inputs
        Its input tensors; formulas are built for their shapes.
    further
        Whether it is to return its further outputs too.

    Raises
    ------
    SpecError
        As in `construct`; ``where`` starts with ``"network.layers.<id>"``.
    """
    where = f"network.layers.{spec.id}"
    try:
        kind = _usable("layer", spec.kind)
    except SpecError as error:
        raise SpecError(where, error.problem) from error
    if kind.group == CELL_GROUP:
        raise SpecError(where, kind.unsupported)
    if kind.name == FORMULA:
        return formula_model(spec, inputs)
    require_parameters(kind, spec.parameters, where)
    own = of_constructor(spec.parameters)
    states = further and states_of(kind.name, own) > 0
    layer = _construct(kind, own, where, name=spec.id, states=states)
    if not spec.trainable:
        layer.trainable = False
    return layer


def call_layer(
    spec: LayerSpec, layer: keras.layers.Layer, inputs: Sequence[Any], *, further: bool = False
) -> Any:
    """Call a constructed layer on the tensors of its ports, in order; at least one."""
    given, named = arranged(spec.kind, spec.parameters, inputs, further=further)
    return layer(*given, **named)


def activation(name: str) -> Callable[[Any], Any]:
    """Return Keras's activation function of this name; SpecError if the catalogue has none."""
    return cast(
        "Callable[[Any], Any]", getattr(keras.activations, _usable("activation", name).name)
    )


def _usable(family: Family, name: str) -> Kind:
    kind = catalog().family(family).get(name)
    if kind is None:
        raise SpecError(quoted(name, 40), f"Keras has no {family} of this name: choose another")
    if kind.unsupported and kind.group != CELL_GROUP:
        raise SpecError(name, kind.unsupported)
    return kind


def _construct(
    kind: Kind,
    parameters: Mapping[str, Any],
    where: str,
    name: str | None = None,
    *,
    states: bool = False,
) -> Any:
    require_parameters(kind.as_part, parameters, where)
    if lacks_numbers(kind.name, parameters):
        raise missing_numbers(kind.name, where)
    arguments = {
        field: _argument(kind.field(field), value, f"{where}.{field}")
        for field, value in {**own_defaults(kind), **parameters}.items()
    }
    if is_wide(kind.name, parameters):
        arguments = in_64_bits(arguments)
    if states and kind.name == "Bidirectional":
        held = parameters["layer"]
        arguments["layer"] = _nested(kind.field("layer"), held, f"{where}.layer", states=True)
    elif states:
        arguments[RETURN_STATE] = True
    if name is not None:
        arguments["name"] = name
    made = getattr(_MODULES[kind.family], kind.name)
    try:
        return made(**arguments)
    except (ValueError, TypeError, NotImplementedError, OverflowError) as error:
        # Each value is valid, but not their combination.
        raise SpecError(where, keras_words(error)) from error


def in_64_bits(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a layer in 64 bits, with lists as arrays of float64."""
    wide = {
        name: np.asarray(value, WIDE_DTYPE) if isinstance(value, (list, tuple)) else value
        for name, value in arguments.items()
    }
    return {**wide, "dtype": WIDE_DTYPE}


def keras_words(error: Exception) -> str:
    """Return the first sentence of Keras's message, without the list of arguments after it."""
    text = _RECEIVED.sub("", str(error)).strip() or type(error).__name__
    return quoted(" ".join(text.splitlines()[0].replace("`", "").split()), 140)


def _argument(field: Field, value: Any, where: str) -> Any:
    """Return a checked value as an argument for Keras."""
    if value is None:
        return None
    if field.type in _NESTED:
        return _nested(field, value, where)
    if field.name in LAYER_LISTS:
        return [
            _nested(nested_field(field), item, where, number) for number, item in enumerate(value)
        ]
    return plain(field, value)


def _nested(
    field: Field, value: Mapping[str, Any], where: str, number: int = 0, *, states: bool = False
) -> Any:
    kind = _usable(cast("Family", field.type), value["kind"])
    # Keras would number unnamed layers globally, and weights are stored under these names.
    name = f"{kind.name.lower()}_{number}" if kind.family == "layer" else None
    return _construct(kind, value.get("parameters", {}), where, name, states=states)
