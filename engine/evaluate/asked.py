"""Numbers sent to a network by hand: refused before they give wrong answers; what came back, judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data.inputs import LARGEST_INPUT, check_numbers
from engine.errors import BadInput, quoted

Array = npt.NDArray[Any]


def as_taken(values: Array, name: str, dtype: str, file: str) -> Array:
    """Return the samples of one input in the number type that the network takes.

    Parameters
    ----------
    name, file
        Of the array and of the file that holds it, for what is said.
    dtype
        Of the network's input.

    Raises
    ------
    BadInput
        If a number is infinite, not a number, too large to be computed with, or has decimals where whole numbers are
        taken. Layers like ReLU would turn what they cannot compute into an answer that looks right.
    """
    wanted = np.dtype(dtype)
    if wanted.kind == "f":
        check_numbers(values, name, min(LARGEST_INPUT, float(np.finfo(wanted).max)), file)
    elif wanted.kind in "iu":
        limits = np.iinfo(wanted)
        check_numbers(values, name, float(limits.max), file)
        wide = values.astype(np.float64)
        wrong = (wide != np.floor(wide)) | (wide < limits.min)
        if wrong.any():
            place = np.argwhere(wrong)[0]
            raise BadInput(
                f'"{quoted(file)}": {quoted(name, 20)} holds {values[tuple(place)]:g} in sample {int(place[0]) + 1}: '
                f"the network takes whole numbers from {limits.min:,}"
            )
    return values.astype(wanted)


def answer_notes(outputs: Mapping[str, Array]) -> tuple[str, ...]:
    """Return which answers are no numbers, one sentence for each output that has some."""
    found = []
    for name, output in outputs.items():
        if output.dtype.kind != "f":
            continue
        is_bad = ~np.isfinite(output).reshape(len(output), -1).all(axis=1)
        if is_bad.any():
            found.append(
                f"{name} is infinite or not a number for {int(is_bad.sum()):,} of {len(output):,} samples, "
                f"the first of them sample {int(is_bad.argmax()) + 1}: check the inputs and the weights."
            )
    return tuple(found)
