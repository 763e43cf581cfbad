"""Weights reduced to what a screen can show."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class TensorView:
    """A tensor, reduced to what a screen can show.

    A quick view has its values only: no histogram, and NaN for all figures.

    Attributes
    ----------
    name
        As Keras calls it within the layer: ``kernel``, ``bias``, ``recurrent_kernel``...
    shape
        Of the whole tensor.
    values
        The tensor itself if it has no more numbers than were wanted; otherwise block means.
    minimum, maximum, mean, deviation
        Over all finite numbers of the whole tensor.
    histogram
        (bins,) counts over all numbers; edges are evenly spaced from ``minimum`` to ``maximum``. Empty if it was not
        wanted.
    not_finite
        How many numbers are NaN or infinite.
    """

    name: str
    shape: tuple[int, ...]
    values: npt.NDArray[np.float32]
    minimum: float
    maximum: float
    mean: float
    deviation: float
    histogram: npt.NDArray[np.int64]
    not_finite: int = 0

    @property
    def is_quick(self) -> bool:
        """It has no figures."""
        return math.isnan(self.minimum)


@dataclass(frozen=True)
class LayerWeights:
    """The weights of a layer at one step.

    Attributes
    ----------
    layer, kind
        Id and Keras class of the layer.
    tensors
        In the order of ``layer.weights``; empty for a layer without weights.
    step
        Steps taken before.
    """

    layer: str
    kind: str
    tensors: tuple[TensorView, ...]
    step: int = 0
