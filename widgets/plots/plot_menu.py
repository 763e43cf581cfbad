"""The menu that a right click opens on every plot."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu

from widgets.plots.exportable_plot import ExportablePlot
from widgets.plots.plot_files import PLOT_FORMATS, request_export

MOST_COPIED_ROWS: Final = 100_000  # more would hold the window up
_PREFIX: Final = "plot.menu."
_SAVE: Final = f"{_PREFIX}save_"


def open_menu(plot: ExportablePlot, at: QPoint) -> QMenu:
    """Open the menu of a plot at a point of the screen."""
    menu = QMenu(plot)
    menu.setObjectName("plot.menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    if plot.can_fit:
        _add(menu, f"{_PREFIX}fit", "Fit").setToolTip("Show everything again.")
    if plot.is_log is not None:
        log = _add(menu, f"{_PREFIX}log", "Log Scale")
        log.setCheckable(True)
        log.setChecked(plot.is_log)
    menu.addSeparator()
    copy = _add(menu, f"{_PREFIX}copy", "Copy Values")
    copy.setEnabled(plot.row_count <= MOST_COPIED_ROWS)
    copy.setToolTip(
        "Copy the numbers as a table."
        if copy.isEnabled()
        else f"There are more than {MOST_COPIED_ROWS:,} rows: save them as CSV."
    )
    menu.addSeparator()
    for format_id, row in PLOT_FORMATS.items():
        _add(menu, f"{_SAVE}{format_id}", row.title)
    menu.triggered.connect(plot.on_menu_action)
    menu.popup(at)
    return menu


def obey(plot: ExportablePlot, action: QAction) -> None:
    """Do what was chosen in the menu."""
    name = action.objectName()
    if name == f"{_PREFIX}fit":
        plot.fit_requested.emit()
    elif name == f"{_PREFIX}log":
        plot.log_scale_requested.emit(action.isChecked())
    elif name == f"{_PREFIX}copy":
        QGuiApplication.clipboard().setText(plot.take_table()().text("\t"))
    else:
        request_export(plot, name.removeprefix(_SAVE))


def _add(menu: QMenu, name: str, text: str) -> QAction:
    action = menu.addAction(text)
    action.setObjectName(name)
    return action
