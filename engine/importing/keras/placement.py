"""Add the layers of a stored model to a network, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from engine.catalog.keras_form import WIDE_DTYPE
from engine.catalog.kind_rows import FORMULA
from engine.errors import BadInput, quoted
from engine.importing.keras.activations import parted
from engine.importing.keras.class_names import ClassName
from engine.importing.keras.formulas import formula_of
from engine.importing.keras.masks import Masks
from engine.importing.keras.names import Ids
from engine.importing.keras.settings import FRACTIONS, Config, class_of, dtype_name, parameters_of
from engine.importing.keras.sharing import is_plain
from engine.importing.keras.timed import TIMED, refuse_timed, timed
from engine.importing.safe.numbers import Array
from engine.spec.network import INPUT_KIND, OUTPUT_KIND, LayerSpec, WireSpec

MOST_LAYERS: Final = 5000
_INPUT_DTYPES: Final = frozenset({"float32", "float64", "int32", "int64", "uint8", "bool"})
_PLAIN_DTYPE: Final = "float32"


@dataclass(frozen=True)
class Scope:
    """Where a model is in the nesting of models.

    Attributes
    ----------
    prefix
        Prefix of its layers' ids.
    path
        Path of its weights in a ``.keras`` archive.
    group
        Name of the top-level layer that it belongs to, "" for the outermost model.
    given
        Ids of the layers that feed it; None if it has inputs of its own.
    order
        Position of the model among the layers, as a sort key.
    models
        Ids of the models around it and its own, outermost first.
    names
        Their names in the file; for a further use the name of the first.
    again
        Whether one of them is used again here, with the layers of its first use.
    timed
        Number of TimeDistributed wrappers around the model.
    """

    prefix: str = ""
    path: str = "layers"
    group: str = ""
    given: tuple[str, ...] | None = None
    trainable: bool = True
    depth: int = 0
    order: tuple[int, ...] = ()
    models: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    again: bool = False
    timed: int = 0


@dataclass(frozen=True)
class Entry:
    """One stored layer.

    Attributes
    ----------
    place
        Position in its model's list.
    group
        Name of its weights' group, "" if it has none.
    repeats
        Name of the layer that is used again, "" for a first use.
    owner
        The layer that it is the activation of.
    """

    name: str
    place: int
    value: Config
    group: str
    repeats: str = ""
    owner: Entry | None = None

    @property
    def kind(self) -> str:
        """Name of its class, not checked."""
        return ClassName.of(self.value).name or ""


@dataclass
class Found:
    """Results collected during a translation.

    Attributes
    ----------
    models
        Layer id -> ids of the models around it, outermost first.
    firsts
        (names of the models around a layer, its own name) -> id of its first use.
    repeated
        Id of a further use of a layer with weights -> the same names.
    constants
        Layer id -> its weights, if they are stored in the description.
    masks
        Masks of the layers' outputs.
    parted
        Id of a further output -> its layer.
    specs
        Layer id -> the layer.
    """

    ids: Ids = field(default_factory=Ids)
    layers: list[tuple[tuple[int, ...], LayerSpec]] = field(default_factory=list)
    wires: list[WireSpec] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    own_names: dict[str, str] = field(default_factory=dict)
    group_of: dict[str, str] = field(default_factory=dict)
    input_sizes: dict[str, int] = field(default_factory=dict)
    layers_left: int = MOST_LAYERS
    models: dict[str, tuple[str, ...]] = field(default_factory=dict)
    firsts: dict[tuple[str, ...], str] = field(default_factory=dict)
    repeated: dict[str, tuple[str, ...]] = field(default_factory=dict)
    constants: dict[str, tuple[Array, ...]] = field(default_factory=dict)
    masks: Masks = field(default_factory=Masks)
    parted: dict[str, str] = field(default_factory=dict)
    specs: dict[str, LayerSpec] = field(default_factory=dict)


def place_layer(
    entry: Entry,
    sources: list[str],
    scope: Scope,
    found: Found,
    settings: Mapping[str, Any],
) -> str:
    """Place one layer of the catalogue after its sources, with these call settings.

    Returns
    -------
    str
        Id of the layer with its output: its own, or that of an activation layer after it.

    Raises
    ------
    BadInput, UnsafeFile
        If it is not in the catalogue, or its settings do not fit.
    """
    kind = class_of(entry.value, "layer")
    if kind.unsupported or kind.name == INPUT_KIND:
        name = quoted(entry.name, 40)
        raise BadInput(f'layer "{name}" is a {kind.name}, which Netsmith does not open')
    config, activation = parted(kind.name, entry.value["config"], entry.name)
    behind = None if activation is None else _activation_of(entry, activation)
    if behind is not None and kind.name == "Activation":
        return place_layer(replace(behind, name=entry.name), sources, scope, found, settings)
    parameters, trainable = parameters_of(kind, config, entry.name)
    told = {**parameters, **settings}
    kind_name, told = timed(kind, told, scope.timed, entry.name)
    spec = LayerSpec(
        id=found.ids.take(scope.prefix, entry.name),
        kind=kind_name,
        parameters=told,
        trainable=trainable and scope.trainable,
    )
    _note_weights(spec, kind.name, entry, scope, found)
    _note_input_size(spec.id, entry.value, found)
    add(spec, sources, entry, scope, found)
    return spec.id if behind is None else place_layer(behind, [spec.id], scope, found, {})


def place_output(entry: Entry, source: str, place: int, scope: Scope, found: Found) -> str:
    """Place a further output of a layer; return its id."""
    spec = LayerSpec(
        id=found.ids.take(scope.prefix, f"{entry.name}_output_{place}"),
        kind=OUTPUT_KIND,
        parameters={"place": place},
    )
    add(spec, [source], entry, scope, found)
    found.parted[spec.id] = source
    return spec.id


def _activation_of(entry: Entry, value: Config) -> Entry:
    """Return an activation layer as an entry of its own."""
    kind = ClassName.of(value).name or "activation"
    repeats = f"{entry.repeats}/activation" if entry.repeats else ""
    name = f"{entry.name}_{kind.lower()}"
    return Entry(name, entry.place, value, f"{entry.group}/activation", repeats, entry)


def _note_weights(
    spec: LayerSpec, kind_name: str, entry: Entry, scope: Scope, found: Found
) -> None:
    """Record where the weights of a layer are, or which layer it shares them with."""
    own = entry.name if entry.owner is None else f"{entry.owner.name}/activation"
    names = (*scope.names, entry.repeats or own)
    if entry.repeats or scope.again:
        if not is_plain(kind_name):
            found.repeated[spec.id] = names
        return
    path = f"{scope.path}/{entry.group}"
    found.places[path] = spec.id + "/layer" * (scope.timed if spec.kind == TIMED else 0)
    found.own_names[path] = str(entry.value["config"].get("name", entry.name))
    found.group_of[spec.id] = scope.group or (entry.owner or entry).name
    found.firsts[names] = spec.id


def place_formula(entry: Entry, sources: list[str], scope: Scope, found: Found) -> str:
    """Place a model of operations as a formula; errors as in `place_layer`."""
    config = entry.value["config"]
    refuse_timed(scope.timed, entry.name)
    spec = LayerSpec(
        id=found.ids.take(scope.prefix, entry.name),
        kind=FORMULA,
        parameters={"expression": formula_of(config, entry.name)},
        trainable=config.get("trainable", True) is True and scope.trainable,
    )
    add(spec, sources, entry, scope, found)
    return spec.id


def add(spec: LayerSpec, sources: list[str], entry: Entry, scope: Scope, found: Found) -> None:
    """Add a layer and the wires into it, by port."""
    found.layers.append(((*scope.order, entry.place), spec))
    found.models[spec.id] = scope.models
    found.specs[spec.id] = spec
    found.masks.note(spec, sources)
    found.wires += [
        WireSpec(source=source, target=spec.id, port=port) for port, source in enumerate(sources)
    ]


def _note_input_size(layer_id: str, value: Config, found: Found) -> None:
    built = value.get("build_config")
    shape = built.get("input_shape") if isinstance(built, Mapping) else None
    if isinstance(shape, list) and shape and isinstance(shape[-1], int) and shape[-1] > 0:
        found.input_sizes[layer_id] = shape[-1]


def place_input(entry: Entry, position: int, scope: Scope, found: Found) -> str:
    """Place an input of the whole network; return its id."""
    config = entry.value["config"]
    if any(config.get(name) for name in ("sparse", "ragged", "optional")):
        raise BadInput("its input is sparse, ragged or optional, which Netsmith cannot show yet")
    shape = config.get("batch_shape", config.get("batch_input_shape"))
    fits = isinstance(shape, list) and 1 <= len(shape) <= 8
    if not fits or not all(size is None or _is_size(size) for size in shape[1:]):
        raise BadInput("it is damaged: the shape of its input cannot be read")
    parameters: dict[str, Any] = {"shape": tuple(shape[1:])}
    dtype = dtype_name(config.get("dtype") or _PLAIN_DTYPE)
    if dtype in FRACTIONS and dtype != WIDE_DTYPE:
        dtype = _PLAIN_DTYPE  # float32 is used throughout; float64 may be the input of a Rescaling
    if dtype == "string":
        raise BadInput(
            f'its input "{quoted(entry.name, 30)}" takes texts: save the part behind '
            "TextVectorization, which takes numbers"
        )
    if dtype not in _INPUT_DTYPES:
        raise BadInput(f'its input takes "{quoted(dtype, 20)}": save it with float32 or int32')
    if dtype != _PLAIN_DTYPE:
        parameters["dtype"] = dtype
    spec = LayerSpec(
        id=found.ids.take(scope.prefix, entry.name), kind=INPUT_KIND, parameters=parameters
    )
    found.layers.append(((-1, position), spec))
    return spec.id


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 2**31
