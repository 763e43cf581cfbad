"""The export page: a format, a place, and what the check of the written file found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from widgets.base.busy_bar import BusyBar
from widgets.base.labels import plain_label, plain_tip, set_tone
from widgets.base.theme import LIGHT, Tokens
from widgets.forms.scroll import VerticalScroll

_MARGIN_PX: Final = 16
_WIDEST_PX: Final = 720
_BAR_PX: Final = 8  # height
_UNITS: Final = ("bytes", "kB", "MB", "GB")


class ReportFacts(Protocol):
    """What the page shows of an `engine.export` report."""

    @property
    def format(self) -> str:
        """Id of the format."""
        ...

    @property
    def path(self) -> object:
        """Where the file is."""
        ...

    @property
    def bytes(self) -> int:
        """Size of the file."""
        ...

    @property
    def samples(self) -> int:
        """How many samples were compared."""
        ...

    @property
    def max_abs_difference(self) -> float:
        """Largest difference of any answer, in the answers' own unit."""
        ...

    @property
    def agreement(self) -> float:
        """Share of samples with the same answer, 0 to 1."""
        ...

    @property
    def milliseconds(self) -> float:
        """Time for one sample in the exported file."""
        ...


class ExportPanel(QWidget):
    """Shows the formats and the last report, and asks for an export.

    Signals
    -------
    export_requested(str, str)
        Id of the format and the path, never empty.
    browse_requested(str)
        The user wants to choose a place for a file of this format.
    cancel_requested()
        The export that is under way is not wanted any more.
    """

    export_requested = Signal(str, str)
    browse_requested = Signal(str)
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page.export")
        self._tokens = LIGHT
        self._suffixes: dict[str, str] = {}
        self._cards: dict[str, QRadioButton] = {}
        self._ready, self._why, self._running = True, "", False
        self._is_report_old = False
        self._group = QButtonGroup(self)
        self._group.buttonToggled.connect(self._on_format_toggled)
        self._format_box = QVBoxLayout()
        self._format_box.setSpacing(8)
        self._make_target()
        self._make_result()
        self._lay_out()
        self._refresh()

    # ---- What is shown ----

    def show_formats(self, formats: Iterable[tuple[str, str, str, str]]) -> None:
        """Show the formats, (id, title, one sentence, suffix) each; the first is chosen."""
        while (item := self._format_box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for button in self._cards.values():
            self._group.removeButton(button)
            button.setObjectName("")  # its name may belong to a new card from now on
        self._cards, self._suffixes = {}, {}
        for format_id, title, help_text, suffix in formats:
            self._suffixes[format_id] = suffix
            self._format_box.addWidget(self._card(format_id, title, help_text, suffix))
        first = next(iter(self._cards.values()), None)
        if first is not None:
            first.setChecked(True)
        self._refresh()

    def show_path(self, path: str) -> None:
        """Show where to write; emits nothing."""
        with QSignalBlocker(self._path):
            self._path.setText(path)
        self._refresh()

    def show_model(self, words: str, age: str = "") -> None:
        """Say which model would be exported, and why it is not of what is shown now."""
        self._model.setText(words)
        self._model.setVisible(bool(words))
        self._age.setText(age)
        self._age.setVisible(bool(age))

    def show_report(self, report: ReportFacts | None, model: str = "") -> None:
        """Show what the check of the written file found, and of which model; None takes it back."""
        self._result.setVisible(report is not None)
        if report is None:
            return
        self.show_message("")
        self.set_report_age("")
        for name, value in {**report_rows(report), "model": model}.items():
            self._values[name].setText(value)

    def set_report_age(self, words: str) -> None:
        """Show the report in grey and say why it is an old one, "" if it is not."""
        self._is_report_old = bool(words)
        self._values["age"].setText(words)
        self._values["age"].setVisible(bool(words))
        for name, value in self._values.items():
            if name != "age":
                set_tone(value, "muted" if words else "text")
        self.set_theme(self._tokens)

    def show_message(self, text: str) -> None:
        """Say what went wrong, or "" to take it back."""
        self._message.setText(text)
        self._message.setVisible(bool(text))

    def set_ready(self, ready: bool, why: str = "") -> None:
        """Allow exporting, or say why there is nothing to export."""
        self._ready, self._why = ready, why
        self._refresh()

    def set_running(self, running: bool) -> None:
        """Show that an export is under way: what it was asked for cannot be changed meanwhile."""
        self._running = running
        self._cancel.setEnabled(running)
        self._refresh()

    def show_cancelling(self) -> None:
        """The request to cancel is known; what cannot be interrupted ends first."""
        self._cancel.setEnabled(False)
        self._status.setText("Cancelling…")

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        stripe = tokens.faint if self._is_report_old else tokens.good
        frame = (
            f"background: {tokens.raised}; border: 1px solid {tokens.faint}; border-radius: 4px;"
        )
        self.setStyleSheet(
            f"QFrame#export\\.card {{ {frame} }}"
            f" QFrame#export\\.report {{ {frame} border-left: 4px solid {stripe}; }}"
        )

    def format(self) -> str:
        """Return the id of the chosen format, "" if there is none."""
        chosen = (name for name, button in self._cards.items() if button.isChecked())
        return next(chosen, "")

    # ---- Building ----

    def _card(self, format_id: str, title: str, help_text: str, suffix: str) -> QWidget:
        card = QFrame()
        card.setObjectName("export.card")
        button = QRadioButton(f"{title} ({suffix})" if suffix else title)
        button.setObjectName(f"field.export.format.{format_id}")
        button.setAccessibleDescription(help_text)
        text = plain_label(help_text, wrap=True, tone="muted")
        text.setContentsMargins(24, 0, 0, 0)
        column = QVBoxLayout(card)
        column.addWidget(button)
        column.addWidget(text)
        self._cards[format_id] = button
        self._group.addButton(button)
        return card

    def _make_target(self) -> None:
        self._path = QLineEdit()
        self._path.setObjectName("field.export.path")
        self._path.setPlaceholderText("Where to write")
        self._path.setAccessibleName("Where to write")
        self._path.textEdited.connect(self._refresh)
        self._path.returnPressed.connect(self._on_export)
        self._browse = QPushButton("&Browse…")
        self._browse.setObjectName("export.browse")
        self._browse.clicked.connect(self._on_browse)
        self._export = QPushButton("E&xport")
        self._export.setObjectName("export.start")
        self._export.clicked.connect(self._on_export)
        self._cancel = QPushButton("Cancel")
        self._cancel.setObjectName("export.cancel")
        self._cancel.clicked.connect(self.cancel_requested)
        self._model = plain_label(wrap=True, name="export.model")
        self._age = plain_label(wrap=True, tone="muted", name="export.age")
        self._progress = BusyBar()
        self._progress.setObjectName("export.progress")
        self._progress.setRange(0, 0)
        self._progress.setFixedHeight(_BAR_PX)
        self._progress.setTextVisible(False)
        self._status = plain_label(wrap=True, tone="muted", name="export.status")
        self._message = plain_label(wrap=True, tone="bad", name="export.message")
        self._message.hide()

    def _make_result(self) -> None:
        self._result = QFrame()
        self._result.setObjectName("export.report")
        grid = QGridLayout(self._result)
        grid.setContentsMargins(14, 12, 14, 12)
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(1, 1)
        self._values: dict[str, QLabel] = {}
        for row, (name, title) in enumerate(_ROWS.items()):
            value = plain_label(wrap=True, strong=name == "verdict", name=f"export.report.{name}")
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            if title:
                label = plain_label(title, tone="muted")
                grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
                grid.addWidget(value, row, 1)
            else:
                grid.addWidget(value, row, 0, 1, 2)
            self._values[name] = value
        self._result.hide()
        self.set_theme(self._tokens)

    def _lay_out(self) -> None:
        area = VerticalScroll(_MARGIN_PX, 10)
        area.set_widest(_WIDEST_PX)
        column = area.column
        title = plain_label("Take the trained network away", strong=True, wrap=True)
        column.addWidget(title)
        column.addWidget(self._model)
        column.addWidget(self._age)
        column.addLayout(self._format_box)
        where = QHBoxLayout()
        where.addWidget(self._path, 1)
        where.addWidget(self._browse)
        column.addLayout(where)
        buttons = QHBoxLayout()
        buttons.addWidget(self._export)
        buttons.addWidget(self._cancel)
        buttons.addStretch(1)
        column.addLayout(buttons)
        for part in (self._status, self._progress, self._message, self._result):
            column.addWidget(part)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.show_model("")

    # ---- State ----

    def _refresh(self) -> None:
        why = self._why_not()
        self._export.setEnabled(not why)
        self._export.setToolTip(plain_tip(why))
        self._status.setText(why)
        self._status.setVisible(bool(why))
        for part in (self._progress, self._cancel):
            part.setVisible(self._running)
        for field in (*self._cards.values(), self._path, self._browse):
            field.setEnabled(not self._running)

    def _why_not(self) -> str:
        if self._running:
            return "Writing the file and comparing its answers in a fresh process…"
        if not self._ready:
            return self._why
        if not self._path.text().strip():
            return "Choose where to write the file."
        return ""

    def _on_format_toggled(self, button: QRadioButton, checked: bool) -> None:
        """Keep the path's ending in step with the format."""
        if not checked:
            return
        path = self._path.text()
        for suffix in sorted(filter(None, self._suffixes.values()), key=len, reverse=True):
            if path.endswith(suffix):
                path = path.removesuffix(suffix)
                break
        if path:
            self.show_path(path + self._suffixes[self.format()])

    def _on_browse(self) -> None:
        self.browse_requested.emit(self.format())

    def _on_export(self) -> None:
        if not self._why_not() and self.format():
            self.export_requested.emit(self.format(), self._path.text().strip())


_ROWS: Final = {
    "age": "",
    "verdict": "",
    "model": "Model",
    "path": "File",
    "size": "Size",
    "samples": "Compared",
    "difference": "Largest difference",
    "agreement": "Same answer",
    "speed": "Speed",
}


def report_rows(report: ReportFacts) -> dict[str, str]:
    """Return a report in words, by the names of the rows."""
    same = "the same" if report.agreement == 1.0 else "almost the same"
    return {
        "verdict": f"The exported file gives {same} answers.",
        "path": str(report.path),
        "size": size_text(report.bytes),
        "samples": f"{report.samples:,} samples, in a fresh process",
        "difference": f"{report.max_abs_difference:.2g}",
        "agreement": f"{report.agreement:.2%} of the samples",
        "speed": f"{report.milliseconds:.3g} ms a sample",
    }


def size_text(count: int) -> str:
    """Return a number of bytes as a person reads it: ``1.4 MB``."""
    size, unit = float(count), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} bytes" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"
