"""Amounts as people read them: memory, counts, time spans."""

from __future__ import annotations

from typing import Final

_BYTE_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_COUNT_UNITS: Final = ("", " k", " M", " G", " T", " P")
_HOUR_S: Final = 3600.0
_TIME_UNITS: Final = (
    (1.0, 1e-3, "ms"),
    (120.0, 1.0, "s"),
    (2 * _HOUR_S, 60.0, "min"),
)  # below, size, name


def bytes_text(count: float) -> str:
    """Return an amount of memory: ``"812 MB"``, ``"9.8 GB"``."""
    return _scaled(count, _BYTE_UNITS, " ")


def count_text(count: float) -> str:
    """Return a large count in short: ``"51 k"``, ``"1.2 G"``; below 1,000 as it is."""
    return _scaled(count, _COUNT_UNITS, "")


def seconds_text(seconds: float) -> str:
    """Return a time span in the unit that fits: ``"4.2 ms"``, ``"3.2 s"``, ``"5.0 min"``, ``"2.1 h"``."""
    for limit, size, unit in _TIME_UNITS:
        if seconds < limit:
            return f"{_short(seconds / size)} {unit}"
    return f"{_short(seconds / _HOUR_S)} h"


def _scaled(amount: float, units: tuple[str, ...], gap: str) -> str:
    place = 0
    # From 999.5 on, "1000 kB" would be written.
    while amount >= 999.5 and place < len(units) - 1:
        amount, place = amount / 1000, place + 1
    return f"{_short(amount) if place else round(amount)}{gap}{units[place]}"


def _short(amount: float) -> str:
    """Write a number with one decimal, whole from 10 on."""
    return f"{amount:,.0f}" if amount >= 9.95 else f"{amount:.1f}"
