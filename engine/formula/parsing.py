"""Parse the text of a formula by ``ast``, without executing it."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from engine.errors import quoted
from engine.formula.making import FormulaError, call, index, number, operation
from engine.formula.tree import (
    LETTERS,
    MOST_INPUTS,
    ONLY_INPUT,
    Call,
    Index,
    Input,
    Operation,
    Place,
    Tree,
    nodes,
    used_inputs,
)

LONGEST: Final = 2_000  # letters
MOST_NODES: Final = 300
DEEPEST: Final = 100
INPUTS: Final[Mapping[str, int]] = {ONLY_INPUT: 0} | {name: n for n, name in enumerate(LETTERS)}
SYMBOLS: Final[Mapping[type[ast.AST], str]] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.MatMult: "@", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
COMPARISONS: Final = frozenset({"<", "<=", ">", ">="})
_TRUTHS: Final = frozenset(
    {"all", "any", "equal", "not_equal", "isfinite", "isinf", "isnan"}
    | {"logical_and", "logical_not", "logical_or", "logical_xor"}
)
# Functions that only rearrange values.
_SAME_TYPE: Final = frozenset(
    {"concatenate", "expand_dims", "flip", "moveaxis", "ones_like", "repeat", "reshape", "roll"}
    | {"squeeze", "stack", "swapaxes", "tile", "transpose", "tril", "triu", "zeros_like"}
)
_COMPARED: Final = {ast.Eq: "equal(a, b)", ast.NotEq: "not_equal(a, b)"}
_MODULES: Final = frozenset({"ops", "keras.ops"})


@lru_cache(maxsize=256)
def parse(text: str) -> Tree:
    """Return the tree of a formula, ``"x * sigmoid(1.7 * x)"``; its inputs are x (or a), b, c... h.

    Raises
    ------
    FormulaError
        If it is invalid; says what, in which column, and the cure.
    """
    return parse_node(_expression(text), INPUTS)


def inputs_of(formula: object) -> int:
    """Return the number of inputs of a formula, 1 if it is invalid."""
    try:
        return max(used_inputs(parse(formula))) + 1 if isinstance(formula, str) else 1
    except FormulaError:
        return 1


def is_comparison(formula: str) -> bool:
    """Tell whether a formula gives booleans."""
    try:
        tree = parse(formula)
    except FormulaError:
        return False
    return gives_truth(tree)


def gives_truth(tree: Tree) -> bool:
    """Tell whether a tree gives booleans."""
    if isinstance(tree, Operation):
        return tree.symbol in COMPARISONS
    if isinstance(tree, Call) and tree.function == "cast":
        return dict(tree.options).get("dtype") == "bool"
    if isinstance(tree, Call) and tree.function in _SAME_TYPE:
        return gives_truth(tree.tensors[0])
    if isinstance(tree, Index):
        return gives_truth(tree.whole)
    return isinstance(tree, Call) and tree.function in _TRUTHS


def mended_formula(formula: object) -> tuple[str, str] | None:
    """Return an invalid formula with its probable correction, and the corrected word; None if there is none."""
    if not isinstance(formula, str):
        return None
    try:
        parse(formula)
    except FormulaError as error:
        if error.instead is not None:
            wrong, right = error.instead
            mended = re.sub(rf"\b{re.escape(wrong)}\b", right, formula)
            return mended, right
    return None


def parse_node(node: ast.expr, inputs: Mapping[str, int]) -> Tree:
    """Return the tree of a parsed expression, with these names of inputs; errors as in `parse`."""
    tree = _Reader(inputs).tree(node)
    check_whole(tree)
    return tree


def constant_of(node: ast.expr, value: Any) -> Any:
    """Return constant arithmetic as written, ``1 / 3``; ``value`` for other expressions."""
    if not isinstance(node, (ast.BinOp, ast.UnaryOp)):
        return value
    try:
        return _Reader({}).value(node)
    except FormulaError:
        return value


def check_whole(tree: Tree) -> None:
    """Refuse a formula that uses no input, or is too large."""
    found = list(nodes(tree))
    if not any(isinstance(node, Input) for node in found):
        raise FormulaError("it uses no input: write x for what arrives at the block")
    if len(found) > MOST_NODES:
        raise FormulaError(f"it has more than {MOST_NODES} parts: split it into several blocks")


def _expression(text: str) -> ast.expr:
    if len(text) > LONGEST:
        raise FormulaError(f"it has more than {LONGEST:,} letters: split it into several blocks")
    if not text.strip():
        raise FormulaError("it is empty: write x for what arrives at the block")
    try:
        with warnings.catch_warnings():  # of invalid escapes in strings
            warnings.simplefilter("ignore")
            return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        spaces = len(text) - len(text.lstrip())
        column = (error.offset or len(text.strip())) + spaces  # 0 at the end of the formula
        problem = f"this is no expression of Python ({quoted(error.msg, 50)}): correct it"
        raise FormulaError(problem, column) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise FormulaError("it cannot be read: write it more simply") from error


class _Reader:
    """Converts a syntax tree with these names of inputs."""

    def __init__(self, inputs: Mapping[str, int]) -> None:
        self._inputs = inputs
        self._depth = 0
        self._count = 0

    def tree(self, node: ast.expr) -> Tree:
        """Return the tree of an expression; errors have the column."""
        value = self.value(node)
        if isinstance(value, (str, bool, tuple, type(None))):
            problem = "a text or a list alone is nothing to compute with: use an input or a number"
            raise FormulaError(problem, node.col_offset + 1)
        return number(value) if isinstance(value, (int, float)) else value

    def value(self, node: ast.expr) -> Any:
        """Return a tree, or a constant argument."""
        self._count += 1
        self._depth += 1
        try:
            return self._made(node)
        except FormulaError as error:
            raise error.at(node.col_offset + 1) from error.__cause__
        finally:
            self._depth -= 1

    def _made(self, node: ast.expr) -> Any:
        if self._depth > DEEPEST or self._count > 4 * MOST_NODES:
            raise FormulaError("it is nested too deep: split it into several blocks")
        make = _NODES.get(type(node))
        if make is None:
            what = type(node).__name__.lower()
            problem = f'"{what}" of Python has no place in a formula: use functions, + - * /'
            raise FormulaError(problem)
        return make(self, node)

    def _constant(self, node: ast.Constant) -> Any:
        value = node.value
        if isinstance(value, (bool, str, type(None))):
            return value
        if isinstance(value, (int, float)):
            return number(value).value
        raise FormulaError(f"{quoted(value, 20)} is no number: write a number")

    def _name(self, node: ast.Name) -> Any:
        port = self._inputs.get(node.id)
        if port is not None:
            return Input(port)
        known = f"the inputs are called x (or a), b, c... {LETTERS[MOST_INPUTS - 1]}"
        problem = f'"{quoted(node.id, 30)}" is no input: {known}'
        raise FormulaError(problem, instead=(node.id, ONLY_INPUT))

    def _binary(self, node: ast.BinOp) -> Any:
        symbol = SYMBOLS.get(type(node.op))
        if symbol is None:
            raise FormulaError("bits are not computed with: use + - * / // % ** or @")
        return operation(symbol, (self.tree(node.left), self.tree(node.right)))

    def _unary(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not):
            raise FormulaError("arrays have no single truth: use logical_not(x)")
        if not isinstance(node.op, ast.USub):
            raise FormulaError("of signs in front only - has a place here: remove the other")
        if isinstance(node.operand, ast.Constant):
            return -number(self.value(node.operand)).value
        return operation("-", (self.tree(node.operand),))

    def _compare(self, node: ast.Compare) -> Any:
        if len(node.ops) > 1:
            raise FormulaError("compare two at a time: logical_and(0 < x, x < 1)")
        kind = type(node.ops[0])
        if kind in _COMPARED:
            raise FormulaError(f"to tell which are equal, write {_COMPARED[kind]}")
        if kind not in SYMBOLS:
            raise FormulaError("arrays are compared by <, <=, > and >=: use one of them")
        return operation(SYMBOLS[kind], (self.tree(node.left), self.tree(node.comparators[0])))

    def _items(self, node: ast.List | ast.Tuple) -> Any:
        return tuple(self.value(item) for item in node.elts)

    def _call(self, node: ast.Call) -> Any:
        name = _function_name(node.func)
        if any(keyword.arg is None for keyword in node.keywords):
            raise FormulaError("** in a call cannot be told: write the arguments")
        names = [str(keyword.arg) for keyword in node.keywords]
        if len(set(names)) < len(names):
            raise FormulaError(f"{quoted(name, 30)} gets an argument twice: remove one")
        given = [self.value(argument) for argument in node.args]
        named = {str(keyword.arg): self.value(keyword.value) for keyword in node.keywords}
        return call(name, given, named)

    def _subscript(self, node: ast.Subscript) -> Any:
        return index(self.tree(node.value), places(node.slice))


def _function_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and _dotted(node.value) in _MODULES:
        return node.attr
    raise FormulaError("only functions of keras.ops can be called: write their names")


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def places(node: ast.expr) -> tuple[Place, ...]:
    """Return the parts of an index; FormulaError if one is not constant."""
    items = node.elts if isinstance(node, ast.Tuple) else [node]
    return tuple(map(_place, items))


def _place(node: ast.expr) -> Place:
    if isinstance(node, ast.Slice):
        start, stop, step = (
            None if end is None else _whole(end) for end in (node.lower, node.upper, node.step)
        )
        return (start, stop, step)
    if isinstance(node, ast.Constant) and node.value is ...:
        return "..."
    if isinstance(node, ast.Constant) and node.value is None:
        return None
    return _whole(node)


def _whole(node: ast.expr) -> int:
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node, sign = node.operand, -1
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return sign * node.value
    raise FormulaError("an index takes whole numbers: write them, such as x[:, 0]")


_NODES: Final[Mapping[type[ast.expr], Callable[[_Reader, Any], Any]]] = {
    ast.Constant: _Reader._constant,
    ast.Name: _Reader._name,
    ast.BinOp: _Reader._binary,
    ast.UnaryOp: _Reader._unary,
    ast.Compare: _Reader._compare,
    ast.List: _Reader._items,
    ast.Tuple: _Reader._items,
    ast.Call: _Reader._call,
    ast.Subscript: _Reader._subscript,
}
