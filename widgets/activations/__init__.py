"""What a layer gives for a sample: maps, bars or a strip."""

from widgets.activations.panel import ActivationsPanel

__all__ = ["ActivationsPanel"]
