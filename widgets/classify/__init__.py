"""The Classify page: one's own pictures and numbers put to a trained network."""

from widgets.classify.drawing_pad import DrawingPad
from widgets.classify.panel import ClassifyPanel
from widgets.classify.probability_bars import ProbabilityBars

__all__ = ["ClassifyPanel", "DrawingPad", "ProbabilityBars"]
