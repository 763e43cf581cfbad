"""What training will cost, beside the settings that decide it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from widgets.base.amounts import bytes_text, count_text, seconds_text
from widgets.base.labels import ElidingLabel, eliding_label, plain_label, plain_tip, set_tone

_MARGIN_PX: Final = 10
_GAP_PX: Final = 8
_UNKNOWN: Final = "not known yet"
_ROWS: Final = (
    ("parameters", "Parameters"),
    ("flops", "FLOPs"),
    ("memory", "Memory"),
    ("iterations", "Iterations"),
    ("time", "Epoch takes"),
    ("largest_batch", "Largest batch"),
)

MeasureState: TypeAlias = Literal["ready", "measuring"]


@dataclass(frozen=True)
class ShownCosts:
    """What the panel shows of a project.

    Attributes
    ----------
    parameters, trainable
        Weights, counted in numbers, and those that training changes.
    flops, training_flops
        Floating-point operations for one sample: forward, and in a training step.
    memory_bytes, fixed_bytes, sample_bytes
        Of training at ``batch_size``; the part that does not depend on the batch; the part of each sample.
    free_bytes
        Memory that is free for it, None if not known.
    batch_size
        Samples a step.
    samples, steps
        Of an epoch, 0 if the data is not known yet.
    largest_batch
        The largest batch that fits, None if not known; 0: not even one sample fits.
    is_whole
        False: some layers are not known, so that the figures are too low.
    """

    parameters: int
    trainable: int
    flops: int
    training_flops: int
    memory_bytes: int
    fixed_bytes: int
    sample_bytes: int
    free_bytes: int | None
    batch_size: int
    samples: int
    steps: int
    largest_batch: int | None
    is_whole: bool = True

    @property
    def is_known(self) -> bool:
        """The figures say something: a least of nothing does not."""
        return self.is_whole or self.parameters > 0

    @property
    def fits(self) -> bool:
        """The memory is enough, as far as is known."""
        return self.largest_batch is None or self.batch_size <= self.largest_batch


class CostPanel(QWidget):
    """A line a figure, with what can be asked for at its end.

    Signals
    -------
    measure_requested()
        The time of an epoch is to be measured.
    measure_stopped()
        The measurement is to be given up.
    batch_requested(size)
        The largest batch that fits is to be used, in place of one that does not.
    """

    measure_requested = Signal()
    measure_stopped = Signal()
    batch_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.costs")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._costs: ShownCosts | None = None
        self._why_not = ""
        self._state: MeasureState = "ready"
        self._values: dict[str, ElidingLabel] = {}
        self._measure = self._button("measure", "Measure Time")
        self._use = self._button("use_batch", "Use")
        self._arrange()
        self._measure.clicked.connect(self._on_measure)
        self._use.clicked.connect(self._on_use)
        self.show_costs(None)
        self.show_time(None)

    def _arrange(self) -> None:
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        line.setFrameShadow(QFrame.Shadow.Plain)
        line.setForegroundRole(QPalette.ColorRole.Mid)
        grid = QGridLayout()
        grid.setContentsMargins(_MARGIN_PX, 2, _MARGIN_PX, 4)
        grid.setHorizontalSpacing(_GAP_PX)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, (name, title) in enumerate(_ROWS):
            self._values[name] = eliding_label(name=f"costs.{name}")
            grid.addWidget(self._title(title), row, 0)
            grid.addWidget(self._values[name], row, 1)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(_MARGIN_PX, 0, _MARGIN_PX, 6)
        for button in (self._measure, self._use):
            buttons.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(line)
        column.addLayout(grid)
        column.addLayout(buttons)

    # ---- What is shown ----

    def show_costs(self, costs: ShownCosts | None) -> None:
        """Show what a project costs; None: it is not known yet."""
        self._costs = costs
        if costs is None or not costs.is_known:
            for name in ("parameters", "flops", "memory", "iterations", "largest_batch"):
                self._show(name, _UNKNOWN)
            if costs is not None:
                self._show("iterations", _iterations_text(costs), _iterations_tip(costs))
        else:
            least = "" if costs.is_whole else "at least "
            self._show("parameters", f"{least}{costs.parameters:,}", _parameters_tip(costs))
            self._show("flops", f"{least}{count_text(costs.flops)} per sample", _flops_tip(costs))
            self._show("memory", f"{least}{_memory_text(costs)}", _memory_tip(costs))
            self._show("iterations", _iterations_text(costs), _iterations_tip(costs))
            self._show("largest_batch", _largest_text(costs), _largest_tip(costs))
        set_tone(self._values["memory"], "text" if costs is None or costs.fits else "bad")
        self._show_buttons()

    def show_time(self, seconds: float | None) -> None:
        """Show what an epoch takes; None: not measured."""
        if seconds is None:
            self._show("time", "not measured")
            return
        about = f"about {seconds_text(seconds)}"
        self._show(
            "time", f"{about}, measured", f"{about.capitalize()} per epoch, measured on a copy."
        )

    def show_measuring(self, text: str) -> None:
        """Show that a measurement runs or waits, "" that it is over."""
        self._state = "measuring" if text else "ready"
        if text:
            self._show("time", text)
        self._show_buttons()

    def set_measurable(self, why_not: str) -> None:
        """Allow a measurement, or say why there can be none."""
        self._why_not = why_not
        self._show_buttons()

    # ---- Inside ----

    def _show(self, name: str, text: str, tip: str = "") -> None:
        label = self._values[name]
        label.show_text(text)
        if tip:
            label.setToolTip(plain_tip(tip))

    def _show_buttons(self) -> None:
        is_measuring, costs = self._state == "measuring", self._costs
        self._measure.setText("Stop Measuring" if is_measuring else "Measure Time")
        self._measure.setEnabled(is_measuring or not self._why_not)
        tip = self._why_not and f"not now: {self._why_not}"
        self._measure.setToolTip(
            plain_tip(tip or "Train a copy for a second to see how long an epoch takes")
        )
        # Only what mends something is offered: small batches usually learn better than large ones.
        offered = _largest(costs) if costs is not None and not costs.fits else 0
        self._use.setVisible(offered > 0)
        self._use.setText(f"Use {offered:,}")
        self._use.setToolTip(plain_tip(f"Set the batch size to {offered:,}, the largest that fits"))

    @staticmethod
    def _title(title: str) -> QLabel:
        label = plain_label(title, tone="muted")
        label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        return label

    @staticmethod
    def _button(name: str, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"costs.{name}")
        button.setMinimumWidth(1)
        button.setAutoDefault(False)
        return button

    # ---- What the user does ----

    def _on_measure(self) -> None:
        (self.measure_stopped if self._state == "measuring" else self.measure_requested).emit()

    def _on_use(self) -> None:
        if self._costs is not None:
            self.batch_requested.emit(_largest(self._costs))


_LARGEST_TIP: Final = (
    "An estimate that leaves a fifth of the free memory alone. A large batch makes each step exact and slow, "
    "and there are fewer of them; batches of 16 to 256 usually learn better."
)


def _largest(costs: ShownCosts) -> int:
    """Return the largest batch that fits, 0 for none: all samples at most, which only loading can tell."""
    return min(costs.largest_batch or 0, costs.samples)


def _parameters_tip(costs: ShownCosts) -> str:
    fixed = costs.parameters - costs.trainable
    return f"{costs.trainable:,} weights that training changes and {fixed:,} that it leaves alone."


def _flops_tip(costs: ShownCosts) -> str:
    return (
        f"To answer one sample: {costs.flops:,} floating-point operations, that is {costs.flops // 2:,} "
        f"multiply-adds. To learn from it: about {count_text(costs.training_flops)}."
    )


def _memory_text(costs: ShownCosts) -> str:
    needed = bytes_text(costs.memory_bytes)
    return (
        needed if costs.free_bytes is None else f"{needed} of {bytes_text(costs.free_bytes)} free"
    )


def _memory_tip(costs: ShownCosts) -> str:
    parts = (
        f"An estimate for a batch of {costs.batch_size:,}: {bytes_text(costs.fixed_bytes)} for weights, gradients "
        f"and optimizer, and {bytes_text(costs.sample_bytes)} for each sample. TensorFlow and the data come on top."
    )
    return parts if costs.fits else f"This batch does not fit: make it smaller. {parts}"


def _iterations_text(costs: ShownCosts) -> str:
    return f"{costs.steps:,} per epoch" if costs.steps else _UNKNOWN


def _iterations_tip(costs: ShownCosts) -> str:
    if not costs.steps:
        return ""
    return f"{costs.samples:,} training samples in batches of {costs.batch_size:,}."


def _largest_text(costs: ShownCosts) -> str:
    if costs.largest_batch is None:
        return "not known here"
    if not costs.largest_batch:
        return "none fits"
    if not costs.samples:
        return f"up to {costs.largest_batch:,} fit"
    largest = _largest(costs)
    return f"{largest:,} (all in one step)" if largest == costs.samples else f"{largest:,} fits"


def _largest_tip(costs: ShownCosts) -> str:
    largest = _largest(costs)
    if not largest:
        return _LARGEST_TIP
    whole = " (all samples in one step)" if largest == costs.samples else ""
    return f"Largest batch that fits: {largest:,}{whole}. {_LARGEST_TIP}"
