"""What can be changed while a training runs: wanted beside applied values, and the pace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QPushButton, QVBoxLayout, QWidget

from engine.catalog.model import Field
from engine.errors import quoted
from engine.training.live.events import ValueApplied
from widgets.base.labels import eliding_label, plain_label, plain_tip, set_tone
from widgets.forms.boxes import NumberBox
from widgets.forms.editors import Editor, EditorContext
from widgets.forms.field_row import field_grid
from widgets.forms.issue_note import IssueNote
from widgets.forms.object_form import EDITORS, ObjectForm
from widgets.forms.scroll import VerticalScroll
from widgets.forms.texts import field_title, format_number
from widgets.training.view_settings import ViewSettings

_MARGIN_PX: Final = 10
_SPARE_PX: Final = 4  # beside the widest text of a column
_IDLE: Final = "Press Train: what can be changed while it runs appears here."
_IDLE_TIP: Final = "Not now: nothing is training"
_FULL_SPEED: Final = "full speed"
_MOST_STEPS: Final = 1_000_000

RUN_FIELDS: Final[tuple[Field, ...]] = (
    Field(
        "learning_rate", "float", 0.001, minimum=0.0, maximum=1000.0,
        help="Of a scheduled run the base rate: the curve keeps its form.",
    ),
    Field(
        "momentum", "float", 0.0, minimum=0.0, maximum=0.999,
        help="How much of the last change is carried on.",
    ),
    Field(
        "beta_1", "float", 0.9, minimum=0.0, maximum=0.999,
        help="How much of the last gradients is carried on.",
    ),
    Field(
        "weight_decay", "float", 0.0, minimum=0.0, maximum=1.0,
        help="The share of each weight that every step takes away.",
    ),
    Field(
        "batch_size", "int", 32, minimum=1, maximum=1_000_000,
        help="Samples a step; taken from the next epoch on.",
    ),
)  # fmt: skip
LAYER_FIELDS: Final[tuple[Field, ...]] = (
    Field(
        "dropout", "float", 0.0, minimum=0.0, maximum=0.95,
        help="Which share of its inputs the layer drops.",
    ),
    Field("trainable", "bool", True, help="Off: training leaves the layer's weights alone."),
)  # fmt: skip
_SPEED: Final = Field(
    "speed", "float", 0.0, minimum=0.0, help="Slow motion: at most so many steps; 0 is full speed."
)
_STEPS: Final = Field("steps", "int", 10, minimum=1, maximum=_MOST_STEPS)
_TITLES: Final = {"dropout": "Dropout rate", "trainable": "Learns", "speed": "Slow motion"}
_WIDEST_TITLE: Final = "Learning rate"
_WATCHABLE_TIP: Final = (
    "Trainings of tiny networks that would be over in a moment are slowed to a few seconds. "
    "What they learn is the same."
)


class _Row(QObject):
    """One value: what is wanted, what is applied, why they differ."""

    wanted = Signal(str, float)
    """Name of the field and the value the user made."""

    def __init__(self, field: Field, grid: QGridLayout, parent: QWidget) -> None:
        super().__init__(parent)
        self.field = field
        self.waiting: float | None = None
        context = EditorContext(partial(ObjectForm, is_nested=True))
        self.editor: Editor = EDITORS[field.type](field, context)
        title = _TITLES.get(field.name, field_title(field.name))
        self._label = eliding_label(title)
        self._label.setToolTip(plain_tip(field.help))
        self._label.setBuddy(self.editor)
        self._applied = eliding_label(tone="muted", name=f"applied.{field.name}")
        metrics = self._applied.fontMetrics()
        self._applied.setFixedWidth(metrics.horizontalAdvance(_FULL_SPEED) + _SPARE_PX)
        self._label.setMinimumWidth(metrics.horizontalAdvance(_WIDEST_TITLE) + _SPARE_PX)
        self._message = plain_label(wrap=True, name=f"note.control.{field.name}")
        self._message.hide()
        self.editor.set_name(f"field.control.{field.name}")
        self.editor.set_title(title)
        self.editor.entry().setAccessibleDescription(field.help)
        entry, tip = self.editor.entry(), field.help
        if isinstance(entry, NumberBox):
            entry.wait_for_enter()
            tip = f"{field.help} Enter applies it."
        entry.setToolTip(plain_tip(tip))
        self.editor.edited.connect(self._on_edited)
        self.editor.refused.connect(self._on_refused)
        row = grid.rowCount()
        for column, widget in enumerate((self._label, self.editor, self._applied)):
            grid.addWidget(widget, row, column, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._message, row + 1, 0, 1, 3)

    def show_value(self, value: float) -> None:
        """Show a value as wanted and applied."""
        self.waiting = None
        self.editor.set_value(self._typed(value))
        self.show_applied(value)
        self.show_message("")

    def show_waiting(self, request: float, applied: float) -> None:
        """Show a request that is not answered yet."""
        self.waiting = request
        self.editor.set_value(self._typed(request))
        self.show_applied(applied)

    def show_applied(self, value: float, since: str = "") -> None:
        """Show what is applied; a request that still waits is marked."""
        text = self._text(value)
        self._applied.show_text(text if self.waiting is None else f"{text} …")
        if since:
            self._applied.setToolTip(plain_tip(since))

    def show_answer(self, answer: ValueApplied, applied: float | None) -> None:
        """Show what became of a request, or what the schedule did by itself.

        Parameters
        ----------
        applied
            In use now, None if unknown.
        """
        if self.waiting == answer.requested:
            self.waiting = None
        elif self.waiting is None and answer.applied is not None and not self.editor.typing():
            self.editor.set_value(self._typed(answer.applied))
        if applied is not None:
            granted = answer.applied is not None
            self.show_applied(applied, f"Used since step {answer.step:,}." if granted else "")
        self.show_message(answer.message, is_bad=answer.applied is None)

    def show_message(self, sentence: str, *, is_bad: bool = True) -> None:
        """Show a sentence below the value, "" for none."""
        self._message.setText(sentence)
        set_tone(self._message, "bad" if is_bad else "muted")
        self._message.setVisible(bool(sentence))

    def set_shown(self, shown: bool) -> None:
        """Take the row in or out."""
        for widget in (self._label, self.editor, self._applied):
            widget.setVisible(shown)
        self._message.setVisible(shown and bool(self._message.text()))

    def _typed(self, value: float) -> Any:
        casts: Mapping[str, Callable[[float], Any]] = {"bool": bool, "int": int}
        return casts.get(self.field.type, float)(value)

    def _text(self, value: float) -> str:
        if self.field.type == "bool":
            return "yes" if value else "no"
        if self.field is _SPEED and not value:
            return _FULL_SPEED
        unit = "/s" if self.field is _SPEED else ""
        return format_number(float(f"{value:.6g}")) + unit

    def _on_edited(self, value: Any) -> None:
        self.show_message("")
        self.wanted.emit(self.field.name, float(value))

    def _on_refused(self, sentence: str) -> None:
        self.show_message(sentence)


class LiveControls(QWidget):
    """Shows what a running training uses and asks for changes; disabled while nothing runs.

    Attributes
    ----------
    views
        Which live views follow the training, and their cost.

    Signals
    -------
    value_requested(str, float)
        Another value of a hyperparameter; names as in `ValueApplied`.
    speed_requested(float)
        At most so many steps a second, 0 for no limit.
    steps_requested(int)
        Run so many steps, then pause.
    epoch_requested()
        Run to the end of the epoch, then pause.
    watchable_chosen(bool)
        Trainings that would be over in a moment are to be slowed, or not.
    """

    value_requested = Signal(str, float)
    speed_requested = Signal(float)
    steps_requested = Signal(int)
    epoch_requested = Signal()
    watchable_chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.live_controls")
        self._applied: dict[str, float] = {}
        self._waiting: dict[str, float] = {}
        self._layer = ""
        self._body = QWidget()
        self._hint = plain_label(_IDLE, wrap=True, tone="muted", name="control.hint")
        self._rows: dict[str, _Row] = {}
        self._values_box, values_grid = _grid_box("Wanted", "Applied")
        self._layer_box, layer_grid = _grid_box("", "")
        self._layer_title = eliding_label(strong=True, name="control.layer")
        self._pace_box, pace_grid = _grid_box("", "")
        self._steps = NumberBox(_STEPS)
        self._run_steps = QPushButton()
        self._run_epoch = QPushButton("Run one epoch, then pause")
        for fields, grid in ((RUN_FIELDS, values_grid), (LAYER_FIELDS, layer_grid)):
            for field in fields:
                self._rows[field.name] = row = _Row(field, grid, self)
                row.wanted.connect(self._on_wanted)
        self._speed = _Row(_SPEED, pace_grid, self)
        self._speed.wanted.connect(self._on_speed)
        self._watchable = self._make_watchable()
        self.views = ViewSettings()
        self._build()
        self.show_run({})
        self.set_running(False)

    # ---- What is shown ----

    def show_run(self, values: Mapping[str, float]) -> None:
        """Begin with the values of a new run, by the names of `RUN_FIELDS`; others are not offered."""
        self._applied = dict(values)
        self._waiting = {}
        for field in RUN_FIELDS:
            row = self._rows[field.name]
            if field.name in values:
                row.show_value(values[field.name])
            row.set_shown(field.name in values)
        self._values_box.setVisible(bool(values))
        self._speed.show_value(0.0)
        self.show_layer("", {})

    def show_layer(self, layer_id: str, values: Mapping[str, float]) -> None:
        """Offer the selected layer's values, by the names of `LAYER_FIELDS`, as the run began.

        What was applied since then is remembered.
        """
        self._layer = layer_id
        self._layer_title.show_text(f"Layer {quoted(layer_id, 40)}")
        for field in LAYER_FIELDS:
            row, name = self._rows[field.name], self._full_name(field.name)
            if field.name in values:
                applied = self._applied.setdefault(name, values[field.name])
                row.show_value(applied)
                if name in self._waiting:
                    row.show_waiting(self._waiting[name], applied)
            row.set_shown(field.name in values)
        self._layer_title.setVisible(bool(values))
        self._layer_box.setVisible(bool(values))

    def show_applied(self, answer: ValueApplied) -> None:
        """Show what became of a request."""
        if answer.applied is not None:
            self._applied[answer.name] = answer.applied
        if self._waiting.get(answer.name) == answer.requested:
            del self._waiting[answer.name]
        row = next(
            (row for name, row in self._rows.items() if self._full_name(name) == answer.name), None
        )
        if row is not None:
            row.show_answer(answer, self._applied.get(answer.name))

    def show_speed(self, steps_per_s: float) -> None:
        """Show a limit on the speed that somebody else set, 0 for none."""
        self._speed.show_value(steps_per_s)

    def show_watchable(self, on: bool) -> None:
        """Show whether tiny trainings are slowed."""
        with QSignalBlocker(self._watchable):
            self._watchable.setChecked(on)

    def set_running(self, running: bool) -> None:
        """Allow changes, or say that nothing runs."""
        self._body.setEnabled(running)
        self._hint.setVisible(not running)
        tip = "" if running else plain_tip(_IDLE_TIP)
        for widget in (self, self._run_steps, self._run_epoch, self._steps):
            widget.setToolTip(tip)

    # ---- Inside ----

    def _build(self) -> None:
        area = VerticalScroll(_MARGIN_PX)
        area.column.addWidget(self._hint)
        area.column.addWidget(self._body)
        area.column.addWidget(self._watchable)
        area.column.addWidget(self.views)
        area.column.addStretch(1)
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (
            self._values_box, self._layer_title, self._layer_box, plain_label("Pace", strong=True),
            self._pace_box, self._steps_line(), self._run_epoch,
        ):  # fmt: skip
            column.addWidget(widget)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self._run_epoch.setObjectName("control.epoch")
        self._run_epoch.clicked.connect(self._on_epoch)

    def _make_watchable(self) -> QCheckBox:
        box = QCheckBox("Watchable speed")
        box.setObjectName("control.watchable")
        box.setToolTip(plain_tip(_WATCHABLE_TIP))
        box.toggled.connect(self.watchable_chosen)
        return box

    def _steps_line(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        self._steps.setObjectName("field.control.steps")
        self._steps.setAccessibleName("Steps to run")
        self._steps.show_value(_STEPS.default)
        self._steps.valueChanged.connect(self._name_steps)
        problem = IssueNote()
        problem.setObjectName("note.field.control.steps")
        self._steps.refused.connect(problem.show_text)
        self._run_steps.setObjectName("control.steps")
        self._run_steps.clicked.connect(self._on_steps)
        self._name_steps(self._steps.value())
        grid.addWidget(self._steps, 0, 0)
        grid.addWidget(self._run_steps, 0, 1)
        grid.addWidget(problem, 1, 0, 1, 2)
        return box

    def _name_steps(self, count: int) -> None:
        self._run_steps.setText(f"Run {count:,} step{'s' if count > 1 else ''}, then pause")

    def _full_name(self, field: str) -> str:
        is_layers = any(field == each.name for each in LAYER_FIELDS)
        return f"{field}:{self._layer}" if is_layers else field

    # ---- What the user does ----

    def _on_wanted(self, field: str, value: float) -> None:
        name, row = self._full_name(field), self._rows[field]
        row.waiting = self._waiting[name] = value
        if name in self._applied:
            row.show_applied(self._applied[name])
        self.value_requested.emit(name, value)

    def _on_speed(self, _field: str, value: float) -> None:
        self._speed.show_applied(value)
        self.speed_requested.emit(value)

    def _on_steps(self) -> None:
        self._steps.commit()
        if not self._steps.problem():
            self.steps_requested.emit(self._steps.value())

    def _on_epoch(self) -> None:
        self.epoch_requested.emit()


def _grid_box(*headings: str) -> tuple[QWidget, QGridLayout]:
    """Return a widget with a grid of three columns: name, wanted, applied."""
    box = QWidget()
    grid = field_grid(box)
    for column, heading in enumerate(headings, start=1):
        if heading:
            grid.addWidget(plain_label(heading, tone="muted"), 0, column)
    return box, grid
