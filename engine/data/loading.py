"""From a choice of data to samples in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.data.choice import describe, find, option_values
from engine.data.column_array import Inputs
from engine.data.columns import columns_of
from engine.data.features import kind_of
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics
from engine.data.progress import IsCancelled, Progress, never, silent, stop_if
from engine.data.readers import ReadRequest
from engine.data.readers.arrays import FILE
from engine.data.samples import Samples
from engine.data.splits import cut
from engine.errors import SpecError
from engine.spec.data import DataSpec


def load(
    spec: DataSpec,
    progress: Progress | None = None,
    cancelled: IsCancelled | None = None,
    *,
    cache: Path | None = None,
    memory_limit_bytes: int | None = None,
) -> LoadedData:
    """Read, check and cut the chosen data; equal specs give equal parts.

    Parameters
    ----------
    progress
        Told what is being done, how far it is and of how much; may be called from this thread only.
    cancelled
        Asked often whether to stop.
    cache
        A folder of the user's for what takes long to read, such as decoded pictures. None: nothing is kept.
    memory_limit_bytes
        Samples of files that take more stay on disk and are read when they are needed. None: a share of the memory
        that is free.

    Raises
    ------
    BadInput
        If the choice or a file is unfit, or a download is impossible without a network.
    JobFailed
        If a download broke off.
    Cancelled
        If ``cancelled`` said so.
    """
    tell, asked = progress or silent, cancelled or never
    samples = _read(spec, ReadRequest(None, {}, None, tell, asked, cache, memory_limit_bytes))
    stop_if(asked)
    tell("Cutting into parts", 0, 0)
    data = _cut(samples, spec)
    stop_if(asked)
    return data


def _read(spec: DataSpec, request: ReadRequest) -> Samples:
    """Return all samples; ``request`` is completed by what the choice says."""
    reader = find(spec.reader)
    options = option_values(spec)  # raises where describe only gives up
    if spec.path is not None and not reader.takes_path:
        problem = f'{reader.title} takes no file: leave it empty, or set data.reader to "{FILE}"'
        raise SpecError("data.path", problem)
    path = Path(spec.path).expanduser() if spec.path is not None else None
    return reader.open(replace(request, path=path, options=options, info=describe(spec)))


def _cut(samples: Samples, spec: DataSpec) -> LoadedData:
    info, rest = samples.info, samples.rest
    classes = rest.y if info.task == "classification" else None
    parts = cut(
        len(rest), spec.split, classes,
        own_test=samples.test is not None, own_validation=samples.validation is not None,
    )  # fmt: skip
    training, validation, test = (
        rest.rows(indices).named(info) for indices in (parts.training, parts.validation, parts.test)
    )
    validation = validation if samples.validation is None else samples.validation.named(info)
    test = test if samples.test is None else samples.test.named(info)
    counts = (len(training), len(validation), len(test))
    true_info = replace(
        info, counts=counts, class_counts=_class_counts(info, (training, validation, test))
    )
    statistics = _statistics(training.x, info)
    return LoadedData(true_info, training, validation, test, statistics, samples.findings)


def _class_counts(info: DataInfo, parts: tuple[Part, ...]) -> tuple[int, ...]:
    if info.task != "classification":
        return ()
    counts = sum(np.bincount(part.y, minlength=info.n_classes) for part in parts)
    return tuple(int(count) for count in np.atleast_1d(counts))


def _statistics(x: Inputs, info: DataInfo) -> Statistics:
    """Return mean and variance of each feature in 64 bits; a constant feature gets variance 1."""
    features = x.shape[-1]
    if not kind_of(info.inputs[0]).is_amount:
        return Statistics(np.zeros(features), np.ones(features))
    found = columns_of(x)
    is_constant = found.is_constant | (found.variance == 0.0)
    return Statistics(found.mean, np.where(is_constant, 1.0, found.variance))
