"""Cutting samples into training, validation and test part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.errors import BadInput
from engine.spec.data import SplitSpec

Indices: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cut:
    """Sample numbers of each part, shuffled; together every sample exactly once."""

    training: Indices
    validation: Indices
    test: Indices


def cut(
    count: int,
    spec: SplitSpec,
    classes: npt.NDArray[Any] | None,
    *,
    own_test: bool,
    own_validation: bool = False,
) -> Cut:
    """Cut ``count`` samples as ``spec`` says; equal arguments give equal parts.

    Parameters
    ----------
    classes
        (count,) class index of each sample to keep each class's share in every part; None: at
        random. A class keeps a sample to train on unless every class would lose its last one.
    own_test, own_validation
        The set brings this part, so none is cut off here.

    Raises
    ------
    BadInput
        If nothing would be left to train on.
    """
    shares = (0.0 if own_validation else spec.validation, 0.0 if own_test else spec.test)
    sizes = tuple(max(1, round(count * share)) if share > 0.0 else 0 for share in shares)
    if count - sum(sizes) < 1:
        raise BadInput(
            f"{count} samples are too few to cut into parts: add samples or lower the shares"
        )
    random = np.random.default_rng(spec.seed)
    order = random.permutation(count)
    if classes is None or not spec.stratified:
        validation, test, training = np.split(order, np.cumsum(sizes))
        return Cut(training, validation, test)
    validation, test, training = (
        random.permutation(part) for part in _stratified(order, classes, sizes)
    )
    return Cut(training, validation, test)


def _stratified(
    order: Indices, classes: npt.NDArray[Any], sizes: tuple[int, ...]
) -> Iterator[Indices]:
    """Yield each part of the given sizes, then what is left, all with each class's share."""
    groups = [order[classes[order] == value] for value in np.unique(classes)]
    for size in sizes:
        left = np.array([len(group) for group in groups])
        takes = _shared_out(size, left)
        yield np.concatenate([group[:take] for group, take in zip(groups, takes, strict=True)])
        groups = [group[take:] for group, take in zip(groups, takes, strict=True)]
    yield np.concatenate(groups)


def _shared_out(size: int, left: Indices) -> Indices:
    """Share ``size`` out over classes in proportion to what is ``left``, by largest remainders.

    Each class keeps one sample as long as the classes can give ``size`` without their last ones.
    """
    limits = left - 1 if (left - 1).sum() >= size else left
    exact = size * left / left.sum()
    takes = np.minimum(np.floor(exact).astype(np.int64), limits)
    while (missing := size - int(takes.sum())) > 0:
        wanted = np.where(takes < limits, exact - takes, -np.inf)
        takes[np.argsort(-wanted, kind="stable")[:missing]] += 1
        takes = np.minimum(takes, limits)
    return np.asarray(takes, np.int64)
