"""A stranger's description of a network, translated into ours; Keras never sees it.

Functional and Sequential models become layers and wires. A model inside a model is laid out flat,
its layers named ``outer.inner``. What our networks cannot say is refused in one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from engine.catalog import catalog
from engine.errors import BadInput, UnsafeFile, quoted
from engine.sandbox.arithmetic import (
    MASK_STEPS,
    arithmetic,
    is_arithmetic_call,
    is_operation,
    may_be_operation,
)
from engine.sandbox.calls import (
    Call,
    TensorRef,
    in_order,
    read_call,
    read_ends,
    refuse_unknown,
    single_call,
)
from engine.sandbox.class_names import ClassName
from engine.sandbox.entries import DAMAGED, entries_of, is_model
from engine.sandbox.formulas import is_formula
from engine.sandbox.names import model_name
from engine.sandbox.placement import (
    MOST_LAYERS,
    Entry,
    Found,
    Scope,
    add,
    place_formula,
    place_input,
    place_layer,
)
from engine.sandbox.settings import Config, class_of
from engine.sandbox.sharing import unshared
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec, WireSpec

DEEPEST: Final = 24
_NAMED_INPUTS: Final = frozenset({"MultiHeadAttention", "GroupQueryAttention"})


@dataclass(frozen=True)
class Described:
    """A translated network and where its weights lie.

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
        Layer id -> the layer whose weights it uses too, as the file calls that one in several places.
    models
        Layer id -> ids of the models that it lies in, outermost first.
    name
        Of the whole model, as a layer could be named.
    input_sizes
        Layer id -> features of one sample entering it, where the file tells; a hint, not a fact.
    """

    network: NetworkSpec
    places: Mapping[str, str]
    own_names: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]
    input_sizes: Mapping[str, int]
    shared: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    name: str = "model"


def describe(config: Any) -> Described:
    """Translate the content of ``config.json``, or of a whole-model file's ``model_config``.

    Raises
    ------
    BadInput
        If it is damaged, or says what our networks cannot.
    UnsafeFile
        If it asks for anything but the layers of our catalogue.
    """
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
    )


def _shared(found: Found) -> dict[str, str]:
    try:
        return {name: found.firsts[first] for name, first in found.repeated.items()}
    except KeyError as error:
        raise BadInput(DAMAGED) from error


def _with_ends(outputs: list[str], found: Found) -> list[str]:
    """Return the ids of the last layers; an output that goes on, too, ends in an Identity."""
    taken = {wire.source for wire in found.wires}
    inputs = {spec.id for _, spec in found.layers if spec.kind == INPUT_KIND}
    ends: list[str] = []
    for source in outputs:
        end = source
        if source in taken or source in inputs or source in ends:
            end = found.ids.take("", f"{source}_output")
            found.layers.append(((MOST_LAYERS,), LayerSpec(id=end, kind="Identity")))
            found.wires.append(WireSpec(source=source, target=end))
        ends.append(end)
    return ends


def _model(value: Any, scope: Scope, found: Found) -> list[str]:
    """Translate a model; return the ids of the layers that give its outputs."""
    if not isinstance(value, Mapping):
        raise BadInput(DAMAGED)
    if not is_model(value):
        class_of(value, "layer")  # refuses what is no building block at all
        raise BadInput("it holds a single layer, not a network: save the whole model")
    if scope.depth > DEEPEST:
        raise UnsafeFile(f"models lie inside models more than {DEEPEST} deep")
    config = value.get("config")
    if isinstance(config, list):  # how the oldest files write a chain
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
    inputs = read_ends(config.get("input_layers"))
    calls = {name: _call(entry) for name, entry in entries.items() if entry.kind != INPUT_KIND}
    graph = _Graph(entries, calls, scope, found)
    for position, ref in enumerate(inputs):
        graph.enter(ref, position)
    for name in in_order(entries, calls):
        graph.place(name)
    graph.check_masks()
    return [graph.source(ref) for ref in read_ends(config.get("output_layers"))]


def _call(entry: Entry) -> Call:
    names: tuple[str, ...] = ()
    if entry.kind in _NAMED_INPUTS:
        names = catalog().layer(entry.kind).input_names
    node = single_call(entry.value.get("inbound_nodes"), entry.name)
    return read_call(node, entry.name, names, operation=may_be_operation(entry.value))


class _Graph:
    """The layers of one functional model while they are placed, sources first."""

    def __init__(
        self,
        entries: Mapping[str, Entry],
        calls: Mapping[str, Call],
        scope: Scope,
        found: Found,
    ) -> None:
        self._entries = entries
        self._calls = calls
        self._scope = scope
        self._found = found
        self._outputs: dict[str, list[str]] = {}  # empty for the steps of a mask
        self._masks_told: set[tuple[str, float]] = set()
        self._masks_meant: set[tuple[str, float]] = set()

    def enter(self, ref: TensorRef, position: int) -> None:
        """Place the input at this position, or take what is given from outside."""
        entry = self._entries.get(ref.layer)
        if entry is None or entry.kind != INPUT_KIND or ref.layer in self._outputs:
            raise BadInput("it is damaged: its inputs cannot be read")
        given = self._scope.given
        if given is None:
            source = place_input(entry, position, self._scope, self._found)
        elif position < len(given):
            source = given[position]
        else:
            raise BadInput("it is damaged: a model inside lacks an input")
        self._outputs[ref.layer] = [source]

    def place(self, name: str) -> None:
        """Place a layer whose sources are placed."""
        entry = self._entries[name]
        if entry.kind == INPUT_KIND:
            if name not in self._outputs:
                raise BadInput("it is damaged: its inputs cannot be read")
            return
        call = self._calls[name]
        if entry.kind in MASK_STEPS and is_operation(entry.value):
            self._mask_step(entry, call)
            return
        for mask in call.masks:
            if self._outputs[mask.layer]:
                raise BadInput(
                    f'layer "{quoted(name, 40)}" is given a mask, which Netsmith cannot show yet'
                )
        if is_arithmetic_call(entry.value, call):
            self._outputs[name] = [self._operation(entry, call)]
            return
        sources = [self.source(ref) for ref in call.tensors]
        self._outputs[name] = _lay_out(entry, sources, self._scope, self._found)
        self._note_mask(entry, sources)

    def source(self, ref: TensorRef) -> str:
        """Return the id of the layer that gives this tensor."""
        outputs = self._outputs.get(ref.layer)
        if outputs is None:
            raise refuse_unknown(ref.layer)
        if not 0 <= ref.index < len(outputs):
            raise BadInput(
                f'it uses a further output of "{quoted(ref.layer, 40)}", '
                "which Netsmith cannot show yet"
            )
        return outputs[ref.index]

    def check_masks(self) -> None:
        """Refuse a mask that the layers here would not find again by themselves."""
        if not self._masks_meant <= self._masks_told:
            raise BadInput("it computes a mask of its own, which Netsmith cannot show yet")

    def _mask_step(self, entry: Entry, call: Call) -> None:
        arguments = call.arguments
        if entry.kind == "NotEqual":
            fits = len(arguments) == 2 and isinstance(arguments[0], TensorRef)
            if not fits or not isinstance(arguments[1], (int, float)):
                raise BadInput("it computes a mask of its own, which Netsmith cannot show yet")
            self._masks_meant.add((self.source(arguments[0]), float(arguments[1])))
        elif any(self._outputs[ref.layer] for ref in call.tensors):
            raise BadInput("it computes a mask of its own, which Netsmith cannot show yet")
        self._outputs[entry.name] = []

    def _note_mask(self, entry: Entry, sources: list[str]) -> None:
        config = entry.value["config"]
        if entry.kind == "Masking":
            value = config.get("mask_value", 0.0)
            self._masks_told |= {(source, float(value)) for source in sources}
        elif config.get("mask_zero") is True:
            self._masks_told |= {(source, 0.0) for source in sources}

    def _operation(self, entry: Entry, call: Call) -> str:
        made = arithmetic(entry.kind, entry.value.get("config"), call, entry.name)
        spec = LayerSpec(
            id=self._found.ids.take(self._scope.prefix, entry.name),
            kind=made.kind,
            parameters=made.parameters,
        )
        sources = [self.source(ref) for ref in made.tensors]
        add(spec, sources, entry, self._scope, self._found)
        return spec.id


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
    """Return the chain's input; older files tell its shape in the first layer, or beside."""
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


def _lay_out(entry: Entry, sources: list[str], scope: Scope, found: Found) -> list[str]:
    """Place a layer, or lay a model inside out flat; return the ids that give its outputs."""
    if is_model(entry.value) and is_formula(entry.value["config"]):
        return [place_formula(entry, sources, scope, found)]
    if is_model(entry.value):
        layer_id = found.ids.take(scope.prefix, entry.name)
        inner = replace(
            scope,
            prefix=f"{layer_id}.",
            path=f"{scope.path}/{entry.group}/layers",
            group=scope.group or entry.name,
            given=tuple(sources),
            depth=scope.depth + 1,
            order=(*scope.order, entry.place),
            models=(*scope.models, layer_id),
            names=(*scope.names, entry.repeats or entry.name),
            again=scope.again or bool(entry.repeats),
        )
        return _model(entry.value, inner, found)
    return [place_layer(entry, sources, scope, found)]
