"""Freezing for transfer learning: the base keeps what it learned, a new head learns."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.app_model import AppModel
from app.document import Document
from engine.spec import edits
from engine.spec.network import NetworkSpec

_UNKNOWN = "no layer is known to have weights yet: wait until the shapes are shown"


class FreezingController(QObject):
    """Freezes and unfreezes many layers, each time as one undo step."""

    def __init__(
        self, document: Document, app_model: AppModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._app_model = app_model

    def freeze_base(self) -> None:
        """Let training change only the last layer with weights before each output."""
        network = self._document.spec.network
        weighted = {name for name, fact in self._app_model.facts.items() if fact.parameters}
        head = edits.head(network, weighted)
        if not head:
            self._app_model.said.emit(_UNKNOWN)
            return
        frozen = edits.with_trainable(network, weighted - head, trainable=False)
        self._edit("Freeze all but the head", edits.with_trainable(frozen, head, trainable=True))

    def unfreeze_all(self) -> None:
        """Let training change every layer."""
        network = self._document.spec.network
        self._edit(
            "Unfreeze all layers", edits.with_trainable(network, network.ids, trainable=True)
        )

    def _edit(self, text: str, network: NetworkSpec) -> None:
        self._document.edit(text, self._document.spec.but(network=network))
