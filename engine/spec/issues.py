"""What is wrong with a description, as values the window and the verbs can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.spec.data import DataSpec
from engine.spec.network import NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import TrainingSpec

WeightShapes: TypeAlias = tuple[tuple[str, tuple[int, ...]], ...]  # name and shape of each weight


@dataclass(frozen=True)
class Cure:
    """One click that mends an issue.

    Attributes
    ----------
    label
        What the button says, ``"Set units to 10"``.
    network, training, data
        The mended parts; None: unchanged.
    """

    label: str
    network: NetworkSpec | None = None
    training: TrainingSpec | None = None
    data: DataSpec | None = None

    def applied_to(self, spec: ProjectSpec) -> ProjectSpec:
        """Return the project with the mended parts."""
        parts = {"network": self.network, "training": self.training, "data": self.data}
        mended: ProjectSpec = spec.but(**{k: v for k, v in parts.items() if v is not None})
        return mended


@dataclass(frozen=True)
class Issue:
    """One thing that keeps the project from training, or a warning.

    Attributes
    ----------
    message
        One plain sentence: what, and what to do.
    layer
        Id of the layer it sits on, "" if it concerns the whole.
    wire
        The wire it sits on, if it does.
    field
        Dotted place: ``"units"`` with a layer, ``"training.loss"``, ``"data.source"`` without.
    """

    message: str
    layer: str = ""
    wire: WireSpec | None = None
    field: str = ""
    severity: Literal["error", "warning"] = "error"
    cures: tuple[Cure, ...] = ()

    @property
    def sentence(self) -> str:
        """The message, with its place in front where it does not name it itself."""
        place = self.layer or self.field
        return self.message if not place or place in self.message else f"{place}: {self.message}"


@dataclass(frozen=True)
class LayerFacts:
    """What Keras says of one placed layer.

    Attributes
    ----------
    output_shape
        Without the batch axis, None for a free size; None as a whole if unknown because this layer or something
        upstream is wrong. Of a layer with several outputs, the first.
    parameters
        Weights of the layer, counted in numbers.
    error
        Why Keras cannot build it, in plain words, "" if it can.
    weights
        Names and shapes of its weights, in the order of ``get_weights``.
    inside
        Of a network inside a layer: (id, output shape) of each layer there, its ports included.
    """

    output_shape: tuple[int | None, ...] | None
    parameters: int = 0
    trainable_parameters: int = 0
    error: str = ""
    field: str = ""
    weights: WeightShapes = ()
    inside: tuple[tuple[str, tuple[int | None, ...]], ...] = ()
