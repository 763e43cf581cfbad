"""Translate the stored settings of a layer into parameters of the catalogue.

A setting is only taken if the catalogue lists it and accepts its value. Any other setting must have
no effect on the outputs, or the file is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from engine.catalog import catalog, check_value, clean_parameters
from engine.catalog.field_rows import LAYER_LISTS, left_out
from engine.catalog.keras_form import RESCALING, WIDE_DTYPE
from engine.catalog.kind_rows import CELL_GROUP
from engine.catalog.model import Family, Field, Kind
from engine.errors import BadInput, UnsafeFile, quoted
from engine.importing.keras.activations import is_layer, named
from engine.importing.keras.class_names import ClassName
from engine.importing.keras.foreign import code_refusal
from engine.spec.network import INPUT_KIND

Config = Mapping[str, Any]

# Modules of Keras's objects; older files do not store them.
_MODULES: Final[Mapping[Family, frozenset[object]]] = {
    "layer": frozenset({"keras.layers", None}),
    "initializer": frozenset({"keras.initializers", None}),
    "regularizer": frozenset({"keras.regularizers", None}),
    "constraint": frozenset({"keras.constraints", None}),
}
_OBJECT_KEYS: Final = frozenset(
    {"module", "class_name", "config", "registered_name", "shared_object_id", "build_config"}
)
# Settings of older versions that never affect the outputs.
_IDLE: Final = frozenset(
    {
        "name",
        "implementation",
        "input_length",
        "batch_input_shape",
        "fused",
        "query_shape",
        "key_shape",
        "value_shape",
    }
)
_IDLE_FOR_WORDS: Final = frozenset({"epsilon", "vocabulary_dtype", "vocabulary_size"})
# A further output that is not used; used ones are checked where they are taken.
_IDLE_OUTPUT: Final = "return_state"
# Where one is missing, it equals the other.
_SAME_AS: Final = {"strides": "pool_size", "value_dim": "key_dim"}
_PLAIN_DTYPE: Final = "float32"
# Everything is computed in float32, which is more exact than these.
FRACTIONS: Final = frozenset(
    {"float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"}
)
_POLICIES: Final = frozenset({"DTypePolicy", "Policy", "FloatDTypePolicy"})
_QUANTIZED: Final = frozenset({"QuantizedDTypePolicy", "QuantizedFloat8DTypePolicy"})
_USUAL_METHOD: Final = ("oov_method", "floormod")
_POLICY_MODULES: Final = frozenset({None, "keras", "keras.dtype_policies", "keras.mixed_precision"})
# Fields where one integer means a range from 1. One float means a range from 0, for some kinds around 0.
_FROM_ONE: Final = frozenset({"factor", "ngrams"})
_AROUND_ZERO: Final = frozenset(
    {"RandomRotation", "RandomBrightness", "RandomColorDegeneration", "RandomShear"}
)
_USUAL_FORMAT: Final = "channels_last"
_WORD_DTYPES: Final = frozenset({"int64", "int32", "string"})  # prefix of the text layers
_WORD_GROUP: Final = "Text & tables"
STATISTICS: Final = ("mean", "variance")
_KEPT_APART: Final = frozenset({"StringLookup", "IntegerLookup", "TextVectorization"})
# Names in Keras 3.0 to 3.4.
_OLD_CLASSES: Final[Mapping[tuple[Family, str], str]] = {
    ("initializer", "OrthogonalInitializer"): "Orthogonal",
    ("initializer", "IdentityInitializer"): "Identity",
    ("layer", "GroupedQueryAttention"): "GroupQueryAttention",  # the name of the class
}
_UNSAFE_KINDS: Final = frozenset({"Lambda", "TFSMLayer"})


def class_of(value: object, family: Family) -> Kind:
    """Return the catalogue's entry for a stored object.

    Raises
    ------
    UnsafeFile
        If the catalogue does not list it.
    """
    if not isinstance(value, Mapping):
        raise BadInput("it is damaged: one of its parts is no object")
    told = ClassName.of(value)
    if told.name in _UNSAFE_KINDS and family == "layer":
        raise code_refusal(told.name or "")
    name = _OLD_CLASSES.get((family, told.name or ""), told.name or "")
    kind = catalog().family(family).get(name)
    if kind is None or told.module not in _MODULES[family] or not told.is_keras_own:
        raise told.refusal()
    return kind


def parameters_of(kind: Kind, config: object, where: str) -> tuple[dict[str, Any], bool]:
    """Return (parameters, trainable) of a layer, without defaults.

    Parameters
    ----------
    where
        The layer's name, for messages.

    Raises
    ------
    BadInput
        If a setting is unknown or its value does not fit.
    UnsafeFile
        If a value is an object that the catalogue does not list.
    """
    if not isinstance(config, Mapping):
        raise BadInput(f'it is damaged: layer "{quoted(where, 40)}" has no settings')
    parameters = _parameters(kind, config, where, nested=False)
    if kind.name in _KEPT_APART and parameters.get("vocabulary") is None:
        raise BadInput(
            f'layer "{quoted(where, 40)}" keeps its words in a separate file: give it a vocabulary'
        )
    trainable = config.get("trainable", True)
    if not isinstance(trainable, bool):
        raise BadInput(f'it is damaged: layer "{quoted(where, 40)}" has an odd setting "trainable"')
    return parameters, trainable


def _parameters(kind: Kind, config: Config, where: str, *, nested: bool) -> dict[str, Any]:
    fields = {field.name: field for field in kind.as_part.fields}
    found: dict[str, Any] = {}
    for name, value in config.items():
        field = fields.get(name)
        if value is None and name in (*STATISTICS, "vocabulary"):
            continue  # adapted to data, and stored with the weights
        if nested and name == "zero_output_for_mask":
            continue  # Bidirectional sets it in what it wraps
        if field is not None and name != "dtype":
            found[name] = _value(field, _end_of_range(kind, field, value), where)
        else:
            _check_beyond(kind, name, value, where)
    if kind.name == RESCALING and dtype_name(config.get("dtype", _PLAIN_DTYPE)) == WIDE_DTYPE:
        found = _wide(found)
    told = {name: value for name, value in found.items() if not _implied(fields[name], found)}
    return clean_parameters(kind, told)


def _wide(rescaling: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a Rescaling in float64, which is expressed by lists."""
    scale = rescaling.get("scale")
    return {**rescaling, "scale": (scale,) if isinstance(scale, (int, float)) else scale}


def _implied(field: Field, found: Mapping[str, Any]) -> bool:
    """Tell whether a value means the same as the default."""
    value = found[field.name]
    if field.default is not None or value is None:
        return False
    if field.name == "data_format":
        return bool(value == _USUAL_FORMAT)
    if field.name == "backward_layer":
        return _mirrored(found.get("layer"), value)
    return field.name in _SAME_AS and bool(value == found.get(_SAME_AS[field.name]))


def _mirrored(forward: Any, backward: Any) -> bool:
    """Tell whether a layer is another one with ``go_backwards`` inverted."""
    if not isinstance(forward, Mapping) or forward["kind"] != backward["kind"]:
        return False
    one, other = dict(forward["parameters"]), dict(backward["parameters"])
    turned = one.pop("go_backwards", False) != other.pop("go_backwards", False)
    return turned and one == other


def _check_beyond(kind: Kind, name: str, value: Any, where: str) -> None:
    """Refuse a setting outside the catalogue unless it has no effect."""
    if name in _IDLE or value is None or value is False or (name == "trainable" and value is True):
        return
    if (name == "data_format" and value == _USUAL_FORMAT) or (
        kind.group == _WORD_GROUP and (name in _IDLE_FOR_WORDS or (name, value) == _USUAL_METHOD)
    ):
        return
    if name == "dtype":
        _check_dtype(kind, value, where)
    elif name != _IDLE_OUTPUT:
        raise _unknown(kind, name, value, where)


def _unknown(kind: Kind, name: str, value: Any, where: str) -> BadInput:
    """Return the error for an unsupported or unknown setting."""
    told = f"{name}={value}" if isinstance(value, (bool, int, float, str)) else name
    known = left_out(kind.name, name)
    what = "Netsmith does not have" if known else "this Netsmith does not know"
    return BadInput(
        f'layer "{quoted(where, 30)}" has the setting "{quoted(told, 30)}", which {what}: '
        "save it without"
    )


def _check_dtype(kind: Kind, value: object, where: str) -> None:
    name = dtype_name(value)
    for_words = kind.group == _WORD_GROUP and name in _WORD_DTYPES
    if name in FRACTIONS or for_words:
        return
    if "_from_" in name:
        raise BadInput(
            f'layer "{quoted(where, 30)}" is quantized ({quoted(name, 30)}): '
            "save the model before it is quantized"
        )
    raise BadInput(
        f'layer "{quoted(where, 30)}" computes in {quoted(name, 20)}: save the model in float32'
    )


def dtype_name(value: object) -> str:
    """Return the name of a dtype, stored as a name or as a policy."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping):
        raise BadInput("it is damaged: a number type has no name")
    told, config = ClassName.of(value), value.get("config")
    known = _POLICIES | _QUANTIZED
    if told.name not in known or told.module not in _POLICY_MODULES:
        raise told.refusal()
    if told.name in _QUANTIZED:
        mode = config.get("mode", "fewer bits") if isinstance(config, Mapping) else "fewer bits"
        return f"{mode}_from_{told.name}"
    if not isinstance(config, Mapping) or not isinstance(config.get("name"), str):
        raise BadInput("it is damaged: a number type has no name")
    return str(config["name"])


def _value(field: Field, value: Any, where: str) -> Any:
    if field.name == "vocabulary" and isinstance(value, str):
        raise UnsafeFile("it wants to read a file outside the model")
    if value is None:
        made: Any = "linear" if field.type == "activation" and not field.optional else None
    elif field.name in LAYER_LISTS:
        items = value if isinstance(value, list) else [value]
        made = tuple(_nested("layer", item, where) for item in items)
    else:
        made = _READERS.get(field.type, _read_plain)(field, value, where)
    if problem := check_value(field, made):
        raise BadInput(f'layer "{quoted(where, 30)}": {problem}')
    return made


def _read_object(field: Field, value: Any, where: str) -> Any:
    family = cast("Family", field.type)
    if isinstance(value, str):
        return {"kind": _kind_of_short_name(family, value), "parameters": {}}
    if not isinstance(value, Mapping):
        raise BadInput(
            f'it is damaged: layer "{quoted(where, 40)}" has an odd setting "{field.name}"'
        )
    return _nested(family, value, where)


def _nested(family: Family, value: Any, where: str) -> dict[str, Any]:
    kind = class_of(value, family)
    if (kind.unsupported and kind.group != CELL_GROUP) or kind.name == INPUT_KIND:
        raise BadInput(f'layer "{quoted(where, 40)}" holds {kind.name}, which cannot be used there')
    if not value.keys() <= _OBJECT_KEYS or not isinstance(value.get("config"), Mapping):
        raise BadInput(f'it is damaged: a part of layer "{quoted(where, 40)}" is odd')
    config = value["config"]
    return {"kind": kind.name, "parameters": _parameters(kind, config, where, nested=True)}


def _kind_of_short_name(family: Family, name: str) -> str:
    """Return the kind that older files name in snake case: ``glorot_uniform``."""
    sought = _OLD_SHORT_NAMES.get(name, name).replace("_", "").lower()
    for kind in catalog().family(family):
        if kind.lower() == sought:
            return kind
    raise ClassName(None, name, None).refusal()


_OLD_SHORT_NAMES: Final = {
    "uniform": "random_uniform",
    "normal": "random_normal",
    "zero": "zeros",
    "one": "ones",
}


def _read_activation(_field: Field, value: Any, where: str) -> Any:
    if isinstance(value, str):
        return _OLD_ACTIVATIONS.get(value, value)
    if not isinstance(value, Mapping):
        return value
    if is_layer(value):
        return named(value, where)
    told, function = ClassName.of(value), value.get("config")
    own = isinstance(function, str) and function in catalog().family("activation")
    if told.module != "builtins" or told.is_foreign or not own:
        registered = None if told.module == "builtins" and own else "a function"
        raise ClassName(None, quoted(function, 40), registered).refusal()
    return function


_OLD_ACTIVATIONS: Final = {"swish": "silu", "hard_swish": "hard_silu"}


def _read_plain(_field: Field, value: Any, _where: str) -> Any:
    return plain(value)


def _read_number(_field: Field, value: Any, _where: str) -> Any:
    """Read one number, which Keras may write as a list of one."""
    made = plain(value)
    is_one = isinstance(made, Sequence) and not isinstance(made, str) and len(made) == 1
    return made[0] if is_one else made


def _end_of_range(kind: Kind, field: Field, value: Any) -> Any:
    """Return one number that Keras stores twice, or as the range ``[0, 0.2]``."""
    fits = isinstance(value, (list, tuple)) and len(value) == 2
    if (
        not fits
        or field.type not in ("int", "float")
        or not all(isinstance(n, (int, float)) for n in value)
    ):
        return value
    low, high = value
    if field.type == "int":
        twice = low == high and field.name == "kernel_size"
        return high if twice or (low == 1 and field.name in _FROM_ONE) else value
    return high if low == (-high if kind.name in _AROUND_ZERO else 0) else value


def _read_whole_numbers(_field: Field, value: Any, _where: str) -> Any:
    """Read whole numbers, which Keras may write as pairs: ``[[1, 1], [2, 2]]``."""
    made = plain(value)
    if isinstance(made, tuple) and any(isinstance(item, tuple) for item in made):
        return tuple(
            number for item in made for number in (item if isinstance(item, tuple) else (item,))
        )
    return made


_READERS: Final[Mapping[str, Callable[[Field, Any, str], Any]]] = {
    "activation": _read_activation,
    "initializer": _read_object,
    "regularizer": _read_object,
    "constraint": _read_object,
    "layer": _read_object,
    "int": _read_number,
    "float": _read_number,
    "ints": _read_whole_numbers,
}


def plain(value: Any) -> Any:
    """Return numbers, texts and tuples of them, without Keras's wrappers.

    Raises
    ------
    UnsafeFile
        If it contains anything else.
    """
    if isinstance(value, list):
        return tuple(plain(item) for item in value)
    if not isinstance(value, Mapping):
        return value
    told, config = ClassName.of(value), value.get("config")
    if told.name in ("__tuple__", "TensorShape") and isinstance(value.get("items"), list):
        return plain(value["items"])
    if told.name in ("__numpy__", "__tensor__") and isinstance(config, Mapping):
        return plain(config.get("value"))
    if told.name is not None or told.module is not None:
        raise told.refusal()
    return {str(key): plain(item) for key, item in value.items()}
