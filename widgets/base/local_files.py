"""Files in dragged or copied content."""

from __future__ import annotations

from PySide6.QtCore import QMimeData


def local_files(content: QMimeData) -> tuple[str, ...]:
    """Return the paths of the local files in dragged or copied content."""
    return tuple(url.toLocalFile() for url in content.urls() if url.isLocalFile())
