"""Probes, which views request, and the rows of their table. Loads without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

import numpy.typing as npt

VIEW_PERIOD_S: Final = 0.05  # twenty samples a second look continuous
READING_PERIOD_S: Final = 0.5  # of statistics, which are shown as text

Take: TypeAlias = Callable[[], object]


class ProbeError(Exception):
    """A probe cannot be taken; the message says why in one sentence."""


class Subject(Protocol):
    """The networks of a training or a trained model, as seen by probes.

    All methods but `renew` may raise `ProbeError`. None changes a network.

    Attributes
    ----------
    step
        Steps taken so far.
    elsewhere_s
        How long the calling thread has waited for other threads that worked for it.
    """

    step: int
    elsewhere_s: float

    def renew(self, step: int) -> None:
        """Drop cached results because the weights have changed."""

    def layer(self, layer_id: str) -> Any:
        """Return a Keras layer of any of the networks."""

    def network(self, name: str = "") -> Any:
        """Return the Keras model of this name, the only one for ""."""

    def read(self, variable: Any) -> npt.NDArray[Any]:
        """Return the values of a weight, which must not be changed or kept."""

    def outputs(self, layer_id: str, part: str, number: int) -> list[Any]:
        """Return the outputs of a layer for a sample of a part of the data, tensors of shape (1, ...)."""

    def call(self, name: str, inputs: Sequence[npt.NDArray[Any]]) -> list[Any]:
        """Return the outputs of a network for inputs, in inference mode."""


@dataclass(frozen=True)
class Probe:
    """A request for samples of one thing in a network.

    Attributes
    ----------
    id
        ``"dock.weights"``, or ``"thumbnails:dense_2"`` if a view requests several. Only the latest sample of an id
        counts.
    kind
        Id of a row of `engine.probes.table.PROBES`.
    target
        Id of a layer or name of a network, depending on the row; "" for everything.
    options
        Settings of the row.
    size_px
        Rows and columns of pixels of the view, to which larger samples are reduced; None for full resolution.
    period_s
        Time between samples; at ends of epochs and in a pause also in between.
    """

    id: str
    kind: str
    target: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    size_px: tuple[int, int] | None = None
    period_s: float = VIEW_PERIOD_S

    @property
    def owner(self) -> str:
        """The requesting view."""
        return self.id.partition(":")[0]

    @property
    def content(self) -> tuple[object, ...]:
        """Everything that determines the content of a sample."""
        return self.kind, self.target, self.options, self.size_px


@dataclass(frozen=True)
class Unavailable:
    """Replaces a sample that could not be taken.

    Attributes
    ----------
    reason
        One sentence for the user.
    """

    reason: str


@dataclass(frozen=True)
class ProbeKind:
    """A row of the table of probes.

    Attributes
    ----------
    make
        Called once for a probe; returns a callable that takes a sample: a frozen value, reduced to what the screen
        shows, which shares no memory with the network. Its own time is not counted as a cost, that of the samples is.
        Both may raise `ProbeError`; any other error is logged.
    payload
        Class of the samples. Dataclasses of numbers, texts, arrays, tuples and other such dataclasses can be recorded.
    weight
        Part of the time for samples that probes of this kind get, relative to other kinds.
    is_recorded
        Samples are kept, thinly, with the run.
    is_of_layer
        Its target is a layer; otherwise a network, or "".
    """

    id: str
    title: str
    make: Callable[[Subject, Probe], Take]
    payload: type
    weight: float = 1.0
    is_recorded: bool = True
    is_of_layer: bool = True
