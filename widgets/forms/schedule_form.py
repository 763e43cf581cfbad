"""The form of the learning rate's schedule, with the curve it will draw."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.catalog.model import Field, Kind
from engine.errors import quoted
from engine.spec.issues import Issue
from engine.spec.training import ScheduleKind, ScheduleSpec
from engine.training.live import schedules
from widgets.base.labels import plain_label
from widgets.base.theme import Tokens
from widgets.forms.editors import ChoiceEditor, EditorContext
from widgets.forms.field_row import FieldRow, field_grid
from widgets.forms.object_form import ObjectForm
from widgets.forms.texts import format_number
from widgets.forms.training_fields import IMPROVEMENT, change_text
from widgets.plots.rate_plot import RatePlot

TITLES: Final[Mapping[ScheduleKind, str]] = {
    "constant": "constant",
    "step": "steps",
    "exponential": "exponential",
    "cosine": "cosine",
    "warmup": "warmup",
    "warmup_cosine": "warmup cosine",
    "one_cycle": "one cycle",
    "plateau": "on plateau",
}
KIND: Final = Field(
    "schedule", "choice", "constant", choices=tuple(TITLES),
    help="How the learning rate changes during the run; the optimizer's own is the highest.",
)  # fmt: skip
_SHARE_HELP: Final = "share of the learning rate"
_LONGEST_EPOCHS: Final = 1e6
_SHORTEST_EPOCHS: Final = 0.001
_FIELDS: Final[Mapping[str, Field]] = {
    field.name: field
    for field in (
        Field(
            "factor", "float", 0.5, minimum=0.001, maximum=0.999,
            help="The rate is multiplied by it each time.",
        ),
        Field(
            "every", "float", 10.0, minimum=_SHORTEST_EPOCHS, maximum=_LONGEST_EPOCHS, unit="epochs",
            help="How long until the factor has done its work once.",
        ),
        Field(
            "warmup", "float", 1.0, minimum=_SHORTEST_EPOCHS, maximum=_LONGEST_EPOCHS, unit="epochs",
            help="How long the rate climbs at first.",
        ),
        Field(
            "start", "float", 0.04, minimum=0.0, maximum=1.0,
            help=f"Where the climb begins, as a {_SHARE_HELP}.",
        ),
        Field(
            "peak", "float", 0.3, minimum=0.001, maximum=0.999,
            help="At which share of the run the rate is highest.",
        ),
        Field(
            "final", "float", 0.0, minimum=0.0, maximum=1.0,
            help=f"Where the fall ends, as a {_SHARE_HELP}.",
        ),
        *IMPROVEMENT,
    )
}  # fmt: skip
_MOST_DRAWN: Final = 20_000  # steps; a longer run is drawn with fewer steps an epoch
_UNKNOWN_STEPS: Final = 100  # an epoch, before the data is known: the curve is the same


class ScheduleForm(QWidget):
    """Shows a schedule and the curve of a whole run; asks for another schedule.

    Signals
    -------
    changed(str, object, str)
        Name of the undo step, the new `ScheduleSpec`, name of the field.
    cure_requested(object)
        The `Cure` whose button was pressed.
    """

    changed = Signal(str, object, str)
    cure_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._schedule = ScheduleSpec()
        context = EditorContext(partial(ObjectForm, is_nested=True))
        choices = tuple((title, kind) for kind, title in TITLES.items())
        self._kind = FieldRow(ChoiceEditor(KIND, context, choices), self)
        self._kind.set_name("field.training.schedule")
        self._fields = ObjectForm()
        self._plot = RatePlot()
        self._note = plain_label(wrap=True, tone="muted", name="form.training.schedule_note")
        self._kind.edited.connect(self._on_kind)
        self._fields.changed.connect(self._on_field)
        self._kind.cure_requested.connect(self.cure_requested)
        self._fields.cure_requested.connect(self.cure_requested)
        box = QWidget()
        grid = field_grid(box)
        self._kind.place(grid, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (box, self._fields, self._plot, self._note):
            column.addWidget(widget)

    def show_schedule(self, schedule: ScheduleSpec) -> None:
        """Show a schedule and emit nothing; what is being typed stays."""
        self._schedule = schedule
        if self._kind.editor.value() != schedule.kind:
            self._kind.show_value(schedule.kind)
        used = tuple(_FIELDS[name] for name in schedules.FIELDS[schedule.kind])
        self._fields.setVisible(bool(used))
        kind = Kind(TITLES[schedule.kind], "metric", "", used)
        self._fields.show_object(kind, schedule.model_dump(), "training.schedule")
        self._note.setText(_plateau_text(schedule) if schedule.kind == "plateau" else "")
        self._note.setVisible(bool(self._note.text()))

    def show_run(self, base_rate: float | None, epochs: int, steps_per_epoch: int) -> None:
        """Draw the rate over a run.

        Parameters
        ----------
        base_rate
            The optimizer's learning rate; None if it has none, and nothing is drawn.
        steps_per_epoch
            0 if the data is not known yet.
        """
        varies = schedules.varies(self._schedule)
        self._plot.setVisible(varies and base_rate is not None)
        if not varies or base_rate is None:
            return
        drawn = min(steps_per_epoch or _UNKNOWN_STEPS, max(1, _MOST_DRAWN // epochs))
        rates = schedules.values(self._schedule, base_rate, drawn * epochs, drawn)
        self._plot.show_rates(rates, drawn)

    def show_issues(self, issues: Mapping[str, Issue]) -> None:
        """Show what is wrong, by field: ``"training.schedule"``, ``"training.schedule.every"``..."""
        self._kind.show_issue(issues.get("training.schedule"))
        prefix = "training.schedule."
        self._fields.show_issues({name.removeprefix(prefix): one for name, one in issues.items()})

    def field_places(self) -> set[str]:
        """Return the issues' fields that stand here now."""
        used = schedules.FIELDS[self._schedule.kind]
        return {"training.schedule", *(f"training.schedule.{name}" for name in used)}

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._kind.set_theme(tokens)
        self._fields.set_theme(tokens)
        self._plot.set_theme(tokens)

    # ---- What the user does ----

    def _on_kind(self, _name: str, kind: ScheduleKind) -> None:
        made = self._schedule.but(kind=kind)
        self.changed.emit(f"Set schedule to {TITLES[kind]}", made, "schedule")

    def _on_field(self, name: str, value: Any) -> None:
        made = self._schedule.but(**{name: value})
        self.changed.emit(change_text(name, value), made, f"schedule.{name}")


def steps_of_epoch(samples: int, batch_size: int) -> int:
    """Return the batches of an epoch, the last, smaller one included; 0 of no samples."""
    return math.ceil(samples / batch_size)


def _plateau_text(schedule: ScheduleSpec) -> str:
    lowest = f", never below {format_number(schedule.final)} of it" if schedule.final else ""
    return (
        f"The learning rate is multiplied by {format_number(schedule.factor)} when "
        f"{quoted(schedule.monitor, 40)} has not improved for {schedule.patience} epochs{lowest}."
    )
