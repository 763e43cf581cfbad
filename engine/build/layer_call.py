"""Create layers and call them on the tensors of their wires."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import keras

from engine.build.construct import call_layer, construct_layer
from engine.build.explain import explain
from engine.build.seed_lock import KERAS_SEED_LOCK
from engine.build.submodel import model_of
from engine.errors import SpecError
from engine.spec.network import MODEL_KIND, LayerSpec

Tensor: TypeAlias = Any  # a KerasTensor; Keras has no type stubs


def make_layer(
    layer: LayerSpec, tensors: Sequence[Tensor], *, further: bool = False
) -> keras.layers.Layer:
    """Create a layer for these inputs, which only a network inside a layer needs; SpecError as in `place`."""
    if layer.kind == MODEL_KIND:
        return model_of(layer, tensors, place)
    return construct_layer(layer, tensors, further=further)


def place(
    layer: LayerSpec, tensors: Sequence[Tensor], further: bool = False
) -> tuple[keras.layers.Layer, Tensor]:
    """Create the layer and call it on symbolic inputs, in the order of its ports.

    Parameters
    ----------
    further
        Whether it is to return its further outputs too.

    Returns
    -------
    tuple
        The Keras layer and its output, a list of them if ``further``.

    Raises
    ------
    SpecError
        If Keras refuses; ``where`` is ``"network.layers.<id>"`` or a field below it.
    """
    where = f"network.layers.{layer.id}"
    if not tensors:
        raise SpecError(where, "nothing is connected to this layer: connect or remove it")
    try:
        with KERAS_SEED_LOCK:
            made = make_layer(layer, tensors, further=further)
            return made, call_layer(layer, made, tensors, further=further)
    except SpecError:
        raise
    except Exception as error:  # Keras reports a misfit by many kinds of exception
        explained = explain(error, layer, [tuple(tensor.shape[1:]) for tensor in tensors])
        field = f".{explained.field}" if explained.field else ""
        raise SpecError(where + field, explained.problem) from error
