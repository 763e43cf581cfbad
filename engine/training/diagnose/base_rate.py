"""Judge whether a network can learn with an optimizer's learning rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from engine.catalog import catalog
from engine.spec.training import TrainingSpec

Judgement: TypeAlias = Literal["", "zero", "too low", "too high"]
NAME: Final = "learning_rate"
# Most optimizers change each weight by about the rate at each step, whatever the gradient.
_HIGHEST: Final = 0.5
# These multiply the gradient by the rate, or divide by all past gradients.
_HIGHEST_OF: Final[Mapping[str, float]] = {
    "SGD": 10.0, "Adadelta": 100.0, "Adagrad": 5.0, "Ftrl": 10.0,
}  # fmt: skip
_LOWEST_SHARE: Final = 1e-4  # of the usual rate


def usual_rate(optimizer: str) -> Any:
    """Return Keras's default rate of an optimizer, None if it has none."""
    kind = catalog().family("optimizer").get(optimizer)
    fields = kind.fields if kind is not None else ()
    return next((field.default for field in fields if field.name == NAME), None)


def base_rate(training: TrainingSpec) -> Any:
    """Return the initial rate of a run, before any schedule."""
    return training.optimizer.parameters.get(NAME, usual_rate(training.optimizer.kind))


def judged(training: TrainingSpec) -> Judgement:
    """Tell whether the rate is far too low or too high; "" if it is neither, or no number."""
    rate, usual = base_rate(training), usual_rate(training.optimizer.kind)
    if usual is None or isinstance(rate, bool) or not isinstance(rate, (int, float)):
        return ""
    if rate == 0:
        return "zero"
    if rate > _HIGHEST_OF.get(training.optimizer.kind, _HIGHEST):
        return "too high"
    return "too low" if rate < _LOWEST_SHARE * usual else ""


def problem(training: TrainingSpec) -> str:
    """Return in one sentence what is wrong with the rate and what to use instead; "" if nothing is."""
    found = judged(training)
    if not found:
        return ""
    rate, usual = base_rate(training), usual_rate(training.optimizer.kind)
    if found == "zero":
        return f"At a learning rate of 0 no weight changes: try {usual:g}."
    return (
        f"A learning rate of {rate:g} is far {found} for {training.optimizer.kind}: try {usual:g}."
    )


def with_rate(training: TrainingSpec, rate: float) -> TrainingSpec:
    """Return the settings with another rate."""
    chosen = training.optimizer
    optimizer = chosen.but(parameters={**chosen.parameters, NAME: rate})
    changed: TrainingSpec = training.but(optimizer=optimizer)
    return changed
