"""Notes on the canvas, as edits of the document."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject

from app.document import Document
from engine.errors import BadInput
from engine.spec.note import NoteSpec
from engine.spec.project import MOST_NOTES, ProjectSpec
from widgets.canvas import NetworkCanvas


class NotesController(QObject):
    """Adds, changes and removes notes, each as one undo step."""

    def __init__(
        self, document: Document, canvas: NetworkCanvas, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._canvas = canvas
        canvas.notes_changed.connect(self._on_changed)
        canvas.note_removed.connect(self._on_removed)
        document.spec_changed.connect(self._on_spec_changed)
        canvas.show_notes(document.spec.notes)

    def add(self) -> None:
        """Put an empty note into the middle of what is seen and let the user write it."""
        notes = self._document.spec.notes
        if len(notes) >= MOST_NOTES:
            raise BadInput(f"a project holds at most {MOST_NOTES} notes: delete some first")
        self._edit("Add note", (*notes, self._canvas.new_note()))
        self._canvas.select(())
        self._canvas.select_note(len(notes))
        self._canvas.write_note()

    def _on_changed(self, changed: Mapping[int, NoteSpec], words: str) -> None:
        notes = enumerate(self._document.spec.notes)
        self._edit(words, tuple(changed.get(number, note) for number, note in notes))

    def _on_removed(self, number: int) -> None:
        notes = self._document.spec.notes
        self._edit("Delete note", (*notes[:number], *notes[number + 1 :]))
        self._canvas.select_note(-1)

    def _edit(self, words: str, notes: tuple[NoteSpec, ...]) -> None:
        self._document.edit(words, self._document.spec.but(notes=notes))

    def _on_spec_changed(self, old: ProjectSpec, new: ProjectSpec) -> None:
        if old.notes != new.notes:
            self._canvas.show_notes(new.notes)
