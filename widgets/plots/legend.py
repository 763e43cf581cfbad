"""The box inside a plot that names its curves and reads out their values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPixmap

from widgets.base.theme import LIGHT, Tokens
from widgets.plots.plot_view import PlotView

Mark = Literal["band", "line", "thin", "markers"]
Corner = Literal["top right", "bottom right", "top left", "bottom left"]
CORNERS: Final[tuple[Corner, ...]] = ("top right", "bottom right", "top left", "bottom left")

_SWATCH_PX: Final = 16
_SPACE_PX: Final = 6  # between swatch, title and value
_BETWEEN_PX: Final = 12  # between entries on one line
_MARGIN_PX: Final = 4  # inside the box
_EDGE_PX: Final = 3  # from the box to the edges of the plot
_IN_FRONT: Final = 10.0  # of the curves
_NAMED: Final = 2  # entries, at least, before the names are left out
_IN_A_ROW: Final = 3  # entries, at most
_MOST_SHARE: Final = (0.97, 0.66)  # of the plot's width and height that the box takes
_SINGLE: Final[tuple[Mark, ...]] = ("band", "thin")  # marks of values that a smoother curve sums up
_WORTH_ALL: Final = (
    12  # columns of the box with a curve in them: hidden rather than a curve left out
)
_WORTH_A_MOVE: Final = 2  # fewer columns of the box with a curve in them


@dataclass(frozen=True)
class Entry:
    """One curve in the legend; ``value`` is its read-out, "" if it has none there."""

    title: str
    colour: str
    mark: Mark
    value: str = ""


class _Form(NamedTuple):
    """What is shown: a line above the entries, their names, all of it in a row."""

    entries: Sequence[Entry]
    head: str = ""
    has_names: bool = True
    is_row: bool = False


class Legend(pg.GraphicsObject):  # type: ignore[misc] # pyqtgraph ships no types
    """Names the curves with their colours, and their values at one step.

    It lies in the corner of the view box where no curve is. Where there is no room for all of it, the step is left
    out, then the single batches, then all but two curves, then the names, then all but the last values. All text is
    painted plain: titles may hold names that come from files.

    Parameters
    ----------
    plot
        The legend lies over the inside of it; its font is that of the legend.
    corner
        Preferred where several are free.
    """

    def __init__(self, plot: PlotView, corner: Corner = "top right") -> None:
        super().__init__()
        self._plot = plot
        self._view_box = plot.getPlotItem().getViewBox()
        self._tokens = LIGHT
        self._place = ""
        self._entries: tuple[Entry, ...] = ()
        self._preferred = self.corner = corner
        self._box_size, self._form = QSize(), _Form(())
        self._painted = QPixmap()
        self._fullest = 0  # number of the form that hides no curve
        self._title_px: dict[tuple[str, ...], int] = {}
        # Of the longest value so far: the box keeps its size while values change.
        self._letters, self._value_px = 0, 0
        self.setZValue(_IN_FRONT)
        self.setParentItem(self._view_box)
        self.hide()

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        self._renew()

    def show_entries(self, place: str, entries: tuple[Entry, ...]) -> bool:
        """Show where the values were read (``"Step 1,240"``) and the curves; True if the box changed its size."""
        if (place, entries) == (self._place, self._entries):
            return False
        if len(entries) < len(self._entries):
            self.corner, self._letters, self._fullest = self._preferred, 0, 0
            self._title_px.clear()
        self._place, self._entries = place, entries
        self._plot.setAccessibleDescription(self.text())
        before = self._box_size
        self._renew()
        return before != self._box_size

    def text(self) -> str:
        """Return what is told, for tests and screen readers."""
        parts = [f"{entry.title} {entry.value}".strip() for entry in self._entries]
        return " · ".join([part for part in (self._place, *parts) if part])

    # ---- Form and place ----

    def settle(self, hits: Callable[[QRectF], int]) -> None:
        """Take the fullest form that hides no curve, in the corner where it does.

        Parameters
        ----------
        hits
            In how many columns of a box, in pixels of the view box, curves lie.
        """
        best: tuple[int, int, Corner] | None = None  # hits, number of the form, corner
        for number, size, form in self._sizes():
            is_less = len(form.entries) < len(self._entries) or not form.has_names
            if best is not None and is_less and best[0] <= _WORTH_ALL:
                break
            at = {corner: hits(QRectF(self._box(corner, size))) for corner in CORNERS}
            corner = min((self._preferred, *CORNERS), key=at.__getitem__)
            if at[self.corner] < at[corner] + _WORTH_A_MOVE:
                corner = self.corner
            if best is None or at[corner] < best[0]:
                best = (at[corner], number, corner)
            if at[corner] <= _WORTH_A_MOVE:
                break
        if best is not None:
            _, self._fullest, self.corner = best
            self._renew()

    def fit(self) -> None:
        """Take the fullest form that the view box has room for now."""
        self._fullest = 0
        self._renew()

    def _forms(self) -> Iterator[_Form]:
        """Yield what may be shown, the fullest first."""
        common = common_start([entry.title for entry in self._entries])
        short = [
            Entry(_capital(each.title[len(common) :]), each.colour, each.mark, each.value)
            for each in self._entries
        ]
        yield _Form(short, " · ".join(part for part in (common.rstrip(", "), self._place) if part))
        yield _Form(short)
        summed = [entry for entry in short if entry.mark not in _SINGLE]
        yield _Form(summed)
        yield _Form(summed[-_NAMED:])
        values = [entry for entry in short if entry.value]
        yield _Form(values, has_names=False)
        for count in range(_IN_A_ROW, 0, -1):
            yield _Form(values[-count:], "", False, True)

    def _sizes(self) -> Iterator[tuple[int, QSize, _Form]]:
        """Yield the forms that the view box has room for, with their number and size."""
        across, down = _MOST_SHARE
        area = self._view_box.rect()
        most = QSize(int(across * area.width()), int(down * area.height()))
        for number, form in enumerate(self._forms()):
            size = self._size(form)
            if form.entries and size.boundedTo(most) == size:
                yield number, size, form

    def _box(self, corner: Corner, size: QSize) -> QRect:
        whole = self._view_box.rect().toRect()
        area = whole.adjusted(_EDGE_PX, _EDGE_PX, -_EDGE_PX, -_EDGE_PX)
        box = QRect(area.topLeft(), size)
        if corner.endswith("right"):
            box.moveRight(area.right())
        if corner.startswith("bottom"):
            box.moveBottom(area.bottom())
        return box

    # ---- Looks ----

    def _renew(self) -> None:
        """Paint the box, once: it is shown with every frame of the curves under it."""
        fitting = ((size, form) for number, size, form in self._sizes() if number >= self._fullest)
        size, form = next(fitting, (QSize(), None))
        if form is not None:
            self.prepareGeometryChange()
            self._box_size, self._form = size, form
            self._paint_box()
            self.setPos(self._box(self.corner, size).topLeft())
            self.update()
        self.setVisible(form is not None)

    def _entry_width(self, form: _Form) -> int:
        """Return the width of an entry: titles are measured once, values by their letters."""
        metrics = self._plot.fontMetrics()
        named_px = 0
        if form.has_names:
            titles = tuple(entry.title for entry in form.entries)
            if titles not in self._title_px:
                self._title_px[titles] = max(map(metrics.horizontalAdvance, titles), default=0)
            named_px = self._title_px[titles] + _SPACE_PX
        letters = max((len(entry.value) for entry in form.entries), default=0)
        if letters > self._letters:
            self._letters, self._value_px = letters, metrics.horizontalAdvance("0" * letters)
        return _SWATCH_PX + _SPACE_PX + named_px + self._value_px

    def _size(self, form: _Form) -> QSize:
        metrics, width, count = self._plot.fontMetrics(), self._entry_width(form), len(form.entries)
        lines = count + bool(form.head)
        if form.is_row:
            width, lines = count * (width + _BETWEEN_PX) - _BETWEEN_PX, 1
        width = max(width, _steady_width(metrics, form.head))
        return QSize(width + 2 * _MARGIN_PX, metrics.height() * lines + 2)

    def _paint_box(self) -> None:
        ratio = self._plot.devicePixelRatioF()
        self._painted = QPixmap(self._box_size * ratio)
        self._painted.setDevicePixelRatio(ratio)
        painter = QPainter(self._painted)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_form(painter)
        painter.end()

    def _paint_form(self, painter: QPainter) -> None:
        size, form = self._box_size, self._form
        painter.fillRect(self.boundingRect(), QColor(self._tokens.surface))
        painter.setFont(self._plot.font())
        line = self._plot.fontMetrics().height()
        row = QRectF(_MARGIN_PX, 1, size.width() - 2 * _MARGIN_PX, line)
        if form.head:
            painter.setPen(QColor(self._tokens.text))
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, form.head)
            row.translate(0, line)
        if form.is_row:
            row.setWidth(self._entry_width(form))
        for entry in form.entries:
            self._paint_entry(painter, row, entry, form.has_names)
            row.translate(*((row.width() + _BETWEEN_PX, 0) if form.is_row else (0, line)))

    def _paint_entry(self, painter: QPainter, row: QRectF, entry: Entry, named: bool) -> None:
        middle = row.center().y()
        painter.setPen(QPen(QColor(entry.colour), 1.2 if entry.mark == "thin" else 2.4))
        if entry.mark == "band":
            swatch = QRectF(row.left(), middle - 4, _SWATCH_PX, 8)
            painter.fillRect(swatch, QColor(entry.colour))
        else:
            end = QPointF(row.left() + _SWATCH_PX, middle)
            painter.drawLine(QPointF(row.left(), middle), end)
        if entry.mark == "markers":
            painter.setBrush(QColor(entry.colour))
            painter.drawEllipse(QPointF(row.left() + _SWATCH_PX / 2, middle), 3, 3)
        words = row.adjusted(_SWATCH_PX + _SPACE_PX, 0, 0, 0)
        upright = Qt.AlignmentFlag.AlignVCenter
        if named:
            painter.setPen(QColor(self._tokens.muted))
            painter.drawText(words, upright, entry.title)
        painter.setPen(QColor(self._tokens.text))
        painter.drawText(words, upright | Qt.AlignmentFlag.AlignRight, entry.value)

    # ---- Qt overrides ----

    def boundingRect(self) -> QRectF:
        """Return the box."""
        return QRectF(QPointF(), QSizeF(self._box_size))

    def paint(self, painter: QPainter, *_: object) -> None:
        """Show the kept picture; in a file, paint the box itself."""
        if self._exportOpts:
            self._paint_form(painter)
        else:
            painter.drawPixmap(0, 0, self._painted)


def common_start(titles: Sequence[str]) -> str:
    """Return what several titles begin with, up to a comma: ``"accuracy, "``."""
    if len(titles) < 2:
        return ""
    heads = {title.rpartition(", ")[0] for title in titles}
    head = heads.pop()
    return f"{head}, " if head and not heads else ""


def _steady_width(metrics: QFontMetrics, text: str) -> int:
    """Return a text's width with its digits at their widest: it counts on."""
    return metrics.horizontalAdvance("".join("0" if c.isdigit() else c for c in text))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
