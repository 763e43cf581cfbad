"""What the training loop runs: steps, figures and state of one way of learning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

import keras

Tensor: TypeAlias = Any


class Program(Protocol):
    """Networks that learn together, and how a step of them is taken.

    Attributes
    ----------
    model
        All layers of the project as one Keras model: what is watched, kept and handed over.
    series
        Names of what a step returns. The first is watched: a value that is not finite ends the run.
    """

    model: keras.Model
    series: tuple[str, ...]

    @property
    def networks(self) -> Mapping[str, keras.Model]:
        """The networks that learn, by role; they share their layers with ``model``."""

    @property
    def observed(self) -> Mapping[str, keras.Model]:
        """What probes look at, by name; where two share a layer, the later one shows it."""

    @property
    def optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """The optimizer of each network, by role; the first has the rate that is shown and scheduled."""

    @property
    def variables(self) -> Mapping[str, Sequence[Any]]:
        """All variables that a step reads or writes, in named groups; running figures in ``"metrics"``."""

    @property
    def dtype(self) -> str:
        """Number type in which samples enter."""

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of an epoch's figures beside the series."""

    # ---- Outside the graphs ----

    def build(self, x: Tensor, y: Tensor) -> None:
        """Make the variables of metrics and optimizers; ``x`` and ``y`` are a batch of one sample."""

    def labels(self, y: Any) -> Any:
        """Return answers as `LoadedData` holds them in the form that `step` takes."""

    def set_optimizer(self, role: str, optimizer: keras.optimizers.Optimizer) -> None:
        """Replace an optimizer by one of the same kind."""

    def learn_only(self, role: str) -> None:
        """Let the coming steps change this network only; "" for all."""

    def final_weights(self) -> AbstractContextManager[keras.Model]:
        """Return ``model`` with the weights that the run would end with now, for as long as the context lasts."""

    def first_fault(self, x: Tensor, y: Tensor) -> Any:
        """Return the first tensor that a step on this batch would spoil, see `doctor.examine`; None if unknown."""

    # ---- Within the graphs ----

    @property
    def learning_rate(self) -> Tensor:
        """The rate of the first optimizer."""

    def set_rate(self, rate: Tensor) -> None:
        """Set the rate of the first optimizer; the others keep their proportion to it."""

    def reset(self) -> None:
        """Forget the running figures."""

    def step(self, x: Tensor, y: Tensor, weights: Tensor | None = None) -> Mapping[str, Tensor]:
        """Take a step and return a scalar for each of the series; ``weights`` are those of the samples."""

    def evaluate(self, x: Tensor, y: Tensor) -> None:
        """Add a batch to the running figures without learning from it."""

    def running(self) -> Mapping[str, Tensor]:
        """Return the running figures, after `evaluate` those of the series among them."""
