"""One sample of the user's data, and what a unit of a layer sees of it."""

from widgets.sample.panel import SamplePanel

__all__ = ["SamplePanel"]
