"""A plot as a file: which formats there are, and the request to write one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QCoreApplication,
    QEvent,
    QIODevice,
    QPointF,
    QRectF,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from widgets.plots.exportable_plot import ExportablePlot
from widgets.plots.table import Table

Pieces = Iterable[bytes]  # of a file; they may be made as they are written

_PICTURE_SCALE: Final = 2  # pixels of a written picture to one on screen


@dataclass(frozen=True)
class PlotFormat:
    """A row of the formats.

    Attributes
    ----------
    title
        In the menu.
    suffix
        Of the file's name, with its dot.
    kinds
        In the dialog that asks for the file.
    take
        plot -> its content as of now. It is called in the window's thread; the pieces may be read in another.
    """

    title: str
    suffix: str
    kinds: str
    take: Callable[[ExportablePlot], Pieces]


def _png(plot: ExportablePlot) -> Pieces:
    from pyqtgraph.exporters import ImageExporter  # it takes long to load and is seldom wanted

    exporter = ImageExporter(plot.getPlotItem())
    size = exporter.parameters()
    size["width"] = _PICTURE_SCALE * size["width"]  # the height follows
    content = QByteArray()
    buffer = _opened(content)
    exporter.export(toBytes=True).save(buffer, "PNG")
    return [bytes(content.data())]


def _svg(plot: ExportablePlot) -> Pieces:
    from pyqtgraph.exporters.Exporter import Exporter
    from PySide6.QtSvg import QSvgGenerator

    # SVGExporter of pyqtgraph 0.14 stops at the closed paths of Qt 6.11 (pyqtgraph issue 3495). It
    # exists because Qt knew no clipping, which SVG 1.1 has.
    exporter = Exporter(plot.getPlotItem())
    source = exporter.getSourceRect()
    page = QRectF(QPointF(), source.size())
    content = QByteArray()
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    buffer = _opened(content)
    generator.setOutputDevice(buffer)
    generator.setResolution(plot.logicalDpiX())  # letters of the size they have on screen
    generator.setSize(page.size().toSize())
    generator.setViewBox(page)
    painter = QPainter(generator)
    painter.fillRect(page, plot.backgroundBrush())
    exporter.setExportMode(True, {"painter": painter})
    try:
        exporter.render(painter, page, source)
    finally:
        exporter.setExportMode(False)
    painter.end()
    return [bytes(content.data())]


def _csv(plot: ExportablePlot) -> Pieces:
    # pyqtgraph's exporter knows curves alone, and cuts small numbers off at the tenth decimal.
    return _encoded(plot.take_table())


def _opened(content: QByteArray) -> QBuffer:
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


def _encoded(make: Callable[[], Table]) -> Iterator[bytes]:
    for lines in make().lines():
        yield lines.encode("utf-8")


PLOT_FORMATS: Final[Mapping[str, PlotFormat]] = {
    "png": PlotFormat("Save as PNG…", ".png", "Pictures (*.png)", _png),
    "svg": PlotFormat("Save as SVG…", ".svg", "Drawings (*.svg)", _svg),
    "csv": PlotFormat("Save as CSV…", ".csv", "Tables (*.csv)", _csv),
}


def file_name(plot: ExportablePlot) -> str:
    """Return a name for the file of a plot, without suffix: what it or the widget around it is called."""
    widget: QWidget | None = plot
    while widget is not None and not widget.objectName().startswith("plot."):
        widget = widget.parentWidget()
    name = plot.objectName() if widget is None else widget.objectName()
    return re.sub(r"\W+", "-", name.removeprefix("plot.")).strip("-") or "plot"


def write_pieces(path: Path, pieces: Pieces) -> None:
    """Write a file that is not there yet; OSError if the disk refuses."""
    with path.open("xb") as stream:
        stream.writelines(pieces)


class PlotExportRequested(QEvent):
    """Asks the windows around a plot to write it to a file.

    Attributes
    ----------
    plot
        What is to be written.
    format_id
        A key of `PLOT_FORMATS`.
    """

    KIND: Final = QEvent.Type(QEvent.registerEventType())

    def __init__(self, plot: ExportablePlot, format_id: str) -> None:
        super().__init__(self.KIND)
        self.plot = plot
        self.format_id = format_id


def request_export(plot: ExportablePlot, format_id: str) -> bool:
    """Pass the request from parent to parent until one accepts it, as Qt passes status tips; True if one did.

    Plots are made wherever a panel needs one: so none of those panels has to know who writes files.
    """
    event = PlotExportRequested(plot, format_id)
    event.ignore()
    widget = plot.parentWidget()
    while widget is not None and not event.isAccepted():
        QCoreApplication.sendEvent(widget, event)
        widget = widget.parentWidget()
    return bool(event.isAccepted())
