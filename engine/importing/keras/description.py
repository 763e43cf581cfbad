"""Translate a stored Keras model into a `NetworkSpec`, without Keras.

Functional and Sequential models become layers and wires. Nested models are flattened, their layers
named ``outer.inner``. What a `NetworkSpec` cannot express is refused in one sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from engine.errors import BadInput, UnsafeFile
from engine.importing.keras.calls import Call, in_order, read_ends
from engine.importing.keras.class_names import ClassName
from engine.importing.keras.entries import DAMAGED, entries_of, is_model
from engine.importing.keras.foreign import refuse_programs
from engine.importing.keras.formulas import is_formula
from engine.importing.keras.functional import Graph, read
from engine.importing.keras.names import model_name
from engine.importing.keras.placement import (
    MOST_LAYERS,
    Entry,
    Found,
    Scope,
    place_formula,
    place_input,
    place_layer,
)
from engine.importing.keras.settings import Config, class_of
from engine.importing.keras.sharing import unshared
from engine.importing.keras.timed import unwrapped
from engine.importing.safe.numbers import Array
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec, WireSpec

DEEPEST: Final = 24


@dataclass(frozen=True)
class Described:
    """A translated network, and where to find its weights.

    Attributes
    ----------
    places
        Group of the weights in a ``.keras`` archive, ``"layers/conv2d_1"`` -> layer id.
    own_names
        The same group -> the layer's name in the file.
    groups
        Top-level name in a whole-model ``.h5`` file -> ids of its layers, in order: one, or those
        of a model inside.
    shared
        Layer id -> the layer that it shares its weights with.
    models
        Layer id -> ids of the models around it, outermost first.
    name
        Name of the whole model, as a valid layer name.
    input_sizes
        Layer id -> number of features that enter it, if the file tells; not verified.
    constants
        Layer id -> its weights, if they are stored in the description.
    parted
        Id of a further output -> its layer.
    """

    network: NetworkSpec
    places: Mapping[str, str]
    own_names: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]
    input_sizes: Mapping[str, int]
    shared: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    name: str = "model"
    constants: Mapping[str, tuple[Array, ...]] = field(default_factory=dict)
    parted: Mapping[str, str] = field(default_factory=dict)


def describe(config: Any) -> Described:
    """Translate the content of ``config.json``, or of a whole-model file's ``model_config``.

    Raises
    ------
    BadInput
        If it is damaged, or cannot be expressed as a `NetworkSpec`.
    UnsafeFile
        If it uses anything but layers of the catalogue.
    """
    refuse_programs(config)
    found = Found()
    outputs = _with_ends(_model(config, Scope(), found), found)
    last = {name: place for place, name in enumerate(outputs)}
    layers = [spec for _, spec in sorted(found.layers, key=lambda pair: pair[0])]
    groups: dict[str, list[str]] = {}
    for spec in layers:
        if spec.id in found.group_of:
            groups.setdefault(found.group_of[spec.id], []).append(spec.id)
    layers.sort(key=lambda spec: (spec.kind != INPUT_KIND, last.get(spec.id, -1)))
    try:
        network = NetworkSpec(layers=tuple(layers), wires=tuple(found.wires))
    except ValueError as error:
        raise BadInput(DAMAGED) from error
    if [layer.id for layer in network.outputs] != outputs:
        raise BadInput("a part of its network leads nowhere: save it again without that part")
    return Described(
        network=network,
        places=found.places,
        own_names=found.own_names,
        groups={name: tuple(ids) for name, ids in groups.items()},
        input_sizes=found.input_sizes,
        shared=_shared(found),
        models=found.models,
        name=found.ids.take("", model_name(config)),
        constants=found.constants,
        parted=found.parted,
    )


def _shared(found: Found) -> dict[str, str]:
    try:
        return {name: found.firsts[first] for name, first in found.repeated.items()}
    except KeyError as error:
        raise BadInput(DAMAGED) from error


def _with_ends(outputs: list[str], found: Found) -> list[str]:
    """Return the ids of the output layers; an output that another layer also takes ends in an Identity."""
    taken = {wire.source for wire in found.wires}
    counts = Counter(outputs)
    inputs = {spec.id for _, spec in found.layers if spec.kind == INPUT_KIND}
    ends: list[str] = []
    for source in outputs:
        end = source
        if source in taken or source in inputs or counts[source] > 1:
            end = found.ids.take("", f"{source}_output")
            found.layers.append(((MOST_LAYERS,), LayerSpec(id=end, kind="Identity")))
            found.wires.append(WireSpec(source=source, target=end))
        ends.append(end)
    return ends


def _model(value: Any, scope: Scope, found: Found) -> list[str]:
    """Translate a model; return the ids of its output layers."""
    if not isinstance(value, Mapping):
        raise BadInput(DAMAGED)
    if not is_model(value):
        class_of(value, "layer")  # refuses classes that are not in the catalogue
        raise BadInput("it holds a single layer, not a network: save the whole model")
    if scope.depth > DEEPEST:
        raise UnsafeFile(f"models lie inside models more than {DEEPEST} deep")
    config = value.get("config")
    if isinstance(config, list):  # Sequential models in the oldest files
        config = {"layers": config}
    if not isinstance(config, Mapping):
        raise BadInput(DAMAGED)
    scope = replace(scope, trainable=scope.trainable and config.get("trainable", True) is True)
    read = _sequential if ClassName.of(value).name == "Sequential" else _functional
    parted = unshared(config)
    return read(parted.config, entries_of(parted, found), scope, found)


# ---- Functional models ----


def _functional(
    config: Config, entries: Mapping[str, Entry], scope: Scope, found: Found
) -> list[str]:
    inputs, ends = (read_ends(config.get(key)) for key in ("input_layers", "output_layers"))
    calls = {name: read(entry) for name, entry in entries.items() if entry.kind != INPUT_KIND}
    graph = Graph(entries, calls, ends, (scope, found), _lay_out)
    for position, ref in enumerate(inputs):
        graph.enter(ref, position)
    for name in in_order(entries, calls):
        graph.place(name)
    return [graph.source(ref) for ref in ends]


# ---- Sequential models ----


def _sequential(
    config: Config, entries: Mapping[str, Entry], scope: Scope, found: Found
) -> list[str]:
    chain = list(entries.values())
    if scope.given is None:
        source = place_input(_first_input(config, chain), 0, scope, found)
    elif len(scope.given) == 1:
        source = scope.given[0]
    else:
        raise BadInput("it is damaged: a model inside has a wrong number of inputs")
    for entry in chain:
        if entry.kind == INPUT_KIND:
            if entry is not chain[0]:
                raise BadInput("it is damaged: an input stands in the middle of a chain")
            continue
        (source, *more) = _lay_out(entry, [source], scope, found)
        if more:
            raise BadInput("it is damaged: a model inside a chain has several outputs")
    return [source]


def _first_input(config: Config, chain: list[Entry]) -> Entry:
    """Return the input of a Sequential model; older files store its shape in or beside the first layer."""
    first = chain[0]
    if first.kind == INPUT_KIND:
        return first
    own = first.value["config"]
    nested = own.get("layers") if is_model(first.value) else None
    if isinstance(nested, list) and nested and isinstance(nested[0], Mapping):
        own = nested[0].get("config") or {}
    shape = (
        own.get("batch_input_shape") or own.get("batch_shape") or config.get("build_input_shape")
    )
    if shape is None:
        raise BadInput("it does not say the shape of its input: build the model before saving it")
    return Entry("input", -1, {"class_name": INPUT_KIND, "config": {"batch_shape": shape}}, "")


def _lay_out(
    entry: Entry, sources: list[str], scope: Scope, found: Found, call: Call | None = None
) -> list[str]:
    """Place a layer, or flatten a nested model; return the ids of its output layers."""
    if is_model(entry.value) and is_formula(entry.value["config"]):
        return [place_formula(entry, sources, scope, found)]
    if is_model(entry.value):
        return _model(entry.value, _inside(entry, sources, scope, found), found)
    inner, times = unwrapped(entry.value)
    if times and is_model(inner):
        wrapped = _inside(entry, sources, scope, found, "/layer" * times)
        return _model(inner, replace(wrapped, timed=scope.timed + times), found)
    return [place_layer(entry, sources, scope, found, call.settings if call else {})]


def _inside(entry: Entry, sources: list[str], scope: Scope, found: Found, part: str = "") -> Scope:
    """Return the scope of a nested model; ``part`` is its path among the weights."""
    layer_id = found.ids.take(scope.prefix, entry.name)
    return replace(
        scope,
        prefix=f"{layer_id}.",
        path=f"{scope.path}/{entry.group}{part}/layers",
        group=scope.group or entry.name,
        given=tuple(sources),
        depth=scope.depth + 1,
        order=(*scope.order, entry.place),
        models=(*scope.models, layer_id),
        names=(*scope.names, entry.repeats or entry.name),
        again=scope.again or bool(entry.repeats),
        trainable=scope.trainable and entry.value["config"].get("trainable", True) is True,
    )
