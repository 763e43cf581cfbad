"""The losses of networks that learn together, as curves of one chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy.typing as npt

from widgets.plots.chart import Chart
from widgets.plots.curve import Curve
from widgets.plots.series import Series
from widgets.plots.wording import curve_title

_SUFFIX: Final = "_loss"
_VALIDATION: Final = "val_"
_COLOURS: Final = 2  # that the smoothed curves take


def is_one_of_several(name: str) -> bool:
    """Tell whether a figure is one of several losses, ``"generator_loss"``: a single one is ``"loss"``."""
    return name.removeprefix(_VALIDATION) != "loss" and name.endswith(_SUFFIX)


class SeveralLosses:
    """Adds to a chart two curves for each loss: its batches, and the same smoothed."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._names: list[str] = []  # in order of appearance: it gives the colours

    def clear(self) -> None:
        """Forget the losses; whoever has the chart clears that."""
        self._names.clear()

    def append(self, first_step: int, losses: Mapping[str, npt.ArrayLike]) -> None:
        """Add the (n,) values of each loss in consecutive batches."""
        for name, values in losses.items():
            self._series(name).append(first_step, values)

    def _series(self, name: str) -> Series:
        key = _batches(name)
        series = self._chart.known_series(key)
        if series is None:
            colour, title = self._colour(name), _title(name)
            series = self._chart.set_curve(key, Curve(f"{title}, batch", colour, "band"))
            self._chart.set_curve(f"smoothed {name}", Curve(title, colour, "line"), series)
        return series

    def of_epochs(self, name: str) -> Series | None:
        """Return the series of a loss at the ends of epochs; None where batches are shown: it would cover them."""
        is_validation = name.startswith(_VALIDATION)
        base = name.removeprefix(_VALIDATION)
        if self._chart.known_series(_batches(base)) is not None:
            return None
        part = "validation" if is_validation else "training"
        colour = self._colour(base) + _COLOURS * is_validation
        return self._chart.set_curve(name, Curve(f"{_title(base)}, {part}", colour, "markers"))

    def _colour(self, name: str) -> int:
        if name not in self._names:
            self._names.append(name)
        return self._names.index(name)


def _title(name: str) -> str:
    """Return whose loss it is, ``"Generator"``: the axis says that it is a loss."""
    return curve_title(name.removesuffix(_SUFFIX)).capitalize()


def _batches(name: str) -> str:
    return f"batch {name}"
