"""Convolution kernels as small pictures, and their places in a grid. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]
Cells = npt.NDArray[Any]  # colours, or whatever stands for them
KernelOrder = Literal["conv", "transpose", "depthwise"]

GAP_PX = 2  # device pixels between two filters


def filter_stack(kernel: Floats, order: KernelOrder) -> Floats:
    """Return a kernel as (filters, inputs, depth, height, width).

    Parameters
    ----------
    kernel
        Keras's order of axes: up to three of space, then ``conv``: (inputs, filters);
        ``transpose``: (filters, inputs); ``depthwise``: (inputs, multiplier), where every input has
        filters of its own, so that filter ``input * multiplier + m`` has the one input it reads.

    Raises
    ------
    ValueError
        If there are fewer than three or more than five axes.
    """
    if not 3 <= kernel.ndim <= 5:
        raise ValueError(f"expected 3 to 5 axes. Received: shape {kernel.shape}")
    space = (1,) * (5 - kernel.ndim) + kernel.shape[:-2]
    first, last = kernel.shape[-2:]
    full = kernel.reshape(*space, first, last)  # (d, h, w, first, last)
    if order == "depthwise":
        return full.reshape(*space, 1, first * last).transpose(4, 3, 0, 1, 2)
    if order == "transpose":
        return full.transpose(3, 4, 0, 1, 2)
    return full.transpose(4, 3, 0, 1, 2)


@dataclass(frozen=True)
class GridPlan:
    """Where each filter lies, in device pixels.

    Attributes
    ----------
    count
        Filters shown; the rest does not fit.
    columns, rows
        Filters beside and below one another.
    scale
        Side of one weight.
    height, width
        Of one filter, in weights.
    """

    count: int
    columns: int
    rows: int
    scale: int
    height: int
    width: int

    @property
    def cell_height(self) -> int:
        """Height of a filter and its gap."""
        return self.height * self.scale + GAP_PX

    @property
    def cell_width(self) -> int:
        """Width of a filter and its gap."""
        return self.width * self.scale + GAP_PX

    def weight_at(self, x: int, y: int) -> tuple[int, int, int] | None:
        """Return (filter, row, column) at a pixel; None in a gap or beside the grid."""
        column, left = divmod(x, self.cell_width)
        row, top = divmod(y, self.cell_height)
        index = row * self.columns + column
        inside = 0 <= column < self.columns and row >= 0 and index < self.count
        if not inside or left >= self.width * self.scale or top >= self.height * self.scale:
            return None
        return index, top // self.scale, left // self.scale


@lru_cache(maxsize=16)
def plan_grid(count: int, height: int, width: int, space: tuple[int, int]) -> GridPlan:
    """Return the grid with the largest filters that fits.

    Parameters
    ----------
    count, height, width
        Filters, and weights of one.
    space
        (height, width) to fill, in device pixels.
    """
    columns = np.arange(1, count + 1)
    rows = -(-count // columns)
    scales = np.minimum(
        (space[0] // rows - GAP_PX) // height, (space[1] // columns - GAP_PX) // width
    )
    best = int(np.argmax(scales))
    if scales[best] >= 1:
        return GridPlan(
            count, int(columns[best]), int(rows[best]), int(scales[best]), height, width
        )
    across = max(1, space[1] // (width + GAP_PX))
    down = max(1, space[0] // (height + GAP_PX))
    return GridPlan(min(count, across * down), across, down, 1, height, width)


def beside(slices: Cells, line: int) -> Cells:
    """Return (n, depth, height, width) as (n, height, columns): slices side by side, a line between two."""
    n, depth, height, width = slices.shape
    wide = np.full((n, height, depth, width + 1), line, dtype=slices.dtype)
    wide[..., :width] = np.swapaxes(slices, 1, 2)
    return wide.reshape(n, height, depth * (width + 1))[:, :, :-1]


def compose(panels: Cells, plan: GridPlan, gap: int, empty: int) -> Cells:
    """Return the whole grid, (h, w), in device pixels.

    Parameters
    ----------
    panels
        (filters, height, width).
    gap, empty
        Colour of the lines between filters, and of the places without one.
    """
    height, width = plan.height, plan.width
    cells = np.full((plan.rows * plan.columns, height + 1, width + 1), empty, dtype=panels.dtype)
    cells[: plan.count] = gap
    cells[: plan.count, :height, :width] = panels[: plan.count]
    grid = cells.reshape(plan.rows, plan.columns, height + 1, width + 1).swapaxes(1, 2)
    down, across = _pixels(height, plan.rows, plan.scale), _pixels(width, plan.columns, plan.scale)
    # Across first: what is left to do down copies whole lines.
    return grid.reshape(down.size, across.size).repeat(across, axis=1).repeat(down, axis=0)


@lru_cache(maxsize=16)
def _pixels(size: int, count: int, scale: int) -> npt.NDArray[np.int64]:
    """Return how many pixels each weight of a line of filters takes, and each gap. Not to be written to."""
    return np.tile([scale] * size + [GAP_PX], count)
