"""The numbers of a plot as columns, to copy or to write."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]  # numbers or texts; masked where a row has none

_BLOCK: Final = 1 << 14  # rows that become text at a time


class Points(NamedTuple):
    """The (n,) points of one curve, and what it is called."""

    title: str
    x: Column
    y: Column


class Table(NamedTuple):
    """Columns of equal length, each with its title."""

    titles: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def rows(self) -> int:
        """How many lines there are below the titles."""
        return max(map(len, self.columns), default=0)

    def lines(self, separator: str = ",") -> Iterator[str]:
        """Yield the table as text, thousands of lines at a time.

        Numbers are written as briefly as they can be read back exactly, whatever the country.
        """
        yield _written([self.titles], separator)
        for first in range(0, self.rows, _BLOCK):
            texts = [_texts(column[first : first + _BLOCK]) for column in self.columns]
            yield _written(zip(*texts, strict=True), separator)

    def text(self, separator: str = ",") -> str:
        """Return all lines."""
        return "".join(self.lines(separator))


def curves_table(x_title: str, curves: Sequence[Points]) -> Table:
    """Return one column of x and one of y for each curve, empty where a curve has no point.

    Curves whose x does not grow, as of scattered points, stand side by side with an x of their own.
    """
    if not all((np.diff(curve.x) > 0).all() for curve in curves):
        return _side_by_side(x_title, curves)
    shared = np.unique(np.concatenate([curve.x for curve in curves])) if curves else np.empty(0)
    return Table(
        (x_title, *(curve.title for curve in curves)),
        (shared, *(_placed(curve, shared) for curve in curves)),
    )


def _placed(curve: Points, shared: Column) -> Column:
    """Return the values of a curve at the places of all curves."""
    if len(curve.x) == len(shared):
        return np.array(curve.y)
    placed = _empty(len(shared), curve.y)
    placed[np.searchsorted(shared, curve.x)] = curve.y
    return placed


def _side_by_side(x_title: str, curves: Sequence[Points]) -> Table:
    longest = max(len(curve.x) for curve in curves)
    titles, columns = [], []
    for curve in curves:
        for title, numbers in ((f"{curve.title}: {x_title}", curve.x), (curve.title, curve.y)):
            column = _empty(longest, numbers)
            column[: len(numbers)] = numbers
            titles.append(title)
            columns.append(column)
    return Table(tuple(titles), tuple(columns))


def _empty(rows: int, like: Column) -> Column:
    """Return a column of another's kind in which no row has a value yet."""
    return np.ma.MaskedArray(np.zeros(rows, like.dtype), mask=True)


def _texts(column: Column) -> list[str]:
    texts = column.astype(str)
    filled = texts.filled("") if isinstance(texts, np.ma.MaskedArray) else texts
    words: list[str] = filled.tolist()
    return words


def _written(rows: Any, separator: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator="\n").writerows(rows)
    return stream.getvalue()
