"""A page that scrolls up and down only and always fits its width."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


class VerticalScroll(QScrollArea):
    """A scroll area around a column of widgets.

    Attributes
    ----------
    column
        Where the widgets go.
    """

    def __init__(self, margin_px: int, spacing_px: int = 6, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = _Page()
        self.column = QVBoxLayout(self._page)
        self.column.setContentsMargins(margin_px, margin_px, margin_px, margin_px)
        self.column.setSpacing(spacing_px)
        self.setWidget(self._page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_widest(self, width_px: int) -> None:
        """Let the column grow no wider than this."""
        self._page.setMaximumWidth(width_px)


class _Page(QWidget):
    """The column's widget: as high as its content is at the width it has."""

    def minimumSizeHint(self) -> QSize:
        """Leave the height to height-for-width.

        The minimum height of wrapping labels is that of their narrowest form; a scroll area would
        take it.
        """
        return QSize(super().minimumSizeHint().width(), 1)
