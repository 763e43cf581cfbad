"""The picture of neurons with a line that reads what the pointer is at."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from engine.probes.neurons import Column, DenseChain, Synapses
from widgets.base.labels import plain_label
from widgets.base.theme import Tokens
from widgets.neurons.geometry import Hit
from widgets.neurons.picture import NeuronPicture
from widgets.plots.wording import number_text

_IDLE: Final = (
    "Point at a line to read its weight, at a neuron to read its bias; click to select the layer."
)
_MARGIN_PX: Final = 6
_LINE_MARGIN_PX: Final = 2


class NeuronsPanel(QWidget):
    """Shows the dense layers as neurons and synapses, or one sentence why not.

    Signals
    -------
    layer_requested(id)
        A neuron or synapse of this layer was clicked.
    visibility_changed()
        The panel was covered or uncovered.
    room_changed()
        Another number of neurons has room in a column: `room`.
    """

    layer_requested = Signal(str)
    visibility_changed = Signal()
    room_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("neurons")
        self._chain: DenseChain | None = None
        self._synapses: tuple[Synapses, ...] | None = None
        self._at: Hit | None = None
        self._note = ""
        self.picture = NeuronPicture()
        self._words = plain_label(wrap=True, tone="muted", name="neurons.words")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._line = plain_label(wrap=True, tone="muted", name="neurons.line")
        self._line.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._line.setContentsMargins(_MARGIN_PX, _LINE_MARGIN_PX, _MARGIN_PX, _LINE_MARGIN_PX)
        drawn = QWidget()
        column = QVBoxLayout(drawn)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.picture, 1)
        column.addWidget(self._line)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._words)
        self._stack.addWidget(drawn)
        self.picture.pointed.connect(self._on_pointed)
        self.picture.layer_requested.connect(self.layer_requested)
        self.picture.room_changed.connect(self.room_changed)

    @property
    def room(self) -> int:
        """How many neurons a column shows."""
        return self.picture.room

    def show_empty(self, sentence: str) -> None:
        """Show a sentence in place of the picture."""
        self._words.setText(sentence)
        self._stack.setCurrentIndex(0)
        self._chain = self._synapses = None
        self.picture.show_chain(None, None)

    def show_chain(
        self, chain: DenseChain, synapses: tuple[Synapses, ...] | None, note: str = ""
    ) -> None:
        """Show dense layers, and a sentence about them while nothing is pointed at.

        Parameters
        ----------
        synapses
            One a dense layer; None draws the structure alone.
        """
        self._chain, self._synapses, self._note = chain, synapses, note
        self.picture.show_chain(chain, synapses)
        self._stack.setCurrentIndex(1)
        self._renew_line()

    def show_selected(self, layer_ids: tuple[str, ...]) -> None:
        """Mark the columns of the selected layers."""
        self.picture.show_selected(frozenset(layer_ids))

    def set_theme(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        self.picture.set_theme(tokens)

    # ---- The line ----

    def _on_pointed(self, at: Hit | None) -> None:
        self._at = at
        self._renew_line()

    def _renew_line(self) -> None:
        text = self._read(self._at) if self._at is not None else self._note or _IDLE
        if text != self._line.text():
            self._line.setText(text)

    def _read(self, at: Hit) -> str:
        if self._chain is None:
            return ""
        column, weights = self._chain.columns[at.column], None
        if self._synapses is not None and at.column:
            weights = self._synapses[at.column - 1]
        target = np.array([at.neuron])
        if at.source is not None:
            known = weights.between(np.array([at.source]), target) if weights else None
            value = f": {number_text(float(known[0, 0]))}" if known is not None else ""
            before = self._chain.columns[at.column - 1]
            return (
                f"Weight from {_neuron(before, at.source)} to {_neuron(column, at.neuron)}{value}"
            )
        told = _neuron(column, at.neuron)
        bias = weights.biases(target) if weights is not None else None
        if bias is not None:
            return f"{_capital(told)}: bias {number_text(float(bias[0]))}"
        return _capital(told)

    # ---- Qt overrides ----

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for what may be read: as many lines as the longest sentence takes."""
        super().resizeEvent(event)
        metrics = self._line.fontMetrics()
        room = QRect(0, 0, max(1, self.width() - 2 * _MARGIN_PX), 1)
        needed = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap.value, _IDLE).height()
        self._line.setFixedHeight(needed + 2 * _LINE_MARGIN_PX)

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that the panel is seen."""
        super().showEvent(event)
        self.visibility_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that the panel is not seen."""
        super().hideEvent(event)
        self.visibility_changed.emit()


def _neuron(column: Column, neuron: int) -> str:
    name = f" ({column.names[neuron]})" if column.names else ""
    return f"neuron {neuron} of {column.layer}{name}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
