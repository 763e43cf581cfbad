"""Live plots: the loss, weights as heatmaps, filters and histograms."""

from widgets.plots.filters import FilterGrid
from widgets.plots.heatmap import HeatmapView
from widgets.plots.histogram import HistogramView
from widgets.plots.loss import LossPlot
from widgets.plots.plot_view import PLOT_KEYS
from widgets.plots.weights import WeightsPanel

__all__ = ["PLOT_KEYS", "FilterGrid", "HeatmapView", "HistogramView", "LossPlot", "WeightsPanel"]
