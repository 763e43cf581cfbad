"""The weights of one layer, tensor by tensor, updated while it learns."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QLabel, QSplitter, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from engine.errors import quoted
from engine.probes.tensor_view import LayerWeights, TensorView
from engine.spec.shapes import shape_text
from widgets.base.steady_label import SteadyLabel
from widgets.base.theme import LIGHT, Tokens
from widgets.plots.filters import FilterGrid
from widgets.plots.heatmap import HeatmapView
from widgets.plots.histogram import HistogramView
from widgets.plots.tensor_layout import TensorLayout, matrix_shape, tensor_layout
from widgets.plots.wording import number_text

HINT = "Select a layer to see its weights."
_NO_WEIGHTS = "This layer has no weights."
_TO = "\N{NO-BREAK SPACE}…\N{NO-BREAK SPACE}"  # a range is not broken into two lines
_SHORTEST_SIDE = 128
_PARTS = (3, 1)  # of the height for the picture and the histogram


class WeightsPanel(QWidget):
    """Shows a layer's weights as heatmaps, filters and histograms, one tab a tensor.

    A new sample of the same layer changes values in place: tab, zoom and input stay. Only the tab
    on screen is drawn; quick samples show a picture only, its numbers come with the next whole one.

    Signals
    -------
    request_changed()
        Other samples are wanted: `is_live`, `has_histogram` or `sides` may have changed.
    """

    request_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.weights")
        self._tokens = LIGHT
        self._sample: LayerWeights | None = None
        self._signature: object = None
        self._is_attached = True
        self._has_histogram = True
        self._spent_s = 0.0
        self._frames = 0
        self._hint = QLabel(HINT)
        self._hint.setObjectName("panel.weights.hint")
        self._hint.setTextFormat(Qt.TextFormat.PlainText)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._tabs = QTabWidget()
        self._tabs.setObjectName("panel.weights.tensors")
        self._tabs.setDocumentMode(True)
        self._tabs.currentChanged.connect(self._on_tab)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._hint)
        self._pages.addWidget(self._tabs)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self._pages)

    def show_weights(self, sample: LayerWeights) -> None:
        """Show a layer's weights as they were at one step."""
        if not all(tensor.values.size for tensor in sample.tensors):
            tensors = tuple(tensor for tensor in sample.tensors if tensor.values.size)
            sample = replace(sample, tensors=tensors)
        if not sample.tensors:
            self.show_empty(_NO_WEIGHTS)
            return
        self._sample = sample
        signature = (sample.layer, sample.kind, tuple((t.name, t.shape) for t in sample.tensors))
        if signature != self._signature:
            self._signature = signature
            self._rebuild(sample)
            self._pages.setCurrentWidget(self._tabs)
        self._draw(self._show_sample)

    def show_empty(self, text: str = HINT) -> None:
        """Show a sentence instead of weights."""
        self._sample = self._signature = None
        self._clear_tabs()
        self._hint.setText(text)
        self._pages.setCurrentWidget(self._hint)

    def reset_layout(self) -> None:
        """Give pictures and histograms the heights they have at first."""
        for index in range(self._tabs.count()):
            self._page(index).reset_layout()

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        for index in range(self._tabs.count()):
            self._page(index).set_theme(tokens)

    def view(self, tensor: str) -> FilterGrid | HeatmapView:
        """Return the view of a tensor; KeyError if it is not shown."""
        for index in range(self._tabs.count()):
            page = self._page(index)
            if page.tensor_name == tensor:
                return page.view
        raise KeyError(tensor)

    def is_empty(self) -> bool:
        """Say whether a sentence stands where weights would be."""
        return self._pages.currentWidget() is self._hint

    # ---- Cost ----

    def set_attached(self, on: bool) -> None:
        """Follow the training, or keep what is shown."""
        self._is_attached = on
        self.request_changed.emit()

    def set_histogram_shown(self, on: bool) -> None:
        """Show the histograms, or leave them and their cost away."""
        self._has_histogram = on
        for index in range(self._tabs.count()):
            self._page(index).histogram.setVisible(on)
        self.request_changed.emit()

    @property
    def is_live(self) -> bool:
        """Samples would be seen: the panel is attached and on screen."""
        return self._is_attached and self.isVisible() and not self.window().isMinimized()

    @property
    def has_histogram(self) -> bool:
        """Counts would be seen."""
        return self._has_histogram

    @property
    def sides(self) -> tuple[int, int] | None:
        """Most rows and columns that the view in front can show: powers of two; None if single numbers are read."""
        index = self._tabs.currentIndex()
        pixels = self._page(index).sides if index >= 0 else None
        if pixels is None:
            return None
        rows, columns = (max(_SHORTEST_SIDE, 1 << (side - 1).bit_length()) for side in pixels)
        return rows, columns

    @property
    def spent_s(self) -> float:
        """Seconds of this thread that drawing took so far; those of a layer shown before are kept."""
        pages = (self._page(index) for index in range(self._tabs.count()))
        return self._spent_s + sum(page.painted_s for page in pages)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for samples."""
        super().showEvent(event)
        self.request_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask for none: what nobody sees costs nothing."""
        super().hideEvent(event)
        self.request_changed.emit()

    @property
    def frames(self) -> int:
        """How often a picture was drawn."""
        return self._frames

    def _draw(self, part: Callable[[], None]) -> None:
        started = time.thread_time()
        part()
        self._spent_s += time.thread_time() - started

    def _rebuild(self, sample: LayerWeights) -> None:
        with QSignalBlocker(self._tabs):
            self._clear_tabs()
            for tensor in sample.tensors:
                page = _TensorPage(tensor, tensor_layout(sample, tensor))
                page.histogram.setVisible(self._has_histogram)
                page.set_theme(self._tokens)
                title = quoted(tensor.name).replace("&", "&&")  # no keyboard mnemonic
                self._tabs.addTab(page, title)

    def _clear_tabs(self) -> None:
        with QSignalBlocker(self._tabs):
            while self._tabs.count():
                page = self._page(0)
                self._spent_s += page.painted_s
                self._tabs.removeTab(0)
                page.deleteLater()

    def _on_tab(self, *_: object) -> None:
        self._draw(self._show_sample)

    def _show_sample(self) -> None:
        self._frames += 1
        index = self._tabs.currentIndex()
        if self._sample is not None and index >= 0:
            self._page(index).show_tensor(self._sample, self._sample.tensors[index])

    def _page(self, index: int) -> _TensorPage:
        page = self._tabs.widget(index)
        assert isinstance(page, _TensorPage)  # noqa: S101 - only such pages are added
        return page


class _TensorPage(QWidget):
    """Facts, picture and histogram of one tensor."""

    def __init__(self, tensor: TensorView, layout: TensorLayout) -> None:
        super().__init__()
        self.tensor_name = tensor.name
        self._layout = layout
        self._rank = len(tensor.shape)
        self._facts, self._warning = SteadyLabel(), SteadyLabel()
        for label in (self._facts, self._warning):
            label.setWordWrap(True)
            label.setAutoFillBackground(True)  # else all behind it is painted with it
        self._facts.setObjectName("panel.weights.facts")
        self._warning.setObjectName("panel.weights.warning")
        self.view: FilterGrid | HeatmapView
        if layout.view == "filters":
            self.view = FilterGrid()
        else:
            self.view = HeatmapView()
            self.view.set_titles(*layout.titles)
            self.view.set_blocks(layout.gates)
        self.view.setObjectName(f"plot.weights.{tensor.name}")
        self.histogram = HistogramView()
        self.histogram.setObjectName(f"plot.histogram.{tensor.name}")
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        for part, view in zip(_PARTS, (self.view, self.histogram), strict=True):
            self._splitter.addWidget(view)
            self._splitter.setStretchFactor(self._splitter.count() - 1, part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._facts)
        column.addWidget(self._warning)
        column.addWidget(self._splitter, 1)

    def reset_layout(self) -> None:
        """Give picture and histogram the heights they have at first."""
        self._splitter.setSizes([part * self._splitter.height() for part in _PARTS])

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self.view.set_theme(tokens)
        self.histogram.set_theme(tokens)
        palette = QPalette(self._warning.palette())
        palette.setColor(QPalette.ColorRole.WindowText, tokens.warning)
        self._warning.setPalette(palette)

    @property
    def sides(self) -> tuple[int, int] | None:
        """Device pixels that show the tensor, down and across; None: it is wanted as fine as it comes."""
        if isinstance(self.view, HeatmapView) and self._rank <= 2:
            return self.view.sides
        return None  # blocks of folded axes and of filters are no blocks of pixels

    @property
    def painted_s(self) -> float:
        """Seconds that painting took so far."""
        return self.view.painted_s + self.histogram.painted_s

    def show_tensor(self, sample: LayerWeights, tensor: TensorView) -> None:
        """Show the tensor at one step; a quick view has no facts and no histogram, those before stay."""
        self._show_picture(tensor)
        if not tensor.is_quick:
            self._show_numbers(sample, tensor)

    def _show_picture(self, tensor: TensorView) -> None:
        if isinstance(self.view, FilterGrid):
            self.view.show_kernel(tensor.values, self._layout.order)
        else:
            shown = matrix_shape(tensor.values.shape, self._layout)
            # Blocks of folded axes are no blocks of rows: those are counted as they are shown.
            full = matrix_shape(tensor.shape, self._layout) if len(tensor.shape) <= 2 else shown
            self.view.show_values(tensor.values.reshape(shown), full_shape=full)

    def _show_numbers(self, sample: LayerWeights, tensor: TensorView) -> None:
        self._facts.setText(facts_text(sample, tensor))
        self._warning.setText(f"Not finite: {tensor.not_finite:,} values.")
        self._warning.setVisible(tensor.not_finite > 0)
        if len(tensor.histogram):
            self.histogram.show_counts(
                tensor.histogram, tensor.minimum, tensor.maximum, tensor.mean, tensor.deviation
            )


def facts_text(sample: LayerWeights, tensor: TensorView) -> str:
    """Return the line above a tensor: whose it is, its size and range, whether it is reduced."""
    parts = [
        quoted(sample.layer),
        f"{quoted(tensor.name)} {shape_text(tensor.shape)}",
        f"step {sample.step:,}",
        f"{number_text(tensor.minimum, 3)}{_TO}{number_text(tensor.maximum, 3)}",
    ]
    if tensor.values.shape != tensor.shape:
        parts.append(
            f"block means, {shape_text(tensor.values.shape)} of {shape_text(tensor.shape)}"
        )
    return " · ".join(parts)
