"""Tell in one sentence whether a network fits the chosen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.data.features import kind_of
from engine.data.info import DataInfo
from engine.data.preprocessing import preprocessing_layers
from engine.spec.issues import Issue, LayerFacts
from engine.spec.network import NetworkSpec
from engine.spec.project import ProjectSpec
from engine.validation import validate
from engine.validation.output import wanted_words

# Warnings about these mean that predictions cannot be right.
_ABOUT_ANSWERS: Final = frozenset({"activation", "training.loss"})


@dataclass(frozen=True)
class Mismatch:
    """A network that was made for other data.

    Attributes
    ----------
    sentence
        What the network was made for, and what the data is.
    issues
        The findings caused by the data.
    """

    sentence: str
    issues: tuple[Issue, ...]


def fit(
    spec: ProjectSpec,
    info: DataInfo,
    facts: Mapping[str, LayerFacts] | None = None,
    made_for: DataInfo | None = None,
) -> Mismatch | None:
    """Return how a network does not fit the data, None if it does.

    What is wrong with the network whatever the data is, such as a missing output, is no mismatch, and neither is what
    is wrong with the choice of the data or with how its samples are prepared: no other network mends it.

    Parameters
    ----------
    facts
        What Keras said of the layers with this data; without, only the description is examined.
    made_for
        The data that the network was made for, None if that is not known.
    """
    prepared = preprocessing_layers(spec.network)
    alone = {(issue.layer, issue.message) for issue in validate(spec, None)}
    found = tuple(
        issue
        for issue in validate(spec, info, facts)
        if (issue.layer, issue.message) not in alone
        and not issue.field.startswith("data.")
        and issue.layer not in prepared
        and (issue.severity == "error" or issue.field in _ABOUT_ANSWERS)
    )
    return Mismatch(_sentence(info, made_for, found), found) if found else None


def what_matters(info: DataInfo) -> tuple[object, ...]:
    """Return what of the data decides whether a network fits it; equal for two sets that any network fits alike."""
    answers = info.n_classes, info.n_targets, info.task, info.answer_shape
    return info.kind, info.input_shape, info.vocabulary_size, *answers


def last_of(fitted: list[tuple[NetworkSpec, DataInfo]], network: NetworkSpec) -> DataInfo | None:
    """Return the data that a network fitted last, None if it is not among those that fitted."""
    return next((info for known, info in reversed(fitted) if known == network), None)


def _sentence(info: DataInfo, made_for: DataInfo | None, found: tuple[Issue, ...]) -> str:
    if made_for is not None:
        for words in (inputs_in_words, wanted_words):
            was, now = words(made_for), words(info)
            if was != now:
                return f"This network is for {was}; {info.title} has {now}."
    return f"This network does not fit {info.title} ({inputs_in_words(info)}): {found[0].sentence}"


def inputs_in_words(info: DataInfo) -> str:
    """Return what a data set's samples are: ``"pictures of 8 × 8"``, ``"points with 2 values"``."""
    return " and ".join(kind_of(feature).describe(feature) for feature in info.inputs)
