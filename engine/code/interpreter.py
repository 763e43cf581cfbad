"""Interpret the syntax tree of a script symbolically. Nothing is executed; other statements are refused."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from engine.catalog import catalog
from engine.code.expressions import Expressions, attribute_of, is_plain, operation_of
from engine.code.keras_names import FAMILIES, family_of, plain_path
from engine.code.values import Chain, Dotted, Function, Graph, Made, Method, OwnClass, refuse
from engine.formula.arithmetic import UNKNOWN

_DEEPEST_CALL: Final = 20
_MODELS: Final = frozenset({"Sequential", "Model", "Functional", "Input"})
_PROGRAMMED: Final = frozenset({"Model", "Layer", "Sequential"})


class _Return(Exception):
    """A return statement; ``args[0]`` is the value."""


class _Break(Exception):
    """A break statement."""


class _Continue(Exception):
    """A continue statement."""


class Interpreter(Expressions):
    """Interprets statements; `Expressions` holds the values."""

    def run(self, statements: Sequence[ast.stmt]) -> None:
        """Interpret statements in order."""
        for statement in statements:
            self._count(statement)
            _STATEMENTS.get(type(statement), Interpreter._skip)(self, statement)

    def functions(self) -> tuple[Function, ...]:
        """Return the script's functions that can be called without arguments."""
        found = (value for value in self._scopes[0].values() if isinstance(value, Function))
        return tuple(f for f in found if len(f.node.args.args) <= len(f.node.args.defaults))

    def run_function(
        self, function: Function, positional: Sequence[Any], named: Mapping[str, Any], line: int
    ) -> Any:
        """Interpret a function of the script; return its result."""
        if len(self._scopes) > _DEEPEST_CALL:
            refuse(line, f"functions call one another more than {_DEEPEST_CALL} deep: write it out")
        arguments = function.node.args
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        defaults = [self.value(default) for default in arguments.defaults]
        scope: dict[str, Any] = dict.fromkeys(names, UNKNOWN)
        scope |= dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            scope[argument.arg] = UNKNOWN if default is None else self.value(default)
        scope |= dict(zip(names, positional, strict=False))
        scope |= {name: value for name, value in named.items() if name in scope}
        self._scopes.append(scope)
        try:
            self.run(function.node.body)
        except _Return as result:
            return result.args[0]
        finally:
            self._scopes.pop()
        return None

    # ---- Statements ----

    def _import(self, node: ast.Import) -> None:
        for name in node.names:
            whole = plain_path(name.name)
            shown = whole if name.asname else name.name.partition(".")[0]
            self._set(name.asname or name.name.partition(".")[0], Dotted(shown))

    def _import_from(self, node: ast.ImportFrom) -> None:
        for name in node.names:
            path = plain_path(f"{node.module or ''}.{name.name}")
            if name.name == "*":
                self._import_all(path.removesuffix(".*"))
            else:
                self._set(name.asname or name.name, Dotted(path))

    def _import_all(self, module: str) -> None:
        family = FAMILIES.get(module.removeprefix("keras."))
        names = [*catalog().family(family), "Input"] if family else []
        for name in (*names, *(_MODELS if module in ("keras", "keras.models") else ())):
            self._set(name, Dotted(f"{module}.{name}"))

    def _assign(self, node: ast.Assign) -> None:
        first = node.targets[0]
        preferred_id = first.id if isinstance(first, ast.Name) else ""
        value = self.value(node.value)
        if preferred_id:
            value = self.settled(value, node.lineno, preferred_id)
        for target in node.targets:
            self._store(target, value)

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._store(node.target, self.value(node.value))

    def _augmented(self, node: ast.AugAssign) -> None:
        if not isinstance(node.target, ast.Name):
            return
        held = (self._get(node.target.id), node.target)
        made = operation_of(type(node.op), held, (self.value(node.value), node.value), node.lineno)
        self._store(node.target, made)

    def _expression(self, node: ast.Expr) -> None:
        self.value(node.value)

    def _for(self, node: ast.For) -> None:
        items = self.value(node.iter)
        if not isinstance(items, (list, tuple, range)):
            self._skip(node)
            return
        for item in items:
            self._count(node)
            self._store(node.target, item)
            try:
                self.run(node.body)
            except _Continue:
                continue
            except _Break:
                return

    def _if(self, node: ast.If) -> None:
        condition = self.value(node.test)
        if not is_plain(condition):
            self._skip(node)
            return
        self.run(node.body if condition else node.orelse)

    def _with(self, node: ast.With) -> None:
        for item in node.items:
            value = self.value(item.context_expr)
            if item.optional_vars is not None:
                self._store(item.optional_vars, value)
        self.run(node.body)

    def _define(self, node: ast.FunctionDef) -> None:
        self._set(node.name, UNKNOWN if node.decorator_list else Function(node))

    def _class(self, node: ast.ClassDef) -> None:
        bases = [self.value(base) for base in node.bases]
        paths = [base.path for base in bases if isinstance(base, Dotted)]
        own = any(
            path.startswith("keras") and path.rpartition(".")[2] in _PROGRAMMED for path in paths
        ) or any(isinstance(base, OwnClass) for base in bases)
        self._set(node.name, OwnClass(node.name) if own else UNKNOWN)

    def _return(self, node: ast.Return) -> None:
        raise _Return(self.value(node.value) if node.value is not None else None)

    def _break(self, _node: ast.Break) -> None:
        raise _Break

    def _continue(self, _node: ast.Continue) -> None:
        raise _Continue

    def _skip(self, node: ast.stmt) -> None:
        """Skip a statement that cannot be interpreted, unless the network depends on it."""
        if self._draws(node, set()):
            what = type(node).__name__.lower()
            problem = f'what this "{what}" does cannot be told without running it: write it out'
            refuse(node.lineno, problem)
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                self._set(each.id, UNKNOWN)

    def _draws(self, node: ast.AST, seen: set[str]) -> bool:
        """Tell whether code creates layers or models."""
        return any(
            self._draws_by_call(each.func, seen)
            for each in ast.walk(node)
            if isinstance(each, ast.Call)
        )

    def _draws_by_call(self, function: ast.expr, seen: set[str]) -> bool:
        value = self._looked_up(function)
        if isinstance(value, Dotted):
            last = value.path.rpartition(".")[2]
            return value.path.startswith("keras") and (
                family_of(value.path) == "layers" or last in _MODELS
            )
        if isinstance(value, Function):
            known = value.node.name in seen
            return not known and self._draws(value.node, {*seen, value.node.name})
        if isinstance(value, Method):
            return isinstance(value.owner, Chain) and value.name in ("add", "pop")
        is_layer = isinstance(value, Made) and value.family == "layers"
        return is_layer or isinstance(value, (Chain, Graph, OwnClass))

    def _looked_up(self, node: ast.expr) -> Any:
        """Return the value of a dotted name, without evaluating anything."""
        if isinstance(node, ast.Name):
            return self._get(node.id)
        if isinstance(node, ast.Attribute):
            return attribute_of(self._looked_up(node.value), node.attr)
        return UNKNOWN


_STATEMENTS: Final[Mapping[type[ast.stmt], Callable[[Interpreter, Any], None]]] = {
    ast.Import: Interpreter._import,
    ast.ImportFrom: Interpreter._import_from,
    ast.Assign: Interpreter._assign,
    ast.AnnAssign: Interpreter._annotated,
    ast.AugAssign: Interpreter._augmented,
    ast.Expr: Interpreter._expression,
    ast.For: Interpreter._for,
    ast.If: Interpreter._if,
    ast.With: Interpreter._with,
    ast.FunctionDef: Interpreter._define,
    ast.ClassDef: Interpreter._class,
    ast.Return: Interpreter._return,
    ast.Break: Interpreter._break,
    ast.Continue: Interpreter._continue,
}
