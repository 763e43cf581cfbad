"""What a training says while it runs: frozen values that cross from its thread to the window's.

Every event carries the id of its run; a late event of an old run is recognised and dropped.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.probes.probe import Probe

RunId: TypeAlias = str
Floats: TypeAlias = npt.NDArray[np.float32]

Phase = Literal[
    "preparing", "loading", "measuring", "compiling", "training", "validating", "paused", "testing"
]
Outcome = Literal["finished", "stopped_early", "stopped", "discarded", "failed"]
Written = Literal["weights", "state", "history", "earlier"]


def new_run_id() -> RunId:
    """Return an id that sorts by time and names a folder."""
    return time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(2)


@dataclass(frozen=True)
class RunStarted:
    """The model is built and the first step is about to run.

    Attributes
    ----------
    steps_per_epoch
        Batches an epoch, the last, smaller one included.
    parameters
        Trainable and other weights, counted in numbers.
    epochs_before, steps_before
        Taken before the run was resumed, 0 of a new run.
    series
        What `StepsEnded.series` will hold, in that order.
    choice
        A sentence: how the steps run, and why.
    number
        Of the run within its project, 0 if it is not recorded.
    """

    run: RunId
    epochs: int
    steps_per_epoch: int
    batch_size: int
    samples: int
    device: str
    parameters: int
    metrics: tuple[str, ...]
    epochs_before: int = 0
    steps_before: int = 0
    choice: str = ""
    number: int = 0
    series: tuple[str, ...] = ("loss",)


@dataclass(frozen=True)
class PhaseChanged:
    """The run entered another phase."""

    run: RunId
    phase: Phase


@dataclass(frozen=True)
class StepsEnded:
    """A chunk of training steps is over.

    Attributes
    ----------
    first_step
        Number of the chunk's first step over the whole run, from 1.
    series
        Name -> (steps,) values of each batch by itself, not the epoch's running mean; named as
        `engine.training.procedures.program.Program.series`, the watched ones first.
    metrics
        Name -> running value over the epoch so far, after the last step.
    epoch
        Number of the running epoch, from 1.
    learning_rate
        As the optimizer used it in the last step.
    seconds
        Wall time of the chunk.
    samples
        Training samples the chunk used.
    waited_s
        For how long slow motion held the chunk back, beside ``seconds``; a pause is not counted.
    """

    run: RunId
    epoch: int
    first_step: int
    series: Mapping[str, Floats]
    metrics: Mapping[str, float]
    learning_rate: float
    seconds: float
    samples: int
    waited_s: float = 0.0

    @property
    def losses(self) -> Floats:
        """(steps,) of the watched series, ``"loss"`` of a supervised run."""
        return next(iter(self.series.values()))

    @property
    def last_step(self) -> int:
        """Number of the chunk's last step."""
        return self.first_step + len(self.losses) - 1


@dataclass(frozen=True)
class EpochEnd:
    """How an epoch and its validation ended.

    Attributes
    ----------
    figures
        The series and metrics: ``loss``, ``accuracy``..., ``val_loss``, ``val_accuracy``...; no ``val_`` without a
        validation part.
    step
        Last step of the epoch, over the whole run.
    best
        This epoch is the best so far by the monitored figure.
    """

    epoch: int
    step: int
    figures: Mapping[str, float]
    seconds: float
    best: bool


@dataclass(frozen=True)
class EpochsEnded:
    """Some epochs are over, one after the other; at least one. Those of tiny networks end by the hundred at once."""

    run: RunId
    ends: tuple[EpochEnd, ...]


@dataclass(frozen=True)
class ValueApplied:
    """A request of `TrainingControl.set_value` was answered, or the plateau schedule reduced the rate.

    Attributes
    ----------
    step
        Steps taken before; the next one uses the value.
    name
        ``learning_rate`` (of a scheduled run: the base rate, the curve keeps its form), ``momentum``, ``beta_1``,
        ``weight_decay``, ``batch_size`` (from the next epoch on, and answered then), ``dropout:<layer id>``,
        ``trainable:<layer id>`` (0 or 1), ``class_weight:<label>``.
    applied
        What is used from now on; None if the request could not be met.
    message
        Why ``applied`` differs from ``requested``, one sentence; else "".
    """

    run: RunId
    step: int
    name: str
    requested: float
    applied: float | None
    message: str = ""


@dataclass(frozen=True)
class Fault:
    """The first tensor that was no longer finite.

    Attributes
    ----------
    step
        At which, over the whole run, from 1.
    layer
        Id of its layer, "" if the samples themselves or the loss.
    tensor
        ``"output"``, ``"loss"``, ``"samples"``, ``"labels"``, ``"gradient of kernel"``, ``"kernel"``...; "" if unknown.
    learning_rate
        As the step used it; NaN if unknown.
    """

    step: int
    layer: str
    tensor: str
    learning_rate: float = float("nan")


@dataclass(frozen=True)
class Sampled:
    """What a probe observed at one step.

    Attributes
    ----------
    payload
        A sample, of the class that the probe's row in `engine.probes.table.PROBES` names, or
        `engine.probes.probe.Unavailable`.
    cost_s
        For how long the training waited for it.
    """

    run: RunId
    step: int
    probe: Probe
    payload: object
    cost_s: float = 0.0


@dataclass(frozen=True)
class SnapshotTaken:
    """All weights at one step, for classifying while training goes on.

    Attributes
    ----------
    weights
        Arrays in the order of ``keras.Model.get_weights()``; copies nobody writes to.
    seconds
        What it cost the training.
    """

    run: RunId
    step: int
    weights: tuple[npt.NDArray[np.generic], ...]
    seconds: float = 0.0


@dataclass(frozen=True)
class WriteFailed:
    """Something of the run was not written; the training goes on and the write is tried again.

    Attributes
    ----------
    what
        ``"weights"``; ``"state"``, from which the run could go on; ``"history"``, its figures; ``"earlier"``, what a
        resumed run had learned before, which a discard goes back to.
    sentence
        What was not written, why, and the cure.
    kept_epochs
        Epochs done in what was written last; None: this run has written nothing yet.
    """

    run: RunId
    what: Written
    sentence: str
    kept_epochs: int | None = None


@dataclass(frozen=True)
class WriteRecovered:
    """What could not be written before is written now.

    Attributes
    ----------
    kept_epochs
        Epochs done in it.
    """

    run: RunId
    what: Written
    kept_epochs: int


@dataclass(frozen=True)
class RunEnded:
    """The last event of every run.

    Attributes
    ----------
    weights
        Final weights as in `SnapshotTaken`; empty if the run was discarded or failed before its first step.
    figures
        The last epoch's figures and, if the run was not discarded, ``test_loss``, ``test_accuracy``...
    error
        The sentence for the user if ``outcome`` is ``failed``, else "".
    fault
        Where a run that diverged went wrong, None if it did not or the place was not found.
    fitting_batch
        If the memory was too small, a batch size that should fit, 0 for none; else None.
    """

    run: RunId
    outcome: Outcome
    epochs: int
    steps: int
    seconds: float
    samples: int = 0
    figures: Mapping[str, float] = field(default_factory=dict)
    weights: tuple[npt.NDArray[np.generic], ...] = ()
    error: str = ""
    fault: Fault | None = None
    fitting_batch: int | None = None


TrainingEvent: TypeAlias = (
    RunStarted
    | PhaseChanged
    | StepsEnded
    | EpochsEnded
    | ValueApplied
    | Sampled
    | SnapshotTaken
    | WriteFailed
    | WriteRecovered
    | RunEnded
)
