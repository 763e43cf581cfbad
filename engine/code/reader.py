"""Read a network from a Python script, which is parsed and never executed. Loads without TensorFlow."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.code.interpreter import Interpreter
from engine.code.training_settings import training_settings
from engine.code.values import Chain, Graph, NotUnderstood, refuse
from engine.errors import quoted
from engine.spec.network import NetworkSpec

LARGEST_LETTERS: Final = 400_000  # a network of 2,000 layers takes half of it
_DEEPEST: Final = 100  # nested brackets
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class Understood:
    """The network and training settings of a script.

    Attributes
    ----------
    training
        Fields of `engine.spec.training.TrainingSpec` given by ``compile`` and ``fit``.
    left
        Fields of it whose values were not understood.
    """

    network: NetworkSpec
    training: Mapping[str, Any] = field(default_factory=dict)
    left: tuple[str, ...] = ()


def parse(text: str) -> Understood:
    """Return the network that a script of plain Keras calls builds, with the training settings it names.

    Raises
    ------
    NotUnderstood
        If it is not Python, or its network depends on running it; the message begins with the line.
    """
    tree = _tree(text)
    try:
        return _understood(tree)
    except RecursionError:
        refuse(1, "the script is nested too deep: simplify it")


def _tree(text: str) -> ast.Module:
    if len(text) > LARGEST_LETTERS:
        problem = (
            f"the script has more than {LARGEST_LETTERS:,} letters: keep what builds the network"
        )
        refuse(1, problem)
    _refuse_deep(text)
    try:
        with warnings.catch_warnings():  # of invalid escapes in strings
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        refuse(error.lineno or 1, f"this is not Python ({quoted(error.msg, 60)}): correct it")
    except (ValueError, RecursionError, MemoryError):
        refuse(1, "this is no Python script that can be read: choose another file")


def _refuse_deep(text: str) -> None:
    """Refuse brackets nested too deep for Python's parser."""
    depth = 0
    for number, line in enumerate(text.split("\n"), start=1):
        for letter in line:
            if letter in _OPENING:
                depth += 1
            elif letter in _CLOSING:
                depth = max(0, depth - 1)
            elif letter == "#":
                break
        if depth > _DEEPEST:
            refuse(number, f"more than {_DEEPEST} brackets are open: simplify the script")


def _understood(tree: ast.Module) -> Understood:
    reader = Interpreter()
    reader.run(tree.body)
    model = reader.settings.model or _last(reader.models) or _made_by_a_function(reader)
    if model is None:
        refuse(1, "no network was found: build one with keras.Sequential or keras.Model")
    drawing = reader.drawing
    if isinstance(model, Chain):
        network = drawing.network((), (drawing.draw_chain(model),))
    else:
        network = drawing.network(model.inputs, model.outputs)
    if not network.outputs:
        refuse(model.line, "the network has no layers: add some")
    training, left = training_settings(reader.settings)
    return Understood(network, training, left)


def _last(models: list[Chain | Graph]) -> Chain | Graph | None:
    return models[-1] if models else None


def _made_by_a_function(reader: Interpreter) -> Chain | Graph | None:
    """Look for the network in functions that the script defines but does not call."""
    for function in reader.functions():
        try:
            made = reader.run_function(function, (), {}, function.node.lineno)
        except NotUnderstood:
            continue
        if isinstance(made, (Chain, Graph)):
            return made
    return None
