"""Which live views are attached, what they cost, and what they may cost."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from engine.catalog.model import Field
from widgets.base.labels import plain_label, plain_tip
from widgets.forms.boxes import NumberBox
from widgets.forms.field_row import field_grid
from widgets.forms.issue_note import IssueNote

LEAST_LIMIT: Final = 0.005  # shares of the training's time
MOST_LIMIT: Final = 0.5
_VIEWS: Final = (
    ("loss", "Loss plot", "Follow the run on the plots; off: they stand still until it is on again."),
    ("weights", "Weights", "Follow the selected layer's heatmap or filters while it learns."),
    ("histogram", "Histogram", "Count the selected layer's weights as well."),
    ("activations", "Activations", "Follow what the selected layer gives for the pinned sample."),
)  # fmt: skip
_LIMIT: Final = Field(
    "limit", "float", 5.0, minimum=100 * LEAST_LIMIT, maximum=100 * MOST_LIMIT, unit="%",
    help="What drawing and sampling may take of the training's time. Where it is not enough, the views "
    "get slower, never the training.",
)  # fmt: skip


class ViewSettings(QWidget):
    """Check boxes for the views, their limit, and their cost.

    Signals
    -------
    attached(str, bool)
        A view is to follow the training, or not: "loss", "weights", "histogram",
        "activations".
    limit_requested(float)
        Views may take this share of the training's time.
    """

    attached = Signal(str, bool)
    limit_requested = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.views")
        grid = field_grid(self)
        grid.addWidget(plain_label("Live views", strong=True), 0, 0, 1, 2)
        for row, (name, title, tip) in enumerate(_VIEWS, start=1):
            box = QCheckBox(title)
            box.setObjectName(f"field.view.{name}")
            box.setToolTip(plain_tip(tip))
            box.setChecked(True)
            box.toggled.connect(partial(self.attached.emit, name))
            grid.addWidget(box, row, 0, 1, 2)
        self._limit = NumberBox(_LIMIT)
        self._limit.setObjectName("field.view_limit")
        self._limit.setAccessibleName("Limit of live views")
        self._limit.setToolTip(plain_tip(_LIMIT.help))
        self._limit.valueChanged.connect(self._on_limit)
        label = plain_label("At most (%)")
        label.setToolTip(plain_tip(_LIMIT.help))
        label.setBuddy(self._limit)
        self._problem = IssueNote()
        self._problem.setObjectName("note.field.view_limit")
        self._limit.refused.connect(self._problem.show_text)
        self._cost = plain_label(tone="muted", wrap=True, name="views.cost")
        below = len(_VIEWS) + 1
        grid.addWidget(label, below, 0)
        grid.addWidget(self._limit, below, 1)
        grid.addWidget(self._problem, below + 1, 0, 1, 2)
        grid.addWidget(self._cost, below + 2, 0, 1, 2)
        self.show_limit(0.05)

    def show_limit(self, limit: float) -> None:
        """Show what share of the time views may take."""
        self._limit.show_value(float(f"{100 * limit:.9g}"))
        self._cost.setText("What the views cost is measured while it trains.")

    def show_cost(self, share: float, frames_hz: float) -> None:
        """Show what share they take, and how often they are drawn."""
        self._cost.setText(
            f"Views {100 * share:.1f} % of {self._limit.value():g} %, {frames_hz:.0f} frames a second."
        )

    def _on_limit(self, percent: float) -> None:
        self.limit_requested.emit(percent / 100)
