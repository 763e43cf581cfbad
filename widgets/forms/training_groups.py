"""The folded groups of the training form, each with its state in its heading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.spec.training import TrainingSpec
from widgets.forms.fold import Fold
from widgets.forms.schedule_form import TITLES as SCHEDULES

TITLES: Final[Mapping[str, str]] = {
    "loss": "Loss and metrics",
    "schedule": "Schedule",
    "early_stopping": "Early stopping",
    "regularisation": "Regularisation",
    "optimizer": "Advanced optimizer settings",
    "seed": "Repeatability",
}


class TrainingGroups(QWidget):
    """A fold for each of `TITLES`; they stay as the user leaves them.

    Signals
    -------
    left_open(object)
        The user folded or unfolded a group: the names of those that are open now.
    """

    left_open = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._folds: dict[str, Fold] = {}
        self._opened_for: frozenset[str] = frozenset()
        for name, title in TITLES.items():
            self._folds[name] = fold = Fold(title)
            fold.set_name(f"group.training.{name}")
            fold.toggled.connect(self._on_toggled)
            column.addWidget(fold)

    def add(self, name: str, *widgets: QWidget) -> None:
        """Put widgets into a group."""
        for widget in widgets:
            self._folds[name].add(widget)

    def show_states(self, spec: TrainingSpec, changed: Mapping[str, bool]) -> None:
        """Show beside each title what is set in the group.

        Parameters
        ----------
        changed
            Whether something differs from the defaults, of the groups for which that is all to say.
        """
        stopping = spec.early_stopping
        words = {
            "loss": spec.loss.kind,
            "schedule": SCHEDULES[spec.schedule.kind],
            "early_stopping": f"on {stopping.monitor}" if stopping.enabled else "off",
            "seed": f"seed {spec.seed}",
            **{name: "changed" if is_changed else "" for name, is_changed in changed.items()},
        }
        for name, title in TITLES.items():
            self._folds[name].set_title(f"{title}: {words[name]}" if words[name] else title)

    def open_names(self) -> tuple[str, ...]:
        """Return the groups that are open."""
        return tuple(name for name, fold in self._folds.items() if fold.is_open())

    def set_open(self, names: Iterable[str]) -> None:
        """Open these groups and fold the others; names that are no groups are left out."""
        wanted = set(names)
        for name, fold in self._folds.items():
            fold.set_open(name in wanted)

    def show_problems(self, names: Iterable[str]) -> None:
        """Open groups that something is wrong in, once for each time it goes wrong."""
        wrong = frozenset(names)
        for name in wrong - self._opened_for:
            self._folds[name].set_open(True)
        self._opened_for = wrong

    def _on_toggled(self, _is_open: bool) -> None:
        self.left_open.emit(self.open_names())
