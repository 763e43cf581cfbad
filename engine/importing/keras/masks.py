"""Predict the masks that Keras propagates, to tell them from masks that were passed explicitly.

A stored call contains the mask that reached it, as an expression. If that is the expression that Keras propagates by
itself, it can be dropped; any other would be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.importing.keras.arguments import Given, TensorRef
from engine.spec.network import LayerSpec


@dataclass(frozen=True)
class Expression:
    """Number of an expression; equal expressions have equal numbers, whatever their size."""

    number: int


# Layers that pass on the mask of their input.
KEEPING: Final = frozenset(
    {"Dense", "MultiHeadAttention", "GroupQueryAttention", "Attention", "AdditiveAttention"}
    | {"BatchNormalization", "LayerNormalization", "GroupNormalization", "UnitNormalization"}
    | {"Normalization", "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise"}
    | {"ActivityRegularization", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"}
    | {"Activation", "ReLU", "ELU", "LeakyReLU", "PReLU", "Softmax", "Rescaling", "Identity"}
    | {"TimeDistributed"}
)
_SEQUENCES: Final = frozenset(
    {"SimpleRNN", "GRU", "LSTM", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"}
)
_JOINING: Final = frozenset({"Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"})
_PORTS: Final[Mapping[str, int]] = {"query_mask": 0, "value_mask": 1, "key_mask": 2}


class Masks:
    """Masks of the placed layers' outputs."""

    def __init__(self) -> None:
        self._alive: dict[str, Expression] = {}
        self._numbers: dict[tuple[str, Any], int] = {}

    def of(self, layer_id: str) -> Expression | None:
        """Return the mask of a layer's output, None if it has none."""
        return self._alive.get(layer_id)

    def note(self, layer: LayerSpec, sources: Sequence[str]) -> None:
        """Determine the mask of a layer with these inputs."""
        made = self._made(layer, sources, [self.of(source) for source in sources])
        if made is not None:
            self._alive[layer.id] = made

    def is_expected(
        self, argument: str, place: int, sources: Sequence[str], told: Expression
    ) -> bool:
        """Tell whether a mask in a call is that of the layer's inputs."""
        port = _PORTS.get(argument, place)
        return port < len(sources) and told == self.of(sources[port])

    def given(self, layer_id: str) -> Expression:
        """Return a layer's output as an operand."""
        return self.said("of", layer_id)

    def said(self, kind: str, *operands: Any) -> Expression:
        """Return an operation on expressions, numbers and tuples of these."""
        return Expression(self._numbers.setdefault((kind, operands), len(self._numbers)))

    def computed(
        self, kind: str, given: Given, of_tensor: Callable[[TensorRef], Expression]
    ) -> Expression:
        """Return the expression of a stored operation."""

        def of(value: Any) -> Any:
            if isinstance(value, TensorRef):
                return of_tensor(value)
            return tuple(map(of, value)) if isinstance(value, tuple) else value

        return self.said(kind, *map(of, given.positional))

    def _made(
        self, layer: LayerSpec, sources: Sequence[str], masks: Sequence[Expression | None]
    ) -> Expression | None:
        """Return the mask that a layer computes or passes on."""
        kind, parameters = layer.kind, layer.parameters
        if parameters.get("mask_zero") is True and not parameters.get("reverse"):
            return self._unlike(sources[0], 0)
        if kind == "Masking":
            return self.said("Any", self._unlike(sources[0], parameters.get("mask_value", 0.0)))
        if kind in _JOINING:
            return None if None in masks else self._joined(masks)
        if kind == "Concatenate":
            return self._concatenated(sources, masks)
        if kind in _SEQUENCES or kind == "Bidirectional":
            return masks[0] if _gives_sequences(kind, parameters) else None
        return masks[0] if kind in KEEPING else None

    def _unlike(self, source: str, value: float) -> Expression:
        return self.said("NotEqual", self.given(source), value)

    def _joined(self, masks: Sequence[Expression | None]) -> Expression | None:
        made = masks[0]
        for mask in masks[1:]:
            made = self.said("LogicalOr", made, mask)
        return made

    def _concatenated(
        self, sources: Sequence[str], masks: Sequence[Expression | None]
    ) -> Expression | None:
        if all(mask is None for mask in masks):
            return None
        parts = tuple(
            self.said("OnesLike", self.given(source))
            if mask is None
            else self.said(
                "LogicalOr",
                self.said("ExpandDims", mask),
                self.said("ZerosLike", self.given(source)),
            )
            for source, mask in zip(sources, masks, strict=True)
        )
        return self.said("Any", self.said("Concatenate", parts))


def _gives_sequences(kind: str, parameters: Mapping[str, Any]) -> bool:
    if kind == "Bidirectional":
        parameters = parameters.get("layer", {}).get("parameters", {})
    return parameters.get("return_sequences") is True
