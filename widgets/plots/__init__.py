"""Live plots: the loss, weights as heatmaps, filters and histograms."""

from widgets.plots.filters import FilterGrid
from widgets.plots.heatmap import HeatmapView
from widgets.plots.histogram import HistogramView
from widgets.plots.loss import LossPlot
from widgets.plots.weights import WeightsPanel

__all__ = ["FilterGrid", "HeatmapView", "HistogramView", "LossPlot", "WeightsPanel"]
