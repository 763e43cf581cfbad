"""The complete state of a training, for resuming it bit for bit, in memory and as one file.

The file is written atomically, so that weights, optimizer, random generators and counters are of the same moment.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.loaded import LoadedData
from engine.data.npz import read_npz
from engine.errors import BadInput, JobFailed, NewerFile, quoted
from engine.spec.project import ProjectSpec
from engine.spec.training import StageSpec
from engine.storage import write_with

FILE_NAME: Final = "resume.npz"
# 1: the totals of the only series were fields of their own, and keys were of schema 1.
FORMAT: Final = 2
METRICS: Final = "metrics"  # the group of running metrics, which may be NaN
BEST: Final = "best"
_ABOUT: Final = "about"
_LARGEST_SAMPLE: Final = 1000  # samples that the fingerprint of a data set looks at

Arrays: TypeAlias = tuple[npt.NDArray[Any], ...]


class HasVariables(Protocol):
    """The variables of a `Program`."""

    @property
    def variables(self) -> Mapping[str, Sequence[Any]]:
        """All variables that a step reads or writes, in named groups."""


@dataclass(frozen=True)
class Progress:
    """The progress of a run.

    Attributes
    ----------
    epochs, steps, samples
        Whole epochs, steps and training samples taken.
    epoch, position
        The running epoch, from 1, and the batches of it that were taken.
    batch_size
        Of the running epoch.
    totals, samples_counted
        Sums of each of the series times samples over the running epoch, and its samples.
    metrics
        Running values over that epoch.
    figures
        Of the last whole epoch.
    best, waited
        Of early stopping.
    plan
        As `engine.training.live.rate_plan.RatePlan.state`.
    granted
        (name, value) of every hyperparameter that was changed during the run.
    seconds
        Time the run has taken.
    """

    epochs: int = 0
    steps: int = 0
    samples: int = 0
    epoch: int = 1
    position: int = 0
    batch_size: int = 0
    totals: Mapping[str, float] = field(default_factory=dict)
    samples_counted: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    best: float = float("nan")
    waited: int = 0
    plan: tuple[float, float, float, int] = (0.0, 1.0, float("nan"), 0)
    granted: tuple[tuple[str, float], ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Variables:
    """Copies of all variables that a step reads or writes.

    Attributes
    ----------
    groups
        As `engine.training.procedures.program.Program.variables` names them: ``"model"`` are weights and the states of
        random generators, in the order of ``keras.Model.variables``.
    """

    groups: Mapping[str, Arrays]

    @property
    def finite(self) -> bool:
        """Whether no weight and no slot of an optimizer is NaN or infinite."""
        return all(
            np.isfinite(array).all()
            for name, arrays in self.groups.items()
            if name != METRICS
            for array in arrays
        )


@dataclass(frozen=True)
class ResumePoint:
    """A run at one moment.

    Attributes
    ----------
    key
        `key` of the project and data it belongs to; "" of a file of version 0.1, whose keys were of another schema.
    best
        Weights of the best epoch, () if there is none yet.
    """

    key: str
    progress: Progress
    variables: Variables
    best: Arrays = ()


def key(spec: ProjectSpec, data: LoadedData) -> str:
    """Return a key of network, loss, optimizer, seed and data, which must be equal for using a state."""
    training = spec.training
    stage = training.stage
    parts = [
        spec.network.model_dump_json(),
        spec.data.model_dump_json(),
        training.loss.model_dump_json(),
        training.optimizer.kind,
        str([metric.model_dump_json() for metric in training.metrics]),
        str((training.seed, len(data.training), len(data.validation))),
        *([] if stage == StageSpec() else [stage.model_dump_json(), str(spec.networks)]),
    ]
    crc = zlib.crc32("\n".join(parts).encode())
    every = max(1, len(data.training) // _LARGEST_SAMPLE)
    for array in (data.training.x, data.training.y):
        crc = zlib.crc32(np.ascontiguousarray(array[::every]).tobytes(), crc)
    return f"{crc:08x}"


# ---- The model ----


def capture(program: HasVariables) -> Variables:
    """Return copies of all variables of a program."""
    return Variables({name: _copies(group) for name, group in program.variables.items()})


def restore(program: HasVariables, variables: Variables) -> None:
    """Restore the variables of a program with built optimizers and metrics.

    Raises
    ------
    JobFailed
        If they are of another network or optimizer; nothing is changed.
    """
    groups = program.variables
    wrong = groups.keys() != variables.groups.keys()
    pairs = []
    for name, targets in groups.items():
        arrays = variables.groups.get(name, ())
        if wrong or [tuple(each.shape) for each in targets] != [array.shape for array in arrays]:
            raise JobFailed(
                "The saved state is of another network or optimizer: start a new training."
            )
        pairs += list(zip(targets, arrays, strict=True))
    for target, array in pairs:
        target.assign(array)


def _copies(variables: Iterable[Any]) -> Arrays:
    arrays = tuple(np.array(variable.numpy()) for variable in variables)
    for array in arrays:
        array.setflags(write=False)
    return arrays


# ---- The file ----


def write(path: Path, point: ResumePoint) -> None:
    """Write the state to ``path`` (``.npz``) atomically.

    Raises
    ------
    JobFailed
        If writing fails; the old file is unchanged and no temporary file remains.
    """
    groups = {**point.variables.groups, BEST: point.best}
    about = {
        "format": FORMAT,
        "key": point.key,
        "progress": asdict(point.progress),
        "groups": {
            name: [[array.dtype.name, list(array.shape)] for array in arrays]
            for name, arrays in groups.items()
        },
    }
    blobs = {name: _joined(arrays) for name, arrays in groups.items()}
    blobs[_ABOUT] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    write_with(path, lambda temporary: np.savez(temporary, allow_pickle=False, **blobs))


def read(path: Path) -> ResumePoint:
    """Return the state that a file holds; nothing in it is executed.

    Raises
    ------
    NewerFile
        If a newer Netsmith wrote it.
    BadInput
        If it is missing, damaged, or no such file.
    """
    entries = read_npz(path)
    with _refused(path):
        about = _about(entries)
        groups = {
            str(name): _parted(entries[name], arrays) for name, arrays in about["groups"].items()
        }
        best = groups.pop(BEST)
        return ResumePoint(about["key"], about["progress"], Variables(groups), best)


def read_progress(path: Path) -> tuple[str, Progress]:
    """Return key and progress of the state in a file, without its arrays. Errors as `read`."""
    entries = read_npz(path, only=(_ABOUT,))
    with _refused(path):
        about = _about(entries)
        return about["key"], about["progress"]


@contextlib.contextmanager
def _refused(path: Path) -> Iterator[None]:
    """Turn errors of a damaged file into a message with what to do."""
    name = quoted(path.name)
    try:
        yield
    except _NewerFormatError as error:
        raise NewerFile(
            f'"{name}" was made by a newer Netsmith: update Netsmith to go on with it.'
        ) from error
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(
            f'"{name}" is damaged or no saved training: start a new training.'
        ) from error


class _NewerFormatError(Exception):
    """The file says so itself."""


def _about(entries: Mapping[str, npt.NDArray[Any]]) -> dict[str, Any]:
    """Return what a file says of itself: key, progress, and the groups of arrays it describes."""
    about = json.loads(entries[_ABOUT].tobytes())
    if about["format"] > FORMAT:
        raise _NewerFormatError
    is_old = about["format"] < FORMAT
    values = about["progress"]
    progress = _progress(_of_format_2(values) if is_old else values)
    key = "" if is_old else str(about["key"])
    return {"key": key, "progress": progress, "groups": about["groups"]}


def _joined(arrays: Arrays) -> npt.NDArray[np.uint8]:
    """Return all bytes in a row: one entry a group, whatever the number of layers and the number types."""
    return np.frombuffer(b"".join(array.tobytes() for array in arrays), np.uint8)


def _parted(
    blob: npt.NDArray[np.uint8], described: list[tuple[str, list[int]]]
) -> tuple[npt.NDArray[Any], ...]:
    arrays, place = [], 0
    for name, shape in described:
        dtype = _dtype(name)
        size = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        if size < 0 or place + size > blob.nbytes:
            raise ValueError("fewer bytes than described")
        array = np.frombuffer(blob[place : place + size].tobytes(), dtype).reshape(shape)
        arrays.append(array)
        place += size
    if place != blob.nbytes:
        raise ValueError("more bytes than described")
    return tuple(arrays)


def _dtype(name: str) -> np.dtype[Any]:
    dtype = np.dtype(name)  # "bfloat16" is known once TensorFlow is loaded
    if dtype.kind not in "fiub" and name != "bfloat16":
        raise ValueError("no plain number")
    return dtype


def _of_format_2(values: dict[str, Any]) -> dict[str, Any]:
    """Return the progress of a file of format 1 as one of format 2."""
    total, counted = values.pop("loss_total"), values.pop("loss_samples")
    return {**values, "totals": {"loss": total} if counted else {}, "samples_counted": counted}


def _progress(values: dict[str, Any]) -> Progress:
    """Return the progress that JSON holds; a field of a wrong kind is refused."""
    progress = Progress(
        **{
            **values,
            "plan": tuple(values["plan"]),
            "totals": {str(name): float(total) for name, total in values["totals"].items()},
            "granted": tuple((str(name), float(value)) for name, value in values["granted"]),
        }
    )
    whole = (progress.epochs, progress.steps, progress.samples, progress.epoch, progress.position)
    if not all(isinstance(number, int) and number >= 0 for number in whole):
        raise ValueError("no counter")
    if len(progress.plan) != 4 or not isinstance(progress.batch_size, int):
        raise ValueError("no plan")
    return progress
