"""Counts visits to fields, so that all edits of one visit undo as one step."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from widgets.forms.editors import Editor


class Visits(QObject):
    """Watches the focus within a form.

    Attributes
    ----------
    count
        Grows each time a field is left; part of an undo step's merge key.

    Signals
    -------
    ended()
        A field was left.
    """

    ended = Signal()

    def __init__(self, root: QWidget) -> None:
        super().__init__(root)
        self._root = root
        self.count = 0
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)

    def end(self) -> None:
        """Start another visit: what is edited changed, though the focus may have stayed."""
        self.count += 1
        self.ended.emit()

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        left = self._field_of(old)
        if left is not None and left is not self._field_of(new):
            self.end()

    def _field_of(self, widget: QWidget | None) -> QWidget | None:
        """Return the outermost editor around the widget; a combo box's list is part of it."""
        found: QWidget | None = None
        while widget is not None and widget is not self._root:
            found = widget if isinstance(widget, Editor) else found
            widget = widget.parentWidget()
        return found if widget is self._root else None
