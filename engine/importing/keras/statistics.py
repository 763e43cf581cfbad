"""Turn mean and variance that a file stores as weights into settings of the layer."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

import numpy as np

from engine.errors import BadInput, quoted
from engine.importing.keras.settings import STATISTICS
from engine.importing.safe.numbers import Array
from engine.spec.network import LayerSpec, NetworkSpec

_KIND = "Normalization"


def with_statistics(
    network: NetworkSpec,
    groups: Mapping[str, tuple[str, ...]],
    weights: MutableMapping[str, Array],
) -> NetworkSpec:
    """Return the network with mean and variance as settings of its Normalization layers.

    Parameters
    ----------
    weights
        Arrays that become settings are removed from it.

    Raises
    ------
    BadInput
        If the arrays are missing, or cannot be told from those of other layers.
    """
    for group, ids in groups.items():
        for layer_id in ids:
            layer = network.layer(layer_id)
            if layer.kind == _KIND and not layer.parameters.keys() >= set(STATISTICS):
                if len(ids) > 1:
                    raise BadInput("it normalizes inside a model of its own: save it as .keras")
                network = network.with_changed(_told(layer, group, weights))
    return network


def _told(layer: LayerSpec, group: str, weights: MutableMapping[str, Array]) -> LayerSpec:
    keys = sorted(key for key in weights if key.startswith(f"{group}/"))
    arrays = [weights.pop(key) for key in keys]  # mean, variance and number of samples
    usable = len(arrays) == 3 and all(
        array.ndim <= 1 and array.size and np.isfinite(array).all() for array in arrays
    )
    if not usable:
        name = quoted(layer.id, 40)
        raise BadInput(f'layer "{name}" has no mean and variance: adapt it before saving')
    values = {
        name: tuple(array.ravel().tolist()) for name, array in zip(STATISTICS, arrays, strict=False)
    }
    return LayerSpec(
        id=layer.id,
        kind=layer.kind,
        parameters={**layer.parameters, **values},
        trainable=layer.trainable,
    )
