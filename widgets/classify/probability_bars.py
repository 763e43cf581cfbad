"""The answer of a network: labels with bars as long as their probabilities."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QWidget

from engine.errors import quoted
from widgets.base.theme import LIGHT, Tokens
from widgets.classify.picture_view import OLD_OPACITY
from widgets.plots.bar_plot import BarPlot, Part
from widgets.plots.table import Table
from widgets.plots.wording import NOT_FINITE, number_text

_ROW_HEIGHTS: Final = 1.9  # of a line of text
_NAME_SHARE: Final = 0.4  # of the width
_WIDEST: Final = "> 99.9 %"  # of the texts: bars keep their length while numbers change
_MOST_ROWS: Final = 20
_LEAST_PERCENT: Final = 0.1  # what is smaller is written as less than this


@dataclass(frozen=True)
class _Row:
    label: str
    text: str
    share: float | None  # of the full bar; None: no bar
    value: float


class ProbabilityBars(BarPlot):
    """Labels, bars and percentages, the most probable first; or plain numbers of a regression."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_ROW_HEIGHTS, _NAME_SHARE)
        self.setParent(parent)
        self.setObjectName("classify.bars")
        self._least_text_px = QFontMetricsF(self.font()).horizontalAdvance(_WIDEST)
        self._rows: tuple[_Row, ...] = ()
        self._is_old = False
        self.set_theme(LIGHT)

    def show_result(self, result: Sequence[tuple[str, float]]) -> None:
        """Show labels with probabilities from 0 to 1, in the order given; empty: nothing."""
        self._show(
            tuple(
                _Row(quoted(label), percent_text(share), min(max(share, 0.0), 1.0), share)
                if math.isfinite(share)
                else _Row(quoted(label), NOT_FINITE, 0.0, share)
                for label, share in result[:_MOST_ROWS]
            )
        )

    def show_numbers(self, numbers: Sequence[tuple[str, float]]) -> None:
        """Show names with numbers of any size."""
        self._show(
            tuple(
                _Row(quoted(name), number_text(value), None, value)
                for name, value in numbers[:_MOST_ROWS]
            )
        )

    def set_old(self, on: bool) -> None:
        """Show the answer in grey: it is not of what is shown now."""
        if on != self._is_old:
            self._is_old = on
            self._draw()

    @property
    def is_old(self) -> bool:
        """Whether the answer is shown in grey."""
        return self._is_old

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        super().set_theme(tokens)
        self._draw()

    def text(self) -> str:
        """Return what is shown, a line a label."""
        return "\n".join(f"{row.label} {row.text}" for row in self._rows)

    def take_table(self) -> Callable[[], Table]:
        """Return what makes the table of the answer shown now."""
        has_bars = any(row.share is not None for row in self._rows)
        labels = np.array([row.label for row in self._rows], dtype=str)
        values = np.array([row.value for row in self._rows])
        return partial(Table, ("name", "probability" if has_bars else "value"), (labels, values))

    def _show(self, rows: tuple[_Row, ...]) -> None:
        self._rows = rows
        self.setAccessibleDescription(self.text())
        self._draw()

    def _draw(self) -> None:
        """Show the bars on a track as long as certainty; that of the answer stands out."""
        tokens = self._tokens
        shares = [row.share for row in self._rows if row.share is not None]
        bars = [tokens.muted] * len(shares)
        if shares and not self._is_old:
            bars[0] = tokens.accent
        parts = (
            Part("probability", shares, bars),
            Part("rest", [1.0 - share for share in shares], (tokens.faint,)),
        )
        names, texts = [row.label for row in self._rows], [row.text for row in self._rows]
        self.show_rows(names, parts if shares else (), texts, longest=1.0)
        self.set_opacity(OLD_OPACITY if self._is_old else 1.0)


def percent_text(share: float) -> str:
    """Return ``"98.3 %"``; neither 0 nor 100 unless it is exactly that."""
    percent = 100 * share
    if 0 < percent < _LEAST_PERCENT:
        return f"< {_LEAST_PERCENT} %"
    if 100 - _LEAST_PERCENT < percent < 100:
        return f"> {100 - _LEAST_PERCENT} %"
    return f"{percent:.1f} %"
