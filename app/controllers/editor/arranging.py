"""Where blocks stand: laid out anew, in line, at equal distances."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.app_model import AppModel
from app.document import Document
from engine.editing import alignment
from engine.editing.folding import Folding, fold
from engine.editing.layout import arrange, arrange_some, placed
from engine.spec import edits
from widgets.canvas import BLOCK_SIZE, NetworkCanvas

_WORDS = {"across": "across", "down": "downwards"}


class ArrangingController(QObject):
    """Moves blocks by command; what moves is the selection, or all blocks if fewer than two are."""

    def __init__(
        self,
        document: Document,
        app_model: AppModel,
        canvas: NetworkCanvas,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._canvas = canvas
        canvas.arrange_requested.connect(self.arrange)

    def arrange(self) -> None:
        """Lay the selected blocks out anew where they stand; with fewer than two selected, all blocks."""
        network, places = self._folding().network, self._chosen()
        if len(places) > 1:
            part = edits.part(network, places)
            self._move(f"Arrange {len(places)} blocks", arrange_some(part, places, BLOCK_SIZE))
        else:
            self._move("Arrange blocks", arrange(network, size=BLOCK_SIZE))
            self._canvas.fit()

    def align(self, line: alignment.Line) -> None:
        """Bring the selected blocks in line."""
        self._move_chosen(f"Align {{}} {line}", lambda places: alignment.align(places, line))

    def distribute(self, axis: alignment.Axis) -> None:
        """Put the selected blocks at equal distances."""
        self._move_chosen(
            f"Distribute {{}} {_WORDS[axis]}", lambda places: alignment.distribute(places, axis)
        )

    def _move_chosen(
        self, text: str, moved: Callable[[alignment.Places], dict[str, tuple[float, float]]]
    ) -> None:
        places = self._chosen()
        self._move(text.format(f"{len(places)} blocks"), moved(places))

    def _move(self, text: str, places: dict[str, tuple[float, float]]) -> None:
        before = self._places()
        moved = self._folding().layer_places(places, before)
        self._document.edit(text, self._document.spec.but(canvas={**before, **moved}))

    def _chosen(self) -> dict[str, tuple[float, float]]:
        """Return where the selected blocks stand; a collapsed group is one."""
        folding = self._folding()
        places = folding.shown_places(self._places())
        chosen = dict.fromkeys(folding.block_of(name) for name in self._app_model.selection)
        return {name: places[name] for name in chosen if name in places}

    def _folding(self) -> Folding:
        return fold(self._document.spec.network, self._document.spec.groups)

    def _places(self) -> dict[str, tuple[float, float]]:
        spec = self._document.spec
        return placed(spec.network, spec.canvas, BLOCK_SIZE)
