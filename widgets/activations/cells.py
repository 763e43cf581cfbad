"""How the numbers of a layer's output lie in a picture, and which one is at a place. No Qt here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.probes.activations import LayerOutput, best_grid
from widgets.plots.colours import EMPTY, GAP, scaled
from widgets.plots.wording import number_text

_LEAST_CELLS: Final = 24  # of a map's longer side: the gap between two is one of them


@dataclass(frozen=True)
class Grid:
    """Maps side by side, a gap between each two.

    Attributes
    ----------
    columns
        Maps in a row.
    zoom
        Cells a number takes along each side, so that small maps have a thin gap.
    sides
        (height, width) of a map in numbers.
    count
        How many maps there are.
    """

    columns: int
    zoom: int
    sides: tuple[int, int]
    count: int

    @property
    def pitch(self) -> tuple[int, int]:
        """Cells from one map to the next, down and across."""
        height, width = self.sides
        return height * self.zoom + 1, width * self.zoom + 1

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of cells."""
        down, across = self.pitch
        return -(-self.count // self.columns) * down - 1, self.columns * across - 1

    def at(self, row: int, column: int) -> tuple[int, int, int] | None:
        """Return (map, row, column) of the number at a cell, None between maps."""
        down, across = self.pitch
        number = row // down * self.columns + column // across
        inner = row % down // self.zoom, column % across // self.zoom
        is_gap = row % down == down - 1 or column % across == across - 1
        return None if is_gap or number >= self.count else (number, *inner)


def grid_of(output: LayerOutput, size_px: tuple[int, int]) -> Grid:
    """Return how the maps of an output fill a place best."""
    count, height, width = output.values.shape
    columns, _ = best_grid(count, (height, width), size_px)
    zoom = max(1, math.ceil(_LEAST_CELLS / max(height, width)))
    return Grid(columns, zoom, (height, width), count)


def composed(output: LayerOutput, grid: Grid) -> tuple[float, npt.NDArray[np.uint8]]:
    """Return the level of the scale, and the maps as indices into `widgets.plots.colours.diverging_table`."""
    level, indices = scaled(output.values)
    if grid.zoom > 1:
        indices = indices.repeat(grid.zoom, axis=1).repeat(grid.zoom, axis=2)
    down, across = grid.pitch
    rows = -(-grid.count // grid.columns)
    cells = np.full((rows * grid.columns, down, across), EMPTY, np.uint8)
    cells[: grid.count] = GAP
    cells[: grid.count, : down - 1, : across - 1] = indices
    tiled = cells.reshape(rows, grid.columns, down, across).swapaxes(1, 2)
    return level, tiled.reshape(rows * down, grid.columns * across)[:-1, :-1]


def map_text(output: LayerOutput, grid: Grid, row: int, column: int) -> str:
    """Return what is at a cell of the grid in words, "" between maps."""
    found = grid.at(row, column)
    if found is None:
        return ""
    number, y, x = found
    value = number_text(float(output.values[number, y, x]))
    height, width = _sides(output)
    down = _span(y, _length(height, output.values.shape[1]), height)
    across = _span(x, _length(width, output.values.shape[2]), width)
    mean = "mean " if (height, width) != output.values.shape[1:] else ""
    return f"map {number}, row {down}, column {across}: {mean}{value}"


def strip_text(output: LayerOutput, row: int, column: int) -> str:
    """Return what is at a cell of a strip in words."""
    features, steps = output.values.shape
    time, total = output.shape
    value = number_text(float(output.values[row, column]))
    feature = _span(row, _length(total, features), total)
    moment = _span(column, _length(time, steps), time)
    mean = "mean " if (total, time) != output.values.shape else ""
    return f"step {moment}, feature {feature}: {mean}{value}"


def _sides(output: LayerOutput) -> tuple[int, int]:
    """Return (height, width) of a whole map: the channels stand first or last."""
    first = output.shape[0] == output.total and output.shape[-1] != output.total
    height, width = output.shape[-2:] if first else output.shape[-3:-1]
    return height, width


def _length(full: int, shown: int) -> int:
    return max(1, -(-full // max(1, shown)))


def _span(index: int, length: int, full: int) -> str:
    first, last = index * length, min((index + 1) * length, full) - 1
    return f"{first:,}" if first >= last else f"{first:,}–{last:,}"
