"""A model of nothing but operations, as a formula is saved, read back as that formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.errors import BadInput, quoted
from engine.formula import FormulaError, canonical, text
from engine.formula.functions import stored_names
from engine.formula.making import call, index, operand
from engine.formula.parsing import check_whole
from engine.formula.tree import MOST_INPUTS, Input, Tree, used_inputs
from engine.sandbox.arithmetic import is_operation
from engine.sandbox.class_names import ClassName
from engine.sandbox.settings import Config
from engine.spec.network import INPUT_KIND

_TENSOR: Final = "__keras_tensor__"
_SLICE: Final = "__slice__"
_ELLIPSIS: Final = "__ellipsis__"
_PART: Final = "GetItem"
_UNCHANGED: Final = "Activation"  # what a formula that is only x is saved as
_NO_FORMULA: Final = (
    FormulaError, LookupError, TypeError, ValueError, AttributeError, RecursionError
)  # fmt: skip
_IDLE: Final = frozenset({"name", "dtype", "trainable", "initial", "sparse", "epsilon"})


def is_formula(config: Any) -> bool:
    """Tell whether a stored model consists of inputs and operations alone."""
    layers = config.get("layers") if isinstance(config, Mapping) else None
    if not isinstance(layers, list) or not all(isinstance(each, Mapping) for each in layers):
        return False
    inner = [each for each in layers if ClassName.of(each).name != INPUT_KIND]
    inputs = len(layers) - len(inner)
    if not inner or not 1 <= inputs <= MOST_INPUTS:
        return False
    alone = len(inner) == 1 and _is_unchanged(inner[0])
    return alone or all(is_operation(each) for each in inner)


def formula_of(config: Config, name: str) -> str:
    """Return the formula that a model of operations computes; its inputs in the model's order.

    Raises
    ------
    BadInput
        If no formula says the same, or the model is damaged.
    """
    try:
        return canonical(text(_tree(config)))
    except _NO_FORMULA as error:
        why = error.problem if isinstance(error, FormulaError) else "it is damaged"
        raise BadInput(
            f'what "{quoted(name, 30)}" computes cannot be a formula: {quoted(why, 80)}'
        ) from error


def _is_unchanged(value: Config) -> bool:
    told, config = ClassName.of(value), value.get("config")
    linear = isinstance(config, Mapping) and config.get("activation") == "linear"
    return told.name == _UNCHANGED and told.module == "keras.layers" and linear


def _tree(config: Config) -> Tree:
    made: dict[str, Tree] = {
        name: Input(port) for port, name in enumerate(_names(config["input_layers"]))
    }
    # Keras stores sources first.
    for each in (each for each in config["layers"] if each["name"] not in made):
        made[each["name"]] = _step(each, made)
        check_whole(made[each["name"]])  # what is used twice stands there twice: it can grow fast
    (output,) = _names(config["output_layers"])
    used = used_inputs(made[output])
    if set(used) != set(range(len(_names(config["input_layers"])))):
        raise ValueError("an input that nothing uses")
    return made[output]


def _names(value: Any) -> list[str]:
    listed = [value] if value and isinstance(value[0], str) else value
    return [str(each[0]) for each in listed]


def _step(value: Config, made: Mapping[str, Tree]) -> Tree:
    (node,) = value["inbound_nodes"]
    given = [_argument(argument, made) for argument in node["args"]]
    named = {str(name): _argument(each, made) for name, each in node["kwargs"].items()}
    if _is_unchanged(value):
        return operand(given[0])
    kind = ClassName.of(value).name
    if kind == _PART:
        return index(given[0], _places(node["args"][1]))
    function = stored_names()[str(kind)]
    options = {name: _plain(each) for name, each in value["config"].items()}
    options |= {name: each for name, each in named.items() if each is not None}
    told = {name: each for name, each in options.items() if not _is_idle(name, each)}
    return call(function, given, told)


def _is_idle(name: str, value: Any) -> bool:
    return name in _IDLE and (name in ("name", "trainable") or value in (None, False, "float32"))


def _argument(value: Any, made: Mapping[str, Tree]) -> Any:
    if isinstance(value, list):
        return tuple(_argument(item, made) for item in value)
    if not isinstance(value, Mapping):
        return value
    if value.get("class_name") in (_SLICE, _ELLIPSIS):
        return None  # of an index, read by itself
    if value.get("class_name") != _TENSOR:
        raise ClassName.of(value).refusal()
    layer, _, output = value["config"]["keras_history"]
    if output != 0:
        raise ValueError("a further output")
    return made[layer]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        raise ClassName.of(value).refusal()
    return tuple(map(_plain, value)) if isinstance(value, list) else value


def _places(value: Any) -> list[Any]:
    return [_place(place) for place in (value if isinstance(value, list) else [value])]


def _place(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if value["class_name"] == _ELLIPSIS:
        return "..."
    if value["class_name"] != _SLICE:
        raise ClassName.of(value).refusal()
    return tuple(value["config"][end] for end in ("start", "stop", "step"))
