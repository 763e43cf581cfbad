"""The filters of a convolution as a grid of small pictures."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from engine.catalog.model import Field
from widgets.base.labels import plain_label
from widgets.base.theme import LIGHT, Tokens
from widgets.base.throttle import Throttle
from widgets.forms.boxes import CalmCombo, NumberBox
from widgets.forms.issue_note import IssueNote
from widgets.plots.colour_bar import ColourBar
from widgets.plots.colours import (
    EMPTY,
    GAP,
    SLICE,
    colour_indices,
    diverging_table,
    largest_magnitude,
    packed,
    peak_of,
    scaled,
)
from widgets.plots.filter_plot import NO_WEIGHT, FilterPlot
from widgets.plots.filter_stack import (
    Cells,
    KernelOrder,
    beside,
    filter_stack,
)
from widgets.plots.wording import number_text

IDLE_TEXT = "Point at a weight to read it."
MEAN, SINGLE, RGB = "mean", "single", "rgb"
_MODES = ((MEAN, "Mean of inputs"), (SINGLE, "One input"), (RGB, "Inputs 0–2 as RGB"))
_INPUT = Field("input", "int", 0, minimum=0, maximum=0)


class FilterGrid(QWidget):
    """Every filter of a kernel, all on one scale centred on zero.

    A filter that reads several inputs shows their mean, one of them, or the first three as red,
    green and blue (grey: zero). Slices of three-dimensional filters lie beside one another.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack: npt.NDArray[Any] = np.zeros((1, 1, 1, 1, 1), dtype=np.float32)
        self._level = 1.0
        self.plot_widget = FilterPlot()
        self._bar = ColourBar(self.plot_widget.getPlotItem())
        self._scale = Throttle(self._show_scale, self)
        self._mode = CalmCombo()
        self._input = NumberBox(_INPUT)
        self._input_title = plain_label("Input")
        self._input_problem = IssueNote()
        self._read_out = QLabel(IDLE_TEXT)
        self._build()
        self.set_theme(LIGHT)
        self._offer_modes()

    def _build(self) -> None:
        self._mode.setObjectName("field.filters.mode")
        self._mode.setAccessibleName("Inputs shown")
        self._input.setObjectName("field.filters.input")
        self._input.setAccessibleName("Input shown")
        self._input_title.setBuddy(self._input)
        self._input.refused.connect(self._input_problem.show_text)
        self._read_out.setObjectName("plot.filters.value")
        self._read_out.setTextFormat(Qt.TextFormat.PlainText)
        self._read_out.setMinimumWidth(1)
        tools = QHBoxLayout()
        tools.addWidget(self._mode)
        tools.addWidget(self._input_title)
        tools.addWidget(self._input)
        tools.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(tools)
        layout.addWidget(self._input_problem)
        layout.addWidget(self.plot_widget, 1)
        layout.addWidget(self._read_out)
        self._mode.currentIndexChanged.connect(self._on_mode)
        self._input.valueChanged.connect(self._draw)
        self.plot_widget.pointed.connect(self._update_read_out)

    # ---- Values ----

    @property
    def values(self) -> npt.NDArray[Any]:
        """(filters, inputs, depth, height, width), the whole kernel."""
        return self._stack

    @property
    def shown(self) -> npt.NDArray[Any]:
        """(filters, depth, height, width) as coloured; a last axis of 3 in the RGB mode."""
        mode = self.mode()
        if mode == RGB:
            return np.moveaxis(self._stack[:, :3], 1, -1)
        if mode == SINGLE:
            return np.asarray(self._stack[:, self._input.value()])
        return np.asarray(self._stack.mean(axis=1))

    @property
    def level(self) -> float:
        """The value with the strongest colour."""
        return self._level

    def mode(self) -> str:
        """Return ``mean``, ``single`` or ``rgb``."""
        return str(self._mode.currentData() or MEAN)

    def show_kernel(self, kernel: npt.ArrayLike, order: KernelOrder = "conv") -> None:
        """Show a kernel in Keras's order of axes; see `filter_stack`.

        Raises
        ------
        ValueError
            If it has fewer than three or more than five axes, or no number.
        """
        array = np.asarray(kernel)
        if not array.size:
            raise ValueError(f"expected at least one number. Received: shape {array.shape}")
        stack = filter_stack(array, order)
        is_other = stack.shape != self._stack.shape
        self._stack = stack
        if is_other:
            self._offer_modes()
        else:
            self._draw()

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._table = packed(diverging_table(tokens))
        self._bar.set_theme(tokens)
        self.plot_widget.set_theme(tokens)
        self._draw()

    @property
    def painted_s(self) -> float:
        """Seconds of this thread that painting took so far."""
        return self.plot_widget.painted_s

    # ---- Inside ----

    def _offer_modes(self) -> None:
        inputs = self._stack.shape[1]
        with QSignalBlocker(self._mode):
            before = self.mode()
            self._mode.clear()
            for mode, title in _MODES:
                if mode != RGB or inputs >= 3:
                    self._mode.addItem(title, mode)
            self._mode.setCurrentIndex(max(0, self._mode.findData(before)))
        self._input.set_field(replace(_INPUT, maximum=inputs - 1))
        self._input.show_value(min(self._input.value(), inputs - 1))
        self._on_mode()

    def _on_mode(self, *_: object) -> None:
        inputs, mode = self._stack.shape[1], self.mode()
        self._mode.setVisible(inputs > 1)
        for widget in (self._input_title, self._input):
            widget.setVisible(inputs > 1 and mode == SINGLE)
        self._input_problem.setVisible(
            bool(self._input.problem()) and self._input.isVisibleTo(self)
        )
        self._bar.set_shown(mode != RGB)
        self._draw()
        self._update_read_out(*self.plot_widget.pointed_at)

    def _draw(self, *_: object) -> None:
        mode, shown = self.mode(), self.shown
        if mode == MEAN:
            self._level, indices = scaled(shown)
        else:
            # One input keeps the scale of the whole kernel, so that inputs can be compared.
            self._level = largest_magnitude(self._stack)
            indices = colour_indices(shown, self._level)
        cells: Cells = indices
        lines = [SLICE, GAP, EMPTY]
        if mode == RGB:  # indices run over the scale, so they serve as brightness
            cells, lines = packed(indices), [int(self._table[line]) for line in lines]
        self.plot_widget.values = shown
        self.plot_widget.show_panels(beside(cells, lines[0]), *lines[1:])
        self._scale.ask()
        if self.plot_widget.pointed_at != NO_WEIGHT:
            self._update_read_out(*self.plot_widget.pointed_at)

    def _show_scale(self) -> None:
        self._update_read_out(
            *self.plot_widget.pointed_at
        )  # which may say how many filters do not fit
        self._bar.show_level(self._level, not math.isfinite(peak_of(self.shown)))

    def _update_read_out(self, index: int, row: int, column: int) -> None:
        filters, inputs, depth, _, width = self._stack.shape
        layer, column = divmod(column, width + 1)
        if index < 0 or index >= filters or column == width:
            hidden = filters - self.plot_widget.count()
            self._read_out.setText(
                f"{IDLE_TEXT} {hidden:,} filters do not fit." if hidden > 0 else IDLE_TEXT
            )
            return
        places = [f"filter {index:,}"]
        if inputs > 1:
            places.append(self._input_text())
        places += [f"depth {layer}"] * (depth > 1) + [f"row {row}", f"column {column}"]
        found = np.atleast_1d(self.shown[index, layer, row, column])
        values = ", ".join(number_text(float(value)) for value in found)
        self._read_out.setText(f"{', '.join(places)}: {values}")

    def _input_text(self) -> str:
        mode = self.mode()
        return f"input {self._input.value()}" if mode == SINGLE else dict(_MODES)[mode].lower()
