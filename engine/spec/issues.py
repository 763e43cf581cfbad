"""Issues of a description and their cures, for the window and the verbs."""

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
    """A change that resolves an issue, offered as a button.

    Attributes
    ----------
    label
        Text of the button, ``"Set units to 10"``.
    network, training, data
        The changed parts; None for unchanged ones.
    """

    label: str
    network: NetworkSpec | None = None
    training: TrainingSpec | None = None
    data: DataSpec | None = None

    def applied_to(self, spec: ProjectSpec) -> ProjectSpec:
        """Return the project with the changed parts."""
        parts = {"network": self.network, "training": self.training, "data": self.data}
        mended: ProjectSpec = spec.but(**{k: v for k, v in parts.items() if v is not None})
        return mended


@dataclass(frozen=True)
class Issue:
    """An error that prevents the training, or a warning.

    Attributes
    ----------
    message
        One plain sentence: what is wrong and what to do.
    layer
        Id of its layer, "" if it concerns the whole project.
    wire
        Its wire, if any.
    field
        Dotted path: ``"units"`` with a layer, ``"training.loss"``, ``"data.reader"`` without.
    """

    message: str
    layer: str = ""
    wire: WireSpec | None = None
    field: str = ""
    severity: Literal["error", "warning"] = "error"
    cures: tuple[Cure, ...] = ()

    @property
    def sentence(self) -> str:
        """The message, preceded by its place unless it names that itself."""
        place = self.layer or self.field
        return self.message if not place or place in self.message else f"{place}: {self.message}"


@dataclass(frozen=True)
class LayerFacts:
    """Facts about one layer, as computed by Keras.

    Attributes
    ----------
    output_shape
        Without the batch axis, None for a free size; None as a whole if this layer or one upstream is invalid. The
        first one if there are several outputs.
    parameters
        Number of weights.
    error
        Why Keras cannot build it, "" if it can.
    weights
        Names and shapes of its weights, in the order of ``get_weights``.
    inside
        (id, output shape) of each layer of a network inside the layer, with its ports.
    """

    output_shape: tuple[int | None, ...] | None
    parameters: int = 0
    trainable_parameters: int = 0
    error: str = ""
    field: str = ""
    weights: WeightShapes = ()
    inside: tuple[tuple[str, tuple[int | None, ...]], ...] = ()
