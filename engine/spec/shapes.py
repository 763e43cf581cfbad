"""Shapes of one sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Shape: TypeAlias = tuple[int | None, ...]


def shape_text(shape: Sequence[int | None], free: str = "any") -> str:
    """Return a shape in words: ``28 × 28 × 1``; a free size is written as ``free``."""
    sizes = (f"{size:,}" if isinstance(size, int) else size for size in shape)
    return " × ".join(free if size is None else str(size) for size in sizes) or "one number"


def holds(shape: Sequence[int | None], given: Sequence[int]) -> bool:
    """Tell whether the shape ``given`` matches ``shape``, in which None is any size."""
    return len(shape) == len(given) and all(
        size is None or size == one for size, one in zip(shape, given, strict=True)
    )
