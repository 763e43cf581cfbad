"""What picture files are called. What they hold decides how they are read."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

SUFFIXES: Final = frozenset(
    (
        ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff", ".avif",
        ".jp2", ".ppm", ".pgm", ".pbm", ".pnm", ".qoi", ".pcx", ".sgi", ".tga",
    )
)  # fmt: skip
# Pictures to their owners, which are refused with the reason.
_REFUSED: Final = frozenset((".svg", ".heic", ".heif", ".eps"))


def is_picture(name: str) -> bool:
    """Tell whether a file is called like a picture, readable or not."""
    suffix = PurePath(name).suffix.lower()
    return suffix in SUFFIXES or suffix in _REFUSED
