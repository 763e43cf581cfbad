"""Place the layers of a functional model, sources first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from engine.catalog.calls import ENDS_IN_ANSWER, RETURN_SCORES, RETURN_STATE, further_outputs
from engine.errors import BadInput, quoted
from engine.importing.keras.arguments import TensorRef
from engine.importing.keras.arithmetic import is_operation
from engine.importing.keras.calls import (
    Call,
    mask_refusal,
    read_call,
    read_operation,
    refuse_unknown,
    single_call,
)
from engine.importing.keras.entries import is_model
from engine.importing.keras.operations import Operations
from engine.importing.keras.placement import Entry, Found, Scope, place_input, place_output
from engine.importing.keras.settings import class_of
from engine.spec.network import INPUT_KIND

LayOut: TypeAlias = Callable[[Entry, list[str], Scope, Found, Call], list[str]]


def read(entry: Entry) -> Call:
    """Read the one call of a stored layer; errors as of `engine.importing.keras.calls.read_call`."""
    node = single_call(entry.value.get("inbound_nodes"), entry.name)
    if is_operation(entry.value):
        return read_operation(node, entry.name)
    kind = None if is_model(entry.value) else class_of(entry.value, "layer")
    return read_call(node, entry.name, kind)


class Graph:
    """The layers of one functional model while they are placed.

    Parameters
    ----------
    ends
        The model's outputs.
    lay_out
        Places a layer or nested model; returns the ids of its output layers.
    """

    def __init__(
        self,
        entries: Mapping[str, Entry],
        calls: Mapping[str, Call],
        ends: Iterable[TensorRef],
        place: tuple[Scope, Found],
        lay_out: LayOut,
    ) -> None:
        self._entries = entries
        self._calls = calls
        self._scope, self._found = place
        self._lay_out = lay_out
        self._outputs: dict[str, list[str]] = {}
        self._masks = self._found.masks
        self._operations = Operations(entries, calls, ends, (*place, self._masks), self.source)

    def enter(self, ref: TensorRef, position: int) -> None:
        """Place the input at this position, or use the layer that feeds it from outside."""
        entry = self._entries.get(ref.layer)
        if entry is None or entry.kind != INPUT_KIND or ref.layer in self._outputs:
            raise BadInput("it is damaged: its inputs cannot be read")
        given = self._scope.given
        if given is None:
            source = place_input(entry, position, self._scope, self._found)
        elif position < len(given):
            source = given[position]
        else:
            raise BadInput("it is damaged: a model inside lacks an input")
        self._outputs[ref.layer] = [source]

    def place(self, name: str) -> None:
        """Place a layer whose sources are placed."""
        entry = self._entries[name]
        if entry.kind == INPUT_KIND:
            if name not in self._outputs:
                raise BadInput("it is damaged: its inputs cannot be read")
            return
        call = self._calls[name]
        if is_operation(entry.value):
            self._operations.take(name)
            return
        sources = [self.source(ref) for ref in call.tensors]
        self._check_masks(name, call, sources)
        self._outputs[name] = self._lay_out(entry, sources, self._scope, self._found, call)

    def source(self, ref: TensorRef) -> str:
        """Return the id of the layer that computes this tensor."""
        entry = self._entries.get(ref.layer)
        if entry is not None and is_operation(entry.value):
            return self._operations.given(ref)
        outputs = self._outputs.get(ref.layer)
        if outputs is None:
            raise refuse_unknown(ref.layer)
        while len(outputs) <= ref.index <= self._most(ref.layer, outputs[0]):
            outputs.append(self._further(ref.layer, len(outputs), outputs[0]))
        if not 0 <= ref.index < len(outputs):
            raise BadInput(
                f'it uses a further output of "{quoted(ref.layer, 40)}", '
                "which Netsmith cannot show yet"
            )
        return outputs[ref.index]

    def _most(self, name: str, layer_id: str) -> int:
        """Return how many further outputs a layer has as it is stored and called."""
        entry, call = self._entries[name], self._calls.get(name)
        if call is None or is_model(entry.value):
            return 0
        config = entry.value["config"]
        held = config.get("layer") if entry.kind == "Bidirectional" else None
        inner = held.get("config", {}) if isinstance(held, Mapping) else config
        if inner.get(RETURN_STATE) is not True and call.node.named.get(RETURN_SCORES) is not True:
            return 0
        spec = self._found.specs[layer_id]
        return further_outputs(spec.kind, spec.parameters)

    def _further(self, name: str, place: int, layer_id: str) -> str:
        """Return the id for a further output; the last output of a sequence is also its first state."""
        spec = self._found.specs[layer_id]
        is_last = place == 1 and spec.kind in ENDS_IN_ANSWER
        if is_last and spec.parameters.get("return_sequences") is not True:
            return layer_id
        return place_output(self._entries[name], layer_id, place, self._scope, self._found)

    def _check_masks(self, name: str, call: Call, sources: list[str]) -> None:
        """Refuse a mask other than the one that Keras propagates by itself."""
        for argument, place, ref in call.masks:
            told = self._operations.mask(ref)
            if not self._masks.is_expected(argument, place, sources, told):
                raise mask_refusal(name, argument)
