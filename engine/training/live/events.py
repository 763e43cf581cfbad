"""Events of a running training: frozen values passed from its thread to the window's.

Every event has the id of its run, so that late events of an old run can be dropped.
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
        Batches of an epoch, with the smaller last one.
    parameters
        Number of weights, trainable or not.
    epochs_before, steps_before
        Epochs and steps before the run was resumed, 0 for a new run.
    series
        Names in `StepsEnded.series`, in order.
    choice
        One sentence on how the steps are executed, and why.
    number
        Number of the run in its project, 0 if it is not recorded.
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
        How long slow motion delayed the chunk, in addition to ``seconds``; pauses do not count.
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
        """(steps,) values of the watched series, ``"loss"`` for a supervised run."""
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
        Whether this epoch is the best so far by the monitored metric.
    """

    epoch: int
    step: int
    figures: Mapping[str, float]
    seconds: float
    best: bool


@dataclass(frozen=True)
class EpochsEnded:
    """One or more consecutive epochs are over; tiny networks complete hundreds at once."""

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
        The value used from now on; None if the request was refused.
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
    """The first tensor that was not finite.

    Attributes
    ----------
    step
        Step of the run, from 1.
    layer
        Id of its layer, "" for the samples or the loss.
    tensor
        ``"output"``, ``"loss"``, ``"samples"``, ``"labels"``, ``"gradient of kernel"``, ``"kernel"``...; "" if unknown.
    learning_rate
        Learning rate of the step; NaN if unknown.
    """

    step: int
    layer: str
    tensor: str
    learning_rate: float = float("nan")


@dataclass(frozen=True)
class Sampled:
    """The sample of a probe at one step.

    Attributes
    ----------
    payload
        A sample, of the class that the probe's row in `engine.probes.table.PROBES` names, or
        `engine.probes.probe.Unavailable`.
    cost_s
        How long the training waited for it.
    """

    run: RunId
    step: int
    probe: Probe
    payload: object
    cost_s: float = 0.0


@dataclass(frozen=True)
class SnapshotTaken:
    """All weights at one step, for predictions during the training.

    Attributes
    ----------
    weights
        Read-only copies in the order of ``keras.Model.get_weights()``.
    seconds
        How long the training waited for it.
    """

    run: RunId
    step: int
    weights: tuple[npt.NDArray[np.generic], ...]
    seconds: float = 0.0


@dataclass(frozen=True)
class WriteFailed:
    """A write of the run failed; the training continues and the write is retried.

    Attributes
    ----------
    what
        ``"weights"``; ``"state"``, from which the run can be resumed; ``"history"``, its metrics; ``"earlier"``, the
        weights before a run was resumed, which a discard restores.
    sentence
        What was not written, why, and what to do.
    kept_epochs
        Completed epochs in the last successful write; None if there was none.
    """

    run: RunId
    what: Written
    sentence: str
    kept_epochs: int | None = None


@dataclass(frozen=True)
class WriteRecovered:
    """A write that had failed has succeeded.

    Attributes
    ----------
    kept_epochs
        Completed epochs in it.
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
        Message for the user if ``outcome`` is ``failed``, else "".
    fault
        The cause of a divergence, None if there was none or it was not found.
    fitting_batch
        A batch size that should fit if memory ran out, 0 for none; None otherwise.
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
