"""The table of export formats, and the export, which verifies a file before publishing it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from engine.errors import BadInput, JobFailed
from engine.export import writers
from engine.export.folder import write_folder_with
from engine.export.parity import BATCH_SIZE, Arrays, Parity, compare, refuse_if
from engine.export.report import ExportReport
from engine.export.table import ROWS, FormatRow, check_target
from engine.export.writers import write_keras as write_keras
from engine.models.card import ModelCard
from engine.storage import sweep, write_with

Fill = Callable[[keras.Model, ModelCard, Path], None]
Publish = Callable[[Path, Callable[[Path], None]], None]
Seal = Callable[[keras.Model, ModelCard, Path, bytes], None]


@dataclass(frozen=True)
class Format:
    """One export format.

    Attributes
    ----------
    fill
        Writes model and card to a path that does not exist yet.
    publish
        Lets a writer fill a hidden path, then renames it.
    stands_alone
        Whether it can be reloaded without the network.
    seal
        Signs the file as this user's; None for formats that need no signature.
    """

    row: FormatRow
    fill: Fill
    publish: Publish = write_with
    stands_alone: bool = True
    seal: Seal | None = None


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "keras": Format(ROWS["keras"], writers.fill_keras),
        "saved_model": Format(
            ROWS["saved_model"],
            writers.fill_saved_model,
            write_folder_with,
            seal=writers.seal_saved_model,
        ),
        "weights": Format(ROWS["weights"], writers.fill_weights, stands_alone=False),
    }
)


def export(
    model: keras.Model,
    card: ModelCard,
    format_id: str,
    path: Path,
    samples: npt.NDArray[Any] | Sequence[npt.NDArray[Any]],
    *,
    overwrite: bool = False,
    key: Callable[[], bytes | None] = lambda: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> ExportReport:
    """Write the model, reload it in a new process, compare the predictions, then publish it.

    Parameters
    ----------
    samples
        Unscaled samples to compare, one array an input: (n, *input_shape), n at least 1.
    key
        Returns the user's key (`engine.models.signing`) for formats that are signed; None to leave them unsigned.
    cancelled
        Checked between the steps and while the new process runs.

    Raises
    ------
    BadInput
        If the format is unknown, the path cannot be used, or it exists and ``overwrite`` is False.
    JobFailed
        If writing fails, or the predictions differ; nothing is changed.
    Cancelled
        If ``cancelled`` returns True before the file is published; nothing is changed.
    """
    path = path.absolute()
    check_target(format_id, path, overwrite=overwrite)
    form = FORMATS[format_id]
    sweep(path.parent, path.name)
    arrays = _arrays(model, samples)
    found: list[Parity] = []

    def fill_and_check(temporary: Path) -> None:
        refuse_if(cancelled)
        _written(form, partial(form.fill, model, card, temporary))
        refuse_if(cancelled)
        network = None if form.stands_alone else temporary.with_name(f"{temporary.name}.keras")
        try:
            if network is not None:
                writers.fill_keras(model, card, network)
            found.append(compare(model, card, format_id, temporary, arrays, network, cancelled))
            if form.seal is not None and (own := key()) is not None:
                _written(form, partial(form.seal, model, card, temporary, own))
        finally:
            if network is not None:
                network.unlink(missing_ok=True)
        refuse_if(cancelled)

    form.publish(path, fill_and_check)
    return _report(format_id, path, found[0])


def _written(form: Format, write: Callable[[], None]) -> None:
    try:
        write()
    except OSError:
        raise
    except tf.errors.ResourceExhaustedError as error:  # TensorFlow's error for a full disk
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
    except (
        Exception
    ) as error:  # Keras and TensorFlow raise many kinds of exceptions for unsupported networks
        title = form.row.title
        raise JobFailed(
            f"this network cannot be written as {title}: choose another format"
        ) from error


def _arrays(model: keras.Model, samples: npt.NDArray[Any] | Sequence[npt.NDArray[Any]]) -> Arrays:
    given = (samples,) if isinstance(samples, np.ndarray) else tuple(samples)
    inputs = model.inputs
    if len(given) == 1:
        given *= len(inputs)  # several inputs may take the same data
    if len(given) != len(inputs) or any(len(x) == 0 for x in given):
        raise BadInput("the export needs at least one sample for each input to compare answers")
    pairs = zip(given, inputs, strict=True)
    return tuple(np.asarray(x, dtype=tensor.dtype) for x, tensor in pairs)


def _report(format_id: str, path: Path, parity: Parity) -> ExportReport:
    files = path.rglob("*") if path.is_dir() else [path]
    return ExportReport(
        format=format_id,
        path=path,
        bytes=sum(file.stat().st_size for file in files if file.is_file()),
        samples=parity.samples,
        max_abs_difference=parity.max_abs_difference,
        agreement=parity.agreement,
        milliseconds=parity.milliseconds,
        milliseconds_per_batch=parity.milliseconds_per_batch,
        batch_size=min(BATCH_SIZE, parity.samples),
    )
