"""Which panels stand where on the Studio page, and how large they are at first."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.shell.panels import Panels
from widgets.shell.studio_page import Share, StudioPage, stacked

_AREA = Qt.DockWidgetArea
# The first of each is in front.
_GROUPS: Final = (
    ("dock.training", "dock.control"),
    ("dock.live", "dock.neurons", "dock.costs"),
    ("dock.weights", "dock.activations", "dock.sample"),
    ("dock.layer", "dock.generated"),
)
_WIDTHS: Final = {"dock.layers": Share(0.235, 252, 340), "dock.layer": Share(0.275, 252, 480)}
_HEIGHTS: Final = {
    "dock.layers": Share(0.36),
    "dock.training": Share(0.64),
    "dock.layer": Share(0.48),
    "dock.weights": Share(0.52),
    "dock.live": Share(0.39, 200),
}


def studio_page(panels: Panels) -> StudioPage:
    """Return the page with the canvas in the middle and everything else around it."""
    page = StudioPage(panels.canvas, _docks(panels))
    page.set_usual_groups(_GROUPS)
    page.set_usual_sizes(_WIDTHS, _HEIGHTS)
    return page


def _docks(panels: Panels) -> tuple[tuple[str, str, Qt.DockWidgetArea, QWidget], ...]:
    left, right, bottom = (
        _AREA.LeftDockWidgetArea,
        _AREA.RightDockWidgetArea,
        _AREA.BottomDockWidgetArea,
    )
    training = stacked(panels.training_form, stacked(panels.start_choice, panels.costs))
    return (
        ("dock.layers", "Layers", left, panels.palette),
        ("dock.training", "Training", left, training),
        ("dock.control", "Live Control", left, panels.live_controls),
        ("dock.layer", "Selected Layer", right, panels.layer_form),
        ("dock.weights", "Weights", right, panels.weights),
        ("dock.live", "Live", bottom, panels.loss_plot),
        ("dock.neurons", "Neurons", bottom, panels.neurons),
        ("dock.costs", "Costs", bottom, panels.layer_costs),
        ("dock.activations", "Activations", right, panels.activations),
        ("dock.sample", "Sample", right, panels.sample),
        ("dock.generated", "Generated", right, panels.generated),
    )
