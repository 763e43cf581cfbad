"""What a view asks to observe in a network, and what a row of the table of probes is. Loads without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

import numpy.typing as npt

VIEW_PERIOD_S: Final = 0.05  # twenty samples a second are as many as an eye follows
READING_PERIOD_S: Final = 0.5  # of numbers, which are read rather than watched

Take: TypeAlias = Callable[[], object]


class ProbeError(Exception):
    """A probe has nothing to show; its text says why in one sentence."""


class Subject(Protocol):
    """What probes look into: the networks of a training or of a trained model.

    Every method but `renew` may raise `ProbeError`. Nothing changes a network.

    Attributes
    ----------
    step
        Steps taken so far.
    elsewhere_s
        For how long the calling thread has waited for other threads that worked for it.
    """

    step: int
    elsewhere_s: float

    def renew(self, step: int) -> None:
        """Forget what was computed: the weights have changed since."""

    def layer(self, layer_id: str) -> Any:
        """Return a Keras layer of any of the networks."""

    def network(self, name: str = "") -> Any:
        """Return the Keras model of this name, the only one for ""."""

    def read(self, variable: Any) -> npt.NDArray[Any]:
        """Return the numbers of a weight, which must not be written to or kept."""

    def outputs(self, layer_id: str, part: str, number: int) -> list[Any]:
        """Return what a layer gives for a sample of a part of the data, a tensor (1, ...) an output."""

    def call(self, name: str, inputs: Sequence[npt.NDArray[Any]]) -> list[Any]:
        """Return what a network gives for some inputs, in inference mode."""


@dataclass(frozen=True)
class Probe:
    """A request for samples of one thing in a network.

    Attributes
    ----------
    id
        Who asks: ``"dock.weights"``, or ``"thumbnails:dense_2"`` if a view asks for several. Only the latest sample
        of an id counts.
    kind
        Id of a row of `engine.probes.table.PROBES`.
    target
        Id of a layer or name of a network, as the row says; "" where it looks at everything.
    options
        Settings of the row.
    size_px
        Rows and columns of pixels that show the sample; what has more is reduced. None: as fine as it comes.
    period_s
        Take a sample so often; at ends of epochs and in a pause also in between.
    """

    id: str
    kind: str
    target: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    size_px: tuple[int, int] | None = None
    period_s: float = VIEW_PERIOD_S

    @property
    def owner(self) -> str:
        """The view that asks."""
        return self.id.partition(":")[0]

    @property
    def content(self) -> tuple[object, ...]:
        """What decides what a sample holds."""
        return self.kind, self.target, self.options, self.size_px


@dataclass(frozen=True)
class Unavailable:
    """Stands for a sample that could not be taken.

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
        shows, which shares no memory with the network. Both may raise `ProbeError`; any other error is logged.
    payload
        Class of the samples. Dataclasses of numbers, texts, arrays, tuples and other such dataclasses can be recorded.
    weight
        Part of the time for samples that probes of this kind get, relative to other kinds.
    is_recorded
        Samples are kept, thinly, with the run.
    """

    id: str
    title: str
    make: Callable[[Subject, Probe], Take]
    payload: type
    weight: float = 1.0
    is_recorded: bool = True
