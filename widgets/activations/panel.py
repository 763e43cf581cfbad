"""What the selected layer gives for the pinned sample, large."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import quoted
from engine.probes.activations import LayerOutput
from engine.spec.shapes import shape_text
from widgets.activations.view import ActivationView
from widgets.base.labels import plain_label
from widgets.base.steady_label import SteadyLabel
from widgets.base.theme import LIGHT, Tokens
from widgets.base.veil import Veil
from widgets.forms.boxes import CalmCombo
from widgets.plots.wording import number_text

HINT: Final = "Select a block to see what it gives."
_IDLE: Final = "Point at a value to read it."
_BETWEEN: Final = " · "
_TO: Final = "\N{NO-BREAK SPACE}…\N{NO-BREAK SPACE}"
_COUNTED: Final = {"maps": "maps", "bars": "units", "strip": "features"}
_MOST_OUTPUTS: Final = 99


class ActivationsPanel(QWidget):
    """A layer's output as maps, bars or a strip, with what it is of, its range and what is not finite.

    Signals
    -------
    request_changed()
        Other samples are wanted: `is_live`, `size_px` or `output` may have changed.
    """

    request_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.activations")
        self._is_attached = True
        self._spent_s = 0.0
        self._layer = ""
        self.view = ActivationView()
        self._hint = plain_label(HINT, wrap=True, name="panel.activations.hint")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._source = _steady("panel.activations.source")
        self._source.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._facts = _steady("panel.activations.facts")
        self._warning = plain_label(tone="bad", wrap=True, name="panel.activations.warning")
        self._read_out = _steady("panel.activations.read_out")
        self._read_out.setText(_IDLE)
        self._outputs = CalmCombo()
        self._outputs.setObjectName("field.activations.output")
        self._outputs.setAccessibleName("Output shown")
        self._outputs.currentIndexChanged.connect(self._on_output)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._hint)
        self._pages.addWidget(self._page())
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.addWidget(self._pages)
        self._veil = Veil(self.view)
        self.view.pointed.connect(self._on_pointed)
        self.view.resized.connect(self.request_changed)
        self.set_theme(LIGHT)

    def _page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self._source, self._facts, self._outputs, self._warning):
            column.addWidget(widget)
        column.addWidget(self.view, 1)
        column.addWidget(self._read_out)
        return page

    def show_output(self, output: LayerOutput, source: str) -> None:
        """Show what a layer gives, and of which model and sample it is."""
        started_s = time.thread_time()
        self._show_choice(output)
        self._source.setText(source)
        self._facts.setText(facts_text(output))
        self._set(self._warning, _warning(output))
        self._warning.setVisible(output.not_finite > 0)
        self._pages.setCurrentIndex(1)
        self.view.show_output(output)
        self._spent_s += time.thread_time() - started_s

    def show_empty(self, text: str = HINT) -> None:
        """Show a sentence instead of a picture."""
        self._hint.setText(text)
        self._pages.setCurrentIndex(0)

    def show_old(self, why: str) -> None:
        """Show the picture in grey and say why it is no longer true; "" shows it as it is."""
        self._veil.set_on(bool(why))
        self.view.setToolTip(why)

    @property
    def source(self) -> str:
        """Which model and sample the picture is of, in words."""
        return self._source.text()

    def is_empty(self) -> bool:
        """Say whether a sentence stands where a picture would be."""
        return self._pages.currentIndex() == 0

    def is_old(self) -> bool:
        """Say whether the picture is grey."""
        return not self._veil.isHidden()

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self.view.set_theme(tokens)

    # ---- Requests ----

    def set_attached(self, on: bool) -> None:
        """Follow the training, or keep what is shown."""
        self._is_attached = on
        self.request_changed.emit()

    @property
    def is_live(self) -> bool:
        """Samples would be seen: the panel is attached and on screen."""
        return self._is_attached and self.isVisible() and not self.window().isMinimized()

    @property
    def size_px(self) -> tuple[int, int]:
        """Device pixels that show the picture, down and across."""
        return self.view.size_px

    @property
    def output(self) -> int:
        """Which of the layer's outputs is wanted, from 1."""
        return max(0, self._outputs.currentIndex()) + 1

    @property
    def spent_s(self) -> float:
        """Seconds of this thread that drawing took so far."""
        return self._spent_s + float(self.view.painted_s)

    def forget_choice(self) -> None:
        """Want the first output again: another layer is selected."""
        with QSignalBlocker(self._outputs):
            self._outputs.clear()

    def _show_choice(self, output: LayerOutput) -> None:
        count = min(output.outputs, _MOST_OUTPUTS)
        if self._outputs.count() != count:
            with QSignalBlocker(self._outputs):
                self._outputs.clear()
                self._outputs.addItems([f"Output {n} of {count}" for n in range(1, count + 1)])
                self._outputs.setCurrentIndex(output.output - 1)
        self._outputs.setVisible(count > 1)

    def _on_output(self, _index: int) -> None:
        self.request_changed.emit()

    def _on_pointed(self, text: str) -> None:
        self._read_out.setText(text or _IDLE)

    @staticmethod
    def _set(label: QLabel, text: str) -> None:
        if text != label.text():
            label.setText(text)

    # ---- Qt overrides ----

    def showEvent(self, event: QShowEvent) -> None:
        """Qt: ask for samples."""
        super().showEvent(event)
        self.request_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt: ask for none: what nobody sees costs nothing."""
        super().hideEvent(event)
        self.request_changed.emit()


def facts_text(output: LayerOutput) -> str:
    """Return whose output it is, its size and range, and what of it is shown."""
    low, high = number_text(output.minimum, 3), number_text(output.maximum, 3)
    parts = [f"{quoted(output.layer)} {shape_text(output.shape)}", f"{low}{_TO}{high}"]
    shown = len(output.values)
    if output.form != "strip" and shown < output.total:
        parts.append(f"the first {shown:,} of {output.total:,} {_COUNTED[output.form]}")
    if output.slices > 1:
        parts.append(f"the middle one of {output.slices:,} slices")
    if _is_reduced(output):
        parts.append("block means")
    return _BETWEEN.join(parts)


def _is_reduced(output: LayerOutput) -> bool:
    if output.form == "strip":
        return output.values.T.shape != output.shape
    return output.form == "maps" and not {*output.values.shape[1:]} <= {*output.shape}


def _warning(output: LayerOutput) -> str:
    many = "s" if output.not_finite != 1 else ""
    return f"Not finite: {output.not_finite:,} value{many}." if output.not_finite else ""


def _steady(name: str) -> SteadyLabel:
    label = SteadyLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setMinimumWidth(1)
    return label
