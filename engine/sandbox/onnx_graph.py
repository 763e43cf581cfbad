"""The graph of an ONNX file as plain values: nodes in order, constants as arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from engine.errors import BadInput, quoted
from engine.sandbox.archive import DAMAGED
from engine.sandbox.numbers import Array, StoredNumbers
from engine.sandbox.strict_json import parse

_OWN_DOMAINS: Final = ("", "ai.onnx")
Size = int | None


@dataclass(frozen=True)
class Node:
    """One operator.

    Attributes
    ----------
    inputs
        Names of tensors, "" for one that is left out.
    attributes
        Numbers, texts, lists of numbers, arrays.
    """

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def ints(self, name: str, default: Sequence[int]) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        return tuple(int(value) for value in self.attributes.get(name) or default)

    def whole(self, name: str, default: int) -> int:
        """Return a whole number."""
        return int(self.attributes.get(name, default))

    def number(self, name: str, default: float) -> float:
        """Return a number."""
        return float(self.attributes.get(name, default))


@dataclass(frozen=True)
class Graph:
    """What a file computes.

    Attributes
    ----------
    nodes
        Those that lead to an output, sources first.
    inputs
        Name -> shape, the batch axis first, None for free sizes.
    uses
        How many nodes and outputs take a tensor.
    taken_by
        Tensor -> nodes that take it.
    """

    producer: str
    opset: int
    nodes: tuple[Node, ...]
    inputs: Mapping[str, tuple[Size, ...]]
    outputs: tuple[str, ...]
    constants: Mapping[str, Array]
    uses: Mapping[str, int]
    taken_by: Mapping[str, tuple[Node, ...]]

    def takers(self, name: str) -> tuple[Node, ...]:
        """Return the nodes that take a tensor."""
        return self.taken_by.get(name, ())


def graph_of(stored: StoredNumbers) -> Graph:
    """Return the graph that the helper read.

    Raises
    ------
    BadInput
        If it is damaged or uses operators that are not ONNX's own.
    """
    told = parse(stored.config.encode("utf-8", errors="replace"))
    constants = {str(name): stored.arrays[path] for name, path in told["constants"].items()}
    nodes = [_node(value, stored.arrays) for value in told["nodes"]]
    outputs = tuple(str(name) for name in told["outputs"])
    needed = _needed(nodes, outputs)
    kept = []
    for node in needed:
        folded = _folded(node, constants)
        if folded is None:
            kept.append(node)
        else:
            constants[node.outputs[0]] = folded
    uses = Counter(name for node in kept for name in node.inputs if name)
    uses.update(outputs)
    inputs = {
        str(value["name"]): _shape(value)
        for value in told["inputs"]
        if value["name"] not in constants and uses[value["name"]]
    }
    if not inputs or not outputs:
        raise BadInput(DAMAGED)
    taken_by: dict[str, list[Node]] = {}
    for node in kept:
        for name in set(node.inputs):
            taken_by.setdefault(name, []).append(node)
    return Graph(
        producer=quoted(told["producer"], 20),
        opset=int(told["opset"]),
        nodes=tuple(kept),
        inputs=inputs,
        outputs=outputs,
        constants=constants,
        uses=uses,
        taken_by={name: tuple(nodes) for name, nodes in taken_by.items()},
    )


def _node(value: Mapping[str, Any], arrays: Mapping[str, Array]) -> Node:
    op = str(value["op"])
    if value["domain"] not in _OWN_DOMAINS:
        name = quoted(f"{value['domain']}.{op}", 40)
        raise BadInput(f'it uses the operator "{name}", which is not one of ONNX\'s own')
    attributes = {
        str(name): arrays[told["array"]] if isinstance(told, Mapping) else told
        for name, told in value["attributes"].items()
    }
    return Node(op, tuple(map(str, value["inputs"])), tuple(map(str, value["outputs"])), attributes)


def _shape(value: Mapping[str, Any]) -> tuple[Size, ...]:
    shape = value["shape"]
    if not isinstance(shape, list) or len(shape) < 2:
        name = quoted(value["name"], 30)
        raise BadInput(f'its input "{name}" has no shape of samples: export it with one')
    return tuple(shape)


def _needed(nodes: list[Node], outputs: tuple[str, ...]) -> list[Node]:
    """Return the nodes that an output depends on, in their order."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted & set(node.outputs):
            wanted |= set(node.inputs)
            kept.append(node)
    return kept[::-1]


def _folded(node: Node, constants: Mapping[str, Array]) -> Array | None:
    """Return the value of a node that depends on constants alone and only rearranges them."""
    if node.op == "Constant":
        return _constant(node)
    if not node.inputs or any(name not in constants for name in node.inputs if name):
        return None
    first = constants[node.inputs[0]]
    if node.op in ("Identity", "Cast"):
        return first
    if node.op == "Transpose":
        return first.transpose(node.ints("perm", range(first.ndim)[::-1]))
    if node.op == "Reshape" and len(node.inputs) == 2:
        return first.reshape(tuple(constants[node.inputs[1]].tolist()))
    return None


def _constant(node: Node) -> Array:
    for name in ("value", "value_float", "value_int", "value_floats", "value_ints"):
        if name in node.attributes:
            return np.asarray(node.attributes[name])
    raise BadInput(DAMAGED)
