"""Numbers as a reader of a plot wants them."""

from __future__ import annotations

import math

from engine.errors import quoted

NOT_FINITE = "not finite"


def number_text(value: float, digits: int = 4) -> str:
    """Return a number with ``digits`` significant digits; with a power of ten only if it must."""
    if not math.isfinite(value):
        return NOT_FINITE
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if -4 <= exponent < 6:
        return f"{value:,.{max(0, digits - 1 - exponent)}f}".replace("-", "−")
    return f"{value:.{digits - 1}e}".replace("-", "−")


def curve_title(figure: str) -> str:
    """Return what a figure is called on screen, ``"mean absolute error"``."""
    return quoted(figure.replace("_", " "))
