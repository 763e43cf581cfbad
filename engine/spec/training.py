"""How the network is trained."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from engine.spec.base import Frozen, ObjectSpec

Device = Annotated[str, StringConstraints(pattern=r"^(auto|cpu|gpu:\d{1,3})$")]


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

    enabled: bool = False
    monitor: str = "val_loss"
    patience: int = Field(default=5, ge=1, le=10_000)
    min_delta: float = Field(default=0.0, ge=0.0, le=1e6)
    restore_best: bool = True


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
    """

    optimizer: ObjectSpec = ObjectSpec(kind="Adam")
    loss: ObjectSpec = ObjectSpec(kind="auto")
    metrics: tuple[ObjectSpec, ...] = (ObjectSpec(kind="auto"),)
    batch_size: int = Field(default=32, ge=1, le=1_000_000)
    epochs: int = Field(default=30, ge=1, le=1_000_000)
    early_stopping: EarlyStoppingSpec = EarlyStoppingSpec()
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    device: Device = "auto"
