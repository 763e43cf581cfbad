"""Custom layers of keras.applications, replaced by equivalent layers of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.errors import BadInput
from engine.importing.keras.class_names import ClassName

_MODULES: Final = "keras.src.applications."
_OF_ALL: Final = frozenset({"name", "trainable", "dtype"})

Config = Mapping[str, Any]


def _layer_scale(config: Config) -> tuple[str, dict[str, Any]]:
    size = config["projection_dim"]
    return "EinsumDense", {"equation": "...a,a->...a", "output_shape": [size]}


def _stochastic_depth(config: Config) -> tuple[str, dict[str, Any]]:
    return "Dropout", {"rate": config["drop_path_rate"], "noise_shape": [None, 1, 1, 1]}


def _scaled_sum(config: Config) -> tuple[str, dict[str, Any]]:
    return "Formula", {"expression": f"a + b * {float(config['scale'])!r}"}


_LAYERS: Final[Mapping[str, Callable[[Config], tuple[str, dict[str, Any]]]]] = {
    "LayerScale": _layer_scale,  # ConvNeXt
    "StochasticDepth": _stochastic_depth,
    "CustomScaleLayer": _scaled_sum,  # InceptionResNetV2
}


def as_catalogued(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a stored layer as the equivalent layer of the catalogue; other layers unchanged."""
    told, config = ClassName.of(value), value["config"]
    known = told.module is None or told.module.startswith(_MODULES)
    if not known or told.name not in _LAYERS or not told.is_keras_own:
        return value
    try:
        kind, parameters = _LAYERS[str(told.name)](config)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput("it is damaged: a layer of a ready architecture lacks a setting") from error
    own = {name: config[name] for name in _OF_ALL & config.keys()}
    named = {"class_name": kind, "module": "keras.layers", "registered_name": None}
    return {**value, **named, "config": {**own, **parameters}}
