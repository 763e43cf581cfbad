"""How many samples each class has in each part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip, QWidget

from widgets.base.labels import plain_tip
from widgets.base.theme import Tokens
from widgets.plots.bar_plot import BarPlot, Part

_ROW_HEIGHTS: Final = 1.25  # of a line of text
_NAME_SHARE: Final = 0.33  # of the width
_MOST_TOLD: Final = 20  # classes that are named to who cannot see the bars


@dataclass(frozen=True)
class PartCounts:
    """One part: its name and how many samples of each class it has."""

    name: str
    counts: tuple[int, ...]


class ClassBars(BarPlot):
    """A bar for each class, cut into the parts; a legend above."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_ROW_HEIGHTS, _NAME_SHARE)
        self.setParent(parent)
        self._counts: tuple[PartCounts, ...] = ()

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        super().set_theme(tokens)
        self.show_counts(self._labels, self._counts)

    def show_counts(self, labels: tuple[str, ...], parts: tuple[PartCounts, ...]) -> None:
        """Show counts; ``counts`` of every part are in the order of ``labels``."""
        self._counts = parts
        colours = self._tokens.series
        self.show_rows(
            labels,
            [Part(part.name, part.counts, (colours[n],)) for n, part in enumerate(parts)],
            [f"{self.total(index):,}" for index in range(len(labels))],
        )
        self.show_legend(
            [(f"{part.name} {sum(part.counts):,}", colours[n]) for n, part in enumerate(parts)]
        )
        told = range(min(len(labels), _MOST_TOLD))
        self.setAccessibleName("; ".join(self._sentence(index) for index in told))

    def total(self, index: int) -> int:
        """Return how many samples a class has in all parts."""
        return sum(part.counts[index] for part in self._counts)

    def _sentence(self, index: int) -> str:
        shares = ", ".join(f"{part.counts[index]:,} {part.name}" for part in self._counts)
        return f"{self._labels[index]}: {shares}"

    # ---- Qt overrides ----

    def viewportEvent(self, event: QEvent) -> bool:
        """Qt: say the exact counts of the row under the pointer."""
        if isinstance(event, QHelpEvent):
            row = self.row_at(event.pos().y())
            words = "" if row is None else plain_tip(self._sentence(row))
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return bool(super().viewportEvent(event))
