"""List the stored layers of a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from engine.errors import BadInput, UnsafeFile, quoted
from engine.importing.keras.application_layers import as_catalogued
from engine.importing.keras.arithmetic import is_operation
from engine.importing.keras.class_names import ClassName
from engine.importing.keras.names import checked_name, group_name
from engine.importing.keras.placement import MOST_LAYERS, Entry, Found
from engine.importing.keras.sharing import Unshared
from engine.spec.network import INPUT_KIND

DAMAGED: Final = "it is damaged: its list of layers cannot be read"
_MODELS: Final = frozenset({"Functional", "Sequential", "Model"})
_MODEL_MODULES: Final = frozenset(
    {
        None,
        "keras",
        "keras.models",
        "keras.src.models.functional",
        "keras.src.models.sequential",
        "keras.src.engine.functional",
        "keras.src.engine.sequential",
    }
)


def is_model(value: Any) -> bool:
    """Tell whether a stored layer is a model class of Keras."""
    if not isinstance(value, Mapping) or not isinstance(value.get("config"), (Mapping, list)):
        return False
    told = ClassName.of(value)
    return told.name in _MODELS and told.module in _MODEL_MODULES and told.is_keras_own


def entries_of(parted: Unshared, found: Found) -> dict[str, Entry]:
    """Return the stored layers of a model by name, in order, each with the group of its weights.

    Raises
    ------
    BadInput
        If the list cannot be read, or two layers have one name.
    UnsafeFile
        If the whole file has too many layers.
    """
    config = parted.config
    stored = config.get("layers")
    if not isinstance(stored, list) or not stored:
        raise BadInput(DAMAGED)
    found.layers_left -= len(stored)
    if found.layers_left < 0:
        raise UnsafeFile(
            f"it has more than {MOST_LAYERS:,} layers; it was probably made to freeze programs"
        )
    entries: dict[str, Entry] = {}
    counts: Counter[str] = Counter()
    skips_inputs = "input_layers" not in config  # a Sequential model does not count its input
    for place, value in enumerate(stored):
        if not isinstance(value, Mapping) or not isinstance(value.get("config"), Mapping):
            raise BadInput(DAMAGED)
        name = checked_name(value.get("name", value["config"].get("name")))
        if name in entries:
            raise BadInput(f'it is damaged: two layers are named "{quoted(name, 40)}"')
        group = ""
        kind = ClassName.of(value).name or ""
        repeats = parted.repeats.get(name, "")
        if not repeats and not is_operation(value) and not (skips_inputs and kind == INPUT_KIND):
            stem = group_name(kind)
            group = f"{stem}_{counts[stem]}" if counts[stem] else stem
            counts[stem] += 1
        entries[name] = Entry(name, place, as_catalogued(value), group, repeats)
    return entries
