"""The graph of an ONNX file: nodes in order, constants as arrays."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from engine.errors import BadInput, quoted
from engine.importing.safe.archive import DAMAGED
from engine.importing.safe.numbers import Array, StoredNumbers
from engine.importing.safe.strict_json import parse

_OWN_DOMAINS: Final = ("", "ai.onnx")
_LETTERS: Final = 30  # of an operator's name, in a message
OLDEST_OPSET: Final = 7  # ONNX Runtime reads no older ones either
NEWEST_OPSET: Final = 28
Size = int | None


class Unread:
    """The value of an attribute that is not read: a graph, a list of tensors, a reference."""

    def __str__(self) -> str:
        return "a value of its own kind"


@dataclass(frozen=True)
class Node:
    """One operator.

    Attributes
    ----------
    inputs
        Names of tensors, "" for one that is omitted.
    attributes
        Numbers, texts, lists of either, arrays, `Unread`.
    """

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def ints(self, name: str, default: Sequence[int]) -> tuple[int, ...]:
        """Return a list of integers."""
        told = self.attributes.get(name)
        if told is None or told == []:
            return tuple(default)
        if not isinstance(told, list) or not all(isinstance(value, int) for value in told):
            raise BadInput(DAMAGED)
        return tuple(told)

    def whole(self, name: str, default: int) -> int:
        """Return an integer."""
        told = self.attributes.get(name, default)
        if not isinstance(told, int):
            raise BadInput(DAMAGED)
        return told

    def number(self, name: str, default: float) -> float:
        """Return a number, possibly infinite, in the fewest digits that are exact in 32 bits."""
        told = self.attributes.get(name, default)
        if not isinstance(told, float):
            raise BadInput(DAMAGED)
        return shortest(told) if name in self.attributes else told

    def text(self, name: str, default: str) -> str:
        """Return a text."""
        told = self.attributes.get(name, default)
        if not isinstance(told, str):
            raise BadInput(DAMAGED)
        return told

    def input(self, place: int) -> str:
        """Return the name of an input, "" if it is omitted."""
        return self.inputs[place] if place < len(self.inputs) else ""


def shortest(value: float) -> float:
    """Return a number in the fewest digits that are exact in 32 bits: 0.2, not 0.20000000298."""
    with np.errstate(over="ignore"):
        return float(str(np.float32(value)))


def refused(node: Node, why: str) -> BadInput:
    """Return the error for an operator."""
    return BadInput(
        f'its operator "{quoted(node.op, _LETTERS)}" {why}, which no layer of Keras does'
    )


def refused_setting(node: Node, name: str, why: str = "which no layer of Keras does") -> BadInput:
    """Return the error for an attribute, with its value."""
    told: Any = node.attributes.get(name)
    told = shortest(told) if isinstance(told, float) else told
    value = f"of shape {told.shape}" if hasattr(told, "shape") else f"= {told}"
    words = f"{quoted(name, _LETTERS)} {quoted(value, 40)}" if told is not None else f"no {name}"
    return BadInput(f'its operator "{quoted(node.op, _LETTERS)}" has {words}, {why}')


@dataclass(frozen=True)
class Graph:
    """The graph of a file.

    Attributes
    ----------
    nodes
        Nodes that an output depends on, sources first.
    inputs
        Name -> shape, None for free sizes.
    whole_inputs
        Inputs of integers and booleans: name -> ``"int"`` or ``"bool"``.
    uses
        Number of nodes and outputs that use a tensor.
    taken_by
        Tensor -> nodes that use it.
    """

    producer: str
    opset: int
    nodes: tuple[Node, ...]
    inputs: Mapping[str, tuple[Size, ...]]
    outputs: tuple[str, ...]
    constants: Mapping[str, Array]
    uses: Mapping[str, int]
    taken_by: Mapping[str, tuple[Node, ...]]
    whole_inputs: Mapping[str, str] = field(default_factory=dict)

    def takers(self, name: str) -> tuple[Node, ...]:
        """Return the nodes that use a tensor."""
        return self.taken_by.get(name, ())


def graph_of(stored: StoredNumbers) -> Graph:
    """Return the graph that the helper read.

    Raises
    ------
    BadInput
        If it is damaged or has a cycle.
    """
    told = _parsed(stored.config)
    constants = {str(name): stored.arrays[path] for name, path in told["constants"].items()}
    every = [_node(value, stored.arrays) for value in told["nodes"]]
    outputs = tuple(str(name) for name in told["outputs"])
    given = {str(value["name"]) for value in told["inputs"]}
    nodes = _in_order(every, outputs, frozenset(given | constants.keys()))
    uses = Counter(name for node in nodes for name in node.inputs if name)
    uses.update(outputs)
    taken = {
        str(value["name"]): value
        for value in told["inputs"]
        if value["name"] not in constants and uses[value["name"]]
    }
    if not taken:
        raise BadInput("nothing that it takes leads to what it gives, so it has no answers")
    taken_by: dict[str, list[Node]] = {}
    for node in nodes:
        for name in set(node.inputs):
            taken_by.setdefault(name, []).append(node)
    return Graph(
        producer=quoted(told["producer"], 20),
        opset=int(told["opset"]),
        nodes=nodes,
        inputs={name: _shape(value) for name, value in taken.items()},
        outputs=outputs,
        constants=constants,
        uses=uses,
        taken_by={name: tuple(takers) for name, takers in taken_by.items()},
        whole_inputs={name: _kind(value) for name, value in taken.items() if _kind(value)},
    )


def check_description(config: str) -> None:
    """Refuse custom operators and unsupported opsets.

    Raises
    ------
    BadInput
        Names the first one.
    """
    told = _parsed(config)
    for value in told["nodes"]:
        if value["domain"] not in _OWN_DOMAINS:
            name = quoted(f"{value['domain']}.{value['op']}", 40)
            raise BadInput(f'it uses the operator "{name}", which is not one of ONNX\'s own')
    _check_opset(int(told["opset"]))


def _parsed(config: str) -> Any:
    return parse(config.encode("utf-8", errors="replace"))


def _check_opset(opset: int) -> None:
    if opset < OLDEST_OPSET:
        raise BadInput(
            f"it is of opset {opset}, and Netsmith reads {OLDEST_OPSET} and later: "
            "convert it with onnx.version_converter"
        )
    if opset > NEWEST_OPSET:
        raise BadInput(
            f"it is of opset {opset}, and Netsmith reads {NEWEST_OPSET} and earlier: "
            "export it with an earlier one"
        )


def _node(value: Mapping[str, Any], arrays: Mapping[str, Array]) -> Node:
    attributes = {str(name): _attribute(told, arrays) for name, told in value["attributes"].items()}
    return Node(
        str(value["op"]),
        tuple(map(str, value["inputs"])),
        tuple(map(str, value["outputs"])),
        attributes,
    )


def _attribute(told: Any, arrays: Mapping[str, Array]) -> Any:
    if isinstance(told, list):
        return [_attribute(item, arrays) for item in told]
    if not isinstance(told, Mapping):
        return told
    if "array" in told:
        return arrays[told["array"]]
    return float(told["number"]) if "number" in told else Unread()


def _shape(value: Mapping[str, Any]) -> tuple[Size, ...]:
    shape, name = value["shape"], quoted(value["name"], 30)
    if not isinstance(shape, list) or len(shape) < 2:
        raise BadInput(f'its input "{name}" has no shape of samples: export it with one')
    if value["type"] not in _INPUT_KINDS:
        raise BadInput(f'its input "{name}" takes something else than numbers')
    return tuple(shape)


# TensorProto.DataType of an input -> "" for floats, otherwise its kind.
_INPUT_KINDS: Final[Mapping[int, str]] = {
    1: "", 10: "", 11: "",
    2: "int", 3: "int", 4: "int", 5: "int", 6: "int", 7: "int", 12: "int", 13: "int", 9: "bool",
}  # fmt: skip


def _kind(value: Mapping[str, Any]) -> str:
    return _INPUT_KINDS.get(value["type"], "")


def _in_order(
    nodes: Sequence[Node], outputs: Sequence[str], given: frozenset[str]
) -> tuple[Node, ...]:
    """Return the nodes that an output depends on, sources first, otherwise in the file's order.

    The standard requires that order, but some exporters do not keep it.
    """
    makers = _makers(nodes, given)
    needed = _needed(nodes, outputs, makers)
    waits_for = {
        place: {makers[name] for name in nodes[place].inputs if name in makers} for place in needed
    }
    releases: dict[int, list[int]] = {}
    for place, sources in waits_for.items():
        for source in sources:
            releases.setdefault(source, []).append(place)
    ready = [place for place, sources in waits_for.items() if not sources]
    heapq.heapify(ready)
    ordered: list[Node] = []
    while ready:
        place = heapq.heappop(ready)
        ordered.append(nodes[place])
        for after in releases.get(place, ()):
            waits_for[after].discard(place)
            if not waits_for[after]:
                heapq.heappush(ready, after)
    if len(ordered) < len(needed):
        stuck = next(nodes[place] for place in sorted(needed) if waits_for[place])
        raise BadInput(
            f'its operator "{quoted(stuck.op, _LETTERS)}" needs its own result: it goes in a circle'
        )
    return tuple(ordered)


def _makers(nodes: Sequence[Node], given: frozenset[str]) -> dict[str, int]:
    """Return the node that computes each tensor; refuses a tensor that is defined twice."""
    makers: dict[str, int] = {}
    for place, node in enumerate(nodes):
        for name in filter(None, node.outputs):
            if name in makers or name in given:
                raise BadInput(DAMAGED)
            makers[name] = place
    return makers


def _needed(
    nodes: Sequence[Node], outputs: Sequence[str], makers: Mapping[str, int]
) -> frozenset[int]:
    waiting = [makers[name] for name in outputs if name in makers]
    found = set(waiting)
    while waiting:
        for name in nodes[waiting.pop()].inputs:
            source = makers.get(name)
            if source is not None and source not in found:
                found.add(source)
                waiting.append(source)
    return frozenset(found)
