"""Explain in plain words why Keras refuses a layer."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from engine.catalog import catalog
from engine.catalog.model import Kind
from engine.catalog.windows import reach, spatial, window_field
from engine.errors import quoted
from engine.spec.network import LayerSpec
from engine.spec.shapes import Shape, shape_text

_RANK_WORDS: Final[Mapping[int, str]] = {
    0: "one number",
    1: "a row of numbers",
    2: "a series (steps, features)",
    3: "a picture (height, width, channels)",
    4: "a film or volume (4 axes)",
}
_SAME_SHAPE_MERGES: Final = frozenset(
    {"Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract", "Concatenate", "Dot"}
)
_SERIES: Final = 2  # axes
_SMALLEST_PICTURE: Final = 9  # pixels, for a window of 3 × 3
_LONGEST_FALLBACK: Final = 120  # letters of Keras's message
_TERMINAL_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_KERAS_FRAME = re.compile(r"^(Exception encountered when calling|Arguments received by)")
_KERAS_DUMP = re.compile(r"\s*(Full (shape|object)|Received|Arguments received by)\b.*")
# Errors that Keras did not foresee; their messages are about its code.
_NO_REASON: Final = (IndexError, KeyError, AttributeError)
_WRONG_NDIM = re.compile(r"expected (min_|max_|)ndim=(\d+), found ndim=")


@dataclass(frozen=True)
class Explanation:
    """What is wrong and what to do, in one sentence, and the field at fault, "" if none."""

    problem: str
    field: str = ""


def explain(error: Exception, layer: LayerSpec, shapes: Sequence[Shape]) -> Explanation:
    """Return why the layer cannot take inputs of these shapes (batch axis excluded).

    Common causes are recognised from the description; otherwise the first sentence of Keras's
    message is used.
    """
    kind = catalog().family("layer").get(layer.kind)
    if kind is not None:
        for check in _CHECKS:
            found = check(kind, layer.parameters, shapes)
            if found is not None:
                return found
    axes = _WRONG_NDIM.search(str(error))
    if axes is not None and shapes:
        limit = {"min_": "at least ", "max_": "at most "}.get(axes[1], "")
        return Explanation(
            f"{layer.kind} needs {limit}{int(axes[2]) - 1} axes but receives "
            f"{_received(shapes[0])}: insert Reshape"
        )
    if isinstance(error, _NO_REASON) and shapes:
        return Explanation(
            f"Keras cannot compute {layer.kind} from {shape_text(shapes[0])}: change its settings"
        )
    return Explanation(f"Keras says: {first_sentence(str(error))}")


def first_sentence(message: str) -> str:
    """Return the relevant line of Keras's message, cleaned."""
    lines = (_TERMINAL_COLOURS.sub("", line).strip() for line in message.splitlines())
    telling = (line for line in lines if line and not _KERAS_FRAME.match(line))
    text = _KERAS_DUMP.sub("", next(telling, "")).replace("`", "")
    return quoted(text or "no reason given", _LONGEST_FALLBACK)


def _wrong_rank(kind: Kind, _: Mapping[str, Any], shapes: Sequence[Shape]) -> Explanation | None:
    for shape in shapes:
        if kind.ranks and len(shape) not in kind.ranks:
            wanted = " or ".join(_RANK_WORDS.get(rank, f"{rank} axes") for rank in kind.ranks[:2])
            return Explanation(
                f"{kind.name} needs {wanted} but receives {_received(shape)}: {_cure(kind, shape)}"
            )
    return None


def _received(shape: Shape) -> str:
    return f"{shape[0]} numbers" if len(shape) == 1 and shape[0] else shape_text(shape)


def _cure(kind: Kind, shape: Shape) -> str:
    if len(shape) > max(kind.ranks):
        return "insert Flatten" if max(kind.ranks) == 1 else "insert Reshape"
    if len(shape) == 1:
        if min(kind.ranks) > _SERIES and shape[0] is not None and shape[0] < _SMALLEST_PICTURE:
            return "remove it or connect it before Flatten"
        return "insert Reshape or connect it before Flatten"
    return "insert Reshape"


def _window_too_large(
    kind: Kind, parameters: Mapping[str, Any], shapes: Sequence[Shape]
) -> Explanation | None:
    name = window_field(kind, parameters)
    if not name:
        return None
    given = spatial(kind, parameters, shapes[0])
    window = reach(kind, parameters, name, len(given))
    if all(room is None or size <= room for size, room in zip(window, given, strict=False)):
        return None
    return Explanation(
        f"the {shape_text(window)} window does not fit into {shape_text(given)}: "
        f'use a smaller {name} or padding "same"',
        name,
    )


def _unequal_inputs(
    kind: Kind, parameters: Mapping[str, Any], shapes: Sequence[Shape]
) -> Explanation | None:
    different = list(dict.fromkeys(shapes))
    if kind.name not in _SAME_SHAPE_MERGES or len(different) < 2:
        return None
    but = " except along its axis" if kind.name == "Concatenate" else ""
    return Explanation(
        f"{kind.name} needs inputs of one shape{but} but receives "
        f"{shape_text(different[0])} and {shape_text(different[1])}: change one branch"
    )


def _wrong_size(
    kind: Kind, parameters: Mapping[str, Any], shapes: Sequence[Shape]
) -> Explanation | None:
    target = parameters.get("target_shape")
    if kind.name != "Reshape" or not isinstance(target, (tuple, list)) or None in shapes[0]:
        return None
    numbers = math.prod(size for size in shapes[0] if size is not None)
    return Explanation(
        f"{numbers} numbers ({shape_text(shapes[0])}) do not fill {shape_text(tuple(target))}: "
        "change target_shape",
        "target_shape",
    )


_Check: TypeAlias = Callable[[Kind, Mapping[str, Any], Sequence[Shape]], Explanation | None]
_CHECKS: Final[tuple[_Check, ...]] = (_wrong_rank, _window_too_large, _unequal_inputs, _wrong_size)
