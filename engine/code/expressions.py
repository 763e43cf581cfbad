"""Evaluate the expressions of a script symbolically, without executing them."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, cast

from engine.code import computing
from engine.code.calling import BUILTIN, Calls
from engine.code.computing import Computed
from engine.code.drawing import Drawing
from engine.code.formula_code import COMPUTED
from engine.code.keras_names import plain_path
from engine.code.values import (
    Chain,
    Dotted,
    Function,
    Graph,
    Made,
    Method,
    Settings,
    Tensor,
    refuse,
)
from engine.formula.arithmetic import LONGEST, UNKNOWN, Unknown, combined, compared, negated
from engine.formula.parsing import SYMBOLS

_MOST_STEPS: Final = 200_000


class Expressions(ABC):
    """Holds the variables of a script and the network that it builds.

    Attributes
    ----------
    models
        All models of the script, in order.
    settings
        Training settings of the script.
    """

    def __init__(self) -> None:
        self.drawing = Drawing()
        self.models: list[Chain | Graph] = []
        self.settings = Settings()
        self._scopes: list[dict[str, Any]] = [{"__name__": "__main__"}]
        self._steps = 0
        self._calls = Calls(self.drawing, self.models, self.settings, self.run_function)

    @abstractmethod
    def run_function(
        self, function: Function, positional: Sequence[Any], named: Mapping[str, Any], line: int
    ) -> Any:
        """Evaluate a function of the script; return its result."""

    # ---- Values ----

    def value(self, node: ast.expr) -> Any:
        """Return the value of an expression."""
        self._count(node)
        read = _EXPRESSIONS.get(type(node))
        return UNKNOWN if read is None else read(self, node)

    def _constant(self, node: ast.Constant) -> Any:
        return node.value if isinstance(node.value, (int, float, str, type(None))) else UNKNOWN

    def _name(self, node: ast.Name) -> Any:
        return self._get(node.id)

    def _attribute(self, node: ast.Attribute) -> Any:
        return attribute_of(self.value(node.value), node.attr)

    def _list(self, node: ast.List) -> Any:
        return self._items(node.elts)

    def _tuple(self, node: ast.Tuple) -> Any:
        return tuple(self._items(node.elts))

    def _items(self, nodes: Iterable[ast.expr]) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                inner = self.value(node.value)
                found += inner if isinstance(inner, (list, tuple)) else [UNKNOWN]
            else:
                found.append(self.value(node))
        return found

    def _dictionary(self, node: ast.Dict) -> Any:
        if None in node.keys:
            return UNKNOWN
        keys = [self.value(key) for key in node.keys if key is not None]
        values = [self.value(value) for value in node.values]
        return dict(zip(keys, values, strict=True)) if all(map(is_plain, keys)) else UNKNOWN

    def _binary(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        return operation_of(type(node.op), (left, node.left), (right, node.right), node.lineno)

    def _unary(self, node: ast.UnaryOp) -> Any:
        value = self.value(node.operand)
        if computing.is_tensor(value):
            return computing.combined(type(node.op), [(value, node.operand)], node.lineno)
        if isinstance(node.op, ast.USub):
            return negated(value)
        if isinstance(node.op, ast.Not) and is_plain(value):
            return not value
        return UNKNOWN

    def _compare(self, node: ast.Compare) -> Any:
        values = [self.value(each) for each in (node.left, *node.comparators)]
        kind = type(node.ops[0])
        if any(map(computing.is_tensor, values)) and len(values) == 2 and kind in SYMBOLS:
            operands = zip(values, (node.left, node.comparators[0]), strict=True)
            return computing.combined(kind, list(operands), node.lineno)
        results = [
            compared(type(op), one, other)
            for op, one, other in zip(node.ops, values, values[1:], strict=False)
        ]
        return UNKNOWN if any(result is UNKNOWN for result in results) else all(results)

    def _logic(self, node: ast.BoolOp) -> Any:
        values = [self.value(each) for each in node.values]
        if not all(map(is_plain, values)):
            return UNKNOWN
        return all(values) if isinstance(node.op, ast.And) else any(values)

    def _choice(self, node: ast.IfExp) -> Any:
        condition = self.value(node.test)
        if not is_plain(condition):
            return UNKNOWN
        return self.value(node.body if condition else node.orelse)

    def _subscript(self, node: ast.Subscript) -> Any:
        holder = self.value(node.value)
        if isinstance(holder, (Tensor, Computed)):
            return computing.part(holder, node)
        if isinstance(node.slice, ast.Slice) or not isinstance(holder, (list, tuple, dict)):
            return UNKNOWN
        key = self.value(node.slice)
        try:
            return holder[key]
        except (LookupError, TypeError):
            return UNKNOWN

    def _text(self, node: ast.JoinedStr) -> Any:
        parts = [self.value(part) for part in node.values]
        if not all(isinstance(part, (int, str)) for part in parts):
            return UNKNOWN
        text = "".join(map(str, parts))
        return text if len(text) <= LONGEST else UNKNOWN

    def _inserted(self, node: ast.FormattedValue) -> Any:
        plain = node.format_spec is None and node.conversion == -1
        return self.value(node.value) if plain else UNKNOWN

    def _comprehension(self, node: ast.ListComp) -> Any:
        made: list[Any] = []
        loop = node.generators[0]
        items = self.value(loop.iter)
        simple = len(node.generators) == 1 and not loop.ifs
        if not simple or not isinstance(items, (list, tuple, range)):
            return UNKNOWN
        for item in items:
            self._store(loop.target, item)
            made.append(self.value(node.elt))
        return made

    def _call(self, node: ast.Call) -> Any:
        function = self.value(node.func)
        if _is_named_formula(function, node):
            return self._named_formula(node)
        positional = self._items(node.args)
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value)
            if keyword.arg is not None:
                named[keyword.arg] = value
            elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
                named |= value
            else:
                named["**"] = UNKNOWN
        if isinstance(function, Dotted) and function.path.startswith(BUILTIN):
            return _builtin(function.path.removeprefix(BUILTIN), positional)
        name = computing.function_named(function)
        if name and computing.holds_tensor([*positional, *named.values()]):
            return computing.called(name, node, positional, named)
        positional = [self.settled(value, node.lineno) for value in positional]
        named = {name: self.settled(value, node.lineno) for name, value in named.items()}
        return self._calls.call(function, positional, named, node.lineno)

    def _named_formula(self, node: ast.Call) -> Tensor:
        """Add a formula written as a call of ``formula``, as in generated scripts."""
        tree = computing.written_as(cast("ast.Lambda", node.args[0]))
        name, *tensors = self._items(node.args[1:])
        if not all(isinstance(tensor, Tensor) for tensor in tensors):
            refuse(node.lineno, "what this formula takes is no output of a layer: give it one")
        options = {str(keyword.arg): self.value(keyword.value) for keyword in node.keywords}
        trainable = options.get("trainable", True)
        return self.drawing.add_formula(tree, tensors, node.lineno, name, trainable=trainable)

    def settled(self, value: Any, line: int, preferred_id: str = "") -> Any:
        """Return a value after adding its pending expressions as blocks; a list stays the same object."""
        if isinstance(value, Computed):
            return self.drawing.draw_computed(value, line, preferred_id)
        if isinstance(value, (list, tuple)) and computing.holds_tensor(value):
            drawn = [self.settled(item, line) for item in value]
            if isinstance(value, tuple):
                return tuple(drawn)
            value[:] = drawn
        return value

    # ---- Names ----

    def _get(self, name: str) -> Any:
        for scope in (self._scopes[-1], self._scopes[0]):
            if name in scope:
                return scope[name]
        return Dotted(BUILTIN + name) if name in _BUILTINS else UNKNOWN

    def _set(self, name: str, value: Any) -> None:
        self._scopes[-1][name] = value

    def _store(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            value = self.settled(value, target.lineno, target.id)
            self._set(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            known = isinstance(value, (list, tuple)) and len(value) == len(target.elts)
            for place, each in enumerate(target.elts):
                self._store(each, value[place] if known else UNKNOWN)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value)
            if isinstance(owner, Made) and target.attr == "trainable":
                owner.named["trainable"] = value

    def _count(self, node: ast.AST) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            line = getattr(node, "lineno", 1)
            refuse(line, "the script takes too many steps: write a shorter one")


def operation_of(
    kind: type[ast.operator], left: tuple[Any, ast.expr], right: tuple[Any, ast.expr], line: int
) -> Any:
    """Return the result of a binary operation; each operand is a value and its syntax node."""
    if computing.is_tensor(left[0]) or computing.is_tensor(right[0]):
        return computing.combined(kind, (left, right), line)
    return combined(kind, left[0], right[0])


def _is_named_formula(function: Any, node: ast.Call) -> bool:
    return (
        isinstance(function, Function)
        and function.node.name == COMPUTED
        and len(node.args) > 2
        and isinstance(node.args[0], ast.Lambda)
    )


def attribute_of(owner: Any, name: str) -> Any:
    """Return the value of ``owner.name``."""
    if isinstance(owner, Dotted):
        return Dotted(plain_path(f"{owner.path}.{name}"))
    if isinstance(owner, (Chain, Graph, list)):
        return Method(owner, name)
    return UNKNOWN


def is_plain(value: Any) -> bool:
    """Tell whether a value can be the condition of an "if": a literal or a list."""
    return value is None or isinstance(value, (bool, int, float, str, list, tuple))


def _builtin(name: str, given: list[Any]) -> Any:
    """Return the result of a supported built-in function, `UNKNOWN` if it is too long."""
    if any(isinstance(value, Unknown) for value in given) or not given:
        return UNKNOWN
    try:
        if name == "range":
            made: Any = range(*given)
            return made if len(made) <= LONGEST else UNKNOWN
        if not all(isinstance(value, (list, tuple, range)) for value in given):
            return UNKNOWN
        return _OF_LISTS[name](*given)
    except (TypeError, ValueError, OverflowError):
        return UNKNOWN


_OF_LISTS: Final[Mapping[str, Callable[..., Any]]] = {
    "enumerate": lambda items: list(enumerate(items)),
    "zip": lambda *lists: list(islice(zip(*lists, strict=False), LONGEST)),
    "len": len,
    "reversed": lambda items: list(reversed(items)),
    "list": list,
    "tuple": tuple,
}
_BUILTINS: Final = frozenset({"range", *_OF_LISTS})
_EXPRESSIONS: Final[Mapping[type[ast.expr], Callable[[Expressions, Any], Any]]] = {
    ast.Constant: Expressions._constant,
    ast.Name: Expressions._name,
    ast.Attribute: Expressions._attribute,
    ast.List: Expressions._list,
    ast.Tuple: Expressions._tuple,
    ast.Dict: Expressions._dictionary,
    ast.BinOp: Expressions._binary,
    ast.UnaryOp: Expressions._unary,
    ast.Compare: Expressions._compare,
    ast.BoolOp: Expressions._logic,
    ast.IfExp: Expressions._choice,
    ast.Subscript: Expressions._subscript,
    ast.JoinedStr: Expressions._text,
    ast.FormattedValue: Expressions._inserted,
    ast.ListComp: Expressions._comprehension,
    ast.Call: Expressions._call,
}
