"""What the names of a script stand for while it is read."""

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
        Where, from 1.
    """

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {quoted(problem, _LONGEST_PROBLEM)}")
        self.line = line


def refuse(line: int, problem: str) -> NoReturn:
    """Raise `NotUnderstood`; ``problem`` says what and the cure."""
    raise NotUnderstood(line, problem)


@dataclass(frozen=True)
class Dotted:
    """Something in a library, by its place: ``keras.layers.Dense``."""

    path: str


@dataclass(eq=False)
class Made:
    """The call of a class of Keras, its arguments not looked at yet.

    Attributes
    ----------
    family
        ``"layers"``, ``"optimizers"``, ``"callbacks"``...: the module of Keras.
    used
        It is a layer and has its place in the network.
    scaling
        It is held by the variable that generated scripts use for the project's own scaling.
    """

    family: str
    name: str
    positional: tuple[Any, ...]
    named: dict[str, Any]
    line: int
    used: bool = False
    scaling: bool = False


@dataclass(frozen=True)
class Tensor:
    """What a layer gives.

    Attributes
    ----------
    node
        Number of the layer in the drawing.
    """

    node: int


@dataclass(eq=False)
class Chain:
    """A Sequential model: layers, chains, and perhaps an input tensor in front."""

    items: list[Any]
    line: int


@dataclass(eq=False)
class Graph:
    """A functional model.

    Attributes
    ----------
    used
        It is part of another one.
    """

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    line: int
    used: bool = False


@dataclass(frozen=True, eq=False)
class Function:
    """A function of the script, run where it is called."""

    node: ast.FunctionDef


@dataclass(frozen=True)
class OwnClass:
    """A layer or model that the script programs itself."""

    name: str


@dataclass(frozen=True, eq=False)
class Method:
    """A method about to be called."""

    owner: Any
    name: str


@dataclass
class Settings:
    """What the script says of the training, not looked at yet.

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
