"""Initial weights of a training: new ones, and those of an earlier run."""

from __future__ import annotations

import keras

from engine.build.model import build
from engine.build.seed_lock import KERAS_SEED_LOCK
from engine.data.info import DataInfo
from engine.data.loaded import Statistics
from engine.models.transfer import Learned, match_weights
from engine.spec.issues import WeightShapes
from engine.spec.network import NetworkSpec
from engine.spec.project import ProjectSpec


def fresh_model(spec: ProjectSpec, info: DataInfo, statistics: Statistics | None) -> keras.Model:
    """Return the model of a project with the weights that its seed gives.

    Raises
    ------
    SpecError
        If Keras cannot build it.
    """
    with KERAS_SEED_LOCK:
        keras.utils.set_random_seed(spec.training.seed)
        return build(spec.network, info, statistics)


def weight_shapes(layer: keras.layers.Layer) -> WeightShapes:
    """Return names and shapes of a layer's weights, in the order of ``get_weights``."""
    return tuple((weight.name, tuple(weight.shape)) for weight in layer.weights)


def learned(model: keras.Model, network: NetworkSpec) -> Learned:
    """Return copies of the weights of a model of ``network`` by layer."""
    layers = [layer for layer in model.layers if layer.name in network.ids and layer.weights]
    return Learned(
        network,
        {layer.name: weight_shapes(layer) for layer in layers},
        {layer.name: layer.get_weights() for layer in layers},
    )


def take_over(model: keras.Model, network: NetworkSpec, initial: Learned) -> None:
    """Set the weights of the layers of a new model that keep theirs; the others are not changed."""
    layers = {layer.name: layer for layer in model.layers}
    shapes = {name: weight_shapes(layer) for name, layer in layers.items()}
    for name, past in match_weights(
        initial.network, initial.shapes, network, shapes
    ).sources.items():
        layers[name].set_weights(list(initial.weights[past]))
