"""The data page: choose a set, look at it, cut and scale it."""

from widgets.data.panel import DataPanel

__all__ = ["DataPanel"]
