"""Samples that a network makes, beside real ones: points of a plane, or sheets of pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from widgets.base.theme import LIGHT, Tokens
from widgets.plots.axes import ValueAxis
from widgets.plots.colours import mixed
from widgets.plots.matrix_plot import Matrix
from widgets.plots.plot_view import PlotView, dress_plot
from widgets.plots.table import Table

_DOT_PX: Final = 4.0
_MARGIN: Final = 0.25  # of the real points' range, around them
_PADDING: Final = 0.02  # around all that a plot shows
_REAL_SHARE: Final = 0.45  # of the text's colour over the background
_NAME: Final = '<span style="color: {colour}">●</span> {name}'

Points = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]


class GeneratedPanel(QWidget):
    """Shows what a generator makes beside what it is to be like."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plot.generated")
        self._tokens = LIGHT
        self._hint = QLabel()
        self._caption = QLabel()
        self._points = _PointsPlot()
        self._real_sheet, self._made_sheet = _SheetPlot("Real"), _SheetPlot("Generated")
        self._pages = QStackedWidget()
        self._build()
        self.set_theme(LIGHT)

    # ---- What is shown ----

    def show_empty(self, sentence: str) -> None:
        """Say why there are no samples."""
        self._hint.setText(sentence)
        self._caption.clear()
        self._pages.setCurrentIndex(0)

    def show_real_points(self, points: Points) -> None:
        """Show the (n, 2) points of the data, and none that were made."""
        self._points.show_real(points)
        self._caption.clear()
        self._pages.setCurrentIndex(1)

    def show_points(self, points: Points, step: int) -> None:
        """Show (n, 2) points as made after a number of steps."""
        self._points.show_made(points)
        self._show_caption(step)

    def show_real_pictures(self, sheet: Bytes) -> None:
        """Show a sheet (h, w, channels) of the data's pictures, and none of made ones."""
        self._real_sheet.show_sheet(sheet)
        self._made_sheet.show_sheet(None)
        self._caption.clear()
        self._pages.setCurrentIndex(2)

    def show_pictures(self, sheet: Bytes, step: int) -> None:
        """Show a sheet (h, w, channels) of pictures as made after a number of steps."""
        self._made_sheet.show_sheet(sheet)
        self._show_caption(step)

    @property
    def caption(self) -> str:
        """What is said of the samples, "" before any was made."""
        return self._caption.text()

    @property
    def points(self) -> tuple[Points, Points]:
        """The real and the made points on screen, (n, 2) each."""
        return self._points.shown

    def set_theme(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        self._tokens = tokens
        for plot in (self._points, self._real_sheet, self._made_sheet):
            plot.set_theme(tokens)

    # ---- Inside ----

    def _show_caption(self, step: int) -> None:
        self._caption.setText(f"After step {step:,}, always the same noise")

    def _build(self) -> None:
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._hint.setTextFormat(Qt.TextFormat.PlainText)
        self._caption.setWordWrap(True)
        self._caption.setTextFormat(Qt.TextFormat.PlainText)
        sheets = QWidget()
        row = QHBoxLayout(sheets)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._real_sheet)
        row.addWidget(self._made_sheet)
        for page in (self._hint, self._points, sheets):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        column.setSpacing(2)
        column.addWidget(self._pages, 1)
        column.addWidget(self._caption)


class _Plot(PlotView):
    """A plot that keeps its proportions."""

    def __init__(self) -> None:
        super().__init__(ValueAxis("bottom"), ValueAxis("left"))
        self.setMinimumSize(1, 1)
        self._whole = QRectF(0, 0, 1, 1)
        self.getPlotItem().getViewBox().setAspectLocked(True)
        self.fit_requested.connect(self.show_everything)

    def set_theme(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        dress_plot(self, tokens, grid=False)

    def show_everything(self) -> None:
        """Show all that there is."""
        self.getPlotItem().getViewBox().setRange(self._whole, padding=_PADDING)


class _PointsPlot(_Plot):
    """Real and made points of a plane in one plot."""

    def __init__(self) -> None:
        super().__init__()
        self._real, self._made = (
            pg.ScatterPlotItem(size=_DOT_PX, pen=None, name=name) for name in ("Real", "Generated")
        )
        for item in (self._real, self._made):
            self.addItem(item)

    @property
    def shown(self) -> tuple[Points, Points]:
        """(n, 2) real and made points."""
        real, made = (np.stack(item.getData(), axis=1) for item in (self._real, self._made))
        return real, made

    def show_real(self, points: Points) -> None:
        """Show real points, and forget the others."""
        self._real.setData(points[:, 0], points[:, 1])
        self._made.setData([], [])
        low, high = points.min(axis=0), points.max(axis=0)
        margin = _MARGIN * (high - low)
        self._whole = QRectF(*(low - margin), *(high - low + 2 * margin))
        self.show_everything()

    def show_made(self, points: Points) -> None:
        """Show made points over the real ones."""
        self._made.setData(points[:, 0], points[:, 1])

    def set_theme(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        super().set_theme(tokens)
        colours = (mixed(tokens.text, tokens.surface, _REAL_SHARE), tokens.series[1])
        names = []
        for item, colour in zip((self._real, self._made), colours, strict=True):
            item.setBrush(colour)
            names.append(_NAME.format(colour=colour, name=item.opts["name"]))
        # Above the plot: a legend inside it lies over points.
        self.setTitle("&nbsp; ".join(names), color=tokens.text, size="9pt")


class _SheetPlot(_Plot):
    """Pictures side by side under a title."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._name = title
        self._image = pg.ImageItem(axisOrder="row-major")
        self.addItem(self._image)
        self.getPlotItem().invertY(True)
        for side in ("bottom", "left"):
            self.hideAxis(side)

    def show_sheet(self, sheet: Bytes | None) -> None:
        """Show a sheet (h, w, channels), None for none."""
        if sheet is None:
            self._image.clear()
            return
        shown = sheet[..., 0] if sheet.shape[-1] == 1 else sheet
        self._image.setImage(shown, levels=(0, 255), autoLevels=False)
        height, width = shown.shape[:2]
        if self._whole.size() != QSizeF(width, height):  # else a zoomed view stays where it is
            self._whole = QRectF(0, 0, width, height)
            self.show_everything()

    @property
    def row_count(self) -> int:
        """Lines of the sheet."""
        return 0 if self._image.image is None else len(self._image.image)

    def take_table(self) -> Callable[[], Table]:
        """Return what makes the table of the brightness of each pixel, colour by colour."""
        shown = self._image.image
        image: Bytes = np.zeros((0, 0), np.uint8) if shown is None else np.asarray(shown)
        if image.ndim == 2:
            return Matrix(image.copy()).table
        names = ("red", "green", "blue", "alpha")[: image.shape[-1]]
        return Matrix(np.concatenate([*np.moveaxis(image, -1, 0)], axis=1), blocks=names).table

    def set_theme(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        super().set_theme(tokens)
        self.setTitle(self._name, color=tokens.text, size="9pt")
