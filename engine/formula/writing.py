"""Write a formula as text in its canonical form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from engine.formula.parsing import parse
from engine.formula.tree import (
    LETTERS,
    ONLY_INPUT,
    Call,
    Index,
    Input,
    Number,
    Operation,
    Option,
    Place,
    Tree,
    used_inputs,
)

# Precedence of the operators, as in Python.
_COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(6)
_BINDING: Final[Mapping[str, int]] = {
    "<": _COMPARISON, "<=": _COMPARISON, ">": _COMPARISON, ">=": _COMPARISON,
    "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "//": _PRODUCT, "%": _PRODUCT,
    "@": _PRODUCT, "**": _POWER,
}  # fmt: skip


def canonical(formula: str) -> str:
    """Return a formula in canonical form; FormulaError if it is invalid."""
    return text(parse(formula))


def text(tree: Tree, names: Sequence[str] | None = None, prefix: str = "") -> str:
    """Return the text of a formula.

    Parameters
    ----------
    names
        Names of the inputs by port; None: x if only the first is used, else a, b, c...
    prefix
        Prefix of each function's name, ``"keras.ops."``.
    """
    if names is None:
        names = ONLY_INPUT if set(used_inputs(tree)) <= {0} else LETTERS
    return _Writer(names, prefix).written(tree, _COMPARISON)


class _Writer:
    def __init__(self, names: Sequence[str], prefix: str) -> None:
        self._names = names
        self._prefix = prefix

    def written(self, tree: Tree, least: int) -> str:
        """Return the text, in brackets if its precedence is lower than ``least``."""
        words, binding = self._words(tree)
        return f"({words})" if binding < least else words

    def _words(self, tree: Tree) -> tuple[str, int]:
        if isinstance(tree, Input):
            return self._names[tree.port], _ATOM
        if isinstance(tree, Number):
            return repr(tree.value), _SIGN if repr(tree.value).startswith("-") else _ATOM
        if isinstance(tree, Call):
            return self._call(tree), _ATOM
        if isinstance(tree, Index):
            inside = ", ".join(map(_place, tree.places))
            return f"{self.written(tree.whole, _ATOM)}[{inside}]", _ATOM
        return self._operation(tree)

    def _operation(self, tree: Operation) -> tuple[str, int]:
        if len(tree.operands) == 1:
            # A negative constant needs brackets.
            (only,) = tree.operands
            words = self.written(only, _SIGN)
            return (f"-({words})" if isinstance(only, Number) else f"-{words}"), _SIGN
        binding = _BINDING[tree.symbol]
        left, right = tree.operands
        if tree.symbol == "**":  # right-associative, and a sign may follow it
            words = f"{self.written(left, _ATOM)} ** {self.written(right, _SIGN)}"
            return words, binding
        words = f"{self.written(left, binding + (binding == _COMPARISON))} {tree.symbol} "
        return words + self.written(right, binding + 1), binding

    def _call(self, tree: Call) -> str:
        tensors = [self.written(tensor, _COMPARISON) for tensor in tree.tensors]
        if tree.is_list:
            tensors = [f"[{', '.join(tensors)}]"]
        options = [f"{name}={_option(value)}" for name, value in tree.options]
        return f"{self._prefix}{tree.function}({', '.join([*tensors, *options])})"


def _option(value: Option) -> str:
    if isinstance(value, tuple):
        inside = ", ".join(map(_option, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _place(place: Place) -> str:
    if not isinstance(place, tuple):
        return str(place)
    start, stop, step = ("" if end is None else str(end) for end in place)
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
