"""The Classify page: one's own pictures and numbers put to a trained network."""

from widgets.classify.answers_table import THUMBNAIL_PX, AnswersTable, PictureRow
from widgets.classify.drawing_pad import DrawingPad
from widgets.classify.panel import ClassifyPanel
from widgets.classify.probability_bars import ProbabilityBars, percent_text

__all__ = [
    "THUMBNAIL_PX", "AnswersTable", "ClassifyPanel", "DrawingPad", "PictureRow", "ProbabilityBars",
    "percent_text",
]  # fmt: skip
