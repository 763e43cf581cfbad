"""The user's reusable blocks: kept in a folder, shown in the palette, placed in the network."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QInputDialog, QMessageBox

from app.app_model import AppModel
from app.document import Document
from engine.editing.folding import border
from engine.editing.grouping import clean_title, groups_with
from engine.editing.layout import placed
from engine.editing.library import Library, ReusableBlock, block_of
from engine.editing.placing import with_block
from engine.errors import NetsmithError
from engine.machine.user_folder import home
from engine.spec.network import WireSpec
from widgets.canvas import BLOCK_SIZE, InputPort, LayerPalette, NetworkCanvas

_FOLDER = "blocks"


class LibraryController(QObject):
    """Saves, places, renames and deletes reusable blocks."""

    def __init__(
        self, document: Document, app_model: AppModel, canvas: NetworkCanvas, palette: LayerPalette,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._canvas = canvas
        self._palette = palette
        self._library = Library(home() / _FOLDER)
        self._blocks: dict[str, ReusableBlock] = {}
        palette.block_requested.connect(self.place)
        palette.block_rename_requested.connect(self._on_rename)
        palette.block_delete_requested.connect(self._on_delete)
        canvas.block_requested.connect(self._on_place_at)
        self._refresh()

    # ---- Commands ----

    def save(self) -> None:
        """Ask for a name and keep the selected layers as a reusable block."""
        chosen = self._app_model.selection
        groups = groups_with(self._document.spec, chosen)
        suggested = groups[0].title if len(groups) == 1 else "My block"
        title, agreed = QInputDialog.getText(
            self._canvas, "Save as Reusable Block", "Name of the block:", text=suggested
        )
        if not agreed or not self._may_replace(clean_title(title)):
            return
        self.keep(title)

    def keep(self, title: str) -> None:
        """Keep the selected layers under a title; NetsmithError says why not."""
        spec = self._document.spec
        places = placed(spec.network, spec.canvas, BLOCK_SIZE)
        block = block_of(spec.network, self._app_model.selection, places, title)
        self._library.save(block)
        self._refresh()
        self._app_model.said.emit(f'"{block.title}" is in the palette under "My blocks"')

    def place(self, title: str) -> None:
        """Put a block behind the selected layer, or at the network's end."""
        network, selected = self._document.spec.network, self._app_model.selection
        ends = network.outputs or network.inputs
        end = ends[-1].id if ends else None
        self._place(title, self._last_of(selected) if selected else end, None)

    # ---- Requests of canvas and palette ----

    def _on_place_at(self, title: str, x: float, y: float, beside: object) -> None:
        if isinstance(beside, WireSpec):
            # The wire's place is taken: make room below its source.
            self._place(title, beside, None)
        elif isinstance(beside, InputPort):
            self._place(title, None, (x, y), feeds=(beside.layer_id, beside.port))
        elif isinstance(beside, str) and beside:
            self._place(title, beside, (x, y), branch=True)
        else:
            self._place(title, None, (x, y))

    def _on_rename(self, title: str) -> None:
        new, agreed = QInputDialog.getText(
            self._canvas, "Rename Block", "Name of the block:", text=title
        )
        if agreed:
            self.rename(title, new)

    def _on_delete(self, title: str) -> None:
        question = f'Delete the reusable block "{title}"? Networks that hold it keep their layers.'
        if _agreed(self._canvas, "Delete Block", question):
            self.remove(title)

    def rename(self, title: str, new: str) -> None:
        """Give a block another title; why not is said in the status line."""
        self._try(lambda: self._library.rename(title, new))

    def remove(self, title: str) -> None:
        """Delete a block from the library; why not is said in the status line."""
        self._try(lambda: self._library.remove(title))

    # ---- Work ----

    def _place(
        self,
        title: str,
        beside: str | WireSpec | None,
        place: tuple[float, float] | None,
        *,
        branch: bool = False,
        feeds: tuple[str, int] | None = None,
    ) -> None:
        block = self._blocks.get(title)
        if block is None:
            return
        spec, layers = with_block(
            self._document.spec, block, beside, place, BLOCK_SIZE, branch=branch, feeds=feeds
        )
        self._document.edit(f"Place {title}", spec)
        self._app_model.set_selection(layers)
        self._canvas.set_selected(layers)
        self._canvas.focus_on(layers)

    def _last_of(self, layer_ids: tuple[str, ...]) -> str | None:
        """Return the layer to go after: the one selected, or the way out of one selected group."""
        if len(layer_ids) == 1:
            return layer_ids[0]
        groups = groups_with(self._document.spec, layer_ids)
        whole = len(groups) == 1 and set(groups[0].layers) == set(layer_ids)
        return border(self._document.spec.network, layer_ids).outputs[0] if whole else None

    def _may_replace(self, title: str) -> bool:
        question = f'There is a block "{title}" already. Replace it?'
        return title not in self._blocks or _agreed(self._canvas, "Replace Block", question)

    def _try(self, change: Callable[[], None]) -> None:
        try:
            change()
        except NetsmithError as error:
            self._app_model.said.emit(str(error))
        self._refresh()

    def _refresh(self) -> None:
        self._blocks, skipped = self._library.read()
        counts = {title: len(block.network.layers) for title, block in self._blocks.items()}
        self._palette.show_blocks(counts)
        self._canvas.show_blocks(counts)
        if skipped:
            more = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
            self._app_model.said.emit(skipped[0] + more)


def _agreed(parent: NetworkCanvas, title: str, question: str) -> bool:
    """Ask yes or no; the words may hold what a user typed, so they are shown as they are."""
    box = QMessageBox(QMessageBox.Icon.Question, title, question, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    return box.exec() == QMessageBox.StandardButton.Yes
