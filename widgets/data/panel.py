"""The data page."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from engine.data.info import DataInfo
from engine.data.preview import Preview
from engine.data.readers import Reader
from engine.spec.data import DataSpec
from widgets.base.busy_bar import BusyBar
from widgets.base.labels import plain_label, plain_tip
from widgets.base.theme import LIGHT, Tokens
from widgets.data.class_bars import ClassBars, PartCounts
from widgets.data.facts import data_text, preview_facts_text
from widgets.data.finding_list import FindingList
from widgets.data.preview_view import PreviewView
from widgets.data.set_list import SetList
from widgets.data.settings import DataSettings
from widgets.forms.scroll import VerticalScroll

_MARGIN_PX: Final = 12
_PROGRESS_STEPS: Final = 1000  # a bar counts in 32 bits, a download may be larger
_NARROWEST_PX: Final = 240
_WIDTHS_PX: Final = (220, 560, 300)


class DataPanel(QWidget):
    """Shows the choice of data and asks for changes of it.

    Signals
    -------
    source_chosen(str)
        Id of the set the user picked.
    changed(str, object, str)
        Name of the undo step, the new `DataSpec`, merge key of the step.
    file_requested(), download_requested(), cancel_requested()
        The buttons of these names.
    """

    source_chosen = Signal(str)
    changed = Signal(str, object, str)
    file_requested = Signal()
    download_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page.data")
        self._tokens = LIGHT
        self._sets: Mapping[str, Reader] = {}
        self._downloaded: Set[str] = frozenset()
        self._source = ""
        self._list = SetList()
        self._list.source_chosen.connect(self.source_chosen)
        self._settings = DataSettings()
        self._settings.changed.connect(self.changed)
        self._settings.file_requested.connect(self.file_requested)
        self._make_middle()
        self._lock_label = plain_label(wrap=True, tone="muted", name="data.lock")
        self._lock_label.hide()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.addWidget(self._list)
        self._splitter.addWidget(self._middle())
        self._splitter.addWidget(self._right())
        self._splitter.setSizes(list(_WIDTHS_PX))
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setChildrenCollapsible(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._splitter)

    # ---- What is shown ----

    def show_sets(self, sets: Mapping[str, Reader], downloaded: Set[str] = frozenset()) -> None:
        """Show the sets there are; ``downloaded`` names those that need no download."""
        self._sets = sets
        self._list.show_sets(sets)
        self.show_downloaded(downloaded)

    def show_downloaded(self, ids: Set[str]) -> None:
        """Mark the sets whose download is on this computer."""
        self._downloaded = frozenset(ids)
        self._list.show_downloaded(ids)
        self._show_download_button()

    def show_data(self, spec: DataSpec, info: DataInfo | None) -> None:
        """Show a choice and emit nothing; ``info`` is None where only loading can tell."""
        data_set = self._sets.get(spec.reader)
        if spec.reader != self._source:
            self._source = spec.reader
            self.show_preview(None)
        self._list.show_source(spec.reader)
        title = info.title if info is not None else data_set.title if data_set else spec.reader
        self._title.setText(title)
        self._help.setText(data_set.help if data_set is not None else "")
        self._facts.setText(data_text(info) if info is not None else "")
        self._settings.show_settings(spec, data_set, info)
        self._has_path = spec.path is not None
        self._show_download_button()

    def show_preview(self, preview: Preview | None) -> None:
        """Show samples and counts of a loaded set; None: nothing is loaded."""
        self._preview.show_preview(preview)
        parts = preview.parts if preview is not None else ()
        counted = tuple(PartCounts(part.name, part.class_counts) for part in parts)
        has_classes = preview is not None and preview.task == "classification"
        self._bars.show_counts(preview.labels if preview and has_classes else (), counted)
        self._bars_title.setVisible(has_classes)
        self._bars.setVisible(has_classes)
        self._preview_facts.setText(preview_facts_text(preview) if preview is not None else "")
        self._findings.show_findings(preview.findings if preview is not None else ())

    def show_progress(self, text: str, done: int, total: int) -> None:
        """Show how far a download or loading is.

        Parameters
        ----------
        text
            What is going on; "" when nothing is any more.
        done, total
            In any unit; ``total`` 0: nobody knows how much there is.
        """
        self._progress_text.setText(text)
        self._progress_box.setVisible(bool(text))
        self._bar.setRange(0, _PROGRESS_STEPS if total > 0 else 0)
        self._bar.setValue(round(_PROGRESS_STEPS * min(done / total, 1.0)) if total > 0 else 0)
        self._show_download_button()

    def show_message(self, text: str) -> None:
        """Say what went wrong ("" takes it back); offer a local file where that can help."""
        self._message.setText(text)
        self._message_box.setVisible(bool(text))
        data_set = self._sets.get(self._source)
        can_help = data_set is not None and data_set.takes_path
        self._message_choose.setVisible(can_help)
        what = "folder" if data_set is not None and data_set.is_folder else "local file"
        self._message_choose.setText(f"Choose a &{what}…")

    def show_misfit(self, text: str) -> None:
        """Say that the network is for other data, "" if it is not."""
        self._misfit.setText(text)
        self._misfit.setVisible(bool(text))

    def set_locked(self, locked: bool, why: str = "") -> None:
        """Allow no change, and say why."""
        for part in (self._list, self._settings, self._download, self._message_choose):
            part.setEnabled(not locked)
            part.setToolTip(plain_tip(why) if locked else "")
        self._lock_label.setText(why)
        self._lock_label.setVisible(locked and bool(why))

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        for part in (self._settings, self._preview, self._bars):
            part.set_theme(tokens)

    # ---- Building ----

    def _make_middle(self) -> None:
        self._title = plain_label(strong=True, wrap=True, name="data.title")
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        self._title.setFont(font)
        self._help = plain_label(wrap=True, tone="muted")
        self._facts = plain_label(wrap=True, name="data.facts")
        self._misfit = plain_label(wrap=True, tone="bad", name="data.misfit")
        self._misfit.hide()
        self._preview = PreviewView()
        self._preview_facts = plain_label(wrap=True, tone="muted", name="data.preview_facts")
        self._findings = FindingList()
        self._bars_title = plain_label("Samples of each class", strong=True)
        self._bars = ClassBars()
        self._bars.setObjectName("data.class_bars")
        self._bars_title.hide()
        self._bars.hide()
        self._has_path = False
        self._download = QPushButton("&Download")
        self._download.setObjectName("data.download")
        self._download.clicked.connect(self.download_requested)
        self._download.hide()
        self._make_progress()
        self._make_message()

    def _make_progress(self) -> None:
        self._progress_text = plain_label(wrap=True)
        self._bar = BusyBar()
        self._bar.setObjectName("data.progress")
        cancel = QPushButton("&Cancel")
        cancel.setObjectName("data.cancel")
        cancel.clicked.connect(self.cancel_requested)
        self._progress_box = QWidget()
        row = QHBoxLayout()
        row.addWidget(self._bar, 1)
        row.addWidget(cancel)
        column = QVBoxLayout(self._progress_box)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._progress_text)
        column.addLayout(row)
        self._progress_box.hide()

    def _make_message(self) -> None:
        self._message = plain_label(wrap=True, tone="bad", name="data.message")
        self._message_choose = QPushButton()
        self._message_choose.setObjectName("data.message_choose_file")
        self._message_choose.clicked.connect(self.file_requested)
        self._message_box = QWidget()
        column = QVBoxLayout(self._message_box)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._message)
        column.addWidget(self._message_choose, 0, Qt.AlignmentFlag.AlignLeft)
        self._message_box.hide()

    def _middle(self) -> QWidget:
        area = VerticalScroll(_MARGIN_PX, 8)
        area.setMinimumWidth(_NARROWEST_PX)
        column = area.column
        for part in (
            self._title,
            self._help,
            self._facts,
            self._misfit,
            self._message_box,
            self._progress_box,
        ):
            column.addWidget(part)
        column.addWidget(self._download, 0, Qt.AlignmentFlag.AlignLeft)
        for part in (
            self._preview,
            self._preview_facts,
            self._findings,
            self._bars_title,
            self._bars,
        ):
            column.addWidget(part)
        column.addStretch(1)
        return area

    def _right(self) -> QWidget:
        area = VerticalScroll(_MARGIN_PX)
        area.setMinimumWidth(_NARROWEST_PX)
        column = area.column
        column.addWidget(self._lock_label)
        column.addWidget(self._settings)
        return area

    def _show_download_button(self) -> None:
        data_set = self._sets.get(self._source)
        wanted = (
            data_set is not None
            and data_set.origin == "download"
            and data_set.id not in self._downloaded
            and not self._has_path
        )
        idle = not self._progress_text.text()
        self._download.setVisible(wanted and idle)
        if data_set is not None:
            self._download.setText(f"&Download ({data_set.megabytes:g} MB)")
