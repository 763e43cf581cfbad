"""Arithmetic and ``keras.ops`` on the outputs of layers, translated into formulas."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.code.keras_names import family_of
from engine.code.values import Dotted, Tensor, refuse
from engine.formula import FormulaError, parse_node
from engine.formula.arithmetic import UNKNOWN, Unknown
from engine.formula.functions import FUNCTIONS
from engine.formula.making import call, index, operation
from engine.formula.parsing import SYMBOLS, constant_of, places
from engine.formula.tree import Input, Operation, Tree, children

LAYERS: Final[Mapping[str, str]] = {"+": "Add", "-": "Subtract", "*": "Multiply"}


@dataclass(frozen=True)
class Computed:
    """An expression of layer outputs that is not a block yet; its inputs are node numbers of the drawing."""

    tree: Tree


def is_tensor(value: Any) -> bool:
    """Tell whether a value is the output of a layer, or computed from one."""
    return isinstance(value, (Tensor, Computed))


def holds_tensor(value: Any) -> bool:
    """Tell whether a value contains a tensor."""
    if isinstance(value, (list, tuple)):
        return any(map(holds_tensor, value))
    return is_tensor(value)


def is_of_layers(tree: Tree) -> bool:
    """Tell whether merge layers of Keras can express it: sums, differences and products of tensors."""
    if isinstance(tree, Input):
        return True
    known = isinstance(tree, Operation) and len(tree.operands) == 2 and tree.symbol in LAYERS
    return known and all(map(is_of_layers, children(tree)))


def combined(kind: type[ast.AST], operands: Sequence[tuple[Any, ast.expr]], line: int) -> Computed:
    """Return the result of an operator; each operand is a value and its syntax node."""
    symbol = SYMBOLS.get(kind, "-" if kind is ast.USub else "")
    if not symbol:
        refuse(line, "this cannot be done with a layer's output: use + - * / // % ** @ or compare")
    trees = [_argument(value, node, line) for value, node in operands]
    return Computed(_made(line, lambda: operation(symbol, trees)))


def function_named(function: Any) -> str:
    """Return the name of the called function of ``keras.ops`` or activation, "" for other calls."""
    if not isinstance(function, Dotted):
        return ""
    family, name = family_of(function.path), function.path.rpartition(".")[2]
    return name if family == "ops" or (family == "activations" and name in FUNCTIONS) else ""


def called(name: str, node: ast.Call, given: Sequence[Any], named: Mapping[str, Any]) -> Computed:
    """Return the result of a function of ``keras.ops``, given its evaluated arguments."""
    line = node.lineno
    if len(given) != len(node.args) or "**" in named:
        refuse(line, f"the arguments of {name} cannot be told without running it: write them out")
    arguments = [_argument(*each, line) for each in zip(given, node.args, strict=True)]
    values = {keyword.arg: keyword.value for keyword in node.keywords}
    options = {name: _argument(value, values.get(name), line) for name, value in named.items()}
    return Computed(_made(line, lambda: call(name, arguments, options)))


def part(value: Tensor | Computed, node: ast.Subscript) -> Computed:
    """Return an indexed tensor, ``x[:, 0]``."""
    whole = _argument(value, None, node.lineno)
    return Computed(_made(node.lineno, lambda: index(whole, places(node.slice))))


def written_as(node: ast.Lambda) -> Tree:
    """Return the formula in a lambda of a generated script."""
    names = [argument.arg for argument in node.args.args]
    inputs = {name: port for port, name in enumerate(names)}
    return _made(node.lineno, lambda: parse_node(node.body, inputs))


def _made(line: int, make: Callable[[], Tree]) -> Tree:
    try:
        return make()
    except FormulaError as error:
        refuse(line, error.problem)


def _argument(value: Any, node: ast.expr | None, line: int) -> Any:
    """Return a value as an argument of a formula; arithmetic on plain numbers is kept as written."""
    if isinstance(value, Tensor):
        return Input(value.node)
    if isinstance(value, Computed):
        return value.tree
    if isinstance(value, (list, tuple)):
        inner: Sequence[ast.expr | None] = getattr(node, "elts", ())
        fits = len(inner) == len(value)
        return tuple(
            _argument(*each, line)
            for each in zip(value, inner if fits else [None] * len(value), strict=True)
        )
    if value is UNKNOWN or isinstance(value, Unknown):
        refuse(line, "a number here cannot be told without running the script: write it out")
    return value if node is None else constant_of(node, value)
