"""Between values and what is typed into a field; pure functions.

Every ``parse_...`` raises `BadInput` with the sentence that is shown under the field.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from engine.catalog import check_value, normal_value
from engine.catalog.model import Field
from engine.catalog.titles import TITLES
from engine.errors import BadInput, quoted
from engine.spec.base import frozen
from engine.spec.issues import Issue
from widgets.forms.numbers import read_number, read_whole

NONE_TEXT: Final = "none"  # how None is typed and shown
FROM_DATA_TEXT: Final = "from the data"  # how it is shown where the data gives the value
APPLIES_NEXT: Final = "Applies at the next training."
APPLIES_NEXT_TIP: Final = "What can be changed in the running one stands in Live Control."
Value = TypeVar("Value")
_FREE: Final = frozenset({"none", "?", "null", "free"})
_BRACKETS: Final = "()[] "
_SHORT_RANGE: Final = 20.0  # of bounds, within which steps are even
# Settings of our own whose names in sentence case would say less.
_TITLES: Final = {
    **TITLES, "enabled": "Stop early", "seed": "Random seed", "dtype": "Number type",
    "min_delta": "Smallest change", "restore_best": "Restore best weights",
}  # fmt: skip


def field_title(name: str) -> str:
    """Return what a form calls a constructor argument: ``"Kernel size"`` for ``"kernel_size"``."""
    words = name.strip("_").replace("_", " ")
    return _TITLES.get(name) or words[:1].upper() + words[1:]


def problem_in_words(issue: Issue) -> str:
    """Return an issue's sentence for the window, where a setting has a title: ``"Validation: The part ..."``."""
    if issue.layer or not issue.field:
        return issue.sentence
    title = field_title(issue.field.rpartition(".")[2])
    is_named = title.lower() in issue.message.lower()
    return issue.message if is_named else f"{title}: {issue.message}"


def title_in_sentence(name: str) -> str:
    """Return the same inside a sentence: ``"kernel size"``, ``"AMSGrad"``, ``"β₁ (momentum decay)"``."""
    title = field_title(name)
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def keras_note(name: str) -> str:
    """Return what Keras calls a setting that has another title, ``"Keras: beta_1."``, else ""."""
    return f"Keras: {name}." if name in TITLES else ""


def bounds_text(field: Field) -> str:
    """Return the bounds in words, "" if there are none."""
    low, high = field.minimum, field.maximum
    if low is not None and high is not None:
        return f"{format_number(low)} to {format_number(high)}"
    if low is not None:
        return f"at least {format_number(low)}"
    return f"at most {format_number(high)}" if high is not None else ""


def checked(field: Field, value: Value) -> Value:
    """Return the value; BadInput with the catalogue's sentence if it does not fit the field."""
    problem = check_value(field, value)
    if problem:
        name = field_title(field.name)
        raise BadInput(
            name + problem.removeprefix(field.name) if problem.startswith(field.name) else problem
        )
    return value


# ---- Numbers ----


def format_number(value: float | None) -> str:
    """Return the shortest text that reads back as the same number: ``0.001``, ``1e-7``, ``32``."""
    if value is None:
        return ""
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        return str(int(value))
    return re.sub(r"e([+-])0*(\d)", lambda found: f"e{found[1].strip('+')}{found[2]}", repr(value))


def parse_number(field: Field, text: str) -> float | None:
    """Return the number, a whole one unless the field's type is ``float``.

    None for no text or ``none`` where the field is optional.
    """
    if _is_none(field, text):
        return None
    return checked(field, read_number(text) if field.type == "float" else read_whole(text))


def is_number(value: object) -> bool:
    """Tell whether a value is a number; yes and no are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def next_number(field: Field, value: Any, direction: int) -> float | None:
    """Return the next number within the bounds.

    The next whole one, or a twentieth of a short bounded range further, else 1, 2, 5, 10... From
    what is no number, steps begin at 0; below the least of a whole optional one there is None.
    """
    low, high = field.minimum, field.maximum
    is_whole = field.type != "float"
    if not is_number(value):
        made = 0.0 if is_whole else _next_float(field, 0.0, direction)
    elif is_whole and field.optional and value == low and direction < 0:
        return None
    else:
        made = value + direction if is_whole else _next_float(field, value, direction)
    made = min(max(made, made if low is None else low), made if high is None else high)
    return int(made) if is_whole else made


def _next_float(field: Field, value: float, direction: int) -> float:
    low, high = field.minimum, field.maximum
    if low is not None and high is not None and high - low <= _SHORT_RANGE:
        made = value + direction * _next_125((high - low) / 20 * 0.999, 1)
    elif value == 0:
        made = direction * 0.1
    else:
        made = _next_125(abs(value), direction if value > 0 else -direction)
        made = math.copysign(made, value)
    return float(f"{made:.9g}")


def next_decimal(field: Field, value: Any, direction: int) -> float:
    """Return the number a tenth of its own power of ten further, within the bounds: 5.1, 5.2..."""
    size = math.floor(math.log10(abs(value))) if value else 0
    low = -math.inf if field.minimum is None else field.minimum
    high = math.inf if field.maximum is None else field.maximum
    return float(f"{min(max(value + direction * 10.0 ** (size - 1), low), high):.9g}")


def _next_125(value: float, direction: int) -> float:
    exponent = math.floor(math.log10(value))
    ladder = [
        digit * 10.0**power for power in range(exponent - 1, exponent + 2) for digit in (1, 2, 5)
    ]
    if direction > 0:
        return next(rung for rung in ladder if rung > value * (1 + 1e-9))
    return next(rung for rung in reversed(ladder) if rung < value * (1 - 1e-9))


# ---- Lists ----


def _is_none(field: Field, text: str) -> bool:
    return field.optional and text.strip().lower() in {"", NONE_TEXT}


def _whole_parts(text: str) -> list[str]:
    """Part sizes at commas, spaces and times signs; hexadecimal digits stay together."""
    inside = text.lower().strip(_BRACKETS)
    return [part for part in re.split(r"[,;\s×]+|(?<!\b0)x", inside) if part]


def parse_shape(field: Field, text: str) -> Any:
    """Return the sizes, None for a free one (``none`` or ``?``); None for no text."""
    if _is_none(field, text):
        return None
    sizes = tuple(
        None if part in _FREE else _whole(part, "sizes such as 28, 28, 1")
        for part in _whole_parts(text)
    )
    return checked(field, sizes)


def parse_ints(field: Field, text: str) -> Any:
    """Return whole numbers; a lone one without brackets or comma stays a single number."""
    if _is_none(field, text):
        return None
    numbers = tuple(_whole(part, "whole numbers such as 1, 2") for part in _whole_parts(text))
    return checked(field, numbers[0] if _is_lone(numbers, text) else numbers)


def parse_floats(field: Field, text: str) -> Any:
    """Return numbers; a lone one without brackets or comma stays a single number.

    A comma parts numbers where a space follows it or a point parts the decimals; otherwise it may
    be a decimal comma, and the text is refused.
    """
    if _is_none(field, text):
        return None
    inside = text.strip().strip(_BRACKETS)
    if "." not in inside and re.search(r"[0-9],[0-9]", inside):
        raise BadInput(
            f'"{quoted(inside, 20)}" can be read in two ways: write decimals with a point, '
            "and a space after each comma between numbers"
        )
    try:
        numbers = tuple(read_number(part) for part in re.split(r"[,;\s]+", inside) if part)
    except BadInput as problem:
        raise BadInput(f"Write numbers such as 0.1, 0.2. {problem}") from None
    return checked(field, numbers[0] if _is_lone(numbers, text) else numbers)


def _is_lone(numbers: tuple[float, ...], text: str) -> bool:
    return len(numbers) == 1 and not set(text) & set("([,")


def _whole(part: str, wanted: str) -> int:
    """Return a size; digits after a leading 0 are what is left of a group or of decimals."""
    with contextlib.suppress(BadInput):
        if not re.match(r"[+-]?0[0-9]", part):
            return read_whole(part)
    raise BadInput(f'Write {wanted}, not "{quoted(part, 20)}"')


def format_list(value: Any) -> str:
    """Return a list, shape or single number as it is typed: ``28, 28, none``."""
    if value is None:
        return ""
    if not isinstance(value, (tuple, list)):
        return format_number(value) if isinstance(value, (int, float)) else str(value)
    items = ["none" if item is None else format_list(item) for item in value]
    return f"({items[0]},)" if len(items) == 1 else ", ".join(items)


# ---- Any value in words ----


def kind_name(value: Any) -> str | None:
    """Return the kind of what a file may hold for an object: an object, a name, None."""
    if isinstance(value, Mapping):
        return str(value.get("kind", ""))
    return None if value is None else str(value)


def value_text(value: Any) -> str:
    """Return a value as a sentence names it: ``yes``, ``3, 3``, ``GlorotUniform``."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (str, Mapping)):
        return quoted(kind_name(value), 40)
    if isinstance(value, (tuple, list)) and any(isinstance(item, Mapping) for item in value):
        return ", ".join(value_text(item) for item in value)
    return quoted(format_list(value), 40)


# ---- JSON and plain text ----


def parse_json(field: Field, text: str) -> Any:
    """Return the JSON value, lists as tuples."""
    if _is_none(field, text):
        return None
    try:
        value = frozen(json.loads(text, parse_constant=_refuse_constant, parse_float=_finite))
    except (ValueError, RecursionError):
        raise BadInput('Write JSON: numbers, "text", lists in [ ] or true, false, null') from None
    return checked(field, value)


def format_json(value: Any) -> str:
    """Return a JSON value as text; nothing for None."""
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def parse_text(field: Field, text: str) -> Any:
    """Return the text; None for no text where the field is optional."""
    return None if field.optional and not text else checked(field, text)


def parse_formula(field: Field, text: str) -> str:
    """Return the formula in the catalogue's way of writing."""
    return str(normal_value(field, checked(field, text)))


def format_text(value: Any) -> str:
    """Return the text as it is, nothing for None."""
    return "" if value is None else str(value)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse_constant(digits)  # 1e400


def _refuse_constant(name: str) -> float:
    raise ValueError(name)
