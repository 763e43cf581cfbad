"""Items that Qt keeps as pictures."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtWidgets import QGraphicsItem

_KEPT = QGraphicsItem.CacheMode.DeviceCoordinateCache
_DRAWN = QGraphicsItem.CacheMode.NoCache


class KeptItem(pg.GraphicsItem):  # type: ignore[misc] # pyqtgraph ships no types
    """On screen a picture of the item is kept until it changes; into a file it is drawn."""

    def keep(self) -> None:
        """Begin to keep the picture."""
        self.setCacheMode(_KEPT)

    def setExportMode(self, export: bool, opts: dict[str, Any] | None = None) -> None:
        """Draw for a file, or keep the picture again."""
        super().setExportMode(export, opts)
        self.setCacheMode(_DRAWN if export else _KEPT)
