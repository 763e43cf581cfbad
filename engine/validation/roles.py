"""Findings about how a project learns: its procedure, and the networks in their roles."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog import catalog, check_parameters, check_value
from engine.errors import quoted
from engine.spec.issues import Cure, Issue
from engine.spec.network import NetworkSpec
from engine.spec.shapes import shape_text
from engine.spec.training import StageSpec, TrainingSpec
from engine.training.procedures import PROCEDURES, Role
from engine.validation.subject import Subject, named

_FIELD = "training.stages"


def procedure(subject: Subject) -> Iterator[Issue]:
    """A procedure that does not exist, or options that it does not have."""
    stage = subject.training.stage
    row = subject.procedure
    if row is None:
        known = ", ".join(PROCEDURES)
        yield Issue(
            f'There is no procedure "{quoted(stage.procedure, 40)}": choose {known}.',
            field=_FIELD,
            cures=(_as_one(subject),),
        )
        return
    fields = {field.name: field for field in row.options}
    for name, value in stage.options.items():
        problem = check_value(fields[name], value) if name in fields else "there is no such option"
        if problem:
            kept = {key: each for key, each in stage.options.items() if key != name}
            yield Issue(
                f"{row.title}: {quoted(name, 40)}: {quoted(problem, 80)}.",
                field=_FIELD,
                cures=(Cure("Use the default", training=_with(subject, options=kept)),),
            )


def noise_unused(subject: Subject) -> Iterator[Issue]:
    """Noise in a network that learns answers to samples."""
    row = subject.procedure
    if row is None or any(role.takes_noise for role in row.roles):
        return
    for layer in subject.network.inputs:
        if layer.noise:
            mended = subject.network.with_changed(layer.but(noise=False, parameters={}))
            yield Issue(
                f"{named(layer.id)} takes noise, but this network learns answers to samples: let it take samples.",
                layer=layer.id,
                cures=(Cure("Take samples", mended),),
            )


def roles(subject: Subject) -> Iterator[Issue]:
    """Networks that are missing or cannot play their role."""
    row, stage = subject.procedure, subject.training.stage
    for role in row.roles if row is not None else ():
        network = subject.spec.named_network(stage.networks.get(role.id, role.id))
        if not network.inputs or not network.outputs:
            yield Issue(
                f"The {role.id} has no input or no layers: draw it or choose a template.",
                field=_FIELD,
                cures=(_as_one(subject),),
            )
            continue
        yield from _wrong_inputs(role, network)
        yield from _wrong_output(subject, role, network)
        yield from _wrong_optimizer(subject, role)


def settings_unused(subject: Subject) -> Iterator[Issue]:
    """Settings for answers to samples in a project that learns none."""
    row = subject.procedure
    if row is None or row.answers:
        return
    usual, chosen = TrainingSpec(), subject.training
    for name, what in (
        ("loss", "loss"),
        ("metrics", "metrics"),
        ("class_weights", "class weights"),
    ):
        default = getattr(usual, name)
        if getattr(chosen, name) != default:
            yield Issue(
                f"{row.title}: the {what} set here would be for answers to samples, which nothing learns: "
                "use the default.",
                field=f"training.{name}",
                severity="warning",
                cures=(Cure("Use the default", training=chosen.but(**{name: default})),),
            )


def crossing_wires(subject: Subject) -> Iterator[Issue]:
    """Wires from one network into another."""
    owner = {name: each.name for each in subject.spec.networks for name in each.layers}
    for wire in subject.network.wires:
        source, target = owner.get(wire.source), owner.get(wire.target)
        if source and target and source != target:
            yield Issue(
                f"A wire joins the {quoted(source, 30)} to the {quoted(target, 30)}: "
                "remove it, the training joins them.",
                layer=wire.target,
                wire=wire,
                cures=(Cure("Remove the wire", subject.network.without_wires([wire])),),
            )


def _wrong_inputs(role: Role, network: NetworkSpec) -> Iterator[Issue]:
    for layer in network.inputs:
        if layer.noise == role.takes_noise:
            continue
        takes = "noise" if role.takes_noise else "samples"
        yield Issue(
            f"{named(layer.id)} is an input of the {role.id}, which takes {takes}: "
            f"replace it by an input that takes {takes}.",
            layer=layer.id,
        )


def _wrong_output(subject: Subject, role: Role, network: NetworkSpec) -> Iterator[Issue]:
    outputs = network.outputs
    if len(outputs) > 1:
        names = ", ".join(named(layer.id) for layer in outputs[:3])
        yield Issue(
            f"The {role.id} ends in {len(outputs)} layers ({names}): join them or remove one.",
            layer=outputs[-1].id,
        )
        return
    wanted = subject.info.input_shape if role.gives_samples and subject.info is not None else (1,)
    given = subject.shape(outputs[0].id)
    if given is None or given == wanted or (role.gives_samples and subject.info is None):
        return
    needed = f"a sample is {shape_text(wanted)}" if role.gives_samples else "must give one number"
    yield Issue(
        f"The {role.id} gives {shape_text(given)} but {needed}: change its last layer.",
        layer=outputs[0].id,
        cures=_resized(subject, network, outputs[0].id, wanted),
    )


def _resized(
    subject: Subject, network: NetworkSpec, layer_id: str, wanted: tuple[int, ...]
) -> tuple[Cure, ...]:
    """Return the cure that gives a last Dense another number of units."""
    layer = network.layer(layer_id)
    is_flat = len(wanted) == len(subject.shape(layer_id) or ()) == 1
    if layer.kind != "Dense" or not is_flat:
        return ()
    parameters = {**layer.parameters, "units": wanted[0]}
    mended = subject.network.with_parameters(layer_id, parameters)
    return (Cure(f"Set units to {wanted[0]}", mended),)


def _wrong_optimizer(subject: Subject, role: Role) -> Iterator[Issue]:
    chosen = subject.training.stage.optimizers.get(role.id)
    if chosen is None:
        return
    kind = catalog().family("optimizer").get(chosen.kind)
    problem = (
        f'Keras has no optimizer called "{quoted(chosen.kind, 40)}"'
        if kind is None
        else next(iter(check_parameters(kind, chosen.parameters).values()), "")
    )
    if problem:
        optimizers = {k: v for k, v in subject.training.stage.optimizers.items() if k != role.id}
        yield Issue(
            f"Optimizer of the {role.id}: {quoted(problem, 110)}.",
            field=_FIELD,
            cures=(Cure("Use the usual one", training=_with(subject, optimizers=optimizers)),),
        )


def _as_one(subject: Subject) -> Cure:
    return Cure("Learn answers to samples", training=subject.training.but(stages=(StageSpec(),)))


def _with(subject: Subject, **changes: object) -> TrainingSpec:
    changed: TrainingSpec = subject.training.but(stages=(subject.training.stage.but(**changes),))
    return changed
