"""Computed sets: equal options give equal samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.catalog.model import Field
from engine.data.info import DataInfo
from engine.data.loaded import Part
from engine.data.readers.bundled import DIGITS_PICTURE
from engine.data.readers.reader import Options, Reader, ReadRequest
from engine.data.samples import Samples
from engine.errors import BadInput

Floats: TypeAlias = npt.NDArray[np.float64]
# A text, since naming the generator loads numpy.random:
# (options, random numbers) -> inputs (n, *input_shape) and class indices (n,) or targets (n, 1)
Maker: TypeAlias = "Callable[[Options, np.random.Generator], tuple[Floats, npt.NDArray[Any]]]"

_TURNS = 1.25  # of each spiral arm around the centre
_RING_MODES = 8
_INK = 16.0  # the darkest value of the small digits
_STEPS_PER_PERIOD = 25  # of the sine wave


def _made(make: Maker) -> Callable[[ReadRequest], Samples]:
    """Return what makes the samples of a set."""

    def read(request: ReadRequest) -> Samples:
        info, options = request.info, request.options
        if info is None:
            raise BadInput("the set is not described: choose another one")
        x, y = make(options, np.random.default_rng(options["seed"]))
        answers = y.astype(np.int32 if info.task == "classification" else np.float32)
        return Samples(info, Part(x.astype(np.float32), answers))

    return read


def _classes(samples: int, count: int) -> npt.NDArray[np.int64]:
    """Return (samples,) class indices, as evenly shared as can be."""
    return np.arange(samples) % count


def _strayed(points: Floats, options: Options, random: np.random.Generator) -> Floats:
    return points + random.normal(0.0, options["noise"], points.shape)


def _circles(options: Options, random: np.random.Generator) -> tuple[Floats, npt.NDArray[Any]]:
    y = _classes(options["samples"], 2)
    angle = random.uniform(0.0, 2.0 * np.pi, len(y))
    radius = np.where(y == 0, 1.0, 0.5)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return _strayed(points, options, random), y


def _moons(options: Options, random: np.random.Generator) -> tuple[Floats, npt.NDArray[Any]]:
    y = _classes(options["samples"], 2)
    angle = random.uniform(0.0, np.pi, len(y))
    upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], axis=1)
    lower = np.stack([0.5 - np.cos(angle), 0.25 - np.sin(angle)], axis=1)
    return _strayed(np.where(y[:, None] == 0, upper, lower), options, random), y


def _xor(options: Options, random: np.random.Generator) -> tuple[Floats, npt.NDArray[Any]]:
    quarter = _classes(options["samples"], 4)
    signs = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0], [-1.0, 1.0]])[quarter]
    points = signs * random.uniform(0.1, 1.0, signs.shape)  # a gap of 0.2 between the squares
    return _strayed(points, options, random), quarter % 2


def _spiral(options: Options, random: np.random.Generator) -> tuple[Floats, npt.NDArray[Any]]:
    arms = options["classes"]
    y = _classes(options["samples"], arms)
    radius = np.sqrt(random.uniform(0.01, 1.0, len(y)))  # even density along the arm
    angle = 2.0 * np.pi * (radius * _TURNS + y / arms)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return _strayed(points, options, random), y


def _blobs(options: Options, random: np.random.Generator) -> tuple[Floats, npt.NDArray[Any]]:
    groups = options["classes"]
    y = _classes(options["samples"], groups)
    angle = 2.0 * np.pi * y / groups
    return _strayed(np.stack([np.cos(angle), np.sin(angle)], axis=1), options, random), y


def _ring(options: Options, random: np.random.Generator) -> tuple[Floats, npt.NDArray[Any]]:
    """Groups on the unit circle; which group a point is of is drawn, as of a mixture of Gaussians."""
    y = np.asarray(random.integers(0, _RING_MODES, options["samples"]))
    angle = 2.0 * np.pi * y / _RING_MODES
    return _strayed(np.stack([np.cos(angle), np.sin(angle)], axis=1), options, random), y


def _parabola(options: Options, random: np.random.Generator) -> tuple[Floats, npt.NDArray[Any]]:
    x = random.uniform(-1.0, 1.0, (options["samples"], 1))
    return x, _strayed(x**2, options, random)


def _sine(options: Options, random: np.random.Generator) -> tuple[Floats, npt.NDArray[Any]]:
    window = options["window"]
    step = np.arange(options["samples"] + window)
    wave = _strayed(np.sin(2.0 * np.pi * step / _STEPS_PER_PERIOD), options, random)
    windows = np.lib.stride_tricks.sliding_window_view(wave[:-1], window)
    return windows[:, :, None], wave[window:, None]


def _digits_to_clean(
    options: Options, random: np.random.Generator
) -> tuple[Floats, npt.NDArray[Any]]:
    """Noisy pictures (n, 8, 8, 1) from 0 to 16; the clean ones (n, 64) from 0 to 1."""
    from sklearn import datasets  # takes seconds: only when asked for

    clean = np.asarray(datasets.load_digits().data, np.float64)
    strayed = clean + random.normal(0.0, _INK * options["noise"], clean.shape)
    return np.clip(strayed, 0.0, _INK).reshape(-1, 8, 8, 1), clean / _INK


# ---- The rows ----

_SAMPLES = Field(
    "samples", "int", 500, minimum=10, maximum=100_000, help="How many points to make."
)
_SEED = Field(
    "seed", "int", 0, minimum=0, maximum=2**31 - 1, help="Another number gives other points."
)


def _noise(default: float) -> Field:
    text = "How far points stray from the ideal shape (standard deviation)."
    return Field("noise", "float", default, minimum=0.0, maximum=2.0, help=text)


_GROUPS = Field("classes", "int", 3, minimum=2, maximum=10, help="How many groups to make.")
_ARMS = Field("classes", "int", 2, minimum=2, maximum=6, help="How many arms the spiral has.")
_WINDOW = Field(
    "window", "int", 20, minimum=2, maximum=500, unit="steps",
    help="How many past values the network sees before it predicts the next.",
)  # fmt: skip
_INK_NOISE = Field(
    "noise", "float", 0.25, minimum=0.0, maximum=1.0,
    help="How strong the noise is, as a share of the ink; at 0 the answer is the picture itself.",
)  # fmt: skip
_CLEANED = DataInfo.single(
    "digits_to_clean", "Digits to clean", "picture", "regression", (8, 8, 1),
    tuple(f"row {row + 1}, column {column + 1}" for row in range(8) for column in range(8)),
    value_range=DIGITS_PICTURE.value_range, n_targets=64, image=DIGITS_PICTURE,
)  # fmt: skip


def _generated(
    make: Maker,
    info: DataInfo,
    text: str,
    *options: Field,
    describe: Callable[[DataInfo, Options], DataInfo] | None = None,
) -> Reader:
    return Reader(
        info.source, info.title, text, info.kind, info.task, "generated", _made(make), options,
        info=info, describe=describe,
    )  # fmt: skip


def _plane(set_id: str, title: str, labels: tuple[str, ...]) -> DataInfo:
    """Describe points of a plane in classes."""
    return DataInfo.single(
        set_id, title, "point", "classification", (2,), labels, feature_names=("x", "y")
    )


def _with_classes(info: DataInfo, options: Options) -> DataInfo:
    stem = info.labels[0].rpartition(" ")[0]
    return info.with_target(labels=tuple(f"{stem} {i + 1}" for i in range(options["classes"])))


def _with_window(info: DataInfo, options: Options) -> DataInfo:
    return info.with_input(shape=(options["window"], 1))


ROWS: Final = (
    _generated(
        _circles,
        _plane("circles", "Circles", ("outer", "inner")),
        "A ring of points around another: no straight line can part them.",
        _SAMPLES,
        _noise(0.1),
        _SEED,
    ),
    _generated(
        _moons,
        _plane("moons", "Moons", ("upper", "lower")),
        "Two half moons that reach into each other.",
        _SAMPLES,
        _noise(0.15),
        _SEED,
    ),
    _generated(
        _xor,
        _plane("xor", "XOR", ("same sign", "different sign")),
        "Four squares, opposite ones of the same class: the problem one neuron cannot solve.",
        _SAMPLES,
        _noise(0.05),
        _SEED,
    ),
    _generated(
        _spiral,
        _plane("spiral", "Spiral", ("arm 1", "arm 2")),
        "Arms wound around each other: needs a deeper network.",
        _SAMPLES,
        _noise(0.03),
        _SEED,
        _ARMS,
        describe=_with_classes,
    ),
    _generated(
        _blobs,
        _plane("blobs", "Blobs", ("group 1", "group 2", "group 3")),
        "Round groups of points, the easiest problem.",
        _SAMPLES,
        _noise(0.15),
        _SEED,
        _GROUPS,
        describe=_with_classes,
    ),
    _generated(
        _ring,
        _plane("ring", "Ring of Gaussians", tuple(f"mode {number}" for number in range(1, 9))),
        "Eight small round groups on a circle: a generator that forgets one is caught.",
        replace(_SAMPLES, default=5000),
        _noise(0.05),
        _SEED,
    ),
    _generated(
        _parabola,
        DataInfo.single(
            "parabola",
            "Parabola",
            "point",
            "regression",
            (1,),
            ("y",),
            value_range=(-1.0, 1.0),
            feature_names=("x",),
        ),
        "Learn the curve y = x² from points on it.",
        _SAMPLES,
        _noise(0.02),
        _SEED,
    ),
    _generated(
        _sine,
        DataInfo.single(
            "sine",
            "Sine wave",
            "sequence",
            "regression",
            (20, 1),
            ("next value",),
            feature_names=("value",),
        ),
        "Predict the next value of a wave from the last ones.",
        _SAMPLES,
        _noise(0.05),
        _SEED,
        _WINDOW,
        describe=_with_window,
    ),
    Reader(
        "digits_to_clean",
        "Digits to clean",
        "Noisy digits whose answer is the clean picture: for networks that draw.",
        "picture",
        "regression",
        "generated",
        _made(_digits_to_clean),
        (_INK_NOISE, _SEED),
        samples=1797,
        info=_CLEANED,
    ),
)
