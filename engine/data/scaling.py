"""The scaling that a built model does itself: whether, under which name, with which numbers."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from engine.catalog.keras_form import WIDE_DTYPE as WIDE_DTYPE
from engine.data.features import kind_of
from engine.data.info import DataInfo
from engine.data.loaded import Statistics
from engine.errors import SpecError
from engine.spec.base import ObjectSpec
from engine.spec.data import Scaling
from engine.spec.network import NetworkSpec

SCALED_DTYPE: Final = "float32"
LEAST_DEVIATION: Final = 1e-6  # ten times what Keras takes for nothing
_STEPS: Final = 1000 * float(np.finfo(np.float32).eps)  # of a mean: 32 bits have so many steps less
_LEAST_DIVISOR: Final = 1e-290


def scales(info: DataInfo, scaling: Scaling) -> bool:
    """Tell whether the built model starts with a scaling layer."""
    return scaling != "none" and kind_of(info.inputs[0]).is_amount


def scaling_name(network: NetworkSpec, input_id: str) -> str:
    """Return ``"<input id>_scaling"``, with a number if the user took that name."""
    taken = set(network.ids)
    number = 1
    while (name := f"{input_id}_scaling" + (f"_{number}" if number > 1 else "")) in taken:
        number += 1
    return name


def fitted_scaling(
    info: DataInfo, scaling: Scaling, statistics: Statistics | None
) -> ObjectSpec | None:
    """Return kind and parameters of the layer that scales samples, None if there is nothing to do.

    Parameters
    ----------
    statistics
        Of the training part; needed by "standard" only.

    Raises
    ------
    SpecError
        If the data does not allow this scaling.
    """
    if not scales(info, scaling):
        return None
    if scaling != "standard":
        scale, offset = rescaling(info, scaling)
        return ObjectSpec(
            kind="Rescaling", parameters={"scale": scale, "offset": offset, "dtype": SCALED_DTYPE}
        )
    if statistics is None:
        raise SpecError(
            "data.scaling", '"standard" needs the training samples: load the data first'
        )
    return _standard(info, statistics)


def _standard(info: DataInfo, statistics: Statistics) -> ObjectSpec:
    """Return the layer that takes each feature to mean 0 and standard deviation 1.

    `Normalization` does so in 32 bits and takes no deviation below 1e-7 for what it is. Where that
    would lose a feature, a `Rescaling` in 64 bits takes the samples as they are.
    """
    mean, variance = (
        np.asarray(each, np.float64) for each in (statistics.mean, statistics.variance)
    )
    deviation = np.sqrt(variance)
    is_exact = (deviation >= LEAST_DEVIATION) & (deviation >= _STEPS * np.abs(mean))
    is_constant = variance == 1.0  # as `Statistics` has it
    if (is_exact | is_constant).all() and info.input_dtype != WIDE_DTYPE:
        parameters = {
            "axis": -1,
            "mean": mean.astype(np.float32).tolist(),
            "variance": variance.astype(np.float32).tolist(),
            "dtype": SCALED_DTYPE,
        }
        return ObjectSpec(kind="Normalization", parameters=parameters)
    # Deviations whose inverse would be infinite belong to features that are as good as constant.
    divisor = np.where(deviation >= _LEAST_DIVISOR, deviation, 1.0)
    parameters = {
        "scale": (1.0 / divisor).tolist(),
        "offset": (-mean / divisor).tolist(),
        "dtype": WIDE_DTYPE,
    }
    return ObjectSpec(kind="Rescaling", parameters=parameters)


def rescaling(info: DataInfo, scaling: Scaling) -> tuple[float, float]:
    """Return (scale, offset) that take the range to [0, 1] ("unit") or [-1, 1] ("symmetric").

    Raises
    ------
    SpecError
        If the data has no bounded range.
    """
    low, high = info.value_range or (0.0, math.inf)
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        raise SpecError(
            "data.scaling",
            f'the values have no fixed range for "{scaling}": choose standard or none',
        )
    width = high - low
    if scaling == "unit":
        return 1.0 / width, -low / width
    return 2.0 / width, -(high + low) / width
