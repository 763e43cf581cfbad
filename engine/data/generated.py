"""Computed sets: equal options give equal samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.info import DataInfo
from engine.data.loaded import Part
from engine.data.samples import Samples

Floats: TypeAlias = npt.NDArray[np.float64]
Options: TypeAlias = Mapping[str, Any]
# (options, random numbers) -> inputs (n, *input_shape) and class indices (n,) or targets (n, 1)
Maker: TypeAlias = Callable[[Options, np.random.Generator], tuple[Floats, npt.NDArray[Any]]]

_TURNS = 1.25  # of each spiral arm around the centre
_INK = 16.0  # the darkest value of the small digits
_STEPS_PER_PERIOD = 25  # of the sine wave


def generate(info: DataInfo, options: Options) -> Samples:
    """Return the samples of a generated set; ``options`` hold a value for each of its fields."""
    x, y = _MAKERS[info.source](options, np.random.default_rng(options["seed"]))
    answers = y.astype(np.int32 if info.task == "classification" else np.float32)
    return Samples(info, Part(x.astype(np.float32), answers))


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


_MAKERS: Final[Mapping[str, Maker]] = MappingProxyType(
    {
        "circles": _circles,
        "moons": _moons,
        "xor": _xor,
        "spiral": _spiral,
        "blobs": _blobs,
        "parabola": _parabola,
        "sine": _sine,
        "digits_to_clean": _digits_to_clean,
    }
)
