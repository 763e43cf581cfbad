"""What a headless training observes, and the lines it prints of it."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from app.cli.output import Output
from engine.errors import BadInput, quoted
from engine.probes.probe import READING_PERIOD_S, Probe, Unavailable
from engine.probes.table import PROBES
from engine.spec.project import ProjectSpec
from engine.training.live.events import Sampled
from engine.training.procedures import procedure_of

OWNER: Final = "observe"  # of the probes


def probes_of(wanted: list[str], spec: ProjectSpec) -> tuple[Probe, ...]:
    """Return the probes that ``KIND:TARGET`` texts ask for, of the project's pinned sample; BadInput if one is none."""
    return tuple(_probe(text, spec) for text in dict.fromkeys(wanted))


def _probe(text: str, spec: ProjectSpec) -> Probe:
    kind, _, target = text.partition(":")
    if kind not in PROBES:
        known = ", ".join(PROBES)
        raise BadInput(f'"{quoted(text, 60)}" cannot be observed: choose one of {known}')
    of_layer = PROBES[kind].is_of_layer
    names = set(spec.network.ids) if of_layer else {each.name for each in spec.networks}
    if not of_layer and procedure_of(spec).answers:
        raise BadInput(
            f'"{kind}" is of networks that learn together, not of this one: observe a layer'
        )
    if of_layer and not target:
        raise BadInput(f'"{quoted(text, 60)}" names no layer: write {kind}:LAYER')
    if target and target not in names:
        what = "layer" if of_layer else "network"
        known = f": choose one of {', '.join(sorted(names))}" if names else f": write {kind} alone"
        raise BadInput(f'"{quoted(target, 60)}" is no {what} of the project{known}')
    pinned = spec.pinned[0]
    options = {"part": pinned.part, "number": pinned.number}
    return Probe(f"{OWNER}:{text}", kind, target, options, period_s=READING_PERIOD_S)


def say(output: Output, event: Sampled) -> None:
    """Print a sample as a line of JSON, in words its step alone."""
    probe, payload = event.probe, event.payload
    of = f"{probe.kind} of {probe.target}" if probe.target else probe.kind
    if isinstance(payload, Unavailable):
        output.event(
            "sampled", kind=probe.kind, target=probe.target, step=event.step, error=payload.reason
        )
        output.complain(f"{of} cannot be observed: {payload.reason}")
        return
    output.event(
        "sampled", f"{of} at step {event.step:,}",
        kind=probe.kind, target=probe.target, step=event.step, payload=_plain(payload),
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """Return a sample with its dataclasses as mappings."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: _plain(getattr(value, field.name)) for field in fields}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
