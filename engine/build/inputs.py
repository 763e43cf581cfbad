"""How the data enters a network: shape, number type and the scaling that belongs to the model."""

from __future__ import annotations

import keras

from engine.build.construct import in_64_bits
from engine.catalog import catalog, require_parameters
from engine.catalog.keras_form import is_wide
from engine.data.info import DataInfo
from engine.data.loaded import Statistics
from engine.data.scaling import SCALED_DTYPE as SCALED_DTYPE
from engine.data.scaling import fitted_scaling, scaling_name
from engine.data.scaling import scales as scales
from engine.errors import SpecError
from engine.spec.data import Scaling
from engine.spec.network import LayerSpec, NetworkSpec
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


def input_dtype(layer: LayerSpec, info: DataInfo, scaling: Scaling) -> str:
    """Return the number type in which samples enter the model."""
    own = layer.parameters.get("dtype")
    if isinstance(own, str):
        return own
    if layer.noise:
        return SCALED_DTYPE
    # Without a scaling layer nothing turns the bytes of pictures into the numbers that layers
    # compute with.
    unscaled_bytes = info.input_dtype == "uint8" and not scales(info, scaling)
    return SCALED_DTYPE if unscaled_bytes else info.input_dtype


def scaling_layer(
    network: NetworkSpec, info: DataInfo, scaling: Scaling, statistics: Statistics | None
) -> keras.layers.Layer | None:
    """Return the layer that scales samples, None if there is nothing to do.

    Raises
    ------
    SpecError
        If the data does not allow this scaling.
    """
    fitted = fitted_scaling(info, scaling, statistics)
    if fitted is None:
        return None
    # Keras writes a tuple into its files as an object of its own.
    parameters = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in fitted.parameters.items()
    }
    if is_wide(fitted.kind, fitted.parameters):
        parameters = in_64_bits(parameters)
    name = scaling_name(network, network.data_inputs[0].id)
    layer: keras.layers.Layer = getattr(keras.layers, fitted.kind)(**parameters, name=name)
    return layer
