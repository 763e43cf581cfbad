"""Check the options of a data set."""

from __future__ import annotations

import math
from typing import Any

from engine.catalog.model import Field
from engine.errors import SpecError, quoted


def checked_option(field: Field, value: Any) -> int | float | str:
    """Return the value of an option; SpecError if it does not fit its field."""
    if field.choices:
        if value not in field.choices:
            known = ", ".join(field.choices[:-1]) + f" or {field.choices[-1]}"
            problem = f"must be {known} (it is {quoted(value, 30)})"
            raise SpecError(f"data.options.{field.name}", problem)
        return str(value)
    allowed = (int,) if field.type == "int" else (int, float)
    low, high = field.minimum or 0.0, field.maximum or math.inf
    fits = isinstance(value, allowed) and not isinstance(value, bool) and low <= value <= high
    if not fits:
        kind = "whole number" if field.type == "int" else "number"
        problem = f"must be a {kind} from {low:.10g} to {high:.10g} (it is {quoted(value, 30)})"
        raise SpecError(f"data.options.{field.name}", problem)
    return int(value) if field.type == "int" else float(value)
