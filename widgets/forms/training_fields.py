"""The training settings that Netsmith, not Keras, defines; the names of undo steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from engine.catalog.model import Field, Kind
from widgets.forms.texts import title_in_sentence, value_text

_LARGEST_SEED: Final = 2**31 - 1
MONITORS: Final = (
    "val_loss", "val_accuracy", "val_mean_absolute_error",
    "loss", "accuracy", "mean_absolute_error",
)  # fmt: skip

OPTIMIZER: Final = Field(
    "optimizer",
    "text",
    "Adam",
    required=True,
    help="The rule that turns gradients into new weights.",
)
LOSS: Final = Field(
    "loss", "text", "auto", help="What training makes small. Auto takes the usual one for the data."
)
METRICS: Final = Field(
    "metrics",
    "json",
    ({"kind": "auto", "parameters": {}},),
    help="Figures to watch beside the loss; they do not steer training.",
)
CLASS_WEIGHTS: Final = Field(
    "class_weights",
    "json",
    "none",
    help="How much each class counts in the loss. Balanced makes rare classes count more.",
)

IMPROVEMENT: Final = (
    Field("monitor", "choice", "val_loss", choices=MONITORS, help="The figure to watch."),
    Field(
        "patience", "int", 5, minimum=1, maximum=10_000, unit="epochs",
        help="How long to wait for an improvement.",
    ),
    Field(
        "min_delta", "float", 0.0, minimum=0.0, maximum=1e6,
        help="A smaller change counts as no improvement.",
    ),
)  # fmt: skip
"""When a figure no longer improves: for early stopping and for a schedule that waits."""

# What stands before a form's field in the place of an issue.
PREFIXES: Final = {
    **dict.fromkeys(("run", "device", "seed"), "training."),
    **dict.fromkeys(("rate", "regularisation", "optimizer"), "training.optimizer."),
    "early_stopping": "training.early_stopping.",
}
_RATE: Final = "learning_rate"
# What keeps weights or steps small, so that a network does not learn by heart or run away.
_REGULARISING: Final = frozenset({
    "weight_decay", "adam_weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "clip_threshold",
    "use_ema", "ema_momentum", "ema_overwrite_frequency", "l1_regularization_strength",
    "l2_regularization_strength", "l2_shrinkage_regularization_strength",
})  # fmt: skip

EARLY_STOPPING: Final = Kind(
    "Early stopping",
    "metric",
    "",
    (
        Field("enabled", "bool", False, help="Stop by itself when a figure no longer improves."),
        *IMPROVEMENT,
        Field(
            "restore_best", "bool", True,
            help="Go back to the weights of the best epoch at the end.",
        ),
    ),
)  # fmt: skip


RUN: Final = Kind(
    "Run",
    "metric",
    "",
    (
        Field(
            "epochs", "int", 30, minimum=1, maximum=1_000_000,
            help="How often training goes through all training samples.",
        ),
        Field(
            "batch_size", "int", 32, minimum=1, maximum=1_000_000,
            help="Samples looked at before the weights change once.",
        ),
    ),
)  # fmt: skip
SEED: Final = Kind(
    "Seed",
    "metric",
    "",
    (
        Field(
            "seed", "int", 0, minimum=0, maximum=_LARGEST_SEED,
            help="Fixes the first weights, dropout and the order of samples.",
        ),
    ),
)  # fmt: skip


def device_kind(devices: Iterable[str], note: str = "") -> Kind:
    """Return the field of the device; ``devices`` are the choices beside auto, the note says more of them."""
    field = Field(
        "device", "choice", "auto", choices=tuple(dict.fromkeys(("auto", *devices))),
        help=f"What computes. Auto takes the first graphics card if there is one. {note}".rstrip(),
    )  # fmt: skip
    return Kind("Device", "metric", "", (field,))


def optimizer_parts(kind: Kind) -> Mapping[str, Kind]:
    """Return an optimizer's fields by part of the form: ``rate``, ``regularisation``, ``optimizer``."""
    chosen: dict[str, list[Field]] = {"rate": [], "regularisation": [], "optimizer": []}
    for field in kind.fields:
        part = "rate" if field.name == _RATE else "optimizer"
        chosen["regularisation" if field.name in _REGULARISING else part].append(field)
    return {part: flat(replace(kind, fields=tuple(fields))) for part, fields in chosen.items()}


def flat(kind: Kind) -> Kind:
    """Return a kind whose form folds nothing, for a place that is folded itself."""
    return replace(kind, fields=tuple(replace(field, advanced=False) for field in kind.fields))


def change_text(name: str, value: Any) -> str:
    """Return the name of an undo step: ``"Set batch size to 64"``."""
    return f"Set {title_in_sentence(name)} to {value_text(value)}"
