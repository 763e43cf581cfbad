"""A plot whose numbers can be taken away."""

from __future__ import annotations

import html
from collections.abc import Callable, Sized
from functools import partial

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal

from widgets.plots.table import Points, Table, curves_table


class ExportablePlot(pg.PlotWidget):  # type: ignore[misc] # pyqtgraph ships no types
    """A plot without pyqtgraph's menu, which leaks; it says what the menu of ours may offer.

    Attributes
    ----------
    can_fit
        The menu offers to show everything again.
    is_log
        Whether values are spaced by powers of ten; None: the menu does not offer it.

    Signals
    -------
    fit_requested()
        Everything is to be shown again.
    log_scale_requested(bool)
        Values are to be spaced by powers of ten, or evenly.
    """

    fit_requested = Signal()
    log_scale_requested = Signal(bool)

    def __init__(self, bottom: pg.AxisItem, left: pg.AxisItem) -> None:
        super().__init__(axisItems={"bottom": bottom, "left": left}, enableMenu=False)
        self.can_fit = True
        self.is_log: bool | None = None

    @property
    def row_count(self) -> int:
        """How many rows the table has, at least: without making it."""
        items = self.getPlotItem().listDataItems()
        return max((len(item) if isinstance(item, Sized) else 0 for item in items), default=0)

    def take_table(self) -> Callable[[], Table]:
        """Return what makes the table of all that is shown now, in whatever thread it is called."""
        scale = self.getPlotItem().getAxis("bottom").scale  # of steps that are shown as epochs
        found = []
        for item in self.getPlotItem().listDataItems():
            x, y = getattr(item, "getOriginalDataset", item.getData)()
            if x is not None:
                title = html.unescape(item.name() or self._title("left"))
                found.append(Points(title, np.array(x) if scale == 1 else x * scale, np.array(y)))
        return partial(curves_table, self._title("bottom"), found)

    def _title(self, side: str) -> str:
        title = html.unescape(self.getPlotItem().getAxis(side).labelText)  # kept as HTML
        return title or {"bottom": "x", "left": "y"}[side]
