"""Where a layer's weights lie in the list of all weights."""

from __future__ import annotations

import keras

Places = dict[str, tuple[int, ...]]


def weight_places(model: keras.Model) -> Places:
    """Return layer name -> positions of its weights in ``model.get_weights()``, in the layer's order."""
    numbers = {id(variable): number for number, variable in enumerate(model.weights)}
    return {
        layer.name: tuple(numbers[id(variable)] for variable in layer.weights)
        for layer in model.layers
    }
