"""A plot whose numbers can be taken away."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence, Sized
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal

from widgets.plots.table import Column, Points, Table, curves_table

Take: TypeAlias = Callable[[], tuple[Column, Column]]


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
        found = [
            (html.unescape(item.name() or self._title("left")), _taken(item))
            for item in self.getPlotItem().listDataItems()
        ]
        return partial(_table, self._title("bottom"), scale, found)

    def _title(self, side: str) -> str:
        title = html.unescape(self.getPlotItem().getAxis(side).labelText)  # kept as HTML
        return title or {"bottom": "x", "left": "y"}[side]


def _taken(item: Any) -> Take:
    """Return what gives the (n,) x and y of an item of pyqtgraph as they are now."""
    if hasattr(item, "take_data"):
        take: Take = item.take_data()
        return take
    x, y = getattr(item, "getOriginalDataset", item.getData)()
    return partial(_as_taken, np.array(() if x is None else x), np.array(() if y is None else y))


def _as_taken(x: Column, y: Column) -> tuple[Column, Column]:
    return x, y


def _table(x_title: str, scale: float, curves: Sequence[tuple[str, Take]]) -> Table:
    found = []
    for title, take in curves:
        x, y = take()
        if len(x):
            found.append(Points(title, x if scale == 1 else x * scale, y))
    return curves_table(x_title, found)
