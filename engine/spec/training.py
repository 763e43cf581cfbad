"""How the network is trained."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from engine.spec.base import Flag, Frozen, Name, Number, ObjectSpec, Parameters, Whole

Device = Annotated[
    str,
    StringConstraints(pattern=r"^(auto|cpu|gpu:\d{1,3})$"),
    Field(description="auto, cpu, gpu:0, gpu:1 ..."),
]
ScheduleKind = Literal[
    "constant", "step", "exponential", "cosine", "warmup", "warmup_cosine", "one_cycle", "plateau"
]
_Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Weight = Annotated[Number, Field(ge=0.0, le=1e6, allow_inf_nan=False)]
# "none", "balanced" (rare classes count more, so that each class counts the same), or label -> weight; a label
# that is not named weighs 1.
ClassWeights: TypeAlias = Literal["none", "balanced"] | dict[_Label, _Weight]


class ScheduleSpec(Frozen):
    """How the learning rate changes during a run; lengths are in epochs, heights are shares of the base rate.

    `engine.training.live.schedules.FIELDS` says which fields each kind uses; the others wait for their kind.

    Attributes
    ----------
    factor
        The rate is multiplied by it: at each step ("step"), over each period ("exponential"), at each
        reduction ("plateau").
    every
        Epochs between two steps, or of the exponential's period; fractions are allowed.
    warmup
        Epochs in which the rate climbs from ``start`` to the base rate.
    start
        Share of the base rate at the first step of a warm-up or of the cycle.
    peak
        Share of the run at which one cycle reaches the base rate.
    final
        Share of the base rate that is approached at the end; for "plateau" the lowest share.
    monitor, patience, min_delta
        As in `EarlyStoppingSpec`: after ``patience`` epochs without improvement the rate is reduced.
    """

    kind: ScheduleKind = "constant"
    factor: Number = Field(default=0.5, gt=0.0, lt=1.0)
    every: Number = Field(default=10.0, gt=0.0, le=1e6)
    warmup: Number = Field(default=1.0, gt=0.0, le=1e6)
    start: Number = Field(default=0.04, ge=0.0, le=1.0)
    peak: Number = Field(default=0.3, gt=0.0, lt=1.0)
    final: Number = Field(default=0.0, ge=0.0, le=1.0)
    monitor: str = Field(default="val_loss", max_length=200)
    patience: Whole = Field(default=5, ge=1, le=10_000)
    min_delta: Number = Field(default=0.0, ge=0.0, le=1e6)


class EarlyStoppingSpec(Frozen):
    """Stop when a figure no longer improves.

    Attributes
    ----------
    monitor
        Key of an epoch's figures, ``"val_loss"``, ``"val_accuracy"``, ``"loss"``. Losses and errors should fall,
        accuracies rise.
    patience
        Epochs without improvement before stopping; at least 1.
    min_delta
        What counts as an improvement, in the figure's own unit.
    restore_best
        Go back to the weights of the best epoch.
    """

    enabled: Flag = False
    monitor: str = "val_loss"
    patience: Whole = Field(default=5, ge=1, le=10_000)
    min_delta: Number = Field(default=0.0, ge=0.0, le=1e6)
    restore_best: Flag = True


class StageSpec(Frozen):
    """One stage of a training: by which procedure which networks learn.

    Attributes
    ----------
    procedure
        Id of a row in `engine.training.procedures.PROCEDURES`.
    networks
        Role in the procedure -> name of a network; empty where the procedure trains the only network.
    optimizers
        Role -> its optimizer; a role without one has an optimizer as `TrainingSpec.optimizer` says.
    options
        What the procedure takes, as its row lists it.
    """

    procedure: str = Field(default="supervised", max_length=100)
    networks: dict[Name, Name] = {}
    optimizers: dict[Name, ObjectSpec] = {}
    options: Parameters = {}


class TrainingSpec(Frozen):
    """Hyperparameters.

    Attributes
    ----------
    optimizer
        Kind and parameters of a Keras optimizer, ``learning_rate`` among them.
    loss
        Kind of a Keras loss, ``"auto"``: the usual one for the task and the output.
    metrics
        Kinds of Keras metrics, ``("auto",)``: accuracy for classes, mean absolute error for numbers.
    batch_size
        Samples a step.
    epochs
        Passes over the training part.
    seed
        Of the initial weights, dropout and the order of samples.
    device
        ``"auto"`` (the first GPU if there is one), ``"cpu"`` or ``"gpu:0"``...
    schedule
        How the optimizer's ``learning_rate``, the base rate, changes during the run.
    class_weights
        How much each class counts in the training loss.
    stages
        What is learned by which procedure, one after another; so far there is exactly one.
    """

    optimizer: ObjectSpec = ObjectSpec(kind="Adam")
    loss: ObjectSpec = ObjectSpec(kind="auto")
    metrics: tuple[ObjectSpec, ...] = (ObjectSpec(kind="auto"),)
    batch_size: Whole = Field(default=32, ge=1, le=1_000_000)
    epochs: Whole = Field(default=30, ge=1, le=1_000_000)
    early_stopping: EarlyStoppingSpec = EarlyStoppingSpec()
    seed: Whole = Field(default=0, ge=0, le=2**31 - 1)
    device: Device = "auto"
    schedule: ScheduleSpec = ScheduleSpec()
    class_weights: ClassWeights = Field(
        default="none",
        description='none, balanced, or a weight from 0 to 1000000 for each class, as in {"cat": 2.0}',
    )
    stages: tuple[StageSpec, ...] = Field(default=(StageSpec(),), min_length=1, max_length=1)

    @property
    def stage(self) -> StageSpec:
        """The only stage."""
        return self.stages[0]
