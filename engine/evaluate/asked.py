"""Check the inputs of a prediction by hand, and its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data.inputs import LARGEST_INPUT, check_numbers
from engine.errors import BadInput, quoted
from engine.spec.network import NetworkSpec

Array = npt.NDArray[Any]


def words_taken(network: NetworkSpec, place: str) -> int | None:
    """Return the vocabulary size of an input of word numbers; None for other inputs.

    Parameters
    ----------
    place
        Id of the input layer.
    """
    targets = (network.layer(wire.target) for wire in network.wires_from(place))
    sizes = [int(each.parameters["input_dim"]) for each in targets if each.kind == "Embedding"]
    return min(sizes, default=None)


def as_taken(values: Array, name: str, dtype: str, file: str, words: int | None = None) -> Array:
    """Return the samples of one input in the network's dtype.

    Parameters
    ----------
    name, file
        Names of the array and its file, for messages.
    dtype
        Dtype of the network's input.
    words
        As `words_taken`.

    Raises
    ------
    BadInput
        If a value is infinite, NaN, too large, or has decimals where integers are expected. Layers like ReLU could
        turn these into plausible predictions.
    """
    wanted = np.dtype(dtype)
    limits = (0, words - 1) if words is not None else _limits(wanted)
    if limits is not None:
        check_numbers(values, name, LARGEST_INPUT, file)
        _refuse_other_wholes(values, name, file, limits)
    elif wanted.kind == "f":
        check_numbers(values, name, min(LARGEST_INPUT, float(np.finfo(wanted).max)), file)
    return values.astype(wanted)


def _limits(dtype: np.dtype[Any]) -> tuple[int, int] | None:
    """Return the range of an integer dtype; None for other dtypes."""
    if dtype.kind not in "iu":
        return None
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)


def _refuse_other_wholes(values: Array, name: str, file: str, limits: tuple[int, int]) -> None:
    low, high = limits
    wide = values.astype(np.float64)
    wrong = (wide != np.floor(wide)) | (wide < low) | (wide > high)
    if wrong.any():
        place = np.argwhere(wrong)[0]
        raise BadInput(
            f'"{quoted(file)}": {quoted(name, 20)} holds {wide[tuple(place)]:g} in sample {int(place[0]) + 1}: '
            f"the network takes whole numbers from {low} to {high}"
        )


def answer_notes(outputs: Mapping[str, Array]) -> tuple[str, ...]:
    """Return a sentence for each output that contains NaN or infinite values."""
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
