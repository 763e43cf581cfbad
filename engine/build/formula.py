"""Build a formula as a Keras model of operations, which Keras can save and load without Netsmith."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import keras

from engine.errors import SpecError
from engine.formula import FormulaError, parse, text, used_inputs
from engine.formula.functions import FUNCTIONS
from engine.formula.making import value_of
from engine.formula.tree import LETTERS, MOST_INPUTS, Call, Index, Input, Number, Operation, Tree
from engine.spec.network import LayerSpec

FIELD: Final = "expression"
_LARGEST_NUMBERS: Final = 100_000_000  # of one sample, in any step of the formula
_Tensor: TypeAlias = Any  # a KerasTensor; Keras has no type stubs
_Shape: TypeAlias = tuple[int | None, ...]

_OPERATORS: Final[Mapping[str, Callable[..., Any]]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "//": operator.floordiv, "%": operator.mod, "**": operator.pow, "@": operator.matmul,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def formula_model(layer: LayerSpec, inputs: Sequence[_Tensor]) -> keras.Model:
    """Return a model, named by the layer's id, that computes its formula for tensors of these shapes.

    Raises
    ------
    SpecError
        If the formula does not fit its inputs, or would mix the samples of a batch; ``where`` names the field.
    """
    where = f"network.layers.{layer.id}.{FIELD}"
    try:
        tree = parse(str(layer.parameters.get(FIELD, "")))
        _check_inputs(tree, len(inputs))
        given = [
            keras.Input(batch_shape=(None, *tensor.shape[1:]), dtype=tensor.dtype)
            for tensor in inputs
        ]
        result = _output(tree, given)
    except FormulaError as error:
        raise SpecError(where, str(error)) from error
    made = keras.Model(given[0] if len(given) == 1 else given, result, name=layer.id)
    made.trainable = layer.trainable
    # Like operations, and unlike layers that pass on masks, its output has no mask.
    made.supports_masking, made.compute_mask = True, _no_mask
    return made


def _no_mask(_inputs: Any, _mask: Any = None) -> None:
    """Return no mask."""


def _check_inputs(tree: Tree, count: int) -> None:
    used = set(used_inputs(tree))
    missing = min(used - set(range(count)), default=None)
    if missing is not None:
        wires = "one wire" if count == 1 else f"{count} wires"
        problem = f"it uses {LETTERS[missing]}, but the block has {wires}: connect another"
        raise FormulaError(problem)
    if count > MOST_INPUTS:
        raise FormulaError(f"it takes {MOST_INPUTS} inputs at most: remove a wire")
    idle = min(set(range(count)) - used, default=None)
    if idle is not None:
        problem = f"it does not use input {LETTERS[idle]}: write it, or remove its wire"
        raise FormulaError(problem)


def _output(tree: Tree, inputs: Sequence[_Tensor]) -> _Tensor:
    result = _value(tree, inputs)
    if keras.backend.standardize_dtype(result.dtype) == "bool":
        raise FormulaError(f"it gives yes or no: write where({_short(tree)}, 1.0, 0.0)")
    if isinstance(tree, Input):  # a model without operations would have no node to save
        return keras.layers.Activation("linear")(result)
    return result


def _value(tree: Tree, inputs: Sequence[_Tensor]) -> Any:
    """Return a tensor, or a number for a constant tree."""
    if isinstance(tree, Input):
        return inputs[tree.port]
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Operation) and not used_inputs(tree):
        return value_of(tree)
    try:
        made = _MAKERS[type(tree)](tree, inputs)
    except FormulaError:
        raise
    except Exception as error:  # Keras reports a misfit by many kinds of exception
        words = " ".join(str(error).split("\n")[0].replace("`", "").split())[:90]
        raise FormulaError(f"{_short(tree)} does not fit ({words}): correct it") from error
    return _kept(tree, made)


def _kept(tree: Tree, made: _Tensor) -> _Tensor:
    """Return a tensor after checking its samples' axis and its size."""
    shape = tuple(made.shape)
    if not shape or shape[0] is not None:
        problem = f"{_short(tree)} changes the axis of the samples: keep axis 0 as it is"
        raise FormulaError(problem)
    if math.prod(size or 1 for size in shape[1:]) > _LARGEST_NUMBERS:
        raise FormulaError(f"{_short(tree)} gives too many numbers: make it smaller")
    return made


def _operation(tree: Operation, inputs: Sequence[_Tensor]) -> _Tensor:
    values = [_value(operand, inputs) for operand in tree.operands]
    if len(values) == 1:
        return -values[0]
    _check_ranks(tree, values)
    if tree.symbol == "@" and any(_rank(value) < 3 for value in values):
        problem = f"{_short(tree)} would mix the samples: @ wants two axes beside theirs"
        raise FormulaError(problem)
    return _OPERATORS[tree.symbol](*values)


def _call(tree: Call, inputs: Sequence[_Tensor]) -> _Tensor:
    values = [_value(tensor, inputs) for tensor in tree.tensors]
    function = FUNCTIONS[tree.function]
    _check_ranks(tree, values)
    shape = next(tuple(value.shape) for value in values if _rank(value))
    options = dict(tree.options)
    kinds = {parameter.name: parameter.kind for parameter in function.parameters}
    reaches = any(
        kinds[name] in _REACHES and _REACHES[kinds[name]](value, shape)
        for name, value in options.items()
    )
    if reaches or len(shape) < function.least_axes:
        problem = f"{_short(tree)} would reach the samples, axis 0, or has another size: correct it"
        raise FormulaError(problem)
    given = [values] if tree.is_list else values
    return getattr(keras.ops, tree.function)(*given, **options)


def _index(tree: Index, inputs: Sequence[_Tensor]) -> _Tensor:
    whole = _value(tree.whole, inputs)
    taken = sum(isinstance(place, (int, tuple)) for place in tree.places)
    if taken > _rank(whole) - (tree.places[0] == "..."):
        problem = f"{_short(tree)} names more axes than there are: remove a place"
        raise FormulaError(problem)
    return whole[tuple(_key(place) for place in tree.places)]


def _key(place: Any) -> Any:
    if isinstance(place, tuple):
        return slice(*place)
    return ... if place == "..." else place


def _check_ranks(tree: Tree, values: Sequence[Any]) -> None:
    """Refuse arrays of different ranks, whose samples' axes would not be aligned."""
    ranks = sorted({_rank(value) for value in values} - {0})
    if len(ranks) > 1:
        problem = (
            f"{_short(tree)} has arrays of {ranks[0] - 1} and {ranks[-1] - 1} axes: "
            "give the first more, x[:, None]"
        )
        raise FormulaError(problem)


def _rank(value: Any) -> int:
    """Return the rank of a tensor with the samples' axis; 0 for a number."""
    return len(value.shape) if hasattr(value, "shape") else 0


def _short(tree: Tree) -> str:
    words = text(tree)
    return words if len(words) <= 30 else f"{words[:28]}..."


def _reaches_axis(value: Any, shape: _Shape) -> bool:
    return any(axis == -len(shape) for axis in (value if isinstance(value, tuple) else (value,)))


def _reaches_new_axis(value: int, shape: _Shape) -> bool:
    return value == -(len(shape) + 1)


def _reshapes_samples(value: Sequence[int], shape: _Shape) -> bool:
    return None in shape[1:] or math.prod(value[1:]) != math.prod(n or 1 for n in shape[1:])


def _differs_in_axes(value: Sequence[Any], shape: _Shape) -> bool:
    return len(value) != len(shape)


# Kind of a constant -> whether it would include the samples' axis.
_REACHES: Final[Mapping[str, Callable[[Any, _Shape], bool]]] = {
    "axis": _reaches_axis,
    "axes": _reaches_axis,
    "new_axis": _reaches_new_axis,
    "order": _differs_in_axes,
    "shape": _reshapes_samples,
    "repeats": _differs_in_axes,
    "margins": _differs_in_axes,
}
_MAKERS: Final[Mapping[type, Callable[[Any, Sequence[_Tensor]], _Tensor]]] = {
    Operation: _operation,
    Call: _call,
    Index: _index,
}
