"""Write the public API of the installed Keras to a file, so that the catalogue can be read without Keras.

Run ``python -m engine.build.inspection`` after an update of Keras; the result is
``resources/catalog/keras.json``. It contains facts only: names, arguments, defaults. Their meaning is
in the tables of `engine.catalog` and in ``resources/catalog/help.json``.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import keras

import resources
from engine.catalog.model import NO_DEFAULT, Family
from engine.storage import write_text

# Functions of keras.activations that are no activations.
_SERVICES = frozenset({"get", "serialize", "deserialize"})


def modules() -> Mapping[Family, tuple[ModuleType, type | None]]:
    """Return the public module of each family and the base of its classes; None for functions."""
    return {
        "layer": (keras.layers, keras.layers.Layer),
        "activation": (keras.activations, None),
        "initializer": (keras.initializers, keras.initializers.Initializer),
        "regularizer": (keras.regularizers, keras.regularizers.Regularizer),
        "constraint": (keras.constraints, keras.constraints.Constraint),
        "loss": (keras.losses, keras.losses.Loss),
        "optimizer": (keras.optimizers, keras.optimizers.Optimizer),
        "metric": (keras.metrics, keras.metrics.Metric),
    }


def public_objects(family: Family) -> dict[str, Any]:
    """Return the public classes of a family (functions for activations) by name, without aliases.

    Of several names for one object, its ``__name__`` is taken, else the first alphabetically. The base
    class is left out, except for layers, where the catalogue says why it cannot be added.
    """
    module, base = modules()[family]
    found: dict[int, tuple[str, Any]] = {}
    for name in sorted(dir(module)):
        item = getattr(module, name)
        if not _belongs(name, item, base, keep_base=family == "layer"):
            continue
        if id(item) not in found or item.__name__ == name:
            found[id(item)] = (name, item)
    return dict(sorted(found.values()))


def _belongs(name: str, item: Any, base: type | None, *, keep_base: bool) -> bool:
    if name.startswith("_"):
        return False
    if base is None:
        return inspect.isfunction(item) and name not in _SERVICES
    return inspect.isclass(item) and issubclass(item, base) and (keep_base or item is not base)


def arguments(item: Any) -> dict[str, Any]:
    """Return the required arguments and the defaults of a class or activation."""
    parameters = [
        parameter
        for parameter in inspect.signature(item).parameters.values()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if inspect.isfunction(item):
        parameters = parameters[1:]  # the input of an activation
    return {
        "required": [p.name for p in parameters if p.default is p.empty],
        "defaults": {p.name: p.default for p in parameters if p.default is not p.empty},
    }


def facts(family: Family, item: Any) -> dict[str, Any]:
    """Return the stored facts of an object: its arguments, and those of a layer's call."""
    found = arguments(item)
    return {**found, "call": call_arguments(item)} if family == "layer" else found


def call_arguments(layer: Any) -> dict[str, Any]:
    """Return the arguments of a layer's call with their defaults, `NO_DEFAULT` for required ones."""
    parameters = [
        parameter
        for parameter in inspect.signature(layer.call).parameters.values()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    return {
        parameter.name: NO_DEFAULT if parameter.default is parameter.empty else parameter.default
        for parameter in parameters[1:]
    }


def inspected() -> dict[str, Any]:
    """Return the content of the stored file as plain JSON values."""
    families = {
        family: {name: facts(family, item) for name, item in public_objects(family).items()}
        for family in modules()
    }
    content: dict[str, Any] = json.loads(
        json.dumps({"keras_version": keras.__version__, "families": families}, allow_nan=False)
    )
    return content


def text(content: Mapping[str, Any]) -> str:
    """Return the text of the stored file, one line an object; equal for equal versions of Keras."""
    families = []
    for family, kinds in content["families"].items():
        lines = [f"   {json.dumps(name)}: {json.dumps(facts)}" for name, facts in kinds.items()]
        families.append(f"  {json.dumps(family)}: {{\n" + ",\n".join(lines) + "\n  }")
    version = json.dumps(content["keras_version"])
    return (
        f'{{\n "keras_version": {version},\n "families": {{\n' + ",\n".join(families) + "\n }\n}\n"
    )


def main() -> None:
    """Write the file."""
    folder = Path(resources.path("catalog"))
    write_text(folder / "keras.json", text(inspected()))


if __name__ == "__main__":
    main()
