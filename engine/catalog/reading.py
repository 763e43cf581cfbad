"""Build the catalogue from the inspected facts and the hand-written tables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import resources
from engine.catalog.calls import CALL_SETTINGS
from engine.catalog.field_rows import field_row, left_out
from engine.catalog.kind_rows import CELL_GROUP, FORMULA, GROUP_ICONS, KIND_ROWS
from engine.catalog.model import Catalog, Family, Field, FieldType, Kind
from engine.catalog.rows import NOTHING, PER_AXIS, TWO_PER_AXIS, FieldRow, KindRow
from engine.spec.base import frozen
from engine.spec.inner import FIELD
from engine.spec.network import MODEL_KIND, OUTPUT_KIND

_AXES: Final = re.compile(r"([123])D")
_UNKNOWN_FIELD: Final = FieldRow("json", advanced=True)
_UNKNOWN_KIND: Final = KindRow("Other", unsupported="This Netsmith does not know it yet.")
_PLAIN_ICON: Final = "mdi6.shape-outline"
# Names in Keras's signatures -> class names in the catalogue.
_SHORT_NAMES: Final[Mapping[str, str]] = {"uniform": "RandomUniform", "normal": "RandomNormal"}
_NESTED: Final[frozenset[FieldType]] = frozenset({"initializer", "regularizer", "constraint"})


# Arguments that constructors take in ``**kwargs``, which no signature shows.
_BY_KEYWORD: Final[Mapping[str, Mapping[str, Any]]] = {
    **{name: {"lora_rank": None, "lora_alpha": None} for name in ("Conv1D", "Conv2D", "Conv3D")},
    **{name: {"zero_output_for_mask": False} for name in ("SimpleRNN", "GRU", "LSTM")},
}
# Kinds without a Keras class, in the form of the inspected facts.
_OWN: Final[Mapping[str, Mapping[str, Any]]] = {
    FORMULA: {"required": ["expression"], "defaults": {}},
    MODEL_KIND: {"required": [FIELD], "defaults": {}},
    OUTPUT_KIND: {"required": ["place"], "defaults": {}},
}


def read() -> Catalog:
    """Return the catalogue of the Keras version that was inspected last."""
    facts = _json("catalog/keras.json")
    facts["families"]["layer"] |= _OWN
    sentences = _json("catalog/help.json")
    kinds = {
        family: _family(family, stored, sentences) for family, stored in facts["families"].items()
    }
    return Catalog(keras_version=facts["keras_version"], kinds=kinds)


def _json(name: str) -> Any:
    return json.loads(resources.path(name).read_text(encoding="utf-8"))


def _family(family: Family, stored: Mapping[str, Any], sentences: Any) -> dict[str, Kind]:
    """Return the kinds of a family, common ones first, in the order of the tables."""
    order = {name: place for place, name in enumerate(KIND_ROWS[family])}
    names = sorted(stored, key=lambda name: order.get(name, len(order)))
    kinds = [_kind(family, name, stored[name], sentences) for name in names]
    kinds.sort(key=lambda kind: not kind.common)
    return {kind.name: kind for kind in kinds}


def _kind(family: Family, name: str, facts: Mapping[str, Any], sentences: Any) -> Kind:
    row = KIND_ROWS[family].get(name, _UNKNOWN_KIND)
    # Activations have no parameters; unsupported kinds need no form, except cells.
    without_form = family == "activation" or (
        row.unsupported and row.group != CELL_GROUP and name not in _OWN
    )
    return Kind(
        name=name,
        family=family,
        group=row.group,
        fields=() if without_form else _fields(name, facts, sentences["fields"]),
        help=sentences[family].get(name, ""),
        inputs=row.inputs,
        input_names=row.input_names,
        ranks=row.ranks,
        common=row.common,
        icon=GROUP_ICONS.get(row.group, _PLAIN_ICON) if family == "layer" else "",
        unsupported=row.unsupported,
        call_arguments=tuple(facts.get("call", {}).items()),
    )


def _fields(kind: str, facts: Mapping[str, Any], sentences: Mapping[str, str]) -> tuple[Field, ...]:
    required = dict.fromkeys(facts["required"], NOTHING)
    made = [
        _field(kind, name, default, sentences)
        for name, default in {**required, **facts["defaults"], **_BY_KEYWORD.get(kind, {})}.items()
        if not left_out(kind, name)
    ]
    of_call = [name for name in facts.get("call", ()) if name in CALL_SETTINGS]
    made += [replace(_field(kind, name, False, sentences), of_call=True) for name in of_call]
    return tuple(made)


def _field(kind: str, name: str, default: Any, sentences: Mapping[str, str]) -> Field:
    row = field_row(kind, name) or _UNKNOWN_FIELD
    length = _length(kind, row.length)
    required = default is NOTHING or (row.example is not NOTHING and default is None)
    if row.from_data:
        required, default = False, None
    elif required:
        default = row.example
    elif row.ours is not NOTHING:
        default = row.ours
    return Field(
        name=name,
        type=row.type,
        default=_normal(row.type, default, length),
        required=required,
        optional=(default is None) if row.optional is None else row.optional,
        minimum=row.minimum,
        maximum=row.maximum,
        choices=row.choices,
        length=length,
        advanced=row.advanced,
        help=_sentence(kind, name, sentences),
        unit=row.unit,
        from_data=row.from_data,
    )


def _length(kind: str, length: int) -> int:
    if length not in (PER_AXIS, TWO_PER_AXIS):
        return length
    found = _AXES.search(kind)
    return abs(length) * int(found.group(1)) if found else 0


def _normal(field_type: FieldType, default: Any, length: int) -> Any:
    """Return Keras's default in the catalogue's form."""
    if field_type == "activation":
        return default or "linear"
    if default is None:
        return None
    if field_type in _NESTED and isinstance(default, str):
        return {"kind": _class_name(default), "parameters": {}}
    if field_type == "ints":
        return _whole_numbers(default, length)
    return frozen(default)


def _class_name(name: str) -> str:
    return _SHORT_NAMES.get(name) or "".join(
        part[:1].upper() + part[1:] for part in name.split("_")
    )


def _whole_numbers(default: Any, length: int) -> tuple[int, ...]:
    """Expand one number to all positions, one number an axis to both sides, and flatten pairs."""
    if not isinstance(default, Sequence):
        return (default,) * (length or 1)
    flat = [n for item in default for n in (item if isinstance(item, Sequence) else (item,))]
    if length and len(flat) * 2 == length:
        flat = [n for n in flat for _ in range(2)]
    return tuple(flat)


def _sentence(kind: str, name: str, sentences: Mapping[str, str]) -> str:
    found = sentences.get(f"{kind}.{name}") or sentences.get(name)
    if found:
        return found
    return next(
        (text for end, text in sentences.items() if end[0] == "_" and name.endswith(end)), ""
    )
