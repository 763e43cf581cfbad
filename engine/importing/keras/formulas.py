"""Translate models of operations alone, which is how formulas are saved, into formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.errors import BadInput, quoted
from engine.formula import FormulaError, canonical, text
from engine.formula.functions import stored_names
from engine.formula.making import call, index, operand
from engine.formula.parsing import check_whole
from engine.formula.tree import MOST_INPUTS, Input, Tree, used_inputs
from engine.importing.keras.arguments import Constant, Given, Slice, TensorRef
from engine.importing.keras.arithmetic import PART, is_operation
from engine.importing.keras.calls import read_operation
from engine.importing.keras.class_names import ClassName
from engine.importing.keras.settings import Config
from engine.spec.network import INPUT_KIND

_UNCHANGED: Final = "Activation"  # how the formula ``x`` is saved
_NO_FORMULA: Final = (
    FormulaError, LookupError, TypeError, ValueError, AttributeError, RecursionError
)  # fmt: skip
# Settings of operations that have no effect at these values.
_IDLE: Final = frozenset({"name", "dtype", "trainable", "initial", "sparse", "epsilon"})
_USUAL_TYPES: Final[Mapping[str, str]] = {"one_hot": "float32"}
_OF_A_TYPE: Final = frozenset({"cast"})  # the function has a dtype argument of its own


def is_formula(config: Any) -> bool:
    """Tell whether a stored model consists of inputs and operations only."""
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
    """Return the formula of a model of operations, with inputs in the model's order.

    Raises
    ------
    BadInput
        If there is no equivalent formula, or the model is damaged.
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

    def tensor(ref: TensorRef) -> Tree:
        if ref.index != 0:
            raise ValueError("a further output")
        return made[ref.layer]

    # Keras stores sources first.
    for each in (each for each in config["layers"] if each["name"] not in made):
        (node,) = each["inbound_nodes"]
        given = read_operation(node, each["name"]).node
        if _is_unchanged(each):
            made[each["name"]] = operand(_tree_of(given.positional[0], tensor))
        else:
            name = str(ClassName.of(each).name)
            made[each["name"]] = step(name, each["config"], given, tensor)
    (output,) = _names(config["output_layers"])
    used = used_inputs(made[output])
    if set(used) != set(range(len(_names(config["input_layers"])))):
        raise ValueError("an input that nothing uses")
    return made[output]


def _names(value: Any) -> list[str]:
    listed = [value] if value and isinstance(value[0], str) else value
    return [str(each[0]) for each in listed]


def step(kind: str, config: object, given: Given, tensor: Callable[[TensorRef], Tree]) -> Tree:
    """Return the expression of one stored operation.

    Parameters
    ----------
    kind
        Its class, ``"GetItem"``.
    tensor
        Returns the expression of another layer's output.

    Raises
    ------
    FormulaError
        If a formula cannot express it.
    """
    if kind == PART:
        places = given.positional[1]
        listed = places if isinstance(places, tuple) else (places,)
        made = index(_tree_of(given.positional[0], tensor), [_place(place) for place in listed])
    else:
        made = _call(kind, config, given, tensor)
    check_whole(made)  # shared subexpressions are repeated, so it can grow fast
    return made


def _call(kind: str, config: object, given: Given, tensor: Callable[[TensorRef], Tree]) -> Tree:
    function = stored_names().get(kind)
    if function is None:
        raise FormulaError("use a layer, or operations that formulas have")
    if not isinstance(config, Mapping):
        raise FormulaError("it is damaged")
    options = {str(name): _plain(each) for name, each in config.items()}
    options |= {
        name: _tree_of(each, tensor) for name, each in given.named.items() if each is not None
    }
    told = {name: each for name, each in options.items() if not _is_idle(name, each)}
    values = [_tree_of(each, tensor) for each in given.positional]
    result = None if function in _OF_A_TYPE else told.pop("dtype", None)
    made = call(function, values, told)
    usual = result is None or result == _USUAL_TYPES.get(function)
    return made if usual else call("cast", [made], {"dtype": result})


def _is_idle(name: str, value: Any) -> bool:
    return name in _IDLE and (name in ("name", "trainable") or value in (None, False))


def _tree_of(value: Any, tensor: Callable[[TensorRef], Tree]) -> Any:
    """Return an argument with trees in place of tensors."""
    if isinstance(value, tuple):
        return tuple(_tree_of(item, tensor) for item in value)
    if isinstance(value, Constant):
        raise FormulaError("it computes with a list of numbers, which a formula does not hold")
    if isinstance(value, Slice):
        raise FormulaError("it takes a part where a number is wanted")
    return tensor(value) if isinstance(value, TensorRef) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        raise ClassName.of(value).refusal()
    return tuple(map(_plain, value)) if isinstance(value, list) else value


def _place(place: Any) -> Any:
    if isinstance(place, Slice):
        return (place.start, place.stop, place.step)
    if isinstance(place, (TensorRef, Constant)):
        raise FormulaError("an index takes whole numbers, not what another layer gives")
    return place
