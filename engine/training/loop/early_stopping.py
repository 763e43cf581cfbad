"""Which epoch was the best, and when to give up hope of a better one."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from engine.spec.training import EarlyStoppingSpec

# Figures that should rise; every other is a loss or an error and should fall.
_RISING: Final = re.compile(
    r"accuracy|auc|precision|recall|f1|f_?beta|r2|io_?u|sensitivity|specificity|cosine|dice"
    r"|^true_|_true_|correlation|concordance"
)


def should_rise(figure: str) -> bool:
    """Tell whether a larger value of a figure, ``"val_accuracy"``, is the better one."""
    name = figure.removeprefix("val_")
    return "loss" not in name and _RISING.search(name) is not None


class Monitor:
    """Follows one figure from epoch to epoch.

    Without a validation part a ``val_`` figure is missing: the same figure of the training part stands in,
    the loss if that is missing too. Without any of them no epoch is the best.

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
        """Take account of an epoch; tell whether it is the best so far."""
        name = self._figure(figures)
        if name is None:
            return False
        value = figures[name]
        gain = value - self.best if should_rise(name) else self.best - value
        # Neither an improvement of exactly nothing nor NaN counts; the first number always does.
        better = not math.isnan(value) and (
            math.isnan(self.best) or (gain > 0 and gain >= self._spec.min_delta)
        )
        if better:
            self.best = value
        self.waited = 0 if better else self.waited + 1
        return better

    @property
    def exhausted(self) -> bool:
        """Training should stop: no improvement for as long as was allowed."""
        return self._spec.enabled and self.waited >= self._spec.patience

    def _figure(self, figures: Mapping[str, float]) -> str | None:
        wanted = self._spec.monitor
        names = (wanted, wanted.removeprefix("val_"), "loss")
        return next((name for name in names if name in figures), None)
