"""Values of a script's variables while it is interpreted."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from engine.errors import BadInput, quoted

_LONGEST_PROBLEM: Final = 145


class NotUnderstood(BadInput):
    """A script that cannot become a network.

    Attributes
    ----------
    line
        Line number, from 1.
    """

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {quoted(problem, _LONGEST_PROBLEM)}")
        self.line = line


def refuse(line: int, problem: str) -> NoReturn:
    """Raise `NotUnderstood`; ``problem`` says what is wrong and how to mend it."""
    raise NotUnderstood(line, problem)


@dataclass(frozen=True)
class Dotted:
    """An object of a library by its path: ``keras.layers.Dense``."""

    path: str


@dataclass(eq=False)
class Made:
    """The call of a Keras class, with arguments that are not checked yet.

    Attributes
    ----------
    family
        ``"layers"``, ``"optimizers"``, ``"callbacks"``...: the module of Keras.
    used
        Whether it is a layer that was called.
    """

    family: str
    name: str
    positional: tuple[Any, ...]
    named: dict[str, Any]
    line: int
    used: bool = False


@dataclass(frozen=True)
class Tensor:
    """The output of a layer.

    Attributes
    ----------
    node
        Number of the layer's node in the drawing.
    """

    node: int


@dataclass(eq=False)
class Chain:
    """A Sequential model: layers and models, possibly after an input tensor."""

    items: list[Any]
    line: int


@dataclass(eq=False)
class Graph:
    """A functional model.

    Attributes
    ----------
    used
        Whether it is part of another model.
    """

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    line: int
    used: bool = False


@dataclass(frozen=True, eq=False)
class Function:
    """A function of the script, interpreted at each call."""

    node: ast.FunctionDef


@dataclass(frozen=True)
class OwnClass:
    """A layer or model class defined by the script."""

    name: str


@dataclass(frozen=True, eq=False)
class Method:
    """A bound method."""

    owner: Any
    name: str


@dataclass
class Settings:
    """Training settings of the script, not checked yet.

    Attributes
    ----------
    model
        The model that was compiled or trained last.
    compiled, fitted
        Arguments of ``compile`` and ``fit`` by name.
    """

    model: Chain | Graph | None = None
    compiled: Mapping[str, Any] = field(default_factory=dict)
    fitted: Mapping[str, Any] = field(default_factory=dict)
    seed: Any = None
