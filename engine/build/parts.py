"""The networks of a project as Keras models that share the layers of the model of its whole canvas."""

from __future__ import annotations

import keras

from engine.errors import SpecError
from engine.spec.project import ProjectSpec


def network_of(model: keras.Model, spec: ProjectSpec, name: str) -> keras.Model:
    """Return one of the named networks of a model that `engine.build.model.build` made of ``spec.network``.

    Raises
    ------
    SpecError
        If there is no such network, or it lacks an input or an output.
    """
    network = spec.named_network(name)
    inputs = [layer.id for layer in network.inputs]
    outputs = [layer.id for layer in network.outputs]
    if not inputs or not outputs:
        problem = f'the network "{name}" has no input or no output: draw it'
        raise SpecError("training.stages.0.networks", problem)
    # A second input for the data is no input of the model, but follows the first.
    entering = [tensor for tensor in model.inputs if tensor.name in inputs]
    leaving = [model.get_layer(layer_id).output for layer_id in outputs]
    return keras.Model(
        entering[0] if len(entering) == 1 else entering,
        leaving[0] if len(leaving) == 1 else leaving,
    )
