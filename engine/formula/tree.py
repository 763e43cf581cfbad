"""The tree of a formula: five kinds of frozen nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

LETTERS: Final = "abcdefgh"  # inputs by port; a single one is called x
ONLY_INPUT: Final = "x"
MOST_INPUTS: Final = len(LETTERS)

# A constant argument, such as an axis or the name of a dtype.
Option: TypeAlias = "bool | int | float | str | tuple[Option, ...] | None"
# One part of an index: a number, a slice (start, stop, step), None for a new axis, or "...".
Place: TypeAlias = "int | tuple[int | None, int | None, int | None] | str | None"


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: int | float


@dataclass(frozen=True)
class Input:
    """The tensor at an input port."""

    port: int


@dataclass(frozen=True)
class Operation:
    """An operator with one operand (``"-"``) or two."""

    symbol: str
    operands: tuple[Tree, ...]


@dataclass(frozen=True)
class Call:
    """A function of ``keras.ops``.

    Attributes
    ----------
    tensors
        Tensor arguments, in the order of its signature.
    is_list
        Whether it takes them as a list, like ``concatenate``.
    options
        Constant arguments by name, in the order of its signature.
    """

    function: str
    tensors: tuple[Tree, ...]
    is_list: bool = False
    options: tuple[tuple[str, Option], ...] = ()


@dataclass(frozen=True)
class Index:
    """An indexed array, ``x[:, 0]``."""

    whole: Tree
    places: tuple[Place, ...]


Tree: TypeAlias = Number | Input | Operation | Call | Index


def children(tree: Tree) -> tuple[Tree, ...]:
    """Return the children of a node, from left to right."""
    if isinstance(tree, Operation):
        return tree.operands
    if isinstance(tree, Call):
        return tree.tensors
    return (tree.whole,) if isinstance(tree, Index) else ()


def nodes(tree: Tree) -> Iterator[Tree]:
    """Yield every node, from left to right, without recursion."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(children(node))


def used_inputs(tree: Tree) -> tuple[int, ...]:
    """Return the ports that the formula uses, in the order of their first use."""
    return tuple(dict.fromkeys(node.port for node in nodes(tree) if isinstance(node, Input)))


def is_constant(tree: Tree) -> bool:
    """Tell whether a tree contains no input."""
    return not used_inputs(tree)


def with_inputs(tree: Tree, ports: Mapping[int, Tree]) -> Tree:
    """Return the tree with every input replaced."""
    if isinstance(tree, Input):
        return ports[tree.port]
    return _rebuilt(tree, lambda child: with_inputs(child, ports))


def _rebuilt(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    if isinstance(tree, Operation):
        return replace(tree, operands=tuple(map(change, tree.operands)))
    if isinstance(tree, Call):
        return replace(tree, tensors=tuple(map(change, tree.tensors)))
    return replace(tree, whole=change(tree.whole)) if isinstance(tree, Index) else tree
