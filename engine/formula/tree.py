"""What a formula is made of: five kinds of frozen nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

LETTERS: Final = "abcdefgh"  # the inputs, by port; the first is called x where it is the only one
ONLY_INPUT: Final = "x"
MOST_INPUTS: Final = len(LETTERS)

# A constant argument, such as an axis or the name of a number type.
Option: TypeAlias = "bool | int | float | str | tuple[Option, ...] | None"
# One place of an index: a number, a slice (start, stop, step), None for a new axis, "..." for the axes between.
Place: TypeAlias = "int | tuple[int | None, int | None, int | None] | str | None"


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: int | float


@dataclass(frozen=True)
class Input:
    """What arrives at an input port."""

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
        What it computes with, in the order of its signature.
    is_list
        It takes them as one list, as ``concatenate`` does.
    options
        Constant arguments by name, in the order of its signature.
    """

    function: str
    tensors: tuple[Tree, ...]
    is_list: bool = False
    options: tuple[tuple[str, Option], ...] = ()


@dataclass(frozen=True)
class Index:
    """A part of an array, ``x[:, 0]``."""

    whole: Tree
    places: tuple[Place, ...]


Tree: TypeAlias = Number | Input | Operation | Call | Index


def children(tree: Tree) -> tuple[Tree, ...]:
    """Return the trees that a node is made of, from left to right."""
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
    """Return the ports that the formula uses, in the order in which they first stand in it."""
    return tuple(dict.fromkeys(node.port for node in nodes(tree) if isinstance(node, Input)))


def is_constant(tree: Tree) -> bool:
    """Tell whether no input is part of it."""
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
