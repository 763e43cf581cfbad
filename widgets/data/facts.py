"""A data set's facts in words."""

from __future__ import annotations

from engine.data.info import DataInfo
from engine.data.preview import Preview
from widgets.forms.texts import format_number

_MOST_NAMES = 6  # of answers: the numbers of a picture are answers too


def data_text(info: DataInfo) -> str:
    """Return the facts in one line: ``1,797 samples · input 8 × 8 × 1 · 10 classes``."""
    samples = sum(info.counts)
    parts = [f"{samples:,} samples"] if samples else []
    parts.append(f"input {' × '.join(map(str, info.input_shape))}")
    parts.append(_answers_text(info))
    if info.vocabulary_size is not None:
        parts.append(f"{info.vocabulary_size:,} words")
    elif info.value_range is not None:
        low, high = info.value_range
        parts.append(f"values {format_number(low)} to {format_number(high)}")
    return " · ".join(parts)


def preview_facts_text(preview: Preview) -> str:
    """Return what loading told: the parts, the spread of the inputs, and what is unusual."""
    sizes = ", ".join(f"{part.samples:,} {part.name}" for part in preview.parts)
    low, high, mean = (
        f"{number:.{digits(preview)}g}"
        for number in (preview.minimum, preview.maximum, preview.mean)
    )
    spread = f"Inputs from {low} to {high}, mean {mean} ({preview.dtype})."
    return "\n".join((f"Parts: {sizes}.", spread, *preview.notes))


def digits(preview: Preview) -> int:
    """Return how many digits inputs are shown with: in 64 bits the last ones may be what counts."""
    return 15 if preview.dtype == "float64" else 4


def _answers_text(info: DataInfo) -> str:
    if info.task == "classification":
        return f"{info.n_classes} classes"
    if 0 < len(info.labels) <= _MOST_NAMES:
        return f"predicts {', '.join(info.labels)}"
    return f"{info.n_targets:,} numbers"
