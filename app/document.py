"""The one owner of the project's description."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.latest_writer import LatestWriter
from engine.spec.project import ProjectSpec


class Document(QObject):
    """Holds the `ProjectSpec`; every change goes through `edit` and so through undo.

    The description is written on a thread of its own while the window shows it. A step is on disk when `edit`
    returns; one that may still grow (typing, a slider) when the next step begins: a kill loses one step at most.

    Signals
    -------
    spec_changed(old, new)
        After every edit, undo, redo and `load`. The new description is being written.
    saving_changed(sentence)
        The description in memory could not be written, and why; "" once it is on disk again.
    """

    spec_changed = Signal(object, object)
    saving_changed = Signal(str)
    _wrote = Signal()  # from the writing thread

    def __init__(
        self, spec: ProjectSpec, write: Callable[[ProjectSpec], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._spec = spec
        self._write = write
        self._writer = self._new_writer()
        self._growing: str | None = None  # key of the step that may not be on disk yet
        self._name = ""  # the project's since it was moved: steps before know the old one
        self._visit = 0
        self.unsaved = ""  # why the description is not on disk
        self.undo_stack = QUndoStack(self)
        self._wrote.connect(self._show_written)

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
        if key != self._growing:
            self.flush()
        self.undo_stack.push(_ReplaceSpec(self, text, self._spec, after, key))

    def end_visit(self) -> None:
        """Let the next edit start a new undo step even if its key is the same."""
        self._visit += 1

    def load(self, spec: ProjectSpec, write: Callable[[ProjectSpec], None]) -> None:
        """Show another project: the undo history starts anew."""
        self._write_with(write)
        self._name = ""
        self.undo_stack.clear()
        old, self._spec = self._spec, spec
        self._set_unsaved("")
        self.spec_changed.emit(old, spec)

    def move(self, name: str, write: Callable[[ProjectSpec], None]) -> None:
        """Go on in another place under another name; what was done before can still be undone."""
        self._write_with(write)
        self._name = name
        self.put(self._spec.but(name=name))

    def save(self) -> bool:
        """Write the description; tell whether it is on disk."""
        self._writer.submit(self._spec)
        self.flush()
        return not self.unsaved

    def flush(self) -> None:
        """Wait until what was edited is on disk, or the disk has refused it."""
        self._writer.wait()
        self._growing = None
        self._show_written()

    def put(self, spec: ProjectSpec, growing: str | None = None) -> None:
        """Make ``spec`` the description and write it; for the undo command and `move` only.

        Parameters
        ----------
        growing
            Key of a step that may still grow: nobody waits for the disk.
        """
        if self._name:
            spec = spec.but(name=self._name)
        old, self._spec = self._spec, spec
        self._writer.submit(spec)
        self._growing = growing
        self.spec_changed.emit(old, spec)
        if growing is None:
            self.flush()

    def _write_with(self, write: Callable[[ProjectSpec], None]) -> None:
        """Write what is edited from now on elsewhere."""
        self.flush()
        self._write, self._writer = write, self._new_writer()

    def _new_writer(self) -> LatestWriter[ProjectSpec]:
        return LatestWriter(lambda spec: self._write(spec), self._tell_wrote)

    def _tell_wrote(self) -> None:
        """Tell the window's thread; called on the writing one, whose document may be gone."""
        with contextlib.suppress(RuntimeError):
            self._wrote.emit()

    def _show_written(self) -> None:
        self._set_unsaved(self._writer.problem)

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
        self._document.put(self._after, self._key)

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
