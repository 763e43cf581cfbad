"""The form of the training settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from engine.catalog import clean_parameters, default_parameters
from engine.catalog.model import Catalog, Family, Field, Kind
from engine.spec.base import ObjectSpec
from engine.spec.issues import Issue
from engine.spec.training import ScheduleSpec, TrainingSpec
from widgets.base.labels import plain_label, plain_tip
from widgets.base.theme import LIGHT, Tokens
from widgets.forms import training_fields as fields
from widgets.forms.class_weights_editor import ClassWeightsEditor
from widgets.forms.editors import Editor, EditorContext
from widgets.forms.field_row import FieldRow, field_grid
from widgets.forms.issue_note import IssueNote
from widgets.forms.metrics_editor import MetricsEditor
from widgets.forms.nested import KindEditor, ObjectFold
from widgets.forms.object_form import ObjectForm
from widgets.forms.schedule_form import ScheduleForm, steps_of_epoch
from widgets.forms.scroll import VerticalScroll
from widgets.forms.texts import APPLIES_NEXT, APPLIES_NEXT_TIP
from widgets.forms.training_groups import TITLES, TrainingGroups
from widgets.forms.visits import Visits

_MARGIN_PX: Final = 10
_AUTO: Final = "auto"
_APPLIES: Final = "Applies when you press Train."
_LOSS_ROWS: Final = ("loss", "metrics", "class_weights")
_CONTEXT: Final = EditorContext(partial(ObjectForm, is_nested=True))


class TrainingForm(QWidget):
    """Shows the training settings and asks for changes; empty until `show_training`.

    Signals
    -------
    changed(str, object, str)
        Name of the undo step, the new `TrainingSpec`, merge key of the step.
    cure_requested(object)
        The `Cure` whose button was pressed.
    visit_ended()
        The user left a field; the merge keys change by themselves.
    groups_left_open(object)
        The user folded or unfolded a group: names of those that are open now.
    """

    changed = Signal(str, object, str)
    cure_requested = Signal(object)
    visit_ended = Signal()
    groups_left_open = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("form.training")
        self._tokens = LIGHT
        self._spec: TrainingSpec | None = None
        self._catalog: Catalog | None = None
        self._devices: tuple[str, ...] = ("cpu",)
        self._device_note = ""
        self._issues: tuple[Issue, ...] = ()
        self._rows: dict[str, FieldRow] = {}
        self._forms: dict[str, ObjectForm] = {}
        self._schedule = ScheduleForm()
        self._class_weights = ClassWeightsEditor(fields.CLASS_WEIGHTS, _CONTEXT)
        self._samples = 0
        self._visits = Visits(self)
        self._visits.ended.connect(self.visit_ended)
        self._resolved_loss = plain_label(
            wrap=True, tone="muted", name="form.training.loss_resolved"
        )
        self._resolved_metrics = plain_label(
            wrap=True, tone="muted", name="form.training.metrics_resolved"
        )
        self._find_rate = QToolButton()
        self._find_rate.setObjectName("form.training.find_rate")
        self._find_rate.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._find_rate.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._find_rate.hide()
        self._notes = [IssueNote() for _ in range(3)]
        self._applies = plain_label(tone="muted", name="form.training.applies")
        self._groups = TrainingGroups()
        self._groups.left_open.connect(self.groups_left_open)
        self._body = QWidget()
        self._make_frame()

    # ---- What is shown ----

    def show_training(self, spec: TrainingSpec, catalog: Catalog) -> None:
        """Show settings and emit nothing; what is being typed stays."""
        if catalog is not self._catalog:
            self._catalog = catalog
            self._build(catalog)
        self._spec = spec
        self._show_kinds(spec, catalog)
        self._show_optimizer(spec, catalog)
        early = spec.early_stopping
        self._forms["early_stopping"].show_object(
            fields.EARLY_STOPPING, early.model_dump(), "training.early_stopping"
        )
        for field in fields.EARLY_STOPPING.fields[1:]:
            self._forms["early_stopping"].editor(field.name).setEnabled(early.enabled)
        for name, kind in self._own_kinds().items():
            values = {field.name: getattr(spec, field.name) for field in kind.fields}
            self._forms[name].show_object(kind, values, "training")
        self._schedule.show_schedule(spec.schedule)
        self._show_rates(spec, catalog)
        self._show_auto()
        told = spec.optimizer.parameters.keys()
        changed = {
            name: any(field.name in told for field in self._forms[name].fields())
            for name in ("regularisation", "optimizer")
        }
        self._groups.show_states(spec, changed)
        self.show_issues(self._issues)

    def show_run_length(self, samples: int) -> None:
        """Say how many samples the training part has, 0 if not known yet, for the schedule's curve."""
        self._samples = samples
        if self._spec is not None and self._catalog is not None:
            self._show_rates(self._spec, self._catalog)

    def show_classes(self, labels: tuple[str, ...], counts: tuple[int, ...]) -> None:
        """Offer weights of these classes; ``counts`` are the samples of each, () if not known."""
        self._class_weights.show_classes(labels, counts)

    def show_resolved(self, loss_text: str, metrics_text: str) -> None:
        """Say what "auto" means for the loss and for the metrics."""
        self._resolved_loss.setText(f"Auto takes {loss_text}." if loss_text else "")
        self._resolved_metrics.setText(f"Auto takes {metrics_text}." if metrics_text else "")
        self._show_auto()

    def set_devices(self, devices: tuple[str, ...], note: str = "") -> None:
        """Offer these devices beside auto, ``("cpu", "gpu:0")``; ``note``: why a graphics card is not among them."""
        self._devices, self._device_note = devices, note
        if self._spec is not None and self._catalog is not None:
            self.show_training(self._spec, self._catalog)

    def show_issues(self, issues: tuple[Issue, ...]) -> None:
        """Show what is wrong: beside the field where there is one, else at the top."""
        self._issues = tuple(issue for issue in issues if issue.field.startswith("training"))
        waiting = list(reversed(self._issues))
        for name, row in self._rows.items():
            row.show_issue(_last_of(waiting, f"training.{name}"))
        for name, form in self._forms.items():
            prefix = fields.PREFIXES[name]
            form.show_issues({issue.field.removeprefix(prefix): issue for issue in waiting})
        self._schedule.show_issues({issue.field: issue for issue in waiting})
        placed = {f"training.{name}" for name in self._rows} | self._form_fields()
        above = [issue for issue in self._issues if issue.field not in placed]
        for index, note in enumerate(self._notes):
            note.show_issue(above[index] if index < len(above) else None)
        self._groups.show_problems(
            group for issue in self._issues if (group := self._group_of(issue.field))
        )

    def set_running(self, is_running: bool) -> None:
        """Say which training takes what is set here."""
        self._applies.setText(APPLIES_NEXT if is_running else _APPLIES)
        self._applies.setToolTip(plain_tip(APPLIES_NEXT_TIP if is_running else ""))

    def open_groups(self, names: Iterable[str]) -> None:
        """Open these groups, by the names of `TITLES`, and fold the others."""
        self._groups.set_open(names)

    def set_rate_action(self, action: QAction) -> None:
        """Offer a command that finds a learning rate, beneath what is set most."""
        self._find_rate.setDefaultAction(action)
        self._find_rate.show()

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        for row in self._rows.values():
            row.set_theme(tokens)
        for form in self._forms.values():
            form.set_theme(tokens)
        self._schedule.set_theme(tokens)
        for note in self._notes:
            note.set_theme(tokens)
        if self._catalog is not None:
            self._loss_fold.set_theme(tokens)

    # ---- Building ----

    def _make_frame(self) -> None:
        area = VerticalScroll(_MARGIN_PX)
        column = area.column
        column.addWidget(self._applies)
        self.set_running(False)
        for note in self._notes:
            note.cure_requested.connect(self.cure_requested)
            column.addWidget(note)
        column.addWidget(self._body)
        column.addStretch(1)
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    def _build(self, catalog: Catalog) -> None:
        self._column.addWidget(self._own_form("run", self._on_run_field))
        optimizer = self._row(self._kind_editor(fields.OPTIMIZER, catalog.family("optimizer")))
        self._column.addWidget(optimizer)
        self._column.addWidget(self._own_form("rate", self._on_optimizer_field))
        self._column.addWidget(self._own_form("device", self._on_run_field))
        self._column.addWidget(self._find_rate)
        self._column.addSpacing(6)
        self._column.addWidget(self._groups)
        self._fill_groups(catalog)
        self.set_theme(self._tokens)

    def _fill_groups(self, catalog: Catalog) -> None:
        self._loss_fold = ObjectFold(_CONTEXT.make_form)
        self._loss_fold.changed.connect(self._on_loss_field)
        self._groups.add(
            "loss",
            self._row(self._kind_editor(fields.LOSS, catalog.family("loss"), (_AUTO,))),
            self._resolved_loss,
            self._loss_fold,
            self._row(MetricsEditor(fields.METRICS, _CONTEXT)),
            self._resolved_metrics,
            self._row(self._class_weights),
        )
        self._schedule.changed.connect(self._on_schedule)
        self._schedule.cure_requested.connect(self.cure_requested)
        self._groups.add("schedule", self._schedule)
        self._groups.add(
            "early_stopping", self._own_form("early_stopping", self._on_early_stopping_field)
        )
        for name in ("regularisation", "optimizer"):
            self._groups.add(name, self._own_form(name, self._on_optimizer_field))
        self._groups.add("seed", self._own_form("seed", self._on_run_field))

    def _kind_editor(
        self, field: Field, kinds: Mapping[str, Kind], first: tuple[str, ...] = ()
    ) -> Editor:
        usable = [kind for kind in kinds.values() if not kind.unsupported]
        return KindEditor(field, _CONTEXT, usable, first)

    def _row(self, editor: Editor) -> QWidget:
        row = FieldRow(editor, self)
        box = QWidget()
        grid = field_grid(box)
        row.place(grid, 0)
        row.set_name(f"field.training.{editor.field.name}")
        row.edited.connect(self._on_row_edited)
        row.cure_requested.connect(self.cure_requested)
        self._rows[editor.field.name] = row
        return box

    def _own_form(self, name: str, on_changed: Any) -> ObjectForm:
        form = ObjectForm()
        form.changed.connect(on_changed)
        form.cure_requested.connect(self.cure_requested)
        self._forms[name] = form
        return form

    # ---- Showing ----

    def _show_kinds(self, spec: TrainingSpec, catalog: Catalog) -> None:
        self._show_row("optimizer", spec.optimizer.kind)
        self._show_row("loss", spec.loss.kind)
        self._show_row("class_weights", spec.class_weights)
        self._show_row("metrics", tuple(metric.model_dump() for metric in spec.metrics))
        loss = catalog.family("loss").get(spec.loss.kind)
        self._loss_fold.show_object(loss, dict(spec.loss.parameters), "training.loss")

    def _show_optimizer(self, spec: TrainingSpec, catalog: Catalog) -> None:
        kind = catalog.family("optimizer").get(spec.optimizer.kind)
        parts = fields.optimizer_parts(kind) if kind is not None else {}
        for name in ("rate", "regularisation", "optimizer"):
            part = parts.get(name)
            shown = part is not None and bool(part.fields)
            self._forms[name].setVisible(shown)
            if part is not None and shown:
                self._forms[name].show_object(part, spec.optimizer.parameters, "training")

    def _own_kinds(self) -> dict[str, Kind]:
        """Return the forms of fields that Netsmith, not Keras, defines."""
        return {
            "run": fields.RUN,
            "device": fields.device_kind(self._devices, self._device_note),
            "seed": fields.SEED,
        }

    def _group_of(self, place: str) -> str:
        """Return the folded group that an issue's field stands in, "" for none."""
        for name, form in self._forms.items():
            own = {f"{fields.PREFIXES[name]}{field.name}" for field in form.fields()}
            if name in TITLES and place in own:
                return name
        if place in self._schedule.field_places():
            return "schedule"
        return "loss" if place in {f"training.{row}" for row in _LOSS_ROWS} else ""

    def _show_row(self, name: str, value: object) -> None:
        if self._rows[name].editor.value() != value:
            self._rows[name].show_value(value)

    def _show_rates(self, spec: TrainingSpec, catalog: Catalog) -> None:
        optimizer = catalog.family("optimizer").get(spec.optimizer.kind)
        defaults = {field.name: field.default for field in optimizer.fields} if optimizer else {}
        rate = {**defaults, **spec.optimizer.parameters}.get("learning_rate")
        base = float(rate) if isinstance(rate, (int, float)) else None
        steps = steps_of_epoch(self._samples, spec.batch_size)
        self._schedule.show_run(base, spec.epochs, steps)

    def _show_auto(self) -> None:
        spec = self._spec
        loss_is_auto = spec is not None and spec.loss.kind == _AUTO
        metrics_are_auto = spec is not None and any(m.kind == _AUTO for m in spec.metrics)
        self._resolved_loss.setVisible(loss_is_auto and bool(self._resolved_loss.text()))
        self._resolved_metrics.setVisible(metrics_are_auto and bool(self._resolved_metrics.text()))

    def _form_fields(self) -> set[str]:
        plain = {
            f"{fields.PREFIXES[name]}{field.name}"
            for name, form in self._forms.items()
            for field in form.fields()
        }
        return plain | self._schedule.field_places()

    # ---- What the user does ----

    def _on_row_edited(self, name: str, value: Any) -> None:
        if self._spec is None or self._catalog is None:
            return
        if name == "metrics":
            metrics = tuple(ObjectSpec(**metric) for metric in value)
            self._ask(fields.change_text(name, value), {name: metrics}, name)
            return
        if name == "class_weights":
            text = fields.change_text(name, value if isinstance(value, str) else "own")
            self._ask(text, {name: value}, name)
            return
        family: Family = "optimizer" if name == "optimizer" else "loss"
        kind = self._catalog.family(family).get(value)
        made = ObjectSpec(kind=value, parameters=default_parameters(kind) if kind else {})
        self._ask(fields.change_text(name, value), {name: made}, name)

    def _on_optimizer_field(self, name: str, value: object) -> None:
        self._change_object("optimizer", name, value)

    def _on_loss_field(self, name: str, value: object) -> None:
        self._change_object("loss", name, value)

    def _change_object(self, family: Family, name: str, value: object) -> None:
        if self._spec is None or self._catalog is None:
            return
        spec: ObjectSpec = getattr(self._spec, family)
        kind = self._catalog.family(family)[spec.kind]
        made = spec.but(parameters=clean_parameters(kind, {**spec.parameters, name: value}))
        self._ask(fields.change_text(name, value), {family: made}, f"{family}.{name}")

    def _on_run_field(self, name: str, value: object) -> None:
        self._ask(fields.change_text(name, value), {name: value}, name)

    def _on_schedule(self, text: str, schedule: ScheduleSpec, name: str) -> None:
        self._ask(text, {"schedule": schedule}, name)

    def _on_early_stopping_field(self, name: str, value: object) -> None:
        if self._spec is None:
            return
        made = self._spec.early_stopping.but(**{name: value})
        text = fields.change_text(name, value)
        if name == "enabled":
            text = "Turn on early stopping" if value else "Turn off early stopping"
        self._ask(text, {"early_stopping": made}, f"early_stopping.{name}")

    def _ask(self, text: str, changes: dict[str, object], name: str) -> None:
        if self._spec is not None:
            made = self._spec.but(**changes)
            self.changed.emit(text, made, f"training.{name}#{self._visits.count}")


def _last_of(issues: list[Issue], field: str) -> Issue | None:
    return next((issue for issue in reversed(issues) if issue.field == field), None)
