"""Verify that an exported file gives the same predictions as the model, in a new process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from engine.errors import Cancelled, JobFailed
from engine.models.card import ModelCard

BATCH_SIZE = 32
TOLERANCE = 1e-4  # largest difference (relative above 1) of a published file
_SAME_NUMBER = 1e-5
_LONGEST_S = 900.0
_LOOK_S = 0.1  # between two checks of ``cancelled``
_SCRIPT = Path(__file__).with_name("reload.py")

Arrays = tuple[npt.NDArray[Any], ...]


@dataclass(frozen=True)
class Parity:
    """Result of the comparison; fields as in `engine.export.report.ExportReport`."""

    samples: int
    max_abs_difference: float
    agreement: float
    milliseconds: float
    milliseconds_per_batch: float


def compare(
    model: keras.Model,
    card: ModelCard,
    form: str,
    exported: Path,
    samples: Arrays,
    network: Path | None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Parity:
    """Reload ``exported`` in a new process and compare its predictions on ``samples``.

    Parameters
    ----------
    samples
        One array an input of the model, each (n, ...).
    network
        A ``.keras`` file of the model, for formats that store only weights.
    cancelled
        Checked repeatedly; the process is ended if it returns True.

    Raises
    ------
    JobFailed
        If the file cannot be reloaded, or its predictions differ.
    Cancelled
        If ``cancelled`` returns True.
    """
    expected = _answers_in_memory(model, samples)
    found, one_ms, batch_ms = _answers_of_file(form, exported, samples, network, cancelled)
    if [y.shape for y in expected] != [y.shape for y in found]:
        raise JobFailed("the exported file answers with other shapes: nothing was written")
    worst = max((_relative(a, b) for a, b in zip(expected, found, strict=True)), default=0.0)
    if not worst <= TOLERANCE:
        raise JobFailed(
            f"the exported file answers differently (by {worst:.2g}): nothing was written"
        )
    return Parity(
        samples=len(samples[0]),
        max_abs_difference=max(_largest(a, b) for a, b in zip(expected, found, strict=True)),
        agreement=_agreement(card, expected[0], found[0]),
        milliseconds=one_ms,
        milliseconds_per_batch=batch_ms,
    )


def _answers_in_memory(model: keras.Model, samples: Arrays) -> Arrays:
    batches = []
    with keras.device("cpu:0"):  # the new process uses the CPU too
        for start in range(0, len(samples[0]), BATCH_SIZE):
            inputs = [x[start : start + BATCH_SIZE] for x in samples]
            outputs = model.predict_on_batch(inputs if len(inputs) > 1 else inputs[0])
            batches.append(outputs if isinstance(outputs, list) else [outputs])
    return tuple(np.concatenate(parts) for parts in zip(*batches, strict=True))


def _answers_of_file(
    form: str,
    exported: Path,
    samples: Arrays,
    network: Path | None,
    cancelled: Callable[[], bool],
) -> tuple[Arrays, float, float]:
    with tempfile.TemporaryDirectory(prefix="netsmith-") as folder:
        asked, answered = Path(folder, "samples.npz"), Path(folder, "answers.npz")
        named: dict[str, Any] = {f"x{number}": x for number, x in enumerate(samples)}
        np.savez(asked, **named)
        names = [str(path) for path in (exported, asked, answered)]
        extra = [str(network)] if network else []
        _run([form, *names, str(BATCH_SIZE), *extra], cancelled)
        with np.load(answered) as stored:
            count = len(stored.files) - 2
            outputs = tuple(stored[f"y{number}"] for number in range(count))
            return outputs, float(stored["one_ms"]), float(stored["batch_ms"])


def refuse_if(cancelled: Callable[[], bool]) -> None:
    """Raise Cancelled if ``cancelled`` returns True."""
    if cancelled():
        raise Cancelled("The export was cancelled: nothing was written.")


def _run(arguments: Sequence[str], cancelled: Callable[[], bool]) -> None:
    # No GPU: this process may hold all of its memory, and both must compute alike.
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    process = subprocess.Popen(
        [sys.executable, "-I", str(_SCRIPT), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        said = _said_at_the_end(process, cancelled)
    finally:
        process.kill()  # does nothing if it has ended
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
    if process.returncode:
        error = JobFailed("the exported file cannot be reloaded: nothing was written")
        error.add_note(said.decode(errors="replace")[-4000:])  # for the log
        raise error


def _said_at_the_end(process: subprocess.Popen[bytes], cancelled: Callable[[], bool]) -> bytes:
    """Wait for a process; return its standard error."""
    deadline_s = time.monotonic() + _LONGEST_S
    while True:
        refuse_if(cancelled)
        try:
            return process.communicate(timeout=_LOOK_S)[1]
        except subprocess.TimeoutExpired as error:
            if time.monotonic() > deadline_s:
                raise JobFailed(
                    "the exported file takes too long to reload: nothing was written"
                ) from error


def _largest(expected: npt.NDArray[Any], found: npt.NDArray[Any]) -> float:
    """Return the largest difference; NaN in both counts as equal."""
    difference = np.abs(expected.astype(np.float64) - found.astype(np.float64))
    difference[np.isnan(expected) & np.isnan(found)] = 0.0
    return float(difference.max(initial=0.0))


def _relative(expected: npt.NDArray[Any], found: npt.NDArray[Any]) -> float:
    finite = expected[np.isfinite(expected)]
    return _largest(expected, found) / max(1.0, float(np.abs(finite).max(initial=0.0)))


def _agreement(card: ModelCard, expected: npt.NDArray[Any], found: npt.NDArray[Any]) -> float:
    """Return the share of samples with the same prediction; ``expected`` and ``found`` have shape (n, ...)."""
    if card.task == "classification":
        same = _classes(card, expected) == _classes(card, found)
    else:
        same = np.isclose(expected, found, rtol=_SAME_NUMBER, atol=_SAME_NUMBER, equal_nan=True)
    return float(same.reshape(len(expected), -1).all(axis=1).mean())


def _classes(card: ModelCard, answers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    several = answers.shape[-1] > 1
    classes: npt.NDArray[Any] = (
        answers.argmax(axis=-1) if several else answers > (0.0 if card.from_logits else 0.5)
    )
    return classes
