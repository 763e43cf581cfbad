"""Rewrite the description in a file of Keras 1 or 2 as Keras 3 would store it.

JSON to JSON, before any check. A setting without a counterpart is left unchanged, so that a later check names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.errors import BadInput, quoted
from engine.importing.keras import old_names

_FIRST_TODAY: Final = 3
_THEANO: Final = "th"
_OPERATOR: Final = "TFOpLambda"
_CONSTANT: Final = "_CONSTANT_VALUE"  # where a call's first argument is a number
_SLOTS: Final = ("x", "a", "features")  # first arguments of TensorFlow's functions
_SECOND: Final = "y"
_MODULES_THEN: Final = re.compile(r"(?:tf_keras|keras)(?:\.src)?\.(engine|layers)(?:\.\w+)*")
_MODULES: Final = {"engine": "keras.models", "layers": "keras.layers"}
Json = dict[str, Any]


def is_old(version: str) -> bool:
    """Tell whether a file's ``keras_version`` is below 3, or missing as in the first versions."""
    number = re.match(r"\s*(\d{1,4})\.", version)
    return number is None or int(number[1]) < _FIRST_TODAY


def renewed(value: Any) -> Any:
    """Return a stored description with the names of Keras 3.

    Raises
    ------
    BadInput
        If a layer has Theano's order of axes, or computes what no layer does.
    """
    if isinstance(value, list):
        return [renewed(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    made = {key: renewed(item) for key, item in value.items()}
    kind, config = made.get("class_name"), made.get("config")
    if not isinstance(kind, str) or not isinstance(config, dict):
        return _old_object(made)
    config = {**config, **old_names.MEANT.get(kind, {})}
    made["class_name"] = kind = old_names.CLASSES.get(kind, kind)
    if isinstance(made.get("module"), str):
        made["module"] = _today_module(made["module"])
    repair = _REPAIRS.get(kind, _layer)
    return repair(made, config)


def _today_module(module: str) -> str:
    """``keras.layers.core.dense``, ``tf_keras.src.engine.functional`` -> where Keras 3 has them."""
    found = _MODULES_THEN.fullmatch(module)
    return module if found is None else _MODULES[found[1]]


def _old_object(value: Json) -> Json:
    """Return a regularizer as Keras 3 stores it; Keras 1 stored its name among the settings."""
    name = value.get("name")
    if name in ("WeightRegularizer", "L1L2Regularizer"):
        config = {key: item for key, item in value.items() if key != "name"}
        return {"class_name": "L1L2", "config": config}
    return value


def _layer(value: Json, config: Json) -> Json:
    return {**value, "config": _settings(value["class_name"], config)}


def _settings(kind: str, config: Json) -> Json:
    names = old_names.SETTINGS_OF.get(kind, old_names.SETTINGS)
    idle = old_names.IDLE_OF.get(kind, frozenset())
    made: Json = {}
    for name, value in config.items():
        if name in idle:
            continue
        new = names.get(name, name)
        if new not in config or new == name:
            made[new] = value
    for name, value in old_names.UNTOLD.get(kind, {}).items():
        made.setdefault(name, value)
    return _without_the_past(kind, made)


def _without_the_past(kind: str, made: Json) -> Json:
    """Remove settings of Keras 1; refuse those that change the outputs."""
    if "nb_row" in made and "nb_col" in made:
        made["kernel_size"] = [made.pop("nb_row"), made.pop("nb_col")]
    if all(f"kernel_dim{axis}" in made for axis in (1, 2, 3)):
        made["kernel_size"] = [made.pop(f"kernel_dim{axis}") for axis in (1, 2, 3)]
    if made.get("data_format") == _THEANO:
        raise BadInput(
            f'layer "{quoted(made.get("name"), 40)}" orders its axes as Theano did: '
            "save the model again with TensorFlow's order"
        )
    if made.get("data_format") in ("tf", "default"):
        del made["data_format"]
    if kind == "BatchNormalization" and made.get("mode") == 0:
        del made["mode"]
    if kind != "Embedding":
        made.pop("input_dim", None)
    elif made.get("dropout") == 0.0:
        del made["dropout"]
    kept = {name: value for name, value in made.items() if name not in old_names.IDLE}
    if "batch_input_shape" in made:  # a Sequential model reads it from its first layer
        kept["batch_input_shape"] = made["batch_input_shape"]
    return kept


def _merge(value: Json, config: Json) -> Json:
    """Return the layer for a Merge of Keras 1."""
    kind = old_names.MERGES.get(str(config.get("mode")))
    if kind is None or config.get("layers"):
        raise BadInput(
            f'layer "{quoted(config.get("name"), 40)}" merges in a way that no layer has today'
        )
    kept: Json = {"name": config.get("name")}
    if kind == "Concatenate":
        kept["axis"] = config.get("concat_axis", -1)
    return {**value, "class_name": kind, "config": kept}


def _operator(value: Json, config: Json) -> Json:
    """Return the operation of Keras 3 for a call of a TensorFlow function."""
    function = str(config.get("function"))
    known = old_names.OPERATIONS.get(function)
    nodes = value.get("inbound_nodes")
    if known is None or not isinstance(nodes, list) or not nodes:
        raise BadInput(
            f'it computes "{quoted(function, 30)}" ("{quoted(config.get("name"), 30)}") outside of '
            "layers, which Netsmith cannot show yet"
        )
    module, kind = known
    name = value.get("name", config.get("name"))
    return {
        "module": module,
        "class_name": kind,
        "config": {"name": name},
        "name": name,
        "inbound_nodes": [_operator_call(node) for node in nodes],
    }


def _operator_call(node: Any) -> Any:
    """``["dense", 0, 0, {"y": 2.0}]`` -> ``{"args": [tensor, 2.0], "kwargs": {}}``; other calls unchanged."""
    call = node[0] if isinstance(node, list) and len(node) == 1 else node
    if not isinstance(call, list) or len(call) != 4 or not isinstance(call[3], dict):
        return node
    named = {key: item for key, item in call[3].items() if item is not None}
    first = call[2] if call[0] == _CONSTANT else _tensor(call[:3])
    args = [first] + [_argument(named.pop(name)) for name in (*_SLOTS, _SECOND) if name in named]
    return {"args": args, "kwargs": named}


def _argument(value: Any) -> Any:
    is_tensor = isinstance(value, list) and len(value) == 3 and isinstance(value[0], str)
    return _tensor(value) if is_tensor else value


def _tensor(history: list[Any]) -> Json:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": history}}


_REPAIRS: Final[Mapping[str, Callable[[Json, Json], Json]]] = {
    "Merge": _merge,
    _OPERATOR: _operator,
}
