"""Targets of a local file: classes or numbers to predict, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.archive_names import RawPart
from engine.data.columns import Columns, columns_of
from engine.data.files import named
from engine.data.info import Task
from engine.data.inputs import APART, LARGEST_ANSWER, are_coarse, check_alike, check_numbers
from engine.errors import BadInput, quoted

Array: TypeAlias = npt.NDArray[Any]
ChosenTask = Literal["auto", "classes", "numbers"]

_MOST_CLASSES: Final = 10_000
_MOST_TARGETS: Final = 100_000  # as many as a model card may name
_FEW: Final = 20  # different whole numbers are classes
_SAMPLES_A_CLASS: Final = 10  # from so many on, more classes are believed if they are numbered
_LONGEST_LABEL: Final = 80  # letters
_LEAST_SPREAD, _LARGEST_SPREAD = 1e-5, 1e7  # standard deviations that are learned as they are
_FINITE: Final = float(np.finfo(np.float64).max)
_MOST_NAMED: Final = 3  # labels in a sentence


@dataclass(frozen=True)
class Answers:
    """Targets of all parts, for one task.

    Attributes
    ----------
    parts
        Classes: (n,) int32 places in ``labels``. Numbers: (n, targets) float32.
    labels
        Classes: their true values as text. Numbers: their names.
    notes
        One sentence each, the reason for the task first.
    """

    task: Task
    parts: tuple[Array, ...]
    labels: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read_answers(parts: Sequence[RawPart], chosen: ChosenTask, file: str) -> Answers:
    """Return the targets of all parts for the chosen task, or for the task that fits them.

    Raises
    ------
    BadInput
        If they do not fit the task, differ in kind between parts, or are not as many as the
        inputs; names the file, the array and the place.
    """
    shaped = [_rows(part, file) for part in parts]
    if len({(y.shape[1], y.dtype.kind in "US") for y in shaped}) > 1:
        names = " and ".join(part.y_name for part in parts)
        raise BadInput(f'"{named(file)}" holds {names} of different kinds: save both alike')
    for part, y in zip(parts, shaped, strict=True):
        if y.dtype.kind == "f":
            check_numbers(y, part.y_name, _FINITE, file)
    together = np.concatenate(shaped)
    name = parts[0].y_name
    if together.shape[1] > 1:
        return _columns(shaped, together, chosen, name, file)
    task, why = _proposal(together[:, 0], name)
    wanted: Task = {"auto": task, "classes": "classification", "numbers": "regression"}[chosen]
    if wanted == "regression":
        notes = (why,) if chosen == "auto" else ()
        return _numbers(shaped, parts, notes, file)
    return _classes(shaped, together[:, 0], name, (why,) if chosen == "auto" else (), file)


def class_indices(part: RawPart, classes: int, file: str) -> Array | None:
    """Return (n,) int32 class indices of a set with known classes; None if they are no class numbers.

    One-hot rows are accepted as well. Errors as in `read_answers`.
    """
    y = _rows(part, file)
    if _is_one_hot(y) and y.shape[1] == classes:
        return np.asarray(y.argmax(axis=1), np.int32)
    if y.shape[1] > 1 or not _is_whole(y):
        return None
    return np.asarray(y[:, 0], np.int32) if y.min() >= 0 and y.max() < classes else None


# ---- What the numbers are ----


def _rows(part: RawPart, file: str) -> Array:
    """Return (n, columns) answers."""
    y, samples = part.y, len(part.x)
    count = len(y) if y.ndim else 1
    if count != samples:
        raise BadInput(
            f'"{named(file)}" holds {samples} samples and {count} labels: they must be as many'
        )
    if y.ndim == 0 or y.size == 0:
        shape = " x ".join(map(str, y.shape))
        raise BadInput(
            f'"{named(file)}": {part.y_name} has the shape {shape or "of one number"}: '
            "there is nothing to predict"
        )
    return y.reshape(samples, -1)


def _is_whole(y: Array) -> bool:
    if y.dtype.kind == "f":
        return bool((np.isfinite(y) & (y == np.round(y))).all())
    return y.dtype.kind in "iub"


def _is_one_hot(y: Array) -> bool:
    """Tell whether each row holds a single 1 among zeros."""
    if y.dtype.kind in "US" or y.shape[1] < 2:
        return False
    return bool(((y == 0) | (y == 1)).all() and (y.astype(np.float64).sum(axis=1) == 1).all())


def _proposal(y: Array, name: str) -> tuple[Task, str]:
    """Return what (n,) targets seem to be, and why in one sentence."""
    values = np.unique(y)
    count = len(values)
    if y.dtype.kind in "US":
        return "classification", f"{name} holds {count:,} different texts: classes."
    if not _is_whole(y):
        return "regression", f"{name} holds decimals: numbers to predict."
    if _look_like_classes(values, len(y)):
        which = f" ({_named(values)})" if count <= _MOST_NAMED else ""
        why = f"{name} holds {count:,} whole numbers{which}: classes"
        return "classification", f"{why} (set task to numbers if not)."
    why = f"{name} holds {count:,} different whole numbers: numbers to predict"
    return "regression", f"{why} (set task to classes if not)."


def _look_like_classes(values: Array, samples: int) -> bool:
    count = len(values)
    if count <= 2:
        return True
    if count <= _FEW:
        return 2 * count <= samples
    is_numbered = values[0] in (0, 1) and values[-1] - values[0] + 1 == count
    return bool(is_numbered and samples >= _SAMPLES_A_CLASS * count and count <= _MOST_CLASSES)


# ---- Classes ----


def _classes(
    parts: Sequence[Array], together: Array, name: str, notes: tuple[str, ...], file: str
) -> Answers:
    values, places = np.unique(together, return_inverse=True)
    count = len(values)
    if count > min(_MOST_CLASSES, max(2, len(together) // 2)):
        raise BadInput(
            f'"{named(file)}": {name} holds {count:,} different values in {len(together):,} samples: '
            "they are no classes, set data.options.task to numbers"
        )
    labels = _labels(values, name, file)
    ends = np.cumsum([len(part) for part in parts])
    indices = np.split(places.ravel().astype(np.int32), ends[:-1])
    found = Answers("classification", tuple(indices), labels, (*notes, *_gaps(values)))
    return _checked(found, name, file)


def _columns(
    parts: Sequence[Array], together: Array, chosen: ChosenTask, name: str, file: str
) -> Answers:
    """Return what several columns of targets are: one-hot classes, or numbers."""
    count = together.shape[1]
    if together.dtype.kind in "US":
        raise BadInput(f'"{named(file)}": {name} holds {count} texts a sample: save one for each')
    if chosen != "numbers" and count <= _MOST_CLASSES and _is_one_hot(together):
        why = f"Each row of {name} marks one of {count:,} columns: classes (set task to numbers if not)."
        indices = tuple(np.asarray(part.argmax(axis=1), np.int32) for part in parts)
        labels = tuple(str(column) for column in range(count))
        found = Answers("classification", indices, labels, (why,) if chosen == "auto" else ())
        return _checked(found, name, file)
    if chosen == "classes":
        raise BadInput(
            f'"{named(file)}": {name} holds {count} numbers a sample: for classes save one, '
            "or rows with a single 1"
        )
    raw = [RawPart(part, part, name, name) for part in parts]
    why = f"{name} has {count:,} columns: numbers to predict."
    return _numbers(parts, raw, (why,) if chosen == "auto" else (), file)


def _checked(answers: Answers, name: str, file: str) -> Answers:
    first = answers.parts[0]
    if (first == first[0]).all():
        raise BadInput(
            f'"{named(file)}" holds samples of one class only ({name} is always '
            f"{quoted(answers.labels[first[0]], 20)}): there is nothing to learn"
        )
    return answers


def _labels(values: Array, name: str, file: str) -> tuple[str, ...]:
    try:
        labels = tuple(_label(value) for value in values)
    except (ValueError, UnicodeError) as error:  # letters that do not exist
        raise BadInput(f'"{named(file)}": {name} holds damaged texts: save it again') from error
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise BadInput(
            f'"{named(file)}": {name} holds two classes that both read "{quoted(twice, 20)}": '
            "rename one"
        )
    return labels


def _label(value: Any) -> str:
    """Return the value of a class as text: ``9000``, ``0.5``, ``setosa``."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    elif isinstance(value, np.floating) and value == np.round(value):
        value = int(value)
    return quoted(str(value), _LONGEST_LABEL) or "(empty)"


def _gaps(values: Array) -> tuple[str, ...]:
    """Return a note on class numbers that do not occur."""
    if values.dtype.kind in "USb" or not _is_whole(values):
        return ()
    low, high = int(values[0]), int(values[-1])
    if not 0 < high - low + 1 - len(values) < len(values):
        return ()
    there = {int(value) for value in values}
    missing = [number for number in range(low, high) if number not in there]
    return (f"No sample has the label {_named(missing)}: it is no class.",)


def _named(values: Sequence[Any] | Array) -> str:
    shown = [_label(value) for value in values[:_MOST_NAMED]]
    if len(values) > _MOST_NAMED:
        return f"{', '.join(shown)} and {len(values) - _MOST_NAMED} more"
    return " and ".join(shown) if len(shown) < 3 else f"{', '.join(shown[:-1])} and {shown[-1]}"


# ---- Numbers ----


def _numbers(
    parts: Sequence[Array], raw: Sequence[RawPart], notes: tuple[str, ...], file: str
) -> Answers:
    names = [part.y_name for part in raw]
    count = parts[0].shape[1]
    if parts[0].dtype.kind in "US":
        raise BadInput(f'"{named(file)}": {names[0]} holds texts: set data.options.task to classes')
    if count > _MOST_TARGETS:
        raise BadInput(
            f'"{named(file)}": {names[0]} holds {count:,} numbers a sample: '
            f"at most {_MOST_TARGETS:,} can be predicted"
        )
    for part, name in zip(parts, names, strict=True):
        check_numbers(part, name, LARGEST_ANSWER, file)
    columns = [columns_of(part) for part in parts]
    if bool(columns[0].is_constant.all()):
        raise BadInput(
            f'"{named(file)}": {names[0]} is the same for every sample: there is nothing to predict'
        )
    notes += check_alike(columns, names, APART, file)
    if bool((are_coarse(columns[0], np.float32) & ~columns[0].is_constant).any()):
        notes += (f"{names[0]} loses differences in 32 bits: subtract its mean before saving.",)
    notes += _size_notes(columns[0], names[0])
    labels = tuple(f"target {number + 1}" for number in range(count))
    targets = tuple(part.astype(np.float32) for part in parts)
    return Answers("regression", targets, labels, notes)


def _size_notes(columns: Columns, name: str) -> tuple[str, ...]:
    """Return a note on numbers that are too large or too small for the usual learning rates."""
    spread = np.sqrt(columns.variance[~columns.is_constant])
    if not len(spread) or (spread.min() >= _LEAST_SPREAD and spread.max() <= _LARGEST_SPREAD):
        return ()
    what = "divide" if spread.max() > _LARGEST_SPREAD else "multiply"
    usual = spread.max() if what == "divide" else spread.min()
    return (f"{name} differs by about {usual:.0e}, which is hard to learn: {what} it to about 1.",)
