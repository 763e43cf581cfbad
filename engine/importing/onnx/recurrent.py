"""ONNX's recurrent operators as layers, one for each direction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from engine.importing.onnx.graph import Node, refused, refused_setting
from engine.importing.onnx.operators import Operator, Translate, row
from engine.importing.onnx.values import Axes, Translation, Value
from engine.importing.safe.numbers import Array

_DIRECTIONS: Final[Mapping[str, tuple[bool, ...]]] = {  # whether steps are read backwards
    "forward": (False,), "reverse": (True,), "bidirectional": (False, True),
}  # fmt: skip
# Activations without parameters that Keras computes in the same way.
_ACTIVATIONS: Final[Mapping[str, str]] = {
    "relu": "relu", "tanh": "tanh", "sigmoid": "sigmoid", "softsign": "softsign", "softplus": "softplus",
}  # fmt: skip


@dataclass(frozen=True)
class _Kind:
    """A kind of recurrent operator.

    Attributes
    ----------
    layer
        Name in Keras.
    gates
        Position in the file of each gate of Keras.
    activations
        Defaults of ONNX; Keras uses the first for the gates and one other.
    starts
        Names of the inputs from the fifth on: initial states and masks.
    """

    layer: str
    gates: tuple[int, ...]
    activations: tuple[str, ...]
    starts: tuple[str, ...]


_KINDS: Final[Mapping[str, _Kind]] = {
    "RNN": _Kind("SimpleRNN", (0,), ("Tanh",), ("sequence_lens", "initial_h")),
    "GRU": _Kind("GRU", (0, 1, 2), ("Sigmoid", "Tanh"), ("sequence_lens", "initial_h")),
    "LSTM": _Kind(
        "LSTM", (0, 2, 3, 1), ("Sigmoid", "Tanh", "Tanh"),
        ("sequence_lens", "initial_h", "initial_c", "P"),
    ),
}  # fmt: skip


def _recurrent(t: Translation, node: Node) -> Value:
    """Translate a recurrent operator; its outputs are all steps and the last steps."""
    kind, is_samples_first = _KINDS[node.op], bool(node.whole("layout", 0))
    value = t.value(node.inputs[0])
    wanted: Axes = (0, 1, 2) if is_samples_first else (1, 0, 2)
    if value.rank != 3 or value.samples != wanted.index(0):
        raise refused(node, "takes its samples for another axis")
    value = t.arranged(value, wanted)
    directions = _DIRECTIONS.get(node.text("direction", "forward"))
    if directions is None:
        raise refused_setting(node, "direction")
    _check(t, node, kind, value)
    told = _activations(node, kind, len(directions))
    weights = [_weights(t, node, kind, value, number) for number in range(len(directions))]
    common = {"units": weights[0][1].shape[0], "use_bias": True, **told}
    if node.op == "GRU":
        common["reset_after"] = bool(node.whole("linear_before_reset", 0))
    add = _Adder(t, kind.layer, value.layer, weights, directions, common)
    wants_steps, wants_last = _wanted(t, node)
    if wants_last and not wants_steps:
        return t.give(node.outputs[1], _last(add, add.layers(False), is_samples_first))
    layers = add.layers(True)
    if wants_last:
        ends = [
            t.formula("x[:, 0]" if is_backwards else "x[:, -1]", layer)
            for layer, is_backwards in zip(layers, directions, strict=True)
        ]
        t.give(node.outputs[1], _last(add, ends, is_samples_first))
    return _steps(add, layers, value, is_samples_first)


def _wanted(t: Translation, node: Node) -> tuple[bool, bool]:
    """Tell whether all steps are used, and whether the last one is."""
    first, second = (*node.outputs, "", "")[:2]
    uses = t.graph.uses
    return bool(first) and uses[first] > 0, bool(second) and uses[second] > 0


@dataclass(frozen=True)
class _Adder:
    """Adds the layers of each direction; all steps and the last one share their weights."""

    t: Translation
    layer: str
    source: str
    weights: Sequence[tuple[Array, ...]]
    directions: tuple[bool, ...]
    common: Mapping[str, Any]

    @property
    def units(self) -> int:
        """Number of units of one direction."""
        return int(self.common["units"])

    def layers(self, return_sequences: bool) -> list[str]:
        """Return a layer for each direction, with its steps in the order of the input."""
        made = [
            self.t.add(
                self.layer, (self.source,), weights, **self.common,
                return_sequences=return_sequences, go_backwards=is_backwards,
            )
            for weights, is_backwards in zip(self.weights, self.directions, strict=True)
        ]  # fmt: skip
        if not return_sequences:
            return made
        return [
            self.t.formula("flip(x, axis=1)", layer) if is_backwards else layer
            for layer, is_backwards in zip(made, self.directions, strict=True)
        ]


def _steps(add: _Adder, layers: list[str], value: Value, is_samples_first: bool) -> Value:
    """Return all steps: (steps, directions, samples, units), or samples first."""
    length, count = value.shape[1 if is_samples_first else 0], len(layers)
    layer, directions, units = layers[0], None, 2
    if count == 2:
        layer, directions, units = add.t.formula("stack([a, b], axis=2)", *layers), 2, 3
    if is_samples_first:
        return Value(layer, (None, length, count, add.units), (0, 1, directions, units))
    return Value(layer, (length, count, None, add.units), (1, directions, 0, units))


def _last(add: _Adder, layers: list[str], is_samples_first: bool) -> Value:
    """Return the last step: (directions, samples, units), or samples first."""
    count = len(layers)
    layer, directions, units = layers[0], None, 1
    if count == 2:
        layer, directions, units = add.t.formula("stack([a, b], axis=1)", *layers), 1, 2
    if is_samples_first:
        return Value(layer, (None, count, add.units), (0, directions, units))
    return Value(layer, (count, None, add.units), (directions, 0, units))


def _check(t: Translation, node: Node, kind: _Kind, value: Value) -> None:
    """Refuse what layers of Keras lack."""
    if "clip" in node.attributes:
        raise refused_setting(node, "clip")
    if node.whole("input_forget", 0):
        raise refused_setting(node, "input_forget")
    for place, name in enumerate(kind.starts, start=4):
        if not node.input(place):
            continue
        fill, array = t.folding.fills.get(node.input(place)), t.array(node.input(place))
        number = 0 if name != "sequence_lens" else value.shape[value.axes.index(1)]
        is_idle = (fill is not None and fill.value == number) or (
            array is not None and number is not None and bool((array == number).all())
        )
        if not is_idle:
            raise refused(node, f'takes "{name}"')


def _activations(node: Node, kind: _Kind, directions: int) -> dict[str, str]:
    told = node.attributes.get("activations") or kind.activations * directions
    for name in ("activation_alpha", "activation_beta"):
        if node.attributes.get(name):
            raise refused_setting(node, name)
    names = [_ACTIVATIONS.get(str(name).lower()) for name in told]
    each = len(kind.activations)
    own = names[:each]
    # Keras has one activation for the gates and one for the rest; both directions must agree.
    if (
        len(names) != each * directions
        or None in names
        or names != own * directions
        or len(set(own[1:])) > 1
    ):
        raise refused_setting(node, "activations")
    if each == 1:
        return {"activation": str(own[0])}
    return {"recurrent_activation": str(own[0]), "activation": str(own[1])}


def _weights(
    t: Translation, node: Node, kind: _Kind, value: Value, direction: int
) -> tuple[Array, ...]:
    """Return kernel, recurrent kernel and bias of one direction in the layout of Keras."""
    kernels, recurrent = t.constant(node, 1), t.constant(node, 2)
    gates, directions = len(kind.gates), len(_DIRECTIONS[node.text("direction", "forward")])
    units = recurrent.shape[-1]
    features = value.shape[2]
    biases = t.optional(node, 3)
    if biases is None:
        biases = np.zeros((directions, 2 * gates * units), np.float32)
    if (
        kernels.shape != (directions, gates * units, features)
        or recurrent.shape != (directions, gates * units, units)
        or biases.shape != (directions, 2 * gates * units)
    ):
        raise refused(node, "has weights that do not fit its input")
    if node.whole("hidden_size", units) != units:
        raise refused_setting(node, "hidden_size", "which is not that of its weights")
    ours = _ordered(kind.gates, units)
    both = biases[direction].reshape(2, gates * units)
    bias = np.stack([ours(row) for row in both])
    if node.op != "GRU" or not node.whole("linear_before_reset", 0):
        bias = bias.sum(axis=0)
    return ours(kernels[direction]).T, ours(recurrent[direction]).T, bias


def _ordered(gates: tuple[int, ...], units: int) -> Callable[[Array], Array]:
    def ordered(rows: Array) -> Array:
        parts = rows.reshape(len(gates), units, *rows.shape[1:])
        return parts[list(gates)].reshape(rows.shape)

    return ordered


_SETTINGS: Final = (
    "activation_alpha activation_beta activations clip direction hidden_size layout>=14"
)
_TRANSLATE: Final[Translate] = _recurrent
RECURRENT: Final[Mapping[str, Operator]] = {
    "RNN": row(_TRANSLATE, _SETTINGS, inputs=6, outputs=2),
    "GRU": row(_TRANSLATE, f"{_SETTINGS} linear_before_reset", inputs=6, outputs=2),
    "LSTM": row(_TRANSLATE, f"{_SETTINGS} input_forget", inputs=8, outputs=2),
}
