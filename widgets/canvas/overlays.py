"""What lies over the canvas and does not move with it: hints, messages, cures of a problem."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.spec.issues import Cure
from widgets.base.labels import kept_together
from widgets.base.theme import palette
from widgets.canvas.facts import BlockFacts
from widgets.canvas.look import Look

_CARD_WIDTH: Final = 250
_NARROWEST: Final = 180  # of a card that finds no more room beside its block
_GAP: Final = 14
_EDGE: Final = 4  # kept free at the canvas's edges
_MARGIN: Final = 12  # left and right inside a problem's card
_MESSAGE_MS: Final = 4000
_MOST_CURES: Final = 4
_HIGHEST: Final = 2000


class Card(QFrame):
    """A small raised panel in the colours of the theme; clicks on it do not reach the canvas."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = Look()
        self._border = QColor(self._look.muted)
        self.setAutoFillBackground(False)

    def set_look(self, look: Look) -> None:
        """Paint in another theme."""
        self._look = look
        self.setPalette(palette(look.tokens))
        self.update()

    def set_border(self, colour: QColor) -> None:
        """Show a border of this colour."""
        self._border = colour
        self.update()

    # ---- Qt overrides ----

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: a rounded panel."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75), 8, 8)
        painter.fillPath(path, self._look.block)
        painter.setPen(QPen(self._border, 1.2))
        painter.drawPath(path)


class Hint(QLabel):
    """Muted words in the middle of an empty canvas; the mouse goes through them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.hint")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def set_look(self, look: Look) -> None:
        """Write in another theme's muted colour."""
        colours = palette(look.tokens)
        colours.setColor(self.foregroundRole(), look.muted)
        self.setPalette(colours)

    def show_in(self, area: QRect, words: str, *, at_bottom: bool = False) -> None:
        """Show ``words`` in the middle of ``area``, or along its lower edge; "" hides it."""
        self.setVisible(bool(words))
        if words:
            self.setText(words)
            width = max(1, min(area.width() - 2 * _GAP, 460))
            height = self.heightForWidth(width)
            top = area.bottom() - height - _GAP if at_bottom else area.center().y() - height // 2
            self.setGeometry(area.center().x() - width // 2, top, width, height)


class Message(Card):
    """A sentence beside the mouse; goes by itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.message")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words = _plain_label(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 7, 10, 7)
        layout.addWidget(self._words)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_MESSAGE_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown, "" while hidden."""
        return "" if self.isHidden() else self._words.text()

    def show_at(self, at: QPoint, area: QRect, words: str) -> None:
        """Show ``words`` below right of ``at``, inside ``area``; hide if there are none."""
        if not words:
            self._timer.stop()
            self.hide()
            return
        self.set_border(self._look.bad)
        _write(self._words, words, min(_CARD_WIDTH, max(60, area.width() - 40)))
        self.adjustSize()
        self.move(_inside(QRect(at + QPoint(18, 18), self.size()), area).topLeft())
        self.show()
        self.raise_()
        self._timer.start()


class ProblemCard(Card):
    """The problem of the selected block in full, with a button for each cure.

    Signals
    -------
    cure_requested(object)
        The `engine.spec.issues.Cure` that was clicked.
    """

    cure_requested = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.problem")
        self._shown: tuple[BlockFacts, bool] | None = None
        self._written = ("", 0)  # sentences and the card's width
        self._words = _plain_label(self)
        self._buttons: list[QPushButton] = []
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(_MARGIN, 10, _MARGIN, 10)
        self._rows.setSpacing(8)
        self._rows.addWidget(self._words)
        self.hide()

    def show_problem(self, facts: BlockFacts | None, *, with_cures: bool) -> None:
        """Show the problems of a block; None: nothing."""
        shown = None if facts is None else (facts, with_cures)
        if facts is None:
            self.hide()
        elif shown != self._shown:
            self._fill_buttons(facts.cures[:_MOST_CURES] if with_cures else ())
            self.set_border(self._look.state(facts.severity))
            self._write_problems(facts, _CARD_WIDTH)
        self._shown = shown

    @property
    def has_problem(self) -> bool:
        """There is something to show, if the block is in sight."""
        return self._shown is not None

    def place_beside(self, block: QRect, others: Sequence[QRect], area: QRect) -> None:
        """Stand beside a block where no other block is covered, or as little of them as can be; hide with the block.

        Parameters
        ----------
        block, others, area
            The card's block, all other blocks, and the canvas, in the parent's pixels.
        """
        if self._shown is None or not area.intersects(block):
            self.hide()
            return
        room = max(area.right() - block.right(), block.left() - area.left()) - _GAP - _EDGE
        self._write_problems(
            self._shown[0], min(_CARD_WIDTH, room) if room >= _NARROWEST else _CARD_WIDTH
        )
        places = [_inside(box, area) for box in _places(block, self.size(), area)]
        own = len(others) + 1  # the block itself is the last to be covered

        def covered(box: QRect) -> int:
            on_others = sum(_area(box.intersected(other)) for other in others)
            return on_others + own * _area(box.intersected(block))

        self.setGeometry(min(places, key=covered))
        self.show()
        self.raise_()

    def _write_problems(self, facts: BlockFacts, width: int) -> None:
        """Write the sentences into a card as wide as told; a long button makes it wider."""
        words = kept_together("\n\n".join(facts.problems))
        if (words, width) != self._written:
            self._written = (words, width)
            _write(self._words, words, width - 2 * _MARGIN)
        self._rows.activate()
        self.adjustSize()

    def _fill_buttons(self, cures: tuple[Cure, ...]) -> None:
        for button in self._buttons:
            self._rows.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        for number, cure in enumerate(cures):
            button = QPushButton(cure.label.replace("&", "&&"), self)
            button.setObjectName(f"canvas.cure.{number}")
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.clicked.connect(partial(self._ask, cure))
            self._rows.addWidget(button)
            button.show()  # now, not when the layout comes to it: the card's size counts it
            self._buttons.append(button)

    def _ask(self, cure: Cure, checked: bool = False) -> None:
        del checked
        self.cure_requested.emit(cure)


def _plain_label(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _write(label: QLabel, text: str, width: int) -> None:
    """Show ``text`` at this width, as high as it needs: a hidden layout would not ask for the height."""
    label.setText(text)
    label.setMinimumSize(0, 0)
    label.setMaximumSize(width, _HIGHEST)
    label.setFixedSize(width, label.heightForWidth(width))


def _places(block: QRect, size: QSize, area: QRect) -> tuple[QRect, ...]:
    """Return where a card may stand: beside a block, then in the corners, then above or below the block."""
    right, left = block.right() + _GAP, block.left() - _GAP - size.width()
    above, below = block.top() - _GAP - size.height(), block.bottom() + _GAP
    far_right, far_down = area.right() - size.width(), area.bottom() - size.height()
    corners = (
        (right, block.top()),
        (left, block.top()),
        (far_right, area.top()),
        (area.left(), area.top()),
        (far_right, far_down),
        (area.left(), far_down),
        (block.left(), below),
        (block.left(), above),
    )
    return tuple(QRect(QPoint(*corner), size) for corner in corners)


def _area(box: QRect) -> int:
    return max(0, box.width()) * max(0, box.height())


def _inside(box: QRect, area: QRect) -> QRect:
    """Return ``box`` moved into ``area``."""
    moved = QRect(box)
    moved.moveLeft(max(area.left() + _EDGE, min(box.left(), area.right() - box.width() - _EDGE)))
    moved.moveTop(max(area.top() + _EDGE, min(box.top(), area.bottom() - box.height() - _EDGE)))
    return moved
