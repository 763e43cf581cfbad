"""The one way to read a number that a person typed, the same in every field and every country.

The rule
--------
- A number has the digits 0 to 9, a sign and an exponent where wanted: ``5``, ``-0.5``, ``1.5e-3``.
  Space around it counts for nothing.
- A point parts the decimals. So does a single comma, where no point stands beside it: ``0,05`` is
  0.05, ``1,5e-3`` is 0.0015.
- Spaces may part groups of three digits: ``1 000`` is 1000.
- A whole number may be written in any of these ways, as long as it is whole: ``1e3`` is 1000.
- What could be a group of three digits as well as decimals is refused: ``1,000`` everywhere, and
  ``1.000`` where a whole number is wanted. No group begins with 0, so ``0,125`` is 0.125.
- All else is refused: ``1_000``, ``0x10``, ``nan``, ``inf``, digits of other scripts, fractions
  such as ``½``, and numbers that 64 bits cannot hold.

Nothing here asks for the locale.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Final

from engine.errors import BadInput, quoted

_NUMBER: Final = re.compile(
    r"(?P<sign>[+-]?)"
    r"(?P<whole>[0-9]{1,3}(?: [0-9]{3})+|[0-9]*)"
    r"(?:(?P<mark>[.,])(?P<decimals>[0-9]*))?"
    r"(?:[eE](?P<power>[+-]?[0-9]+))?"
)
_LEADING_GROUP: Final = re.compile(r"[1-9][0-9]{0,2}")  # what may stand before a group of three
_GROUP_DIGITS: Final = 3
# Thin and no-break spaces between groups, and the minus sign, as texts that are pasted have them.
_AS_TYPED: Final = str.maketrans({
    "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\N{THIN SPACE}": " ",
    "\N{MINUS SIGN}": "-",
})  # fmt: skip
_LONGEST_QUOTE: Final = 20


def read_number(text: str) -> float:
    """Return the number; BadInput says what is wrong with the text."""
    return float(_plain(text, is_whole=False))


def read_whole(text: str) -> int:
    """Return the whole number; BadInput says what is wrong with the text."""
    exact = Decimal(_plain(text, is_whole=True))
    if exact != exact.to_integral_value():
        raise BadInput(f"Write a whole number such as 32, not {_shown(text)}")
    return int(exact)


def _plain(text: str, *, is_whole: bool) -> str:
    """Return the number in digits with a point, as `float` and `Decimal` read it."""
    found = _NUMBER.fullmatch(text.strip().translate(_AS_TYPED))
    digits = "" if found is None else found["whole"] + (found["decimals"] or "")
    if found is None or not digits:
        example = "a whole number such as 32" if is_whole else "a number such as 0.5 or 1e-4"
        raise BadInput(f"Write {example}" + (f", not {_shown(text)}" if text.strip() else ""))
    whole, decimals = found["whole"].replace(" ", "") or "0", found["decimals"] or ""
    if _could_be_group(found, is_whole=is_whole):
        other = whole if is_whole else f"{whole}.{decimals}"
        raise BadInput(
            f"{_shown(text)} can be read in two ways: write {whole}{decimals} or {other}"
        )
    if not digits.strip("0 "):
        return "0"  # whatever the exponent
    made = f"{found['sign']}{whole}.{decimals or '0'}e{found['power'] or '0'}"
    size = abs(float(made))
    if math.isinf(size) or not size:
        raise BadInput(f"{_shown(text)} is too {'large' if size else 'small'} for a number here")
    return made


def _could_be_group(found: re.Match[str], *, is_whole: bool) -> bool:
    """Tell whether the mark could part thousands: ``1,000``, ``12.500`` for a whole number."""
    return (
        (found["mark"] == "," or is_whole)
        and len(found["decimals"] or "") == _GROUP_DIGITS
        and _LEADING_GROUP.fullmatch(found["whole"]) is not None
    )


def _shown(text: str) -> str:
    return f'"{quoted(text, _LONGEST_QUOTE)}"'
