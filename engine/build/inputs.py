"""In which shape the data enters a network."""

from __future__ import annotations

from engine.catalog import catalog, require_parameters
from engine.data.info import DataInfo
from engine.errors import SpecError
from engine.spec.network import LayerSpec
from engine.spec.shapes import holds, shape_text


def input_shape(layer: LayerSpec, info: DataInfo) -> tuple[int | None, ...]:
    """Return the shape of one sample at an input layer: its own if given, else that of the data.

    Raises
    ------
    SpecError
        If its own shape is none or cannot hold the data, or it takes noise and has no shape.
    """
    shape = own_shape(layer)
    if layer.noise:
        return noise_shape(layer)
    if shape is None:
        return info.input_shape
    if not holds(shape, info.input_shape):
        raise SpecError(
            f"network.layers.{layer.id}.shape",
            f"the data gives {shape_text(info.input_shape)}, not {shape_text(shape)}: "
            "leave shape empty",
        )
    return shape


def noise_shape(layer: LayerSpec) -> tuple[int, ...]:
    """Return the shape of the random numbers that an input layer takes for one sample.

    Raises
    ------
    SpecError
        If it has none, or one with a free size.
    """
    shape = own_shape(layer)
    if not shape or None in shape:
        where = f"network.layers.{layer.id}.shape"
        raise SpecError(where, "noise needs a shape: set how many random numbers there are")
    return tuple(size for size in shape if size is not None)


def own_shape(layer: LayerSpec) -> tuple[int | None, ...] | None:
    """Return the shape that an input layer was given, None if none.

    Raises
    ------
    SpecError
        If one of its parameters does not fit.
    """
    require_parameters(catalog().layer(layer.kind), layer.parameters, f"network.layers.{layer.id}")
    shape = layer.parameters.get("shape")
    return None if shape is None else tuple(shape)
