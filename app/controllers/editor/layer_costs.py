"""What each layer costs: rows of the table, bars in the blocks, totals for the status line."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.settings import SettingsFile
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec
from widgets.base.amounts import bytes_text, count_text
from widgets.canvas import NetworkCanvas
from widgets.canvas.facts import output_text
from widgets.costs import MEASURES, LayerCostRow, LayerCostsPanel


class LayerCostsController(QObject):
    """Shows the costs that it is given.

    Attributes
    ----------
    totals
        The whole network's in words, "" while they are not known.
    """

    def __init__(
        self, document: Document, app_model: AppModel, settings_file: SettingsFile, panel: LayerCostsPanel,
        canvas: NetworkCanvas, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._settings_file = settings_file
        self._panel = panel
        self._canvas = canvas
        self._rows: tuple[LayerCostRow, ...] = ()
        self._measure = settings_file.read().block_bars
        self.totals = ""
        panel.show_measure(self._measure)
        panel.measure_chosen.connect(self._on_measure)
        app_model.selection_changed.connect(self._on_selection)

    def show(self, costs: heavy.NetworkCosts | None, batch_size: int) -> None:
        """Show what a network costs; None: it is not known yet.

        Parameters
        ----------
        batch_size
            Samples a step, for the memory.
        """
        facts = self._app_model.facts
        self._rows = tuple(
            _row(layer, facts.get(layer.id), costs, batch_size)
            for layer in self._document.spec.network.layers
        )
        self.totals = "" if costs is None else totals_text(costs)
        words = "The costs are not known yet."
        if costs is not None:
            memory = bytes_text(costs.training_bytes_at(batch_size))
            words = f"{self.totals}, {memory} at a batch of {batch_size:,}"
        self._panel.show_rows(self._rows, words)
        self._show_bars()

    def _show_bars(self) -> None:
        if self._measure not in MEASURES:
            self._canvas.show_shares({})
            return
        numbers = {row.layer_id: getattr(row, self._measure) for row in self._rows}
        largest = max((number or 0 for number in numbers.values()), default=0)
        known = {name: number for name, number in numbers.items() if number is not None}
        self._canvas.show_shares(
            {name: number / largest for name, number in known.items()} if largest else {}
        )

    def _on_measure(self, name: str) -> None:
        self._measure = name
        self._settings_file.write(self._settings_file.read().but(block_bars=name))
        self._show_bars()

    def _on_selection(self) -> None:
        chosen = self._app_model.selection
        self._panel.show_selected(chosen[0] if len(chosen) == 1 else "")


def totals_text(costs: heavy.NetworkCosts) -> str:
    """Return parameters and multiply-adds in words: ``"25,450 parameters, 1.2 M multiply-adds a sample"``."""
    if costs.unknown and not costs.parameters:
        return "parameters not known yet"
    least = "at least " if costs.unknown else ""
    work = f"{count_text(costs.multiply_adds)} multiply-adds a sample"
    return f"{least}{costs.parameters:,} parameters, {work}"


def _row(
    layer: LayerSpec, fact: LayerFacts | None, costs: heavy.NetworkCosts | None, batch_size: int
) -> LayerCostRow:
    known = costs.layers.get(layer.id) if costs is not None else None
    shape = output_text(fact)
    if costs is None or known is None:
        return LayerCostRow(layer.id, layer.kind, shape)
    memory = costs.layer_bytes(layer.id, batch_size)
    return LayerCostRow(layer.id, layer.kind, shape, known.parameters, known.multiply_adds, memory)
