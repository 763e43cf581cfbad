"""What a layer gives for a pinned sample, as maps, bars or a strip for the screen. Loads without TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.probes.blocks import block_means
from engine.probes.probe import Probe, ProbeError, ProbeKind, Subject, Take

Floats: TypeAlias = npt.NDArray[np.float32]
Form = Literal["maps", "bars", "strip"]

USUAL_SIZE_PX: Final = (512, 512)
LEAST_MAP_PX: Final = 24  # of a map's longer side: smaller ones tell nothing
_GAP_PX: Final = 1  # between two maps
_LEAST_BAR_PX: Final = 2
_CHANNELS_FIRST: Final = "channels_first"


@dataclass(frozen=True)
class LayerOutput:
    """A layer's output for one sample, reduced to what a screen shows.

    Attributes
    ----------
    layer
        Its id.
    form
        ``maps``: pictures of a convolution, one a channel; ``bars``: a vector; ``strip``: a sequence of vectors.
    shape
        Of the whole output, without the batch axis.
    values
        maps: (maps, height, width); bars: (units,); strip: (features, time). Means of blocks of neighbours where the
        screen has fewer pixels; of maps and bars the first ones that fit.
    total
        How many maps or units there are, or features of a strip.
    minimum, maximum
        Over all finite numbers of the whole output; 0 if there are none.
    not_finite
        How many numbers of the whole output are NaN or infinite.
    step
        Steps taken before.
    output, outputs
        Which of the layer's outputs it is, from 1, and how many there are.
    slices
        Of outputs with more axes than a picture: how many slices there are, of which the middle one is shown; else 1.
    part, number
        Of the sample: which part of the data, "" if unknown, and its number in it from 0.
    """

    layer: str
    form: Form
    shape: tuple[int, ...]
    values: Floats
    total: int
    minimum: float
    maximum: float
    not_finite: int = 0
    step: int = 0
    output: int = 1
    outputs: int = 1
    slices: int = 1
    part: str = ""
    number: int = 0


def layer_output(
    layer_id: str,
    outputs: Sequence[npt.NDArray[Any]],
    size_px: tuple[int, int] | None = None,
    *,
    output: int = 1,
    step: int = 0,
    channels_first: bool = False,
) -> LayerOutput:
    """Return an output of a layer as the screen needs it.

    Parameters
    ----------
    outputs
        All of the layer's outputs for the sample, without batch axis.
    size_px
        Rows and columns of pixels; None: `USUAL_SIZE_PX`.
    output
        Which one to show, from 1.

    Raises
    ------
    ProbeError
        If it holds no numbers.
    """
    if not 1 <= output <= len(outputs):
        raise ProbeError(f"{layer_id} has {len(outputs)} outputs: there is no output {output}.")
    whole = _numbers(layer_id, outputs[output - 1])
    form, values, slices = _arranged(whole, channels_first=channels_first)
    shown = _REDUCED[form](values, size_px or USUAL_SIZE_PX)
    finite = whole[np.isfinite(whole)]
    return LayerOutput(
        layer=layer_id,
        form=form,
        shape=whole.shape,
        values=np.ascontiguousarray(shown, np.float32),
        total=values.shape[0],
        minimum=float(finite.min()) if finite.size else 0.0,
        maximum=float(finite.max()) if finite.size else 0.0,
        not_finite=whole.size - finite.size,
        step=step,
        output=output,
        outputs=len(outputs),
        slices=slices,
    )


def _numbers(layer_id: str, output: npt.NDArray[Any]) -> Floats:
    array = np.asarray(output)
    if array.dtype.kind in "OSU":
        raise ProbeError(f"{layer_id} gives text, which has no picture.")
    if not array.size:
        shape = " × ".join(map(str, array.shape))
        raise ProbeError(f"{layer_id} gives no numbers for this sample: its output is {shape}.")
    with np.errstate(over="ignore"):
        return array.astype(np.float32)  # a copy: TensorFlow's memory is used again


def _arranged(whole: Floats, *, channels_first: bool) -> tuple[Form, Floats, int]:
    """Return the form of an output, its numbers with what is counted first, and how many slices it was cut from."""
    if whole.ndim <= 1:
        return "bars", whole.reshape(-1), 1
    if whole.ndim == 2:
        return "strip", whole.T, 1  # (time, features)
    maps = whole if channels_first else np.moveaxis(whole, -1, 0)
    slices = 1
    while maps.ndim > 3:
        slices *= maps.shape[1]
        maps = maps[:, maps.shape[1] // 2]
    return "maps", maps, slices


def maps_that_fit(
    total: int, sides: tuple[int, int], size_px: tuple[int, int]
) -> tuple[int, int, float]:
    """Return how many maps fit, in how many columns, and how many pixels a number then has.

    Parameters
    ----------
    sides
        Rows and columns of numbers of one map.
    """
    height, width = sides
    rows_px, columns_px = size_px
    least = LEAST_MAP_PX / max(height, width)
    across = max(1, int((columns_px + _GAP_PX) // (width * least + _GAP_PX)))
    down = max(1, int((rows_px + _GAP_PX) // (height * least + _GAP_PX)))
    count = min(total, across * down)
    return count, *best_grid(count, sides, size_px)


def best_grid(count: int, sides: tuple[int, int], size_px: tuple[int, int]) -> tuple[int, float]:
    """Return the columns in which so many maps are largest, and how many pixels a number then has."""
    height, width = sides
    rows_px, columns_px = size_px

    def scale(columns: int) -> float:
        rows = -(-count // columns)
        return min(
            (columns_px - _GAP_PX * (columns - 1)) / (columns * width),
            (rows_px - _GAP_PX * (rows - 1)) / (rows * height),
        )

    best = max(range(1, count + 1), key=lambda columns: (scale(columns), -columns))
    return best, scale(best)


def _fewer_maps(maps: Floats, size_px: tuple[int, int]) -> Floats:
    count, _, scale = maps_that_fit(maps.shape[0], (maps.shape[1], maps.shape[2]), size_px)
    length = max(1, int(1 / max(scale, 1e-6)))
    return _shorter(maps[:count], (1, length, length))


def _fewer_bars(vector: Floats, size_px: tuple[int, int]) -> Floats:
    return vector[: max(1, size_px[1] // _LEAST_BAR_PX)]


def _smaller_strip(strip: Floats, size_px: tuple[int, int]) -> Floats:
    lengths = [-(-side // max(1, room)) for side, room in zip(strip.shape, size_px, strict=True)]
    return _shorter(strip, lengths)


def _shorter(values: Floats, lengths: Sequence[int]) -> Floats:
    with np.errstate(invalid="ignore", over="ignore"):  # infinite numbers are shown, not warned of
        for axis, length in enumerate(lengths):
            values = block_means(values, axis, length)
    return values


_REDUCED: Final = {"maps": _fewer_maps, "bars": _fewer_bars, "strip": _smaller_strip}


def sample_of(probe: Probe) -> tuple[str, int]:
    """Return part and number of the sample that a probe shows; the first of the validation part by default."""
    return str(probe.options.get("part", "validation")), int(probe.options.get("number", 0))


def sampled(
    probe: Probe,
    outputs: Sequence[npt.NDArray[Any]],
    step: int = 0,
    *,
    channels_first: bool = False,
) -> LayerOutput:
    """Return what a probe shows of a layer's outputs for its sample; `ProbeError` if that is nothing."""
    found = layer_output(
        probe.target,
        outputs,
        probe.size_px,
        output=int(probe.options.get("output", 1)),
        step=step,
        channels_first=channels_first,
    )
    part, number = sample_of(probe)
    return replace(found, part=part, number=number)


def _make(subject: Subject, probe: Probe) -> Take:
    layer = subject.layer(probe.target)
    first = getattr(layer, "data_format", None) == _CHANNELS_FIRST
    # Makes the graph now: what is done once is no cost of a sample.
    subject.outputs(probe.target, *sample_of(probe))

    def take() -> LayerOutput:
        given = [np.asarray(each)[0] for each in subject.outputs(probe.target, *sample_of(probe))]
        return sampled(probe, given, subject.step, channels_first=first)

    return take


ACTIVATIONS: Final = ProbeKind("activations", "What a layer gives", _make, LayerOutput)
