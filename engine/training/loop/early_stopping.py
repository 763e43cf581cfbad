"""Early stopping: find the best epoch, and end a run that no longer improves."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from engine.spec.training import EarlyStoppingSpec

# Metrics that should rise; all others are losses or errors and should fall.
_RISING: Final = re.compile(
    r"accuracy|auc|precision|recall|f1|f_?beta|r2|io_?u|sensitivity|specificity|cosine|dice"
    r"|^true_|_true_|correlation|concordance"
)


def should_rise(figure: str) -> bool:
    """Tell whether larger values of a metric, ``"val_accuracy"``, are better."""
    name = figure.removeprefix("val_")
    return "loss" not in name and _RISING.search(name) is not None


class Monitor:
    """Monitors one metric from epoch to epoch.

    Without a validation part, a ``val_`` metric is replaced by that of the training part, or the loss if that is
    missing too. Without any of them no epoch is the best.

    Attributes
    ----------
    best
        The best value so far; NaN before the first epoch.
    waited
        Epochs since then.
    """

    def __init__(self, spec: EarlyStoppingSpec) -> None:
        self._spec = spec
        self.waited = 0
        self.best = math.nan

    def note(self, figures: Mapping[str, float]) -> bool:
        """Record an epoch; tell whether it is the best so far."""
        name = self._figure(figures)
        if name is None:
            return False
        value = figures[name]
        gain = value - self.best if should_rise(name) else self.best - value
        # Equal values and NaN are no improvement; the first number always is.
        better = not math.isnan(value) and (
            math.isnan(self.best) or (gain > 0 and gain >= self._spec.min_delta)
        )
        if better:
            self.best = value
        self.waited = 0 if better else self.waited + 1
        return better

    @property
    def exhausted(self) -> bool:
        """Whether there was no improvement within the patience."""
        return self._spec.enabled and self.waited >= self._spec.patience

    def _figure(self, figures: Mapping[str, float]) -> str | None:
        wanted = self._spec.monitor
        names = (wanted, wanted.removeprefix("val_"), "loss")
        return next((name for name in names if name in figures), None)
