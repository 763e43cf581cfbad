"""Names of Keras's modules, classes and functions in scripts, in all its versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import resources
from engine.catalog import catalog
from engine.catalog.model import Family, Kind

FAMILIES: Final[Mapping[str, Family]] = {
    "layers": "layer",
    "initializers": "initializer",
    "regularizers": "regularizer",
    "constraints": "constraint",
    "losses": "loss",
    "optimizers": "optimizer",
    "metrics": "metric",
}
_PREFIXES: Final = ("tensorflow.keras", "tensorflow.python.keras", "tf_keras", "keras.api")
_OLD_KINDS: Final[Mapping[str, str]] = {
    **{f"MaxPool{n}D": f"MaxPooling{n}D" for n in (1, 2, 3)},
    **{f"AvgPool{n}D": f"AveragePooling{n}D" for n in (1, 2, 3)},
    **{f"GlobalAvgPool{n}D": f"GlobalAveragePooling{n}D" for n in (1, 2, 3)},
    **{f"GlobalMaxPool{n}D": f"GlobalMaxPooling{n}D" for n in (1, 2, 3)},
    **{f"Convolution{n}D": f"Conv{n}D" for n in (1, 2, 3)},
    "CuDNNLSTM": "LSTM",
    "CuDNNGRU": "GRU",
}
# Merges that can be called as functions.
MERGES: Final[Mapping[str, str]] = {
    name.lower(): name
    for name in (
        "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot",
    )
}  # fmt: skip
_SHORT: Final[Mapping[str, str]] = {
    "mse": "MeanSquaredError",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError",
    "bce": "BinaryCrossentropy",
    "kld": "KLDivergence",
    "uniform": "RandomUniform",
    "normal": "RandomNormal",
}
_OLD_ACTIVATIONS: Final = {"swish": "silu", "hard_swish": "hard_silu"}


def plain_path(path: str) -> str:
    """Return a dotted path with Keras called ``keras``, however it was imported."""
    for prefix in _PREFIXES:
        if path == prefix or path.startswith(f"{prefix}."):
            return f"keras{path.removeprefix(prefix)}"
    return path


def family_of(path: str) -> str:
    """Return the Keras module of a plain path, ``"layers"``; "" if it has none."""
    module, _, rest = path.removeprefix("keras.").partition(".")
    return module if rest and path.startswith("keras.") else ""


def kind_named(family: Family, name: str) -> Kind | None:
    """Return the kind for a class name, old name or name in snake case; None if there is none."""
    kinds = catalog().family(family)
    known = _OLD_KINDS.get(name, name) if family == "layer" else _SHORT.get(name, name)
    if known in kinds:
        return kinds[known]
    if family == "layer":
        return None
    folded = known.replace("_", "").lower()
    return next((kind for each, kind in kinds.items() if each.lower() == folded), None)


def activation_named(name: str) -> str:
    """Return the current name of an activation."""
    return _OLD_ACTIVATIONS.get(name, name)


def signature(kind: Kind) -> tuple[str, ...]:
    """Return the names of a constructor's arguments in Keras's order."""
    facts = _facts()[kind.family].get(kind.name)
    if facts is None:  # a kind of Netsmith
        return tuple(field.name for field in kind.fields)
    return (*facts["required"], *facts["defaults"])


def keras_default(kind: Kind, name: str) -> Any:
    """Return the default of an argument in Keras; None if it is required."""
    return _facts()[kind.family][kind.name]["defaults"].get(name)


@cache
def _facts() -> Any:
    text = resources.path("catalog/keras.json").read_text(encoding="utf-8")
    return json.loads(text)["families"]
