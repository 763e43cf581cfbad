"""Ways to give a picture: drop, open, paste, draw."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from widgets.base.labels import plain_label
from widgets.base.theme import LIGHT, Tokens
from widgets.classify.answers_table import AnswersTable
from widgets.classify.drawing_pad import FIRST_PEN_PERCENT, DrawingPad
from widgets.forms.boxes import CalmSlider

_PEN_PERCENTS = (2, 20)


class PictureInput(QWidget):
    """Drop zone, buttons, and below them the drawing pad or a table of several pictures.

    Signals
    -------
    open_requested(), paste_requested()
        The user wants to choose a file, or what is on the clipboard.
    """

    open_requested = Signal()
    paste_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.drop_zone = DropZone()
        self.pad = DrawingPad()
        self.table = AnswersTable()
        self._pen = CalmSlider()
        self._pen.setObjectName("classify.pen_width")
        self._pen.setAccessibleName("Pen width, in percent of the pad")
        self._pen.setToolTip("How wide the pen draws.")
        self._pen.setRange(*_PEN_PERCENTS)
        self._pen.setValue(FIRST_PEN_PERCENT)
        self._pen.valueChanged.connect(self.pad.set_pen_width)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.drop_zone)
        layout.addLayout(self._file_row())
        self._below = QStackedWidget()
        self._below.addWidget(self._drawing())
        self._below.addWidget(self.table)
        layout.addWidget(self._below, 1)

    def show_table(self, on: bool) -> None:
        """Show the table of several pictures, or the drawing pad."""
        self._below.setCurrentIndex(int(on))

    @property
    def is_table_shown(self) -> bool:
        """Whether the table of several pictures is in front."""
        return self._below.currentIndex() == 1

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        for part in (self.drop_zone, self.pad, self.table):
            part.set_theme(tokens)

    def _drawing(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(plain_label("Or draw", strong=True))
        column.addWidget(self.pad)
        column.addLayout(self._pen_row())
        column.addStretch(1)
        return page

    def _file_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for title, name, tip, signal in (
            (
                "Open…",
                "classify.open_button",
                "Choose one picture file or several.",
                self.open_requested,
            ),
            (
                "Paste",
                "classify.paste_button",
                "Use the picture or the files on the clipboard.",
                self.paste_requested,
            ),
        ):
            button = QPushButton(title)
            button.setObjectName(name)
            button.setToolTip(tip)
            button.clicked.connect(signal)
            row.addWidget(button)
        return row

    def _pen_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(plain_label("Pen"))
        row.addWidget(self._pen, 1)
        for title, name, slot in (
            ("Undo", "classify.undo_stroke", self.pad.undo_stroke),
            ("Clear", "classify.clear_pad", self.pad.clear),
        ):
            button = QPushButton(title)
            button.setObjectName(name)
            button.clicked.connect(slot)
            row.addWidget(button)
        return row


class DropZone(QWidget):
    """The place that says where pictures can be dropped; lit while one hovers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classify.drop_zone")
        self._tokens = LIGHT
        self._is_lit = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_lit(self, on: bool) -> None:
        """Show that what hovers may be dropped."""
        self._is_lit = on
        self.update()

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for a few lines."""
        return QSize(200, self.fontMetrics().height() * 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a dashed frame and the invitation."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(self._tokens.accent if self._is_lit else self._tokens.muted)
        painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(self._tokens.surface))
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(frame, 6, 6)
        painter.setPen(QColor(self._tokens.text if self.isEnabled() else self._tokens.muted))
        painter.drawText(
            frame.adjusted(8, 4, -8, -4),
            Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
            "Drop pictures or a folder here",
        )
        painter.end()
