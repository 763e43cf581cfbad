"""How layers are called: the arguments for their wires, and the settings of the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

# Settings of a call that are plain values.
PLAIN: Final = frozenset({"use_causal_mask", "reverse"})
# Settings that add wires for this argument.
STATES: Final = "initial_state"
MASK: Final = "attention_mask"
CALL_SETTINGS: Final = PLAIN | {STATES, MASK}
# Layers that take their inputs as separate arguments; all others with several inputs take a list.
SEPARATE_INPUTS: Final = frozenset({"MultiHeadAttention", "GroupQueryAttention"})

_WITH_SCORES: Final = frozenset(
    {"MultiHeadAttention", "GroupQueryAttention", "Attention", "AdditiveAttention"}
)
# Without sequences, their output is the first tensor of their state.
ENDS_IN_ANSWER: Final = frozenset({"SimpleRNN", "GRU", "LSTM"})
RETURN_SCORES: Final = "return_attention_scores"
RETURN_STATE: Final = "return_state"
_STATES_OF: Final[Mapping[str, int]] = {
    **dict.fromkeys(("SimpleRNN", "GRU", "SimpleRNNCell", "GRUCell"), 1),
    **dict.fromkeys(("LSTM", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "LSTMCell"), 2),
}
_Item = TypeVar("_Item")


def states_of(kind: str, parameters: Mapping[str, Any]) -> int:
    """Return the number of state tensors of a recurrent layer or cell; 0 for any other layer."""
    parts = {"RNN": "cell", "StackedRNNCells": "cells", "Bidirectional": "layer"}
    held = parameters.get(parts.get(kind, ""), ())
    items = (held,) if isinstance(held, Mapping) else held if isinstance(held, Sequence) else ()
    inside = sum(
        states_of(str(item.get("kind")), item.get("parameters", {}))
        for item in items
        if isinstance(item, Mapping)
    )
    return inside * (2 if kind == "Bidirectional" else 1) or _STATES_OF.get(kind, 0)


def further_wires(kind: str, parameters: Mapping[str, Any]) -> int:
    """Return how many wires the call settings add to the layer's inputs."""
    states = states_of(kind, parameters) if parameters.get(STATES) is True else 0
    return states + (parameters.get(MASK) is True)


def further_outputs(kind: str, parameters: Mapping[str, Any]) -> int:
    """Return how many outputs a layer can have after the first: states, or attention scores."""
    return states_of(kind, parameters) or int(kind in _WITH_SCORES)


def arranged(
    kind: str, parameters: Mapping[str, Any], items: Sequence[_Item], *, further: bool = False
) -> tuple[list[_Item | list[_Item]], dict[str, Any]]:
    """Return the positional and the named arguments of a layer's call.

    Parameters
    ----------
    items
        Inputs by port; at least one.
    further
        Whether to return the further outputs too.
    """
    named: dict[str, Any] = {
        name: value for name, value in parameters.items() if name in PLAIN and value
    }
    if further and kind in _WITH_SCORES:
        named[RETURN_SCORES] = True
    own = list(items)
    if parameters.get(MASK) is True and len(own) > 1:
        named[MASK] = own.pop()
    if parameters.get(STATES) is True and len(own) > 1:
        named[STATES], own = own[1:], own[:1]
    if len(own) == 1 or kind in SEPARATE_INPUTS:
        return [*own], named
    return [own], named


def of_constructor(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters without the call settings."""
    return {name: value for name, value in parameters.items() if name not in CALL_SETTINGS}
