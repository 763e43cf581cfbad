"""Findings about layers and wires as a graph: ends, loose blocks, ports, circles."""

from __future__ import annotations

import graphlib
from collections.abc import Iterator
from itertools import pairwise

from engine.catalog.model import Kind
from engine.catalog.ports import wires_taken
from engine.data.auto_defaults import PROBABILITIES
from engine.data.info import DataInfo
from engine.spec.issues import Cure, Issue
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec, WireSpec
from engine.validation.subject import Subject, appended, is_input, named, removed

_LONGEST_CIRCLE = 4  # layers of a circle that a message names


def input_missing(subject: Subject) -> Iterator[Issue]:
    """Nothing brings the data in."""
    network = subject.network
    if network.inputs:
        return
    new = LayerSpec(id=network.free_name(INPUT_KIND), kind=INPUT_KIND)
    mended = network.with_layer(new)
    first = next((layer.id for layer in network.layers if not subject.into[layer.id]), None)
    if first is not None:
        mended = mended.with_wire(WireSpec(source=new.id, target=first))
    yield Issue(
        "The network has no input: add an InputLayer.", cures=(Cure("Add an input", mended),)
    )


def output_missing(subject: Subject) -> Iterator[Issue]:
    """There is an input and nothing but preprocessing behind it."""
    network = subject.network
    if not subject.is_bare:
        return
    source = (network.inputs[0].id, *subject.prepared)[-1]
    yield Issue(
        f"The network has no output: add a layer, such as Dense, after {named(source)}.",
        layer=source,
        cures=(Cure("Add a Dense layer", _with_output(network, source, subject.info)),),
    )


def several_outputs(subject: Subject) -> Iterator[Issue]:
    """Training knows one output."""
    if len(subject.outputs) < 2:
        return
    names = ", ".join(named(layer.id) for layer in subject.outputs[:3])
    last = subject.outputs[-1]
    yield Issue(
        f"The network ends in {len(subject.outputs)} layers ({names}): "
        "join them with a merge layer or remove one.",
        layer=last.id,
        cures=(
            *_joined(subject),
            *(_without_branch(subject, layer) for layer in reversed(subject.outputs[-3:])),
        ),
    )


def unused_inputs(subject: Subject) -> Iterator[Issue]:
    """An input that feeds nothing while there are layers to feed."""
    sources = {wire.source for wire in subject.network.wires}
    if len(subject.network.inputs) == len(subject.network.layers):
        return
    for layer in subject.network.inputs:
        if layer.id not in sources:
            cures: tuple[Cure, ...] = ()
            if len(subject.network.inputs) > 1:
                cures = (Cure("Remove it", subject.network.without_layers([layer.id])),)
            yield Issue(
                f"The input {named(layer.id)} feeds nothing: connect it to the first layer.",
                layer=layer.id,
                cures=cures,
            )


def unconnected(subject: Subject) -> Iterator[Issue]:
    """Layers without any wire into them."""
    ends = subject.outputs or subject.network.inputs
    for layer in subject.network.layers:
        if is_input(layer) or subject.into[layer.id]:
            continue
        cures = [Cure("Remove it", subject.network.without_layers([layer.id]))]
        if len(ends) == 1:
            wire = WireSpec(source=ends[0].id, target=layer.id)
            connected = Cure(
                f"Connect it after {named(ends[0].id)}", subject.network.with_wire(wire)
            )
            cures.insert(0, connected)
        yield Issue(
            f"Nothing is connected to the input of {named(layer.id)}: connect it or remove it.",
            layer=layer.id,
            cures=tuple(cures),
        )


def ports(subject: Subject) -> Iterator[Issue]:
    """Too few or too many wires into a layer, or two into one port."""
    for layer in subject.network.layers:
        wires = subject.into[layer.id]
        kind = subject.kind(layer)
        if kind is None or not wires:
            continue
        least, most = wires_taken(layer, kind)
        doubled = _doubled(wires)
        if most is not None and len(wires) > most:
            yield _too_many(subject, layer, wires[most], most)
        elif doubled is not None:
            yield Issue(
                f"Two wires end at the same input of {named(layer.id)}: remove one.",
                layer=layer.id,
                wire=doubled,
                cures=(_without(subject, doubled),),
            )
        elif len(wires) < least:
            yield Issue(
                f"{kind.name} needs {least} inputs but {named(layer.id)} has {len(wires)}: "
                "connect another.",
                layer=layer.id,
                cures=(
                    *_fed_from_elsewhere(subject, layer, kind, wires),
                    Cure("Remove it", removed(subject.network, layer.id)),
                ),
            )
        else:
            yield from _empty_named_port(subject, layer, kind, wires)


def circles(subject: Subject) -> Iterator[Issue]:
    """Wires that lead back to where they came from."""
    try:
        subject.network.order()
    except graphlib.CycleError as error:
        circle = list(reversed(error.args[1][1:]))  # from source to target, each layer once
        names = ", ".join(named(layer_id) for layer_id in circle[:_LONGEST_CIRCLE])
        more = " and more" if len(circle) > _LONGEST_CIRCLE else ""
        back = _closing_wire(subject, circle)
        yield Issue(
            f"The wires of {names}{more} form a circle: remove one of them.",
            layer=back.target,
            wire=back,
            cures=(_without(subject, back),),
        )


def _with_output(
    network: NetworkSpec, source: str, info: DataInfo | None, axes: int | None = None
) -> NetworkSpec:
    """Return the network with the simplest output that fits the data; ``source`` gives so many axes, the data's own."""
    if info is None:
        return appended(network, source, "Dense", units=1)
    if (len(info.input_shape) if axes is None else axes) > 1:
        network = appended(network, source, "Flatten")
        source = network.layers[-1].id
    if info.n_classes:
        return appended(network, source, "Dense", units=info.n_classes, activation="softmax")
    return appended(network, source, "Dense", units=info.n_targets)


def _too_many(subject: Subject, layer: LayerSpec, wire: WireSpec, most: int) -> Issue:
    takes = {0: "takes no input", 1: "takes one input"}.get(most, f"takes {most} inputs")
    count = len(subject.into[layer.id])
    return Issue(
        f"{named(layer.id)} {takes} but has {count} wires: "
        "remove one or join them with a merge layer.",
        layer=layer.id,
        wire=wire,
        cures=(_without(subject, wire),),
    )


def _without(subject: Subject, wire: WireSpec) -> Cure:
    wires = list(subject.network.wires)
    wires.remove(wire)  # one of them, if the same wire is there twice
    mended = NetworkSpec(layers=subject.network.layers, wires=tuple(wires))
    return Cure(f"Remove the wire from {named(wire.source)}", mended)


def _doubled(wires: list[WireSpec]) -> WireSpec | None:
    return next((later for one, later in pairwise(wires) if one.port == later.port), None)


def _empty_named_port(
    subject: Subject, layer: LayerSpec, kind: Kind, wires: list[WireSpec]
) -> Iterator[Issue]:
    """Where ports mean different things, none may be left out before one that is used."""
    for port, wire in enumerate(wires):
        if kind.input_names and wire.port != port and port < len(kind.input_names):
            yield Issue(
                f'The "{kind.input_names[port]}" input of {named(layer.id)} is empty: connect it.',
                layer=layer.id,
                cures=(_connected(subject, wires[0].source, layer, port),),
            )
            return


def _fed_from_elsewhere(
    subject: Subject, layer: LayerSpec, kind: Kind, wires: list[WireSpec]
) -> Iterator[Cure]:
    """Another input for a merge of one: attention to itself, or a bridge from further up."""
    source = wires[0].source
    port = subject.network.free_port(layer.id)
    if kind.group == "Attention":
        yield _connected(subject, source, layer, port)
        return
    shape = subject.shape(source)
    for above in _upstream(subject, source):
        if shape is not None and subject.shape(above) == shape:
            yield _connected(subject, above, layer, port)
            return


def _upstream(subject: Subject, layer_id: str) -> list[str]:
    """Return the layers that lead to a layer, the nearest first."""
    found: list[str] = []
    waiting = [layer_id]
    while waiting:
        for wire in subject.into[waiting.pop(0)]:
            if wire.source not in found and wire.source != layer_id:
                found.append(wire.source)
                waiting.append(wire.source)
    return found


def _connected(subject: Subject, source: str, layer: LayerSpec, port: int) -> Cure:
    wire = WireSpec(source=source, target=layer.id, port=port)
    return Cure(f"Connect {named(source)} to it too", subject.network.with_wire(wire))


def _without_branch(subject: Subject, layer: LayerSpec) -> Cure:
    mended = subject.network.without_layers(_only_towards(subject.network, layer.id))
    return Cure(f"Remove the branch to {named(layer.id)}", mended)


def _joined(subject: Subject) -> Iterator[Cure]:
    """One end made of several, as far as their shapes allow, with an output for the data behind it.

    Of ends that are answers for the data the mean is an answer too; behind other merges goes an output for the data.
    """
    shapes = [subject.shape(layer.id) for layer in subject.outputs]
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes):
        return
    same = len(set(known)) == 1
    if same and _are_answers(subject):
        yield Cure("Average them", _merged(subject, "Average"))
    if same and not _are_probabilities(subject):
        yield Cure("Add them", _with_answer(subject, "Add"))
    if len({shape[:-1] for shape in known}) == 1:
        yield Cure("Concatenate them", _with_answer(subject, "Concatenate"))


def _are_probabilities(subject: Subject) -> bool:
    """Tell whether an end gives shares that add up to 1, which a sum of several would not."""
    return any(layer.parameters.get("activation") in PROBABILITIES for layer in subject.outputs)


def _are_answers(subject: Subject) -> bool:
    """Tell whether every end has as many numbers as the data has classes or targets."""
    info = subject.info
    wanted = (info.n_classes or info.n_targets) if info is not None else None
    return all(subject.shape(layer.id) == (wanted,) for layer in subject.outputs)


def _merged(subject: Subject, kind: str) -> NetworkSpec:
    network = subject.network
    new = LayerSpec(id=network.free_name(kind), kind=kind)
    network = network.with_layer(new)
    for port, layer in enumerate(subject.outputs):
        network = network.with_wire(WireSpec(source=layer.id, target=new.id, port=port))
    return network


def _with_answer(subject: Subject, kind: str) -> NetworkSpec:
    """Return the network with its ends merged and, if the merge is no answer, an output for the data behind it."""
    network, info = _merged(subject, kind), subject.info
    if info is None:
        return network
    if kind == "Add" and _are_answers(subject):
        return network
    shape = subject.shape(subject.outputs[0].id) or ()
    return _with_output(network, network.layers[-1].id, info, axes=len(shape))


def _closing_wire(subject: Subject, circle: list[str]) -> WireSpec:
    """Return the wire of the circle that leads back to the layer placed earliest."""
    members = set(circle)
    inside = [w for w in subject.network.wires if w.source in members and w.target in members]
    place = subject.order
    return max(inside, key=lambda wire: place[wire.source] - place[wire.target])


def _only_towards(network: NetworkSpec, layer_id: str) -> set[str]:
    """Return the layer and those before it whose outputs lead nowhere else."""
    gone = {layer_id}
    waiting = [layer_id]
    while waiting:
        for wire in network.wires_into(waiting.pop()):
            source = network.layer(wire.source)
            targets = {out.target for out in network.wires_from(source.id)}
            if targets <= gone and not is_input(source) and source.id not in gone:
                gone.add(source.id)
                waiting.append(source.id)
    return gone
