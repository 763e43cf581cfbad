"""What is known of an operator of ONNX: how it becomes layers, and which attributes, inputs and outputs are honoured.

Whatever a file says beyond that is refused by name, so that nothing is computed as if it were not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.importing.onnx.graph import Node, Unread, refused, refused_setting
from engine.importing.onnx.values import Translation, Value

Translate = Callable[[Translation, Node], Value]
ANY_NUMBER: Final = 1000  # of inputs
_SETTING: Final = re.compile(r"(\w+?)(?:(<|>=)(\d+))?")
_PLACES: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


@dataclass(frozen=True)
class Operator:
    """A row of the table of operators.

    Attributes
    ----------
    attributes
        Name -> the opsets in which it has a meaning.
    inputs, outputs
        How many of them are looked at.
    is_exact
        It only moves numbers, so it takes whole ones and yes or no as well.
    """

    translate: Translate
    attributes: Mapping[str, range]
    inputs: int = 1
    outputs: int = 1
    is_exact: bool = False


def row(
    translate: Translate,
    attributes: str = "",
    *,
    inputs: int = 1,
    outputs: int = 1,
    is_exact: bool = False,
) -> Operator:
    """Return a row; ``attributes``: names parted by spaces, ``axes<13`` for one that later opsets lack."""
    return Operator(translate, dict(map(_setting, attributes.split())), inputs, outputs, is_exact)


def _setting(word: str) -> tuple[str, range]:
    name, sign, opset = _SETTING.fullmatch(word).groups()  # type: ignore[union-attr]
    start = int(opset) if sign == ">=" else 0
    return name, range(start, int(opset) if sign == "<" else ANY_NUMBER)


def check(t: Translation, node: Node, operator: Operator) -> None:
    """Refuse what an operator's row does not name.

    Raises
    ------
    BadInput
        Names the operator, and the attribute, input or output.
    """
    for name, value in node.attributes.items():
        if isinstance(value, Unread) or t.graph.opset not in operator.attributes.get(name, ()):
            raise refused_setting(
                node, name, f"which Netsmith does not read in opset {t.graph.opset}"
            )
    for place, name in enumerate(node.inputs):
        if name and place >= operator.inputs:
            raise refused(node, f"takes a {_ordinal(place)} input")
        value = t.values.get(name)
        if value is not None and value.kind != "float" and not operator.is_exact:
            words = {"int": "whole numbers", "bool": "yes and no"}[value.kind]
            raise refused(node, f"computes with {words}")
    for place, name in enumerate(node.outputs):
        if name and t.graph.uses[name] and place >= operator.outputs:
            raise refused(node, f"is asked for its {_ordinal(place)} output")


def _ordinal(place: int) -> str:
    return _PLACES[place] if place < len(_PLACES) else "further"
