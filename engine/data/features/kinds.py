"""The kinds of columns, a row each: what they are called and how they usually enter a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from engine.data.features.feature import Feature
from engine.errors import BadInput, quoted

# To [0, 1], to [-1, 1], to mean 0 and standard deviation 1.
Scaling = Literal["none", "unit", "symmetric", "standard"]

_COLOUR: Final = 3  # channels


@dataclass(frozen=True)
class FeatureKind:
    """A kind of column.

    Attributes
    ----------
    id
        As in `Feature.kind`.
    title
        What columns of this kind are called, in the plural, ``"pictures"``.
    describe
        Returns what the samples of a column are, ``"pictures of 8 × 8"``.
    caption
        Returns one sample as a caption beside a picture or a point.
    example
        A usual column of this kind.
    scaling
        Returns how a column is usually scaled.
    is_amount
        Its numbers are amounts: they have a mean and can be scaled. Word numbers and classes are names.
    """

    id: str
    title: str
    describe: Callable[[Feature], str]
    caption: Callable[[Feature, Any], str]
    example: Feature
    scaling: Callable[[Feature], Scaling]
    is_amount: bool = True


def kind_of(feature: Feature) -> FeatureKind:
    """Return the row of a column.

    Raises
    ------
    BadInput
        If there is no such kind.
    """
    try:
        return FEATURES[feature.kind]
    except KeyError:
        known = ", ".join(FEATURES)
        raise BadInput(
            f'the column "{quoted(feature.name, 40)}" is of an unknown kind '
            f'"{quoted(feature.kind, 30)}": choose one of {known}'
        ) from None


def counted(count: int, what: str) -> str:
    """Return a number and what is counted, ``"1 column"``, ``"2 columns"``."""
    return f"{count} {what}{'s' * (count != 1)}"


def _describe_picture(feature: Feature) -> str:
    colour = " in colour" if feature.shape[-1] == _COLOUR else ""
    return f"pictures of {' × '.join(map(str, feature.shape[:2]))}{colour}"


def _describe_sequence(feature: Feature) -> str:
    steps, values = feature.shape
    return f"series of {steps} steps" + (f" with {values} values each" if values > 1 else "")


def _numbers(_feature: Feature, sample: Any) -> str:
    return ", ".join(f"{number:.4g}" for number in sample)


def _always(scaling: Scaling) -> Callable[[Feature], Scaling]:
    return lambda _feature: scaling


_ROWS: Final = (
    FeatureKind(
        "picture", "pictures", _describe_picture, lambda _feature, _sample: "a picture",
        Feature("picture", "picture", (32, 32, 3)),
        lambda feature: "standard" if feature.value_range is None else "unit",
    ),
    FeatureKind(
        "number", "tables", lambda feature: f"rows of {counted(feature.shape[0], 'column')}", _numbers,
        Feature("number", "number", (8,)), _always("standard"),
    ),
    FeatureKind(
        "point", "points", lambda feature: f"points with {counted(feature.shape[0], 'value')}", _numbers,
        Feature("point", "point", (2,)), _always("standard"),
    ),
    FeatureKind(
        "text", "text", lambda feature: f"texts of {feature.shape[0]} words",
        lambda _feature, sample: " ".join(str(word) for word in sample if word),
        Feature("text", "text", (100,), "int32", vocabulary_size=1000), _always("none"),
        is_amount=False,
    ),
    FeatureKind(
        "sequence", "series", _describe_sequence, lambda _feature, _sample: "a series",
        Feature("sequence", "sequence", (20, 1)), _always("standard"),
    ),
    FeatureKind(
        "category", "classes", lambda feature: f"{len(feature.labels)} classes",
        lambda feature, sample: feature.labels[int(sample)],
        Feature("class", "category", (), "int32", labels=("0", "1")), _always("none"),
        is_amount=False,
    ),
)  # fmt: skip
FEATURES: Final[dict[str, FeatureKind]] = {row.id: row for row in _ROWS}
