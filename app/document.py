"""The one owner of the project's description."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.errors import NetsmithError
from engine.spec.project import ProjectSpec


class Document(QObject):
    """Holds the `ProjectSpec`; every change goes through `edit` and so through undo.

    Signals
    -------
    spec_changed(old, new)
        After every edit, undo, redo and `load`. The new description is on disk by then.
    saving_changed(sentence)
        The description in memory could not be written, and why; "" once it is on disk again.
    """

    spec_changed = Signal(object, object)
    saving_changed = Signal(str)

    def __init__(
        self, spec: ProjectSpec, write: Callable[[ProjectSpec], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._spec = spec
        self._write = write
        self._name = ""  # the project's since it was moved: steps before know the old one
        self._visit = 0
        self.unsaved = ""  # why the description is not on disk
        self.undo_stack = QUndoStack(self)

    @property
    def spec(self) -> ProjectSpec:
        """The description now."""
        return self._spec

    def edit(self, text: str, after: ProjectSpec, merge_key: str | None = None) -> None:
        """Replace the description as one undo step; nothing happens if it is equal.

        Parameters
        ----------
        text
            What undo calls the step, ``"Remove Conv2D conv2d_2"``.
        merge_key
            Steps in a row with the same key become one, until `end_visit`.
        """
        if after == self._spec:
            return
        key = None if merge_key is None else f"{merge_key}#{self._visit}"
        self.undo_stack.push(_ReplaceSpec(self, text, self._spec, after, key))

    def end_visit(self) -> None:
        """Let the next edit start a new undo step even if its key is the same."""
        self._visit += 1

    def load(self, spec: ProjectSpec, write: Callable[[ProjectSpec], None]) -> None:
        """Show another project: the undo history starts anew."""
        self._write, self._name = write, ""
        self.undo_stack.clear()
        old, self._spec = self._spec, spec
        self._set_unsaved("")
        self.spec_changed.emit(old, spec)

    def move(self, name: str, write: Callable[[ProjectSpec], None]) -> None:
        """Go on in another place under another name; what was done before can still be undone."""
        self._write = write
        self._name = name
        self.put(self._spec.but(name=name))

    def save(self) -> bool:
        """Write the description; tell whether it is on disk."""
        try:
            self._write(self._spec)
        except NetsmithError as error:
            self._set_unsaved(str(error))
        else:
            self._set_unsaved("")
        return not self.unsaved

    def put(self, spec: ProjectSpec) -> None:
        """Make ``spec`` the description and write it; for the undo command and `move` only."""
        if self._name:
            spec = spec.but(name=self._name)
        old, self._spec = self._spec, spec
        self.save()
        self.spec_changed.emit(old, spec)

    def _set_unsaved(self, sentence: str) -> None:
        if sentence != self.unsaved:
            self.unsaved = sentence
            self.saving_changed.emit(sentence)


class _ReplaceSpec(QUndoCommand):
    """Swaps whole descriptions, so one class serves every feature."""

    def __init__(
        self,
        document: Document,
        text: str,
        before: ProjectSpec,
        after: ProjectSpec,
        key: str | None,
    ) -> None:
        super().__init__(text)
        self._document = document
        self._before = before
        self._after = after
        self._key = key

    # ---- Qt overrides ----

    def redo(self) -> None:
        self._document.put(self._after)

    def undo(self) -> None:
        self._document.put(self._before)

    def id(self) -> int:
        return -1 if self._key is None else zlib.crc32(self._key.encode()) & 0x7FFF_FFFF

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _ReplaceSpec) or other._key != self._key:
            return False  # ids may collide; keys decide
        self._after = other._after
        self.setObsolete(self._after == self._before)  # typed back to the start: no step at all
        return True
