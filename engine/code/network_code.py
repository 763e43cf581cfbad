"""The part of a script that builds the network."""

from __future__ import annotations

import graphlib
import keyword
import re
from collections.abc import Iterable
from typing import Any, Final

from engine.catalog import catalog, require_parameters
from engine.catalog.calls import arranged, of_constructor
from engine.catalog.keras_form import WIDE_DTYPE
from engine.catalog.kind_rows import FORMULA
from engine.code.formula_code import COMPUTED, FUNCTION, formula_code, is_statement
from engine.code.inside import inside_code
from engine.code.objects import layer_call
from engine.code.writing import Call, Name, statement
from engine.data.info import DataInfo
from engine.data.preprocessing import (
    fitted_layer,
    input_dtype,
    learns_statistics,
    neutral,
    takes_from_data,
)
from engine.errors import SpecError
from engine.spec.inner import InnerNetwork
from engine.spec.network import INPUT_KIND, MODEL_KIND, LayerSpec, NetworkSpec

SAME_SAMPLES: Final = "same_samples"  # the function that adds a further input
_NO_CALLS: Final = frozenset({MODEL_KIND, FORMULA})  # not written as a constructor call
_INPUT_DTYPE: Final = "float32"
# Names used by the rest of the script.
_RESERVED: Final = frozenset(
    {*keyword.kwlist, "keras", "layers", "np", "math", "sys", "model", "inputs"}
    | {
        SAME_SAMPLES,
        COMPUTED,
        "Batches",
        "batches",
        "Schedule",
        "cut",
        "share_out",
        "samples",
        "parts",
        "history",
        "test",
    }
    | {"x", "y", "x_train", "y_train", "x_val", "y_val", "x_test", "y_test", "mean", "variance"}
    | {"axes", "deviation"}
    | {"weights", "counts", "print", "range", "len", "tuple", "max", "dict"}
)
_SAME_SAMPLES: Final = f'''\
def {SAME_SAMPLES}(tensor, name, **_described):
    """Stand for one more input: it takes the samples that the first one takes."""
    return layers.Identity(name=name)(tensor)
'''


def network_code(network: NetworkSpec, info: DataInfo) -> str:
    """Return the code that builds ``model`` for ``x_train``: Sequential for a plain chain, else functional.

    Layers are created in the order of `engine.build.model`, so that equal seeds give equal initial weights.

    Raises
    ------
    SpecError
        If the network is invalid; names the place.
    """
    order = _order(network)
    parts = [_statistics_code(network, info)]
    if _is_chain(network) and not any(layer.kind in _NO_CALLS for layer in network.layers):
        parts.append(_sequential(network, order, info))
    else:
        parts.append(_functional(network, order, info))
    return "\n".join(part for part in parts if part)


def further_inputs(network: NetworkSpec) -> str:
    """Return the function that `network_code` calls for every input after the first, "" if there is one only."""
    return _SAME_SAMPLES if len(network.inputs) > 1 else ""


def named_formulas(network: NetworkSpec) -> str:
    """Return the function that `network_code` calls for formulas that need more than a statement, or ""."""
    variables = _variables(network)
    formulas = [layer for layer in network.layers if layer.kind == FORMULA]
    told = (is_statement(each, variables[each.id], _sources(network, each)) for each in formulas)
    return "" if all(told) and not any(map(_holds_formula, network.layers)) else FUNCTION


def _holds_formula(layer: LayerSpec) -> bool:
    """Tell whether a network inside a layer contains a formula."""
    if layer.kind != MODEL_KIND:
        return False
    return any(inside.kind == FORMULA for inside in InnerNetwork.inside(layer).layers)


def _sources(network: NetworkSpec, layer: LayerSpec) -> list[str]:
    return [wire.source for wire in network.wires_into(layer.id)]


def _order(network: NetworkSpec) -> tuple[str, ...]:
    """Return all ids, sources before targets; refuses networks that cannot be built."""
    if not network.inputs:
        raise SpecError("network.layers", "there is no input: add an InputLayer")
    if not network.outputs:
        raise SpecError("network.layers", "there is no output: add a layer after the input")
    for layer in network.layers:
        wired = bool(network.wires_into(layer.id))
        if layer.kind == INPUT_KIND and not network.wires_from(layer.id):
            problem = "nothing takes what this input gives: connect or remove it"
            raise SpecError(f"network.layers.{layer.id}", problem)
        if layer.kind == INPUT_KIND and wired:
            raise SpecError(f"network.layers.{layer.id}", "a wire ends at this input: remove it")
        if layer.kind != INPUT_KIND and not wired:
            problem = "nothing is connected to this layer: connect or remove it"
            raise SpecError(f"network.layers.{layer.id}", problem)
    try:
        return network.order()
    except graphlib.CycleError as error:
        names = ", ".join(f'"{name}"' for name in dict.fromkeys(error.args[1][:4]))
        raise SpecError("network.wires", f"{names} form a circle: remove one wire") from error


def _is_chain(network: NetworkSpec) -> bool:
    sources = [wire.source for wire in network.wires]
    targets = [wire.target for wire in network.wires]
    return (
        len(network.inputs) == len(network.outputs) == 1
        and len(set(sources)) == len(sources)
        and len(set(targets)) == len(targets)
        and all(of_constructor(layer.parameters) == layer.parameters for layer in network.layers)
    )


# ---- Inputs ----


def _input_call(network: NetworkSpec, layer: LayerSpec, info: DataInfo) -> Call:
    shape = layer.parameters.get("shape")
    named: list[tuple[str, Any]] = [
        ("shape", Name("x_train.shape[1:]") if shape is None else tuple(shape))
    ]
    own = layer.parameters.get("dtype")
    if own is not None:
        named.append(("dtype", own))
    elif input_dtype(network, info) != _INPUT_DTYPE:
        named.append(("dtype", Name("str(x_train.dtype)")))
    return Call("keras.Input", (), (*named, ("name", layer.id)))


def _checked_input(layer: LayerSpec) -> LayerSpec:
    require_parameters(catalog().layer(layer.kind), layer.parameters, f"network.layers.{layer.id}")
    return layer


def _statistics_code(network: NetworkSpec, info: DataInfo) -> str:
    """Return the statements that compute what a Normalization takes from the training part, "" if none does."""
    if not learns_statistics(network):
        return ""
    return _WIDE_STATISTICS if info.input_dtype == WIDE_DTYPE else _STATISTICS


_NORMALIZATION: Final = (
    "Normalization",
    (("mean", Name("mean.tolist()")), ("variance", Name("variance.tolist()"))),
)
_WIDE_NORMALIZATION: Final = (
    "Rescaling",
    (
        ("scale", Name("1 / deviation")),
        ("offset", Name("-mean / deviation")),
        ("dtype", WIDE_DTYPE),
    ),
)
_STATISTICS: Final = """\
mean = x_train.mean(axis=tuple(range(x_train.ndim - 1)), dtype="float64")
variance = x_train.var(axis=tuple(range(x_train.ndim - 1)), dtype="float64")
variance[variance == 0] = 1  # a feature that never changes stays 0
"""


# For columns whose values Keras's Normalization would lose in 32 bits.
_WIDE_STATISTICS: Final = """\
axes = tuple(range(x_train.ndim - 1))
mean, deviation = x_train.mean(axis=axes), x_train.std(axis=axes)
deviation[x_train.min(axis=axes) == x_train.max(axis=axes)] = 1  # such a feature stays 0
"""


# ---- Sequential and functional ----


def _sequential(network: NetworkSpec, order: Iterable[str], info: DataInfo) -> str:
    calls: list[Any] = []
    for layer in map(network.layer, order):
        if layer.kind == INPUT_KIND:
            calls.append(_input_call(network, _checked_input(layer), info))
        else:
            calls.append(_layer_call(network, layer, info))
    return statement("model", Call("keras.Sequential", ([*calls],))) + "\n"


def _functional(network: NetworkSpec, order: Iterable[str], info: DataInfo) -> str:
    first, *others = map(_checked_input, network.inputs)
    tensors = _variables(network)
    taken_names = {*_RESERVED, *tensors.values()}

    def free(stem: str) -> str:
        name = _free(stem, taken_names)
        taken_names.add(name)
        return name

    lines = [statement("inputs", _input_call(network, first, info))]
    tensors[first.id] = "inputs"
    for layer in others:
        told = tuple(layer.parameters.items())
        call = Call(SAME_SAMPLES, (Name(tensors[first.id]), layer.id), told)
        lines.append(statement(tensors[layer.id], call))
    for layer in map(network.layer, order):
        if layer.kind != INPUT_KIND:
            taken = [Name(tensors[wire.source]) for wire in network.wires_into(layer.id)]
            target = tensors[layer.id]
            if layer.kind == MODEL_KIND:
                lines += inside_code(target, layer, taken, free, _given)
            elif layer.kind == FORMULA:
                lines.append(formula_code(target, layer, [name.text for name in taken]))
            else:
                lines.append(_called(target, layer, _layer_call(network, layer, info), taken))
    outputs: Any = [Name(tensors[layer.id]) for layer in network.outputs]
    given = outputs[0] if len(outputs) == 1 else outputs
    lines.append(statement("model", Call("keras.Model", (Name("inputs"), given))))
    return "\n".join(lines) + "\n"


def _called(target: str, layer: LayerSpec, made: Call, taken: list[Name]) -> str:
    """Return ``target = Layer(...)(taken)``."""
    given = _given(layer, taken)
    return statement(target, made, after=len(given)) + given


def _layer_call(network: NetworkSpec, layer: LayerSpec, info: DataInfo) -> Call:
    """Return the call that makes a layer; what it takes from the training part is told by the names of it."""
    if not takes_from_data(layer):
        return layer_call(layer)
    if not learns_statistics(NetworkSpec(layers=(layer,))):
        return layer_call(fitted_layer(network, layer, info, None))
    fitted_layer(network, layer, info, neutral(info))  # refused where it cannot know them
    wide = info.input_dtype == WIDE_DTYPE
    kind, told = _WIDE_NORMALIZATION if wide else _NORMALIZATION
    frozen = () if layer.trainable else (("trainable", False),)
    return Call(f"layers.{kind}", (), (*told, ("name", layer.id), *frozen))


def _given(layer: LayerSpec, taken: list[Name], further: bool = False) -> str:
    """Return the arguments of a layer's call: ``(a)``, ``([a, b])`` or ``(a, b, use_causal_mask=True)``."""
    given, named = arranged(layer.kind, layer.parameters, taken, further=further)
    words = [_tensor_words(item) for item in given]
    words += [f"{name}={_tensor_words(value)}" for name, value in named.items()]
    return f"({', '.join(words)})"


def _tensor_words(value: Name | list[Name] | bool) -> str:
    if isinstance(value, list):
        return f"[{', '.join(name.text for name in value)}]"
    return value.text if isinstance(value, Name) else repr(value)


def _variables(network: NetworkSpec) -> dict[str, str]:
    """Return the variable of each layer's output."""
    found: dict[str, str] = {}
    taken = set(_RESERVED)
    for layer_id in network.ids:
        found[layer_id] = _free(re.sub(r"\W", "_", layer_id, flags=re.ASCII), taken)
        taken.add(found[layer_id])
    return found


def _free(stem: str, taken: set[str]) -> str:
    number = 1
    while (name := stem if number == 1 else f"{stem}_{number}") in taken:
        number += 1
    return name
