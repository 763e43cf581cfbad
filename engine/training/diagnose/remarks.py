"""Detect runs that ended normally but learned nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.data.info import DataInfo
from engine.spec.training import TrainingSpec
from engine.training.diagnose import base_rate
from engine.training.live.events import RunEnded, RunStarted, StepsEnded, TrainingEvent

_ACCURACIES: Final[Mapping[str, str]] = {
    "test_accuracy": "test accuracy", "val_accuracy": "validation accuracy", "accuracy": "accuracy",
}  # fmt: skip
_LEAST_GAIN: Final = 0.05  # share of the way from guessing to perfect
_ENDED_WELL: Final = frozenset({"finished", "stopped_early", "stopped"})
_USUAL_CURE: Final = (
    "Train for more epochs, try another learning rate, or check that the answers fit the samples."
)


class Witness:
    """Remembers the start of a run, and judges the run at its end.

    Parameters
    ----------
    is_new
        Whether the run begins with new weights, so that its first loss is that of guessing.
    """

    def __init__(self, *, is_new: bool) -> None:
        self._is_new = is_new
        self._first_loss: float | None = None

    def see(self, event: TrainingEvent) -> None:
        """Process an event of the run."""
        if isinstance(event, RunStarted) and event.steps_before:
            self._is_new = False
        elif isinstance(event, StepsEnded) and event.first_step == 1 and len(event.losses):
            self._first_loss = float(event.losses[0])

    def remark(self, training: TrainingSpec, info: DataInfo, ended: RunEnded) -> str:
        """Return what happened, the likely cause and what to do; "" if the run learned something."""
        if ended.outcome not in _ENDED_WELL or not ended.epochs:
            return ""
        happened = _no_better_than_guessing(info, ended.figures)
        if not happened and self._is_new and not _has_accuracy(ended.figures):
            happened = _loss_never_fell(self._first_loss, ended.figures.get("loss"))
        if not happened:
            return ""
        return f"{happened} {base_rate.problem(training) or _USUAL_CURE}"


def _has_accuracy(figures: Mapping[str, float]) -> bool:
    return any(name in figures for name in _ACCURACIES)


def _no_better_than_guessing(info: DataInfo, figures: Mapping[str, float]) -> str:
    name = next((name for name in _ACCURACIES if name in figures), None)
    if name is None or not info.n_classes:
        return ""
    samples = sum(info.class_counts)
    guess = max(info.class_counts) / samples if samples else 1 / info.n_classes
    if figures[name] > guess + _LEAST_GAIN * (1.0 - guess):
        return ""
    return (
        f"Nothing was learned: a {_ACCURACIES[name]} of {figures[name]:.1%} is no better than "
        f"always answering the most frequent class ({guess:.1%})."
    )


def _loss_never_fell(first: float | None, last: float | None) -> str:
    if first is None or last is None or last < first:
        return ""
    return f"Nothing was learned: the loss began at {first:.3g} and ended at {last:.3g}."
