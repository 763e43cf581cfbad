"""Create and check the nodes of a formula."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.errors import BadInput, quoted
from engine.formula.arithmetic import UNKNOWN, combined
from engine.formula.functions import ALIASES, FUNCTIONS, NAMES, OPERATORS, TENSORS, Function
from engine.formula.options import CHECKS, is_number, is_whole
from engine.formula.tree import (
    Call,
    Index,
    Input,
    Number,
    Operation,
    Place,
    Tree,
    is_constant,
)

_MOST_LISTED: Final = 64  # arrays that concatenate joins
_MOST_PLACES: Final = 8


class FormulaError(BadInput):
    """A formula that cannot be read; one sentence.

    Attributes
    ----------
    column
        Column of the problem, from 1; 0 if it concerns the whole.
    instead
        (text in the formula, what was probably meant), None if there is no suggestion.
    """

    def __init__(
        self, problem: str, column: int = 0, instead: tuple[str, str] | None = None
    ) -> None:
        super().__init__(f"column {column}: {problem}" if column else problem)
        self.problem = problem
        self.column = column
        self.instead = instead

    def at(self, column: int) -> FormulaError:
        """Return the same error with a column, unless it has one."""
        return self if self.column else FormulaError(self.problem, column, self.instead)


def number(value: Any) -> Number:
    """Return a constant; refuses what does not fit into 32 bits."""
    if not is_number(value):
        raise FormulaError(f"{quoted(value, 30)} is no number that a network computes with")
    return Number(value)


def operand(value: Any) -> Tree:
    """Return a value as an operand."""
    if isinstance(value, (Number, Input, Operation, Call, Index)):
        return value
    return number(value)


def operation(symbol: str, operands: Sequence[Any]) -> Tree:
    """Return an operation; one on constants must have a finite result."""
    made = Operation(symbol, tuple(map(operand, operands)))
    if is_constant(made) and value_of(made) is UNKNOWN:
        raise FormulaError("these numbers have no plain result: write the number itself")
    return made


def value_of(tree: Tree) -> Any:
    """Return the value of a constant expression, `UNKNOWN` if it has none or is too large."""
    if isinstance(tree, Number):
        return tree.value
    if not isinstance(tree, Operation):
        return UNKNOWN
    values = [value_of(operand) for operand in tree.operands]
    if tree.symbol not in _KINDS or any(value is UNKNOWN for value in values):
        return UNKNOWN
    result = -values[0] if len(values) == 1 else combined(_KINDS[tree.symbol], *values)
    return result if is_number(result) else UNKNOWN


def call(name: str, given: Sequence[Any], named: Mapping[str, Any]) -> Tree:
    """Return the call of a function.

    Parameters
    ----------
    given, named
        Arguments: trees, numbers, strings, and tuples of these.

    Raises
    ------
    FormulaError
        If the function is unknown, or the arguments do not fit.
    """
    name = ALIASES.get(name, name)
    if name in OPERATORS:
        return _operator(name, given, named)
    function = FUNCTIONS.get(name)
    if function is None:
        raise _unknown_function(name)
    told = _by_name(function, given, named)
    tensors: list[Tree] = []
    options: list[tuple[str, Any]] = []
    is_list = function.parameters[0].kind == TENSORS
    for parameter in function.parameters:
        if parameter.name not in told:
            continue
        value = told[parameter.name]
        if parameter.kind in CHECKS:
            plain = _option(name, parameter.name, parameter.kind, value)
            if parameter.required or _differs(plain, parameter.default):
                options.append((parameter.name, plain))
        else:
            tensors += _listed(name, value) if is_list else [_tensor(name, value)]
    made = Call(name, tuple(tensors), is_list, tuple(options))
    if is_constant(made):
        raise FormulaError(f"{name} is given numbers alone: give it an input, such as {name}(x)")
    return made


def index(whole: Any, places: Sequence[Place]) -> Tree:
    """Return an indexed array; the samples' axis must stay whole."""
    tree = operand(whole)
    if is_constant(tree):
        raise FormulaError("a number has no parts: take a part of an input")
    if len(places) > _MOST_PLACES:
        raise FormulaError(f"an index of more than {_MOST_PLACES} places: write fewer")
    if not places or places[0] not in ((None, None, None), "..."):
        raise FormulaError("the first place of an index are the samples: write x[:, ...]")
    if places.count("...") > 1:
        raise FormulaError("an index with two ...: write one")
    numbers = [n for place in places for n in (place if isinstance(place, tuple) else (place,))]
    if not all(n is None or n == "..." or is_whole(n) for n in numbers):
        raise FormulaError("an index takes whole numbers: write them, such as x[:, 0]")
    if any(isinstance(place, tuple) and place[2] == 0 for place in places):
        raise FormulaError("a slice with a step of 0: write another step")
    return Index(tree, tuple(places))


def _operator(name: str, given: Sequence[Any], named: Mapping[str, Any]) -> Tree:
    values = [*given, *(named[told] for told in sorted(named))]  # x1 before x2
    wanted = 1 if name == "negative" else 2
    if len(values) != wanted:
        raise FormulaError(f"{name} takes {wanted} arrays, not {len(values)}: correct it")
    return operation(OPERATORS[name], [_tensor(name, value) for value in values])


def _unknown_function(name: str) -> FormulaError:
    near = difflib.get_close_matches(name, NAMES, n=3, cutoff=0.5)
    what = f'"{quoted(name, 30)}" is no function of keras.ops that a formula may use'
    if not near:
        return FormulaError(f"{what}: take another, such as sigmoid")
    words = "nearest is" if len(near) == 1 else "nearest are"
    return FormulaError(f"{what}: {words} {', '.join(near)}", instead=(name, near[0]))


def _by_name(function: Function, given: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    names = [parameter.name for parameter in function.parameters]
    if len(given) > len(names):
        takes = ", ".join(names)
        raise FormulaError(f"{function.name} takes {takes} and no more: remove the others")
    told = dict(zip(names, given, strict=False))
    for name, value in named.items():
        if name not in names:
            known = ", ".join(names)
            what = f'{function.name} has no argument "{quoted(name, 30)}"'
            raise FormulaError(f"{what} here: it has {known}")
        if name in told:
            raise FormulaError(f"{function.name} gets {name} twice: remove one")
        told[name] = value
    for parameter in function.parameters:
        if parameter.required and parameter.name not in told:
            what = CHECKS[parameter.kind][1] if parameter.kind in CHECKS else "an array"
            raise FormulaError(f"{function.name} needs {parameter.name}: {what}")
    return told


def _differs(one: Any, other: Any) -> bool:
    return isinstance(one, bool) != isinstance(other, bool) or bool(one != other)


def _option(function: str, name: str, kind: str, value: Any) -> Any:
    fits, words = CHECKS[kind]
    plain = _plain(value)
    if not fits(plain):
        raise FormulaError(f"{name} of {function} must be {words}")
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, (Number, Operation)):
        return value_of(value)  # constant expressions are evaluated
    return tuple(map(_plain, value)) if isinstance(value, (tuple, list)) else value


def _tensor(function: str, value: Any) -> Tree:
    if isinstance(value, (bool, str, tuple, list, type(None))):
        raise FormulaError(f"{function} computes with inputs and numbers: give it one, such as x")
    return operand(value)


def _listed(function: str, value: Any) -> list[Tree]:
    fits = isinstance(value, (tuple, list)) and 1 <= len(value) <= _MOST_LISTED
    if not fits:
        raise FormulaError(f"{function} takes a list: write {function}([a, b], axis=-1)")
    trees = [_tensor(function, item) for item in value]
    if any(map(is_constant, trees)):
        raise FormulaError(f"{function} joins inputs, not numbers: remove the number")
    return trees


_KINDS: Final[Mapping[str, type[ast.operator]]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod,
    "**": ast.Pow,
}  # fmt: skip
